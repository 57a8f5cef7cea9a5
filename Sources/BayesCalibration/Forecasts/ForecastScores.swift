// How well a forecast met its outcome: probability integral transform, CRPS, interval and pinball scores.

import BayesNumerics
import Glibc

extension Forecast {
  /// The probability integral transform: where the outcome lies in the forecast, from 0 to 1.
  ///
  /// Of an outcome that has a probability of its own (counts, equal draws, certainty) it is a range; a number
  /// drawn uniformly from it is uniform if the forecast is right. Among m draws of a right forecast the outcome is
  /// equally likely to have any of m + 1 ranks, so the range is [less, less + equal + 1]/(m + 1). Outcomes beyond
  /// the outermost quantiles have the range beyond their level.
  ///
  /// Reference: Dawid 1984, "Present position and potential developments: the prequential approach", doi
  /// 10.2307/2981683; Czado, Gneiting, Held 2009, "Predictive model assessment for count data", doi
  /// 10.1111/j.1541-0420.2009.01191.x.
  public func integralTransform(_ outcome: Double) -> ClosedRange<Double> {
    switch shape {
    case .normal(let mean, let deviation):
      if deviation == 0 { return outcome < mean ? 0...0 : outcome > mean ? 1...1 : 0...1 }
      let p = normalCDF((outcome - mean) / deviation)
      return p...p
    case .draws(let draws):
      let less = Double(firstIndex(in: draws) { $0 >= outcome })
      let upTo = Double(firstIndex(in: draws) { $0 > outcome })
      let m = Double(draws.count)
      return less / (m + 1)...(upTo + 1) / (m + 1)
    case .quantiles(let levels, let values):
      let below = firstIndex(in: values) { $0 >= outcome }
      let above = firstIndex(in: values) { $0 > outcome }
      if below == above, below > 0, above < values.count {
        let share = (outcome - values[below - 1]) / (values[above] - values[below - 1])
        let p = levels[below - 1] + share * (levels[above] - levels[below - 1])
        return p...p
      }
      if below == above { return below == 0 ? 0...levels[0] : levels[below - 1]...1 }
      // On one quantile it is that level, on several equal ones, or on an end that holds the tail, a range.
      return (below == 0 ? 0 : levels[below])...(above == values.count ? 1 : levels[above - 1])
    case .counts(let cumulative):
      func probability(upTo x: Double) -> Double {
        x < 0 ? 0 : x >= Double(cumulative.count - 1) ? 1 : cumulative[Int(x)]
      }
      return probability(upTo: outcome.rounded(.up) - 1)...probability(upTo: outcome.rounded(.down))
    }
  }

  /// The continuous ranked probability score, in units of the outcome: small is good, |x − outcome| for a certain x.
  ///
  /// ```
  /// CRPS = ∫ (F(x) − 1{x ≥ outcome})² dx
  /// normal: σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π),   z = (outcome − μ)/σ
  /// ```
  ///
  /// Draws are taken as the distribution with a step of 1/m at each, quantiles as the one with lines between them
  /// and the tails at the outermost: both integrals are exact sums over pieces, of positive terms. Of m draws the value is
  /// too large by about their mean distance over 2m; `fairCRPS` is not.
  ///
  /// - Complexity: proportional to the number of draws or quantiles, which are in order.
  ///
  /// Reference: Gneiting, Raftery 2007, "Strictly proper scoring rules, prediction, and estimation", doi
  /// 10.1198/016214506000001437, sections 4.2 and 6.2.
  public func crps(_ outcome: Double) -> Double {
    switch shape {
    case .normal(let mean, let deviation):
      if deviation == 0 { return abs(outcome - mean) }
      let z = (outcome - mean) / deviation
      let density = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
      return deviation
        * (z * (2 * normalCDF(z) - 1) + 2 * density - 1 / Double.pi.squareRoot())
    case .draws(let draws):
      let m = Double(draws.count)
      return pieces(draws, outcome) { (Double($0 + 1) / m, Double($0 + 1) / m) }
    case .quantiles(let levels, let values):
      return pieces(values, outcome) { (levels[$0], levels[$0 + 1]) }
    case .counts(let cumulative):
      return pieces((0..<cumulative.count).map(Double.init), outcome) {
        (cumulative[$0], cumulative[$0])
      }
    }
  }

  /// The unbiased estimate of the CRPS of the distribution behind the draws; `nil` for a single draw.
  ///
  /// ```
  /// Σ |x_i − outcome|/m − Σ_{i<j} |x_i − x_j|/(m(m − 1))
  /// ```
  ///
  /// Of other forecasts it is the CRPS itself. It may be negative.
  ///
  /// Reference: Ferro 2014, "Fair scores for ensemble forecasts", doi 10.1002/qj.2270.
  public func fairCRPS(_ outcome: Double) -> Double? {
    guard case .draws(let draws) = shape else { return crps(outcome) }
    guard draws.count > 1 else { return nil }
    let m = Double(draws.count)
    // Σ_{i<j} (x_j − x_i): the gap after the i-th value lies between i pairs' members and m − i others.
    var spread = 0.0
    for i in 1..<draws.count {
      spread += Double(i) * (m - Double(i)) * (draws[i] - draws[i - 1])
    }
    return crps(outcome) - spread / (m * m * (m - 1))
  }

  /// ∫ (F(x) − 1{x ≥ outcome})² dx for an F that is 0 before the first knot, 1 from the last on, and linear between.
  ///
  /// - Parameter ends: the values of F at the left and at the right end of a piece.
  private func pieces(
    _ knots: [Double], _ outcome: Double, _ ends: (Int) -> (Double, Double)
  ) -> Double {
    var sum =
      Swift.max(0, knots[0] - outcome) + Swift.max(0, outcome - knots[knots.count - 1])
    for k in 0..<knots.count - 1 where knots[k + 1] > knots[k] {
      let (a, b) = (knots[k], knots[k + 1])
      let (f, g) = ends(k)
      let cut = Swift.min(b, Swift.max(a, outcome))
      let middle = f + (g - f) * (cut - a) / (b - a)
      // The mean square of a line from s to t is (s² + st + t²)/3.
      sum += (cut - a) * (f * f + f * middle + middle * middle) / 3
      let (s, t) = (1 - middle, 1 - g)
      sum += (b - cut) * (s * s + s * t + t * t) / 3
    }
    return sum
  }
}

/// The interval score of a central interval: its width and a fine for the outcome outside.
///
/// ```
/// upper − lower + 2/(1 − level) · distance of the outcome to the interval
/// ```
///
/// Reference: Gneiting, Raftery 2007, section 6.2.
public func intervalScore(
  _ interval: ClosedRange<Double>, level: Double, outcome: Double
) -> Double {
  let beyond = Swift.max(0, interval.lowerBound - outcome, outcome - interval.upperBound)
  return interval.upperBound - interval.lowerBound + 2 / (1 - level) * beyond
}

/// The pinball loss of a quantile: its mean is least for the true quantile of the level.
///
/// Reference: Koenker, Bassett 1978, "Regression quantiles", doi 10.2307/1913643.
public func pinballLoss(_ quantile: Double, level: Double, outcome: Double) -> Double {
  outcome >= quantile ? level * (outcome - quantile) : (1 - level) * (quantile - outcome)
}

/// The first index of an increasing list whose value fulfils a condition that all later ones fulfil; the count if none.
private func firstIndex(in values: [Double], _ condition: (Double) -> Bool) -> Int {
  var (low, high) = (0, values.count)
  while low < high {
    let middle = (low + high) / 2
    if condition(values[middle]) { high = middle } else { low = middle + 1 }
  }
  return low
}
