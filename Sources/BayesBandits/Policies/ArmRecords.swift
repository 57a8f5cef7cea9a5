// What a policy remembers of each arm: how often, how much, how widely spread.

internal import BayesNumerics

/// Which rewards a policy remembers, for worlds that change.
public enum Forgetting: Sendable, Equatable {
  /// All.
  case never
  /// All, each counting `factor` times as much after every further reward of any arm.
  case discount(_ factor: Double)
  /// The latest rewards only, of all arms together.
  case window(_ count: Int)
}

/// The rewards of one arm in sums.
///
/// The sum is what is kept: that of whole numbers is exact, so that two arms with the same rewards in
/// different orders have the same record to the last bit, and tie.
public struct ArmRecord: Sendable, Equatable {
  /// How many rewards there were; a fraction where they are discounted.
  public internal(set) var pulls = 0.0
  /// Their sum.
  public internal(set) var sum = 0.0
  /// Their mean; 0 without rewards.
  public internal(set) var mean = 0.0
  /// What is subtracted from rewards before they are squared: the first of them, so that a mean that is
  /// huge beside the deviation costs no digits; 0 where that is a small whole number, whose squares are exact.
  private var origin = 0.0
  /// The sums of distances from the origin and of their squares.
  private var distance = 0.0
  private var squaredDistance = 0.0
  /// 1/`pulls`; infinite without rewards.
  public internal(set) var inversePulls = Double.infinity
  /// 1/√`pulls`; infinite without rewards.
  public internal(set) var inverseRootPulls = Double.infinity

  /// No rewards.
  public init() {}

  /// The sum of squared distances from the mean.
  public var squares: Double {
    pulls > 0 ? Swift.max(0, squaredDistance - distance * (distance / pulls)) : 0
  }
  /// The rewards' variance, with denominator `pulls`; 0 without rewards.
  public var variance: Double { pulls > 0 ? squares * inversePulls : 0 }

  @inline(__always)
  mutating func add(_ reward: Double) {
    if pulls == 0, abs(reward) > 1024 || reward != reward.rounded() { origin = reward }
    pulls += 1
    sum += reward
    let offset = reward - origin
    distance += offset
    squaredDistance += offset * offset
    inversePulls = 1 / pulls
    inverseRootPulls = inversePulls.squareRoot()
    // Divided, for a mean of exactly 1 after nothing but successes.
    mean = sum / pulls
  }

  /// Takes a reward back.
  mutating func remove(_ reward: Double) {
    guard pulls > 1.5 else {
      self = ArmRecord()
      return
    }
    pulls -= 1
    sum -= reward
    let offset = reward - origin
    distance -= offset
    squaredDistance -= offset * offset
    inversePulls = 1 / pulls
    inverseRootPulls = inversePulls.squareRoot()
    mean = sum / pulls
  }

  /// Lets all rewards count less.
  mutating func discount(_ factor: Double) {
    pulls *= factor
    sum *= factor
    distance *= factor
    squaredDistance *= factor
    // An arm that was all but forgotten is one that was never seen.
    guard pulls > 1e-12 else {
      self = ArmRecord()
      return
    }
    inversePulls = 1 / pulls
    inverseRootPulls = inversePulls.squareRoot()
  }
}

/// The records of all arms, and how many rounds there were.
struct ArmRecords: Sendable {
  private(set) var arms: [ArmRecord]
  let costs: [Double]
  let forgetting: Forgetting
  /// Choices made.
  private(set) var choices = 0
  /// Rewards learned.
  private(set) var rewards = 0
  /// Where a sweep over arms that were never played has come to.
  private var sweep = 0
  /// The latest rewards, oldest at `rewards % count`, where there is a window.
  private var latest: [(arm: Int, reward: Double)] = []

  init(armCount: Int, costs: [Double], forgetting: Forgetting = .never) {
    precondition(armCount > 0, "at least one arm")
    precondition(costs.isEmpty || costs.count == armCount, "one cost per arm")
    switch forgetting {
    case .never: break
    case .discount(let factor): precondition(factor > 0 && factor <= 1, "a factor in (0, 1]")
    case .window(let count): precondition(count > 0, "at least one reward in the window")
    }
    arms = Array(repeating: ArmRecord(), count: armCount)
    self.costs = costs.isEmpty ? Array(repeating: 0, count: armCount) : costs
    self.forgetting = forgetting
  }

  var count: Int { arms.count }

  /// Rounds before this one: choices made, or rewards learned where these came from elsewhere.
  var plays: Int { Swift.max(choices, rewards) }

  /// The rewards remembered, in their weights; the plays where none is forgotten.
  var remembered: Double {
    if case .never = forgetting { return Double(plays) }
    return arms.reduce(0) { $0 + $1.pulls }
  }

  /// Lends records and costs to a loop over all arms.
  @inline(__always)
  func withArms<Result>(
    _ body: (UnsafeBufferPointer<ArmRecord>, UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    arms.withUnsafeBufferPointer { arms in
      costs.withUnsafeBufferPointer { costs in body(arms, costs) }
    }
  }

  /// Mean reward less cost.
  @inline(__always)
  func value(_ arm: Int) -> Double { arms[arm].mean - costs[arm] }

  /// The next arm of a first sweep, which plays each arm once, in order; `nil` when it is over.
  @inline(__always)
  mutating func nextOfSweep() -> Int? {
    guard sweep < arms.count else { return nil }
    let arm = dueInSweep
    sweep = (arm ?? arms.count) + 1
    return arm
  }

  /// The arm that `nextOfSweep` would give.
  var dueInSweep: Int? { (sweep..<Swift.max(sweep, arms.count)).first { arms[$0].pulls == 0 } }

  @inline(__always)
  mutating func countChoice() { choices &+= 1 }

  /// Learns a reward.
  @inline(__always)
  mutating func add(_ reward: Double, to arm: Int) {
    rewards &+= 1
    if case .never = forgetting {
      arms[arm].add(reward)
    } else {
      addForgetting(reward, to: arm)
    }
  }

  private mutating func addForgetting(_ reward: Double, to arm: Int) {
    switch forgetting {
    case .never: break
    case .discount(let factor):
      for other in arms.indices { arms[other].discount(factor) }
    case .window(let count):
      if latest.count < count {
        latest.append((arm, reward))
      } else {
        let slot = (rewards - 1) % count
        let oldest = latest[slot]
        arms[oldest.arm].remove(oldest.reward)
        latest[slot] = (arm, reward)
      }
    }
    arms[arm].add(reward)
  }
}

/// The largest of scores given one after another; equal ones are equally probable.
struct LargestScore {
  private(set) var arm = 0
  private(set) var score = -Double.infinity
  private var ties = 0.0

  @inline(__always)
  mutating func offer(_ arm: Int, _ score: Double, using stream: inout RandomStream) {
    if score > self.score {
      (self.arm, self.score, ties) = (arm, score, 1)
    } else if score == self.score {
      ties += 1
      if stream.uniform() * ties < 1 { self.arm = arm }
    }
  }
}

/// Equal probabilities for all arms of the largest score.
func tieProbabilities(_ scores: [Double]) -> [Double] {
  let best = scores.max() ?? 0
  let share = 1 / Double(scores.count { $0 == best })
  return scores.map { $0 == best ? share : 0 }
}

/// Probability 1 for one arm.
func certain(_ arm: Int, of count: Int) -> [Double] { (0..<count).map { $0 == arm ? 1 : 0 } }
