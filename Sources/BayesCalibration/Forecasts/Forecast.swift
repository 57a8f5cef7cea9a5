// A predictive distribution of a number: normal, draws, quantiles, or probabilities of counts.

import BayesNumerics
import Glibc

/// What a forecast says of one number that is not yet known.
public struct Forecast: Sendable, Equatable {
  /// The forms of a forecast.
  public enum Shape: Sendable, Equatable {
    /// A normal distribution; deviation 0 is certainty.
    case normal(mean: Double, standardDeviation: Double)
    /// Draws from the distribution, increasing.
    case draws([Double])
    /// Quantiles of increasing levels, with straight lines between; the outermost are the ends.
    case quantiles(levels: [Double], values: [Double])
    /// P(Y ≤ 0), P(Y ≤ 1), …, up to 1.
    case counts(cumulative: [Double])
  }

  /// The form.
  public let shape: Shape

  /// A normal distribution; deviation 0 is certainty.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for numbers that are not finite or a negative deviation.
  public static func normal(mean: Double, standardDeviation: Double) throws -> Forecast {
    guard mean.isFinite, standardDeviation.isFinite, standardDeviation >= 0 else {
      throw CalibrationError.invalidSetting(
        "a normal forecast needs a finite mean and a finite deviation of at least 0, found "
          + "\(short(mean)) and \(short(standardDeviation))")
    }
    return Forecast(shape: .normal(mean: mean, standardDeviation: standardDeviation))
  }

  /// Draws from a distribution, in any order, continuous or counts.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for no draws or draws that are not finite.
  public static func draws(_ draws: [Double]) throws -> Forecast {
    guard !draws.isEmpty, draws.allSatisfy(\.isFinite) else {
      throw CalibrationError.invalidSetting(
        draws.isEmpty
          ? "a forecast needs at least 1 draw" : "the draws of a forecast are finite")
    }
    return Forecast(shape: .draws(draws.sorted()))
  }

  /// Quantiles of a distribution.
  ///
  /// - Throws: `CalibrationError.invalidSetting` unless levels increase within (0, 1) and reach ½ from both sides, and
  ///   values are finite, equally many, and do not decrease.
  public static func quantiles(levels: [Double], values: [Double]) throws -> Forecast {
    guard levels.count == values.count, let first = levels.first, let last = levels.last,
      first > 0, last < 1, first <= 0.5, last >= 0.5,
      zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw CalibrationError.invalidSetting(
        "the levels of quantiles increase within 0 and 1, on both sides of 1/2, with one value for each"
      )
    }
    guard values.allSatisfy(\.isFinite), zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw CalibrationError.invalidSetting("quantiles are finite and do not decrease")
    }
    return Forecast(shape: .quantiles(levels: levels, values: values))
  }

  /// The probabilities of the counts 0, 1, …, which sum to 1 within 10⁻⁶ and are then divided by their sum.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for negative probabilities or another sum.
  public static func counts(probabilities: [Double]) throws -> Forecast {
    let total = probabilities.reduce(0, +)
    guard probabilities.allSatisfy({ $0 >= 0 }), abs(total - 1) <= 1e-6 else {
      throw CalibrationError.invalidSetting(
        "the probabilities of counts are at least 0 and sum to 1, found a sum of \(short(total))")
    }
    var sum = 0.0
    var cumulative = probabilities.map { p in
      sum += p
      return Swift.min(1, sum / total)
    }
    cumulative[cumulative.count - 1] = 1
    return Forecast(shape: .counts(cumulative: cumulative))
  }

  /// The mean; of quantiles that of the lines between them.
  public var mean: Double {
    switch shape {
    case .normal(let mean, _): return mean
    case .draws(let draws): return draws.reduce(0, +) / Double(draws.count)
    case .quantiles(let levels, let values):
      let last = levels.count - 1
      var sum = levels[0] * values[0] + (1 - levels[last]) * values[last]
      for k in 0..<last { sum += (levels[k + 1] - levels[k]) * 0.5 * (values[k] + values[k + 1]) }
      return sum
    case .counts(let cumulative):
      return cumulative.dropLast().reduce(0) { $0 + (1 - $1) }
    }
  }

  /// The median.
  public var median: Double { quantile(0.5) ?? mean }

  /// A quantile; `nil` beyond the outermost levels of a forecast by quantiles.
  ///
  /// Of m draws it is the value at p(m + 1) in their order, interpolated: of k draws out of m below, the next
  /// value is below as well with probability (k + 1)/(m + 1).
  ///
  /// - Precondition: `probability` lies between 0 and 1, both excluded.
  public func quantile(_ probability: Double) -> Double? {
    precondition(probability > 0 && probability < 1, "a probability between 0 and 1")
    switch shape {
    case .normal(let mean, let deviation): return mean + deviation * normalQuantile(probability)
    case .draws(let draws):
      let m = Double(draws.count)
      let position = Swift.min(m, Swift.max(1, probability * (m + 1))) - 1
      let below = Int(position)
      let above = Swift.min(draws.count - 1, below + 1)
      return draws[below] + (position - Double(below)) * (draws[above] - draws[below])
    case .quantiles(let levels, let values):
      // Decimal levels such as (1 − 0.9)/2 come with rounding.
      let slack = 1e-12
      guard let above = levels.firstIndex(where: { $0 >= probability - slack }),
        levels[0] <= probability + slack
      else { return nil }
      guard above > 0, levels[above] > probability + slack else { return values[above] }
      let share = (probability - levels[above - 1]) / (levels[above] - levels[above - 1])
      return values[above - 1] + share * (values[above] - values[above - 1])
    case .counts(let cumulative):
      return Double(cumulative.firstIndex { $0 >= probability } ?? cumulative.count - 1)
    }
  }

  /// The central interval of a probability; `nil` where a forecast by quantiles does not reach so far.
  ///
  /// - Precondition: `level` lies between 0 and 1, both excluded.
  public func interval(_ level: Double) -> ClosedRange<Double>? {
    guard let lower = quantile(0.5 - 0.5 * level), let upper = quantile(0.5 + 0.5 * level) else {
      return nil
    }
    return lower...Swift.max(lower, upper)
  }
}
