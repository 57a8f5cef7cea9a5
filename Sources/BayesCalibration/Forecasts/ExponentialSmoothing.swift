// Simple exponential smoothing, its weight and its first level by least squares.

import BayesNumerics
import Glibc

/// A level that follows the values: right for a random walk seen with noise.
///
/// ```
/// e_t = y_t − l_{t−1},   l_t = l_{t−1} + α e_t
/// ```
///
/// α in [0, 1] and l₀ minimise Σ e_t². The errors are linear in l₀, which is therefore solved for; α is found on a grid
/// of 40 steps and by Brent's method beside the best. The variance h steps ahead is s²(1 + (h − 1)α²), with s²
/// the sum of squares over n − 2.
///
/// Reference: Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with exponential smoothing", section 6.1.
public struct ExponentialSmoothing: Forecaster {
  /// The method.
  public let name = "exponential smoothing"
  /// The forecaster.
  public init() {}

  /// What the past is reduced to.
  struct Fit: Equatable {
    let weight: Double
    let firstLevel: Double
    let lastLevel: Double
    let sumOfSquares: Double
  }

  /// The level and the errors at one α, with the best first level.
  static func fit(_ history: [Double], weight: Double) -> Fit {
    // With l₀ = 0 the errors are a_t; l₀ takes c_t = (1 − α)^{t−1} times itself from them. From the first value, so
    // that large levels do not cancel.
    let origin = history[0]
    var (level, share) = (0.0, 1.0)
    var (cross, square, total) = (0.0, 0.0, 0.0)
    for y in history {
      let error = y - origin - level
      cross += error * share
      square += share * share
      total += error * error
      level += weight * error
      share *= 1 - weight
    }
    let first = cross / square
    return Fit(
      weight: weight, firstLevel: origin + first, lastLevel: origin + level + share * first,
      sumOfSquares: Swift.max(0, total - cross * first))
  }

  /// The best α.
  static func fit(_ history: [Double]) -> Fit {
    let grid = (0...40).map { fit(history, weight: Double($0) / 40) }
    var best = grid[0]
    var place = 0
    for (i, fit) in grid.enumerated() where fit.sumOfSquares < best.sumOfSquares {
      (best, place) = (fit, i)
    }
    let bracket = Double(Swift.max(0, place - 1)) / 40...Double(Swift.min(40, place + 1)) / 40
    if let weight = try? minimise(in: bracket, { fit(history, weight: $0).sumOfSquares }).argument {
      let refined = fit(history, weight: weight)
      if refined.sumOfSquares < best.sumOfSquares { best = refined }
    }
    return best
  }

  /// Normal forecasts around the last level.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for fewer than 3.
  public func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    try requireRows(history, 3)
    let fit = Self.fit(history)
    let variance = fit.sumOfSquares / Double(history.count - 2)
    return try (0..<horizon).map {
      try .normal(
        mean: fit.lastLevel,
        standardDeviation: (variance * (1 + Double($0) * fit.weight * fit.weight)).squareRoot())
    }
  }
}
