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
  private var isBest: [Bool]

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
    isBest = Array(repeating: false, count: armCount)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The arm of the largest quantile.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    findBest()
    var ties = 0.0
    for arm in 0..<records.count where isBest[arm] {
      ties += 1
      // Reservoir sampling among equals.
      if ties == 1 || stream.uniform() * ties < 1 { last = arm }
    }
    records.countChoice()
    return last
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// One for the arm of the largest quantile, in equal parts where there are several.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    var copy = self
    copy.findBest()
    return tieProbabilities(copy.isBest.map { $0 ? 1 : 0 })
  }

  /// Marks the arms of the largest quantile.
  private mutating func findBest() {
    let tail = 1 / Double(records.plays + 1)
    let records = records
    // In the first round the level is 0: every quantile is the lower end of the range.
    if tail == 1 {
      markLargest { -records.costs[$0] }
      return
    }
    switch prior {
    case .beta: markLargestBeta(tail)
    case .gaussian(let deviation, let mean, let weight):
      let radius = -normalQuantile(tail)
      markLargest { arm in
        let record = records.arms[arm]
        let total = weight + record.pulls
        return (weight * mean + record.sum) / total + radius * deviation / total.squareRoot()
          - records.costs[arm]
      }
    }
  }

  private mutating func markLargest(_ score: (Int) -> Double) {
    var largest = -Double.infinity
    for arm in 0..<isBest.count { largest = max(largest, score(arm)) }
    for arm in 0..<isBest.count { isBest[arm] = score(arm) == largest }
  }

  /// Starts with the arm that won last, which mostly wins again.
  ///
  /// Different posteriors can have the same quantile: those of level 8/9 of Beta(1, 2) and Beta(2, 3) are both 2/3. Tails that agree
  /// to 1e-11 are therefore taken as equal.
  private mutating func markLargestBeta(_ tail: Double) {
    let logTail = -log(tail)
    var best = shapes(last)
    var bestCost = records.costs[last]
    var largest = betaQuantile(1 - tail, best.a, best.b) - bestCost
    for arm in 0..<records.count { isBest[arm] = arm == last }
    for arm in 0..<records.count where arm != last {
      let cost = records.costs[arm]
      let candidate = shapes(arm)
      if candidate == best, cost == bestCost {
        isBest[arm] = true
        continue
      }
      let rival = largest + cost
      let count = candidate.a + candidate.b
      // Beta(a, b) is sub-Gaussian with variance 1/(4(a+b+1)): Marchal, Arbel 2017, doi 10.1214/17-ECP92.
      let bound = candidate.a / count + (logTail / (2 * (count + 1))).squareRoot()
      if bound < rival || rival >= 1 { continue }
      let excess = rival > 0 ? betaCDF(1 - rival, candidate.b, candidate.a) / tail - 1 : 1
      if excess > 1e-11 {
        for other in 0..<arm { isBest[other] = false }
        isBest[last] = false
        isBest[arm] = true
        (best, bestCost) = (candidate, cost)
        largest = betaQuantile(1 - tail, candidate.a, candidate.b) - cost
      } else if excess >= -1e-11 {
        isBest[arm] = true
      }
    }
  }

  private func shapes(_ arm: Int) -> (a: Double, b: Double) {
    guard case .beta(let a, let b) = prior else { return (1, 1) }
    let record = records.arms[arm]
    return (a + record.sum, b + max(0, record.pulls - record.sum))
  }
}
