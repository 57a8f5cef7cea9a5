// Bayes-UCB: the arm with the largest upper quantile of its posterior.

public import BayesNumerics
internal import Glibc

/// Bayes-UCB: plays the arm whose posterior has the largest quantile of level `1 − 1/t` in round t.
///
/// A quantile is computed for an arm only where its tail beyond the best quantile so far is heavier than 1/t.
///
/// Reference: Kaufmann, Cappé, Garivier 2012, "On Bayesian upper confidence bounds for bandit problems",
/// AISTATS (with c = 0).
public struct BayesUCB: PropensityPolicy {
  /// The prior of each arm's mean, and what rewards are.
  public enum Prior: Sendable, Equatable {
    /// Rates of success, Beta(a, b).
    case beta(a: Double, b: Double)
    /// Means of measurements of known deviation; the prior is worth `weight` measurements.
    case gaussian(deviation: Double, mean: Double, weight: Double)
  }

  private let prior: Prior
  private var records: ArmRecords
  private var last = 0

  /// A policy for `armCount` arms.
  public init(
    _ prior: Prior = .beta(a: 1, b: 1), armCount: Int, costs: [Double] = []
  ) {
    switch prior {
    case .beta(let a, let b): precondition(a > 0 && b > 0, "positive shapes")
    case .gaussian(let deviation, _, let weight):
      precondition(deviation > 0 && weight > 0, "positive deviation and weight")
    }
    self.prior = prior
    records = ArmRecords(armCount: armCount, costs: costs)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The arm of the largest quantile.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    var winner = winner()
    // Reservoir sampling among arms that have the winner's posterior and cost.
    let first = winner
    var ties = 0.0
    for arm in 0..<records.count where isEqual(arm, first) {
      ties += 1
      if ties == 1 || stream.uniform() * ties < 1 { winner = arm }
    }
    last = winner
    records.countChoice()
    return winner
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// One for the arm of the largest quantile, in equal parts where there are several.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    let winner = winner()
    return tieProbabilities((0..<armCount).map { isEqual($0, winner) ? 1 : 0 })
  }

  /// One of the arms of the largest quantile.
  private func winner() -> Int {
    let tail = 1 / Double(records.plays + 1)
    // In the first round the level is 0: every quantile is the lower end of the range.
    if tail == 1 { return cheapest }
    switch prior {
    case .beta: return betaWinner(tail)
    case .gaussian:
      let radius = -normalQuantile(tail)
      var best = 0
      var largest = -Double.infinity
      for arm in 0..<records.count {
        let belief = gaussian(arm)
        let value = belief.mean + radius * belief.deviation - records.costs[arm]
        if value > largest { (best, largest) = (arm, value) }
      }
      return best
    }
  }

  private var cheapest: Int {
    (0..<armCount).min { records.costs[$0] < records.costs[$1] } ?? 0
  }

  /// Starts with the arm that won last, which mostly wins again.
  private func betaWinner(_ tail: Double) -> Int {
    let logTail = -log(tail)
    var best = last
    var shapes = shapes(best)
    var largest = betaQuantile(1 - tail, shapes.a, shapes.b) - records.costs[best]
    for arm in 0..<records.count where arm != last {
      let cost = records.costs[arm]
      let candidate = self.shapes(arm)
      if candidate == shapes, cost == records.costs[best] { continue }
      let rival = largest + cost
      let count = candidate.a + candidate.b
      // Beta(a, b) is sub-Gaussian with variance 1/(4(a+b+1)): Marchal, Arbel 2017, doi 10.1214/17-ECP92.
      let bound = candidate.a / count + (logTail / (2 * (count + 1))).squareRoot()
      if bound < rival { continue }
      if rival >= 1 || (rival > 0 && betaCDF(1 - rival, candidate.b, candidate.a) <= tail) {
        continue
      }
      (best, shapes) = (arm, candidate)
      largest = betaQuantile(1 - tail, candidate.a, candidate.b) - cost
    }
    return best
  }

  private func isEqual(_ arm: Int, _ other: Int) -> Bool {
    guard arm != other else { return true }
    guard records.costs[arm] == records.costs[other] else { return false }
    if records.plays == 0 { return true }
    switch prior {
    case .beta: return shapes(arm) == shapes(other)
    case .gaussian: return gaussian(arm) == gaussian(other)
    }
  }

  private func shapes(_ arm: Int) -> (a: Double, b: Double) {
    guard case .beta(let a, let b) = prior else { return (1, 1) }
    let record = records.arms[arm]
    return (a + record.sum, b + max(0, record.pulls - record.sum))
  }

  private func gaussian(_ arm: Int) -> (mean: Double, deviation: Double) {
    guard case .gaussian(let deviation, let mean, let weight) = prior else { return (0, 1) }
    let record = records.arms[arm]
    let total = weight + record.pulls
    return ((weight * mean + record.sum) / total, deviation / total.squareRoot())
  }
}
