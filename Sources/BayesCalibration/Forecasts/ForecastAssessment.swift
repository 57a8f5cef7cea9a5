// Many forecasts against what came: errors, coverage, sharpness and the shape of the transforms.

import BayesNumerics

/// Forecasts beside their outcomes.
public struct ForecastAssessment: Sendable, Equatable {
  /// The central intervals of one level.
  public struct Level: Sendable, Equatable {
    /// The probability an interval should have.
    public let level: Double
    /// The number of outcomes.
    public let count: Int
    /// The number of outcomes inside.
    public let covered: Int
    /// Their share.
    public let coverage: Double
    /// The exact 95 % interval (Clopper and Pearson's) of the probability to be inside, for independent outcomes.
    public let interval: ClosedRange<Double>
    /// Where `covered` must lie, with 95 %, if the intervals are right and the outcomes independent.
    public let band: BinomialBand
    /// The mean width.
    public let meanWidth: Double
    /// The mean interval score.
    public let meanScore: Double
  }

  /// The number of forecasts.
  public let count: Int
  /// The mean of |median − outcome|.
  public let meanAbsoluteError: Double
  /// The root of the mean of (mean − outcome)².
  public let rootMeanSquaredError: Double
  /// The mean of mean − outcome: positive for forecasts too high.
  public let bias: Double
  /// The CRPS of each forecast.
  public let crps: [Double]
  /// The mean CRPS.
  public let meanCRPS: Double
  /// The mean of the CRPS without the bias of few draws; `nil` where a forecast is a single draw.
  public let meanFairCRPS: Double?
  /// Coverage and width, by increasing level.
  public let levels: [Level]
  /// The probability integral transforms, randomised where the outcome has a probability of its own.
  public let transforms: [Double]

  /// Compares forecasts with outcomes.
  ///
  /// - Parameters:
  ///   - levels: the central intervals to look at.
  ///   - seed: of randomised transforms.
  /// - Throws: `CalibrationError` for unequal counts, no forecasts, outcomes that are not finite, levels outside (0, 1)
  ///   or beyond the quantiles of a forecast.
  public init(
    _ forecasts: [Forecast], outcomes: [Double], levels: [Double] = [0.5, 0.8, 0.9],
    seed: UInt64 = 1
  ) throws {
    guard forecasts.count == outcomes.count else {
      throw CalibrationError.invalidSetting(
        "there are \(outcomes.count) outcomes but \(forecasts.count) forecasts")
    }
    guard !forecasts.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    if let i = outcomes.firstIndex(where: { !$0.isFinite }) {
      throw CalibrationError.invalidRow(
        i + 1, found: "outcome \(outcomes[i])", expected: "a finite number")
    }
    let n = Double(forecasts.count)
    var (absolute, squared, bias) = (0.0, 0.0, 0.0)
    for (forecast, outcome) in zip(forecasts, outcomes) {
      let error = forecast.mean - outcome
      absolute += abs(forecast.median - outcome)
      squared += error * error
      bias += error
    }
    count = forecasts.count
    meanAbsoluteError = absolute / n
    rootMeanSquaredError = (squared / n).squareRoot()
    self.bias = bias / n
    crps = zip(forecasts, outcomes).map { $0.crps($1) }
    meanCRPS = crps.reduce(0, +) / n
    let fair = zip(forecasts, outcomes).compactMap { $0.fairCRPS($1) }
    meanFairCRPS = fair.count == forecasts.count ? fair.reduce(0, +) / n : nil
    self.levels = try levels.sorted().map { try Level(forecasts, outcomes, $0) }
    transforms = forecasts.indices.map { i in
      let range = forecasts[i].integralTransform(outcomes[i])
      guard range.upperBound > range.lowerBound else { return range.lowerBound }
      var stream = RandomStream(seed: seed, chain: 0, purpose: .predictive, iteration: i)
      return range.lowerBound + stream.uniform() * (range.upperBound - range.lowerBound)
    }
  }
}

extension ForecastAssessment.Level {
  init(_ forecasts: [Forecast], _ outcomes: [Double], _ level: Double) throws {
    try checkLevel(level)
    try self.init(
      level: level, outcomes: outcomes,
      intervals: forecasts.enumerated().map { i, forecast in
        guard let interval = forecast.interval(level) else {
          throw CalibrationError.invalidRow(
            i + 1, found: "quantiles that do not reach the interval of level \(short(level))",
            expected: "quantiles from \(short(0.5 - 0.5 * level)) to \(short(0.5 + 0.5 * level))")
        }
        return interval
      })
  }

  /// Compares intervals, whatever they come from, with outcomes.
  ///
  /// - Parameter level: the probability that an interval should hold its outcome.
  /// - Throws: `CalibrationError` for a level outside (0, 1), unequal counts, no rows, bounds that are not finite, or a
  ///   lower one above its upper one.
  public init(level: Double, outcomes: [Double], lower: [Double], upper: [Double]) throws {
    try checkLevel(level)
    guard lower.count == outcomes.count, upper.count == outcomes.count else {
      throw CalibrationError.invalidSetting(
        "there are \(outcomes.count) outcomes but \(lower.count) lower and \(upper.count) upper bounds"
      )
    }
    guard !outcomes.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    try self.init(
      level: level, outcomes: outcomes,
      intervals: outcomes.indices.map { i in
        guard lower[i].isFinite, upper[i].isFinite, outcomes[i].isFinite, lower[i] <= upper[i]
        else {
          throw CalibrationError.invalidRow(
            i + 1, found: "outcome \(outcomes[i]) and an interval from \(lower[i]) to \(upper[i])",
            expected: "finite numbers, and a lower bound that is not above the upper one")
        }
        return lower[i]...upper[i]
      })
  }

  private init(level: Double, outcomes: [Double], intervals: [ClosedRange<Double>]) throws {
    var (covered, width, score) = (0, 0.0, 0.0)
    for (interval, outcome) in zip(intervals, outcomes) {
      if interval.contains(outcome) { covered += 1 }
      width += interval.upperBound - interval.lowerBound
      score += intervalScore(interval, level: level, outcome: outcome)
    }
    let n = Double(outcomes.count)
    self.level = level
    self.covered = covered
    count = outcomes.count
    coverage = Double(covered) / n
    interval = binomialInterval(covered, of: outcomes.count)
    band = try BinomialBand(count: outcomes.count, probability: level)
    meanWidth = width / n
    meanScore = score / n
  }
}

/// Clopper and Pearson's interval of a probability after k of n, at 95 %.
func binomialInterval(_ k: Int, of n: Int) -> ClosedRange<Double> {
  let (hits, misses) = (Double(k), Double(n - k))
  let lower = k == 0 ? 0 : betaQuantile(0.025, hits, misses + 1)
  let upper = k == n ? 1 : betaQuantile(0.975, hits + 1, misses)
  return lower...Swift.max(lower, upper)
}
