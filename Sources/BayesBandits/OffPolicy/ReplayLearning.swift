// Replay of a policy that learns: it is run over the rows of a log that agree with it.

import BayesCore
public import BayesNumerics

/// What a policy that learns earned when it was run over a log.
public struct ReplayOutcome: Sendable, Equatable {
  /// Rows of the log.
  public var rowCount = 0
  /// Rows kept: the rounds that the policy played.
  public var roundCount = 0
  /// The mean reward of its rounds; `nil` where there are none.
  public var meanReward: Double?
  /// The standard error of the mean.
  public var standardError: Double?
  /// How often it played each arm, by the log's index.
  public var pulls: [Int] = []
  /// The mean reward after 1, 2, 5, 10, 20, 50, … rounds and at the end.
  public var path: [(rounds: Int, meanReward: Double)] = []
  /// The rewards of its rounds, for intervals.
  var rewards = ReplayRewards()

  /// The interval of the mean reward: Jeffreys' for rewards of 0 and 1, else a normal one, and a bootstrap interval where
  /// that would leave the range of the log's rewards; `nil` without rounds, and for other rewards that are all
  /// equal, which tell nothing of their variance.
  ///
  /// - Parameter replicates: of the bootstrap.
  /// - Precondition: a confidence between 0 and 1, a replicate or more.
  public func interval(
    confidence: Double, replicates: Int = 2000
  ) -> (ends: ClosedRange<Double>, method: IntervalMethod)? {
    precondition(confidence > 0 && confidence < 1 && replicates > 0, "a probability, a number")
    return rewards.interval(confidence: confidence, replicates: replicates)
  }

  /// Whether two outcomes are the same.
  public static func == (a: ReplayOutcome, b: ReplayOutcome) -> Bool {
    a.rowCount == b.rowCount && a.roundCount == b.roundCount && a.meanReward == b.meanReward
      && a.standardError == b.standardError && a.pulls == b.pulls
      && a.path.elementsEqual(b.path) { $0 == $1 }
  }
}

/// Runs a policy that learns over a log, and keeps the rows in which the log did what it chose.
///
/// In each row the policy chooses; where the log chose the same arm, the row is kept with probability
/// p_min/p, with the row's propensity p and the log's smallest p_min, and the policy learns its reward.
/// Whatever the logging policy, each choice is then kept with the same probability p_min, so that the
/// rounds kept are as if the policy had run by itself, if the log's rows are independent of one
/// another given the choice. On a uniform log over K arms p_min/p is 1, and one row in K is kept; a log
/// with a tiny propensity leaves next to nothing. Where a row is not kept, `undo` takes the choice back, so
/// that rejected rows leave the history as it was, and `choose` is called again in the next row.
///
/// The policy is given as two functions, so that any of ``evaluateOffPolicy(_:_:)``'s logs serves any policy.
///
/// Complexity: the log is read twice; memory does not grow with it: 4096 sums of rewards for the bootstrap.
///
/// Reference: Li, Chu, Langford, Wang 2011, "Unbiased offline evaluation of contextual-bandit-based
/// news article recommendation algorithms", algorithm 3, doi 10.1145/1935826.1935878; the rejection for
/// logs that are not uniform is that of Dudík, Erhan, Langford, Li 2012, "Sample-efficient nonstationary policy
/// evaluation for contextual bandits", UAI 28.
///
/// - Parameters:
///   - choose: the arm that the policy plays next, from 0 to below the number of arms.
///   - update: tells the policy the reward of a round that it played.
///   - undo: makes the policy forget its last choice, for a policy whose `choose` changes it: one that counts
///     its rounds, or sweeps over the arms.
/// - Throws: `OffPolicyError` for a log without rows, what is wrong with the log, and what the
///   functions throw.
public func replay(
  _ log: some ChoiceLog, seed: UInt64,
  choose: (_ armCount: Int, _ stream: inout RandomStream) throws -> Int,
  update: (_ arm: Int, _ reward: Double) throws -> Void, undo: () throws -> Void = {}
) throws -> ReplayOutcome {
  var smallest = Double.infinity
  var rewards = ReplayRewards(seed: seed)
  try log.read {
    smallest = min(smallest, $0.propensity)
    rewards.survey($0.reward)
  }
  guard smallest.isFinite else {
    throw OffPolicyError.noRows(pending: log.pendingCount, training: 0)
  }
  let armCount = log.arms.count
  var outcome = ReplayOutcome()
  outcome.pulls = [Int](repeating: 0, count: armCount)
  var rejection = RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: 1)
  var stream = RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: 2)
  var nextStop = 1
  try log.read { row in
    outcome.rowCount += 1
    let chance = rejection.uniform()
    guard row.arm < armCount else { throw OffPolicyError.changed }
    let arm = try choose(armCount, &stream)
    guard arm == row.arm, chance * row.propensity < smallest else { return try undo() }
    try update(arm, row.reward)
    outcome.pulls[arm] += 1
    rewards.add(row.reward)
    let rounds = Int(rewards.moments.count)
    if rounds == nextStop {
      outcome.path.append((rounds, rewards.moments.mean))
      nextStop = "\(rounds)".first == "2" ? rounds / 2 * 5 : rounds * 2
    }
  }
  let moments = rewards.moments
  outcome.rewards = rewards
  outcome.roundCount = Int(moments.count)
  if moments.count > 0 { outcome.meanReward = moments.mean }
  if moments.range > 0 { outcome.standardError = moments.standardError }
  if let last = outcome.path.last, last.rounds < outcome.roundCount {
    outcome.path.append((outcome.roundCount, moments.mean))
  }
  return outcome
}

/// Runs a policy that learns over a log, as the other form of `replay` does.
///
/// - Parameter make: the policy before its first round, for so many arms.
/// - Throws: as the other form, and what `make` throws.
public func replay(
  _ log: some ChoiceLog, seed: UInt64, make: (_ armCount: Int) throws -> any Policy
) throws -> ReplayOutcome {
  var policy: (any Policy)?
  var before: (any Policy)?
  return try replay(
    log, seed: seed,
    choose: { armCount, stream in
      if policy == nil { policy = try make(armCount) }
      before = policy
      return policy!.choose(using: &stream)
    },
    update: { arm, reward in
      // A copy that lives on would make the policy's arrays be copied.
      before = nil
      policy!.update(arm: arm, reward: reward)
    }, undo: { policy = before })
}

/// What the rewards of a log look like, for policies that ask: 0, 1 and what is between; counts, which are
/// whole numbers whose variance is at most twice their mean; or normal with the deviation of the log's rewards.
///
/// - Throws: what is wrong with the log.
public func rewardKind(of log: some ChoiceLog) throws -> BanditTask.Rewards {
  var (moments, isWhole) = (RunningMoments(), true)
  try log.read { row in
    moments.add(row.reward)
    if row.reward != row.reward.rounded() { isWhole = false }
  }
  if moments.smallest >= 0, moments.largest <= 1 { return .bernoulli }
  if isWhole, moments.smallest >= 0, moments.variance <= 2 * moments.mean { return .poisson }
  return .gaussian(deviation: moments.variance > 0 ? moments.variance.squareRoot() : 1)
}
