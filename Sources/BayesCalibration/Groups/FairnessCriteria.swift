// Which criteria of fairness between groups can hold together, with the numbers of the groups.

import BayesNumerics
import Glibc

/// Three families of criteria of a score used in several groups, and why they exclude each other.
///
/// - Calibration within groups: among cases of a group with score p, a share p have the event.
/// - Balance for the classes: cases with the event have the same mean score in all groups; so have cases without.
/// - Equal error rates of decisions at a threshold: the same false positive and false negative rates.
///
/// If base rates differ and scores are not perfect, calibration within groups excludes both balances at once, and
/// equal predictive values exclude equal error rates, since in every group
///
/// ```
/// FPR = rate/(1 − rate) · (1 − PPV)/PPV · (1 − FNR)
/// ```
///
/// Reference: Kleinberg, Mullainathan, Raghavan 2016, "Inherent trade-offs in the fair determination of risk scores",
/// arXiv 1609.05807; Chouldechova 2017, "Fair prediction with disparate impact", doi 10.1089/big.2016.0047.
public struct FairnessCriteria: Sendable, Equatable {
  /// A share of cases with its exact 95 % interval (Clopper and Pearson's).
  public struct Share: Sendable, Equatable {
    /// The cases counted.
    public let hits: Int
    /// Out of so many.
    public let count: Int
    /// The interval.
    public let interval: ClosedRange<Double>
    /// The share; `nil` of no cases.
    public var value: Double? { count > 0 ? Double(hits) / Double(count) : nil }

    init(_ hits: Int, of count: Int) {
      self.hits = hits
      self.count = count
      interval = count > 0 ? binomialInterval(hits, of: count) : 0...1
    }
  }

  /// One group.
  public struct Row: Sendable, Equatable {
    /// The group.
    public let name: String
    /// Cases with the event.
    public let baseRate: Share
    /// The mean probability given.
    public let meanForecast: Double
    /// The mean probability of cases with the event; `nil` without any.
    public let meanOfPositives: Double?
    /// The mean probability of cases without the event; `nil` without any.
    public let meanOfNegatives: Double?
    /// Events among cases decided positive (positive predictive value, PPV).
    public let predictiveValue: Share
    /// Positive decisions among cases without the event (false positive rate, FPR).
    public let falsePositives: Share
    /// Negative decisions among cases with the event (false negative rate, FNR).
    public let falseNegatives: Share
  }

  /// Decisions are positive from this probability on.
  public let threshold: Double
  /// The groups, in the order of their first rows.
  public let rows: [Row]
  /// The probability of base rates as different by chance, by the χ² test of equal rates.
  public let equalRatesPValue: Double

  /// Counts decisions and averages scores, group by group.
  ///
  /// - Throws: `CalibrationError`: groups of another number of rows, fewer than 2 groups, a threshold outside [0, 1].
  public init(_ predictions: BinaryPredictions, groups: Grouping, threshold: Double = 0.5) throws {
    try groups.require(predictions.count)
    guard groups.names.count >= 2 else {
      throw CalibrationError.invalidSetting(
        "criteria between groups need at least 2 groups, found \(groups.names.count)")
    }
    guard threshold >= 0, threshold <= 1 else {
      throw CalibrationError.invalidSetting(
        "a threshold lies between 0 and 1, found \(short(threshold))")
    }
    self.threshold = threshold
    rows = zip(groups.names, groups.rows).map {
      Row($0, predictions.rows($1).positive, threshold: threshold)
    }
    equalRatesPValue = Self.equalRates(rows.map(\.baseRate))
  }

  /// Pearson's χ² test that shares are of one probability, by the χ² distribution of G − 1 degrees.
  private static func equalRates(_ shares: [Share]) -> Double {
    let (hits, count) = shares.reduce((0, 0)) { ($0.0 + $1.hits, $0.1 + $1.count) }
    let rate = Double(hits) / Double(count)
    guard hits > 0, hits < count else { return 1 }
    let statistic = shares.reduce(0.0) { sum, share in
      let n = Double(share.count)
      let gap = Double(share.hits) - n * rate
      return sum + gap * gap / (n * rate * (1 - rate))
    }
    guard statistic > 0 else { return 1 }
    return gammaTails(
      logValue: log(0.5 * statistic), shape: 0.5 * Double(shares.count - 1)
    ).upper
  }

  /// Whether the base rates differ beyond chance, at 5 %.
  public var ratesDiffer: Bool { equalRatesPValue < 0.05 }

  /// Whether every score is 1 for a case with the event and 0 for one without.
  public var isPerfect: Bool {
    rows.allSatisfy { ($0.meanOfPositives ?? 1) == 1 && ($0.meanOfNegatives ?? 0) == 0 }
  }

  /// The false positive rate that a group would need for the predictive value and the false negative rate of another; `nil` where
  /// one of them has no such rate.
  ///
  /// - Precondition: both groups exist.
  public func neededFalsePositives(_ group: Int, asIn other: Int) -> Double? {
    guard let rate = rows[group].baseRate.value, rate < 1,
      let value = rows[other].predictiveValue.value, value > 0,
      let misses = rows[other].falseNegatives.value
    else { return nil }
    return rate / (1 - rate) * (1 - value) / value * (1 - misses)
  }

  /// The only base rate at which calibrated scores can have the two mean scores of a group; `nil` without them.
  ///
  /// - Precondition: the group exists.
  public func baseRate(impliedBy group: Int) -> Double? {
    guard let positives = rows[group].meanOfPositives, let negatives = rows[group].meanOfNegatives,
      1 - positives + negatives > 0
    else { return nil }
    return negatives / (1 - positives + negatives)
  }
}

extension FairnessCriteria.Row {
  init(_ name: String, _ forecasts: EventForecasts, threshold: Double) {
    let outcomes = forecasts.outcomes
    let count = forecasts.count
    var sums = (positives: 0.0, negatives: 0.0)
    // Cases by outcome and decision.
    var (hits, alarms, misses, events) = (0, 0, 0, 0)
    for (p, came) in zip(forecasts.probabilities, outcomes) {
      let isPositive = p >= threshold
      if came {
        events += 1
        sums.positives += p
        if isPositive { hits += 1 } else { misses += 1 }
      } else {
        sums.negatives += p
        if isPositive { alarms += 1 }
      }
    }
    self.name = name
    baseRate = .init(events, of: count)
    meanForecast = (sums.positives + sums.negatives) / Double(count)
    meanOfPositives = events > 0 ? sums.positives / Double(events) : nil
    meanOfNegatives = events < count ? sums.negatives / Double(count - events) : nil
    predictiveValue = .init(hits, of: hits + alarms)
    falsePositives = .init(alarms, of: count - events)
    falseNegatives = .init(misses, of: events)
  }
}
