// An autoregression by least squares and its normal forecasts.

import BayesNumerics
import Glibc

/// A linear regression of each value on the p before it.
///
/// ```
/// y_t = c + φ_1 y_{t−1} + … + φ_p y_{t−p} + ε_t
/// ```
///
/// by least squares on the rows with p predecessors. The means of forecasts are the recursion without ε; the variance h
/// steps ahead is s² Σ_{j<h} ψ_j², with ψ_0 = 1 and ψ_j = Σ φ_i ψ_{j−i}, and s² the sum of squares over the
/// rows less the coefficients. That the coefficients are estimates is left out, as usual: with few rows the
/// intervals are a little narrow.
///
/// Reference: Hamilton 1994, "Time series analysis", sections 4.2 and 5.2.
public struct Autoregression: Forecaster {
  /// The number p of lags.
  public let order: Int
  /// The method with its order.
  public var name: String { "autoregression of order \(order)" }

  /// The forecaster.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for an order below 1.
  public init(order: Int) throws {
    guard order >= 1 else {
      throw CalibrationError.invalidSetting("an autoregression has order 1 or more, found \(order)")
    }
    self.order = order
  }

  /// c, φ_1, …, φ_p and s².
  ///
  /// Values count from their mean, so that a high level costs no digits.
  func fit(_ history: [Double]) throws -> (coefficients: [Double], variance: Double) {
    try requireRows(history, 2 * order + 2)
    let n = history.count
    let mean = history.reduce(0, +) / Double(n)
    let centred = history.map { $0 - mean }
    let columns =
      [[Double](repeating: 1, count: n - order)]
      + (1...order).map { lag in Array(centred[order - lag..<n - lag]) }
    let factor = leastSquaresFactor(design: columns, response: Array(centred[order...]))
    var coefficients = factor.coefficients
    coefficients[0] += mean * (1 - coefficients[1...].reduce(0, +))
    return (coefficients, factor.residualSumOfSquares / Double(n - order - factor.rank))
  }

  /// Normal forecasts by the recursion.
  ///
  /// - Throws: `CalibrationError`: fewer than 2p + 2 rows, forecasts that leave the range of numbers.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    let (coefficients, variance) = try fit(history)
    var values = Array(history.suffix(order))
    var responses = [1.0]
    var sum = 0.0
    return try (0..<horizon).map { h in
      var mean = coefficients[0]
      for lag in 1...order { mean += coefficients[lag] * values[values.count - lag] }
      values.append(mean)
      sum += responses[h] * responses[h]
      var next = 0.0
      for lag in 1...Swift.min(order, h + 1) { next += coefficients[lag] * responses[h + 1 - lag] }
      responses.append(next)
      return try .normal(mean: mean, standardDeviation: (variance * sum).squareRoot())
    }
  }
}
