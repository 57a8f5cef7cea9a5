// Intervals that hold a number with a stated probability, whatever the regression.

/// Split conformal intervals of a regression: of its absolute residuals, or of two of its quantiles.
///
/// ```
/// residual    score |y − ŷ|                   interval [ŷ − q, ŷ + q]
/// quantiles   score max(lower − y, y − upper)  interval [lower − q, upper + q]
/// ```
///
/// with q the conformal quantile of the scores. The interval of a new row holds its outcome with probability at least
/// `quantile.level` if calibration and new rows are exchangeable. q of quantiles is negative where these were too
/// wide; the interval is then narrower than they are.
///
/// Reference: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman 2018, "Distribution-free predictive inference for
/// regression", doi 10.1080/01621459.2017.1307116; Romano, Patterson, Candès 2019, "Conformalized quantile
/// regression", NeurIPS.
public struct ConformalIntervals: Sendable, Equatable {
  /// What a score is.
  public enum Score: Sendable, Equatable {
    /// |y − ŷ|.
    case absoluteResidual
    /// max(lower − y, y − upper).
    case quantiles
  }

  /// The score.
  public let score: Score
  /// The largest score allowed; without a value the intervals are the whole line.
  public let quantile: ConformalQuantile

  /// Calibrates on outcomes and predictions of rows that the regression has not seen.
  ///
  /// - Throws: `CalibrationError` for unequal counts, no rows, numbers that are not finite, a level outside (0, 1).
  public init(outcomes: [Double], predictions: [Double], level: Double = 0.9) throws {
    score = .absoluteResidual
    let scores = try Self.scores(outcomes, predictions, predictions)
    quantile = try ConformalQuantile(of: scores, level: level)
  }

  /// Calibrates on outcomes and two predicted quantiles of rows that the regression has not seen.
  ///
  /// The quantiles may be of any levels, usually (1 − level)/2 and (1 + level)/2, and may cross.
  ///
  /// - Throws: as for predictions.
  public init(outcomes: [Double], lower: [Double], upper: [Double], level: Double = 0.9) throws {
    score = .quantiles
    quantile = try ConformalQuantile(
      of: try Self.scores(outcomes, lower, upper), level: level)
  }

  /// Intervals by a quantile of scores that was found before.
  public init(score: Score, quantile: ConformalQuantile) {
    (self.score, self.quantile) = (score, quantile)
  }

  /// max(lower − y, y − upper); with both equal to a prediction, the absolute residual.
  private static func scores(
    _ outcomes: [Double], _ lower: [Double], _ upper: [Double]
  ) throws -> [Double] {
    for column in [lower, upper] where column.count != outcomes.count {
      throw CalibrationError.invalidSetting(
        "there are \(outcomes.count) outcomes but predictions for \(column.count) rows")
    }
    return try outcomes.indices.map { i in
      for (value, name) in [
        (outcomes[i], "outcome"), (lower[i], "prediction"), (upper[i], "prediction"),
      ] where !value.isFinite {
        throw CalibrationError.invalidRow(
          i + 1, found: "\(name) \(value)", expected: "a finite number")
      }
      return Swift.max(lower[i] - outcomes[i], outcomes[i] - upper[i])
    }
  }

  /// The interval around a prediction; the whole line where there were too few rows.
  ///
  /// - Precondition: calibrated on predictions, not on quantiles; the prediction is not NaN.
  public func interval(around prediction: Double) -> ClosedRange<Double> {
    precondition(score == .absoluteResidual, "intervals of quantiles need both of them")
    let q = quantile.value ?? .infinity
    return prediction - q...prediction + q
  }

  /// The interval of two predicted quantiles; `nil` where it is empty, the quantiles being nearer than 2|q| for a
  /// negative q.
  ///
  /// - Precondition: the quantiles are not NaN.
  public func interval(lower: Double, upper: Double) -> ClosedRange<Double>? {
    guard let q = quantile.value else { return -Double.infinity...Double.infinity }
    return lower - q <= upper + q ? lower - q...upper + q : nil
  }

  /// How often the intervals of rows with known outcomes hold them.
  ///
  /// - Throws: `CalibrationError` for unequal counts, no rows, numbers that are not finite.
  public func assess(outcomes: [Double], predictions: [Double]) throws -> IntervalCoverage {
    try assess(outcomes: outcomes, lower: predictions, upper: predictions)
  }

  /// How often the intervals of rows with known outcomes hold them.
  ///
  /// - Throws: as for predictions.
  public func assess(
    outcomes: [Double], lower: [Double], upper: [Double]
  ) throws -> IntervalCoverage {
    let scores = try Self.scores(outcomes, lower, upper)
    let band = try CoverageBand(quantile, testRows: outcomes.count)
    let n = Double(outcomes.count)
    var (width, penalty) = (0.0, 0.0)
    if let q = quantile.value {
      for i in outcomes.indices {
        width += Swift.max(0, upper[i] - lower[i] + 2 * q)
        penalty += Swift.max(0, scores[i] - q)
      }
    }
    return IntervalCoverage(
      rows: outcomes.count, covered: scores.count { quantile.allows($0) }, band: band,
      meanWidth: quantile.value == nil ? nil : width / n,
      meanIntervalScore: quantile.value == nil
        ? nil : (width + 2 / (1 - quantile.level) * penalty) / n)
  }
}

/// How often intervals hold the outcome, and how wide they are.
public struct IntervalCoverage: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The rows whose interval holds the outcome.
  public let covered: Int
  /// The exact 95 % band of `covered` under exchangeability.
  public let band: CoverageBand
  /// The mean width; `nil` for intervals that are the whole line.
  public let meanWidth: Double?
  /// The mean interval score, width + 2/(1 − level) · distance to the outcome: small is good.
  public let meanIntervalScore: Double?

  /// The share of covered rows.
  public var coverage: Double { Double(covered) / Double(rows) }
  /// Whether fewer rows are covered than exchangeable ones would be.
  public var isTooLow: Bool { covered < band.counts.lowerBound }
}
