// KL-UCB, KL-UCB+ and IMED: exploration measured by the Kullback–Leibler divergence.

public import BayesNumerics
internal import Glibc

/// KL-UCB: the largest mean `q` with `n·kl(m, q) ≤ ln t + c ln ln t`, or `ln(t/n)` for KL-UCB+.
///
/// `t` is the number of the round to be played.
///
/// References: Garivier, Cappé 2011, "The KL-UCB algorithm for bounded stochastic bandits and beyond",
/// COLT; Cappé, Garivier, Maillard, Munos, Stoltz 2013, Annals of Statistics 41(3), doi 10.1214/13-AOS1119,
/// of which KL-UCB+ is the variant at the end of section 3.
public struct KLUCB: ArmIndex {
  private let divergence: Divergence
  private let c: Double
  private let isPlus: Bool
  private let logarithm = LogarithmTable.shared
  private var threshold = 0.0
  private var round = 1.0

  /// - Parameters:
  ///   - c: the weight of `ln ln t`, which the proof wants to be 3 and practice 0.
  ///   - plus: whether to divide by the arm's own plays inside the logarithm; `c` is then not used.
  public init(_ divergence: Divergence = .bernoulli, c: Double = 0, plus: Bool = false) {
    precondition(c >= 0, "c is not negative")
    self.divergence = divergence
    self.c = c
    isPlus = plus
  }

  /// The threshold of the round.
  public mutating func begin(plays: Double, arms: Int) {
    round = plays + 1
    threshold = logarithm(round)
    if c > 0, threshold > 1 { threshold += c * log(threshold) }
  }

  /// The upper mean, after a cheaper bound where that is enough.
  public func index(of arm: ArmRecord, above least: Double) -> Double {
    guard arm.pulls > 0 else { return .infinity }
    let gain = isPlus ? Swift.max(0, log(round * arm.inversePulls)) : threshold
    let level = gain * arm.inversePulls
    let bound = divergence.looseUpperMean(arm.mean, level: level)
    if bound < least { return bound }
    return divergence.upperMean(arm.mean, level: level)
  }
}

/// IMED: plays the arm with the smallest `n·kl(m, m*) + ln n`, where m* is the largest mean.
///
/// With costs m* is the mean that would make the arm as good as the best, its cost paid.
///
/// Reference: Honda, Takemura 2015, "Non-asymptotic analysis of a new bandit algorithm for semi-bounded
/// rewards", JMLR 16.
public struct IMED: PropensityPolicy {
  private let divergence: Divergence
  private var records: ArmRecords

  /// A policy for `armCount` arms.
  public init(_ divergence: Divergence = .bernoulli, armCount: Int, costs: [Double] = []) {
    self.divergence = divergence
    records = ArmRecords(armCount: armCount, costs: costs)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The arm of the smallest index.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    defer { records.countChoice() }
    if let arm = records.nextOfSweep() { return arm }
    let best = largestValue()
    var largest = LargestScore()
    for arm in 0..<records.count {
      largest.offer(arm, score(arm, best: best, least: largest.score), using: &stream)
    }
    return largest.arm
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// One for the arm of the smallest index, in equal parts where there are several.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    if let arm = records.dueInSweep { return certain(arm, of: armCount) }
    let best = largestValue()
    return tieProbabilities((0..<armCount).map { score($0, best: best, least: -.infinity) })
  }

  private func largestValue() -> Double {
    var best = -Double.infinity
    for arm in 0..<records.count where records.arms[arm].pulls > 0 {
      best = Swift.max(best, records.value(arm))
    }
    return best
  }

  /// The index with its sign changed; one below `least` is not computed to the end.
  private func score(_ arm: Int, best: Double, least: Double) -> Double {
    let record = records.arms[arm]
    guard record.pulls > 0 else { return .infinity }
    let logPulls = log(record.pulls)
    if -logPulls < least { return -logPulls }
    // The best arm's own target is its mean but for rounding, which must not put it above 1.
    guard records.value(arm) < best else { return -logPulls }
    let target = best + records.costs[arm]
    return -(record.pulls * divergence.value(record.mean, target) + logPulls)
  }
}
