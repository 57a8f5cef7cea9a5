// One policy's way through one replicate.

internal import BayesNumerics

/// How rewards come back.
public struct Feedback: Sendable, Equatable {
  /// Rewards are learned at the end of every so many rounds.
  public var batch: Int
  /// The reward of round t is not there before the end of round t + `delay`.
  public var delay: Int

  /// At once, unless told otherwise.
  ///
  /// - Precondition: `batch` is at least 1 and `delay` not negative.
  public init(batch: Int = 1, delay: Int = 0) {
    precondition(batch >= 1 && delay >= 0, "a batch of 1 or more, a delay of 0 or more")
    self.batch = batch
    self.delay = delay
  }

  var isImmediate: Bool { batch == 1 && delay == 0 }
}

/// What one replicate of one policy leaves behind, at each of the rounds that are reported.
struct Trace: Sendable {
  /// Σ of gaps.
  var regret: [Double] = []
  /// The share of rounds since the one before in which the best arm was played.
  var bestShare: [Double] = []
  /// Whether the arm of the largest mean reward, its cost paid, is the best; 1 or 0.
  var isIdentified: [Double] = []
  /// Plays of each arm, at the end.
  var pulls: [Int] = []
  /// What went wrong with a policy that keeps a belief.
  var failure: String?
}

/// Plays a policy through a world.
///
/// - Parameter checkpoints: rounds to report, ascending; the last is the number of rounds.
@inline(__always)
func play<P: Policy>(
  _ policy: inout P, in world: inout World, feedback: Feedback, checkpoints: [Int]
) -> Trace {
  let armCount = world.gaps.count
  var trace = Trace()
  trace.regret.reserveCapacity(checkpoints.count)
  trace.bestShare.reserveCapacity(checkpoints.count)
  trace.isIdentified.reserveCapacity(checkpoints.count)
  var stream = world.policyStream
  var pulls = Array(repeating: 0, count: armCount)
  var sums = Array(repeating: 0.0, count: armCount)
  var regret = 0.0
  var round = 0
  let isImmediate = feedback.isImmediate
  // The oracle sees each round's best arm, which no policy is given.
  let isShown = P.self == ShownOracle.self
  var queue = FeedbackQueue(
    capacity: isImmediate ? 0 : min(feedback.delay + feedback.batch, checkpoints.last ?? 0),
    contextSize: world.context.count)
  for checkpoint in checkpoints {
    let start = round
    var bestPlays = 0
    while round < checkpoint {
      world.advance()
      let arm =
        isShown ? world.best : policy.choose(context: world.context.span, using: &stream)
      precondition(arm >= 0 && arm < armCount, "a policy chose an arm that does not exist")
      let reward = world.reward(of: arm)
      regret += world.gaps[arm]
      pulls[arm] &+= 1
      sums[arm] += reward
      if arm == world.best { bestPlays &+= 1 }
      if isImmediate {
        policy.update(arm: arm, reward: reward, context: world.context.span)
      } else {
        queue.add(arm: arm, reward: reward, round: round, context: world.context)
        if (round &+ 1) % feedback.batch == 0 {
          queue.deliver(upTo: round - feedback.delay, to: &policy)
        }
      }
      round &+= 1
    }
    trace.regret.append(regret)
    trace.bestShare.append(Double(bestPlays) / Double(max(1, round - start)))
    trace.isIdentified.append(
      recommended(pulls, sums, costs: world.environment.costs) == world.best ? 1 : 0)
  }
  trace.pulls = pulls
  trace.failure = (policy as? BeliefPolicy)?.problem
  return trace
}

/// The arm of the largest mean reward less cost among those played; the first of several.
private func recommended(_ pulls: [Int], _ sums: [Double], costs: [Double]) -> Int? {
  var best: (arm: Int, value: Double)?
  for arm in pulls.indices where pulls[arm] > 0 {
    let value = sums[arm] / Double(pulls[arm]) - (costs.isEmpty ? 0 : costs[arm])
    if best.map({ value > $0.value }) ?? true { best = (arm, value) }
  }
  return best?.arm
}

/// Rewards that have not been learned yet, in the order of their rounds.
private struct FeedbackQueue {
  private struct Entry {
    var round = 0
    var arm = 0
    var reward = 0.0
  }
  private var entries: [Entry]
  private var contexts: [Double]
  private let contextSize: Int
  private var first = 0
  private var count = 0

  init(capacity: Int, contextSize: Int) {
    entries = Array(repeating: Entry(), count: capacity)
    contexts = Array(repeating: 0, count: capacity * contextSize)
    self.contextSize = contextSize
  }

  mutating func add(arm: Int, reward: Double, round: Int, context: [Double]) {
    let slot = (first + count) % entries.count
    entries[slot] = Entry(round: round, arm: arm, reward: reward)
    for k in 0..<contextSize { contexts[slot * contextSize + k] = context[k] }
    count += 1
  }

  /// Lets the policy learn the rewards of all rounds up to one.
  @inline(__always)
  mutating func deliver<P: Policy>(upTo round: Int, to policy: inout P) {
    while count > 0, entries[first].round <= round {
      let entry = entries[first]
      let start = first * contextSize
      policy.update(
        arm: entry.arm, reward: entry.reward,
        context: contexts.span.extracting(start..<start + contextSize))
      first = (first + 1) % entries.count
      count -= 1
    }
  }
}
