// Forecasts that every better one must beat: last value, season, mean and drift.

import Glibc

/// The last value, again and again: right for a random walk.
///
/// The variance h steps ahead is h times the mean square of the steps so far.
///
/// Reference: Hyndman, Athanasopoulos 2021, "Forecasting: principles and practice", 3rd edition, sections 5.2 and
/// 5.5, here and for the other baselines.
public struct LastValue: Forecaster {
  /// The method.
  public let name = "last value"
  /// The forecaster.
  public init() {}

  /// Normal forecasts around the last value.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for fewer than 2.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    try requireRows(history, 2)
    let steps = zip(history.dropFirst(), history).map { $0 - $1 }
    let variance = meanSquare(steps, divisor: steps.count)
    return try (1...horizon).map {
      try .normal(
        mean: history[history.count - 1],
        standardDeviation: (Double($0) * variance).squareRoot())
    }
  }
}

/// The value of the same season, one period ago.
///
/// The variance is that of the differences over a period, times the number of periods ahead begun.
public struct SeasonalNaive: Forecaster {
  /// The rows of a period.
  public let period: Int
  /// The method with its period.
  public var name: String { "same season, period \(period)" }

  /// The forecaster.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for a period below 1.
  public init(period: Int) throws {
    guard period >= 1 else {
      throw CalibrationError.invalidSetting("a period has at least 1 row, found \(period)")
    }
    self.period = period
  }

  /// Normal forecasts around the last period's values.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for fewer than a period and one.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    try requireRows(history, period + 1)
    let n = history.count
    let differences = (period..<n).map { history[$0] - history[$0 - period] }
    let variance = meanSquare(differences, divisor: differences.count)
    return try (0..<horizon).map { h in
      try .normal(
        mean: history[n - period + h % period],
        standardDeviation: (Double(h / period + 1) * variance).squareRoot())
    }
  }
}

/// The mean of all values: right for independent values around one level.
///
/// The variance is s²(1 + 1/n).
public struct HistoricalMean: Forecaster {
  /// The method.
  public let name = "mean"
  /// The forecaster.
  public init() {}

  /// Normal forecasts around the mean.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for fewer than 2.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    try requireRows(history, 2)
    let n = Double(history.count)
    let mean = history.reduce(0, +) / n
    let variance = meanSquare(history.map { $0 - mean }, divisor: history.count - 1)
    let forecast = try Forecast.normal(
      mean: mean, standardDeviation: (variance * (1 + 1 / n)).squareRoot())
    return Array(repeating: forecast, count: horizon)
  }
}

/// The line through the first and the last value: right for a random walk with drift.
///
/// The variance h steps ahead is s² h(1 + h/(n − 1)), with s² of the n − 1 steps around their mean.
public struct Drift: Forecaster {
  /// The method.
  public let name = "drift"
  /// The forecaster.
  public init() {}

  /// Normal forecasts around the line.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for fewer than 3.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    try requireRows(history, 3)
    let (first, last) = (history[0], history[history.count - 1])
    let count = Double(history.count - 1)
    let slope = (last - first) / count
    let steps = zip(history.dropFirst(), history).map { $0 - $1 - slope }
    let variance = meanSquare(steps, divisor: steps.count - 1)
    return try (1...horizon).map { step in
      let h = Double(step)
      return try .normal(
        mean: last + h * slope, standardDeviation: (variance * h * (1 + h / count)).squareRoot())
    }
  }
}

/// Throws for a history that is too short.
func requireRows(_ history: [Double], _ needed: Int) throws {
  guard history.count >= needed else {
    throw CalibrationError.tooFewRows(found: history.count, needed: needed)
  }
}

/// The sum of squares over a divisor.
func meanSquare(_ values: [Double], divisor: Int) -> Double {
  values.reduce(0) { $0 + $1 * $1 } / Double(divisor)
}
