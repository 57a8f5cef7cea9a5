// The rewards that a replay kept, and the interval of their mean.

import BayesNumerics

/// Rewards of the rounds that a policy played over a log.
struct ReplayRewards: Sendable {
  private(set) var moments = RunningMoments()
  private var blocks = BlockSums()
  /// Of all rewards of the log.
  private var all = RunningMoments()
  private var isBinary = true
  private let seed: UInt64

  init(seed: UInt64 = 0) { self.seed = seed }

  /// Sees a reward of the log, played or not.
  mutating func survey(_ reward: Double) {
    all.add(reward)
    if reward != 0 && reward != 1 { isBinary = false }
  }

  /// Adds the reward of a round.
  mutating func add(_ reward: Double) {
    moments.add(reward)
    blocks.add(RowSums(rows: 1, weightedReward: reward))
  }

  func interval(
    confidence: Double, replicates: Int
  ) -> (ends: ClosedRange<Double>, method: IntervalMethod)? {
    guard moments.count > 0 else { return nil }
    if isBinary { return (jeffreysInterval(moments, confidence: confidence), .jeffreys) }
    guard moments.range > 0 else { return nil }
    let half = normalQuantile((1 + confidence) / 2) * moments.standardError
    let (lower, upper) = (moments.mean - half, moments.mean + half)
    if lower >= all.smallest, upper <= all.largest { return (lower...upper, .normal) }
    let means = blocks.replicates(replicates, seed: seed).compactMap {
      $0.estimate(.inversePropensity)
    }
    return percentileInterval(means, confidence: confidence).map { ($0, .bootstrap) }
  }
}

/// The equal-tailed interval of a rate under Jeffreys' prior Beta(1/2, 1/2), closed at 0 and 1 where all rewards are.
///
/// - Precondition: rewards of 0 and 1, at least one.
///
/// Reference: Brown, Cai, DasGupta 2001, "Interval estimation for a binomial proportion", 3.1.2, doi
/// 10.1214/ss/1009213286.
func jeffreysInterval(_ rewards: RunningMoments, confidence: Double) -> ClosedRange<Double> {
  let (n, successes) = (rewards.count, rewards.mean * rewards.count)
  let (a, b) = (successes + 0.5, n - successes + 0.5)
  let outside = (1 - confidence) / 2
  let lower = rewards.largest == 0 ? 0 : betaQuantile(outside, a, b)
  let upper = rewards.smallest == 1 ? 1 : betaQuantile(1 - outside, a, b)
  return lower...upper
}
