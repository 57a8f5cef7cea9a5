// What is believed about one variant's metric after the data.

import BayesNumerics
import Glibc

/// The posterior of one variant's mean outcome, with the moments that have closed forms.
public struct VariantPosterior: Sendable {
  /// Which distribution it is, with its parameters, in words: `Beta(81, 1421)`.
  public let name: String
  /// The posterior of the mean outcome.
  public let marginal: MarginalPosterior
  /// The expectation of one over the mean outcome, or `nil` where there is none; what the expected
  /// lift over this variant needs.
  public let meanInverse: Double?

  /// The posterior mean, or `nil` where there is none.
  public var mean: Double? { marginal.mean }

  init(name: String, marginal: MarginalPosterior, meanInverse: Double?) {
    self.name = name
    self.marginal = marginal
    self.meanInverse = meanInverse
  }

  /// A rate between 0 and 1 with a beta posterior.
  ///
  /// - Throws: `ExperimentError` for shapes that are not positive and finite.
  public static func beta(_ a: Double, _ b: Double) throws -> VariantPosterior {
    guard a > 0, b > 0, a.isFinite, b.isFinite else {
      throw ExperimentError.invalidPrior("Beta shapes must be positive, found \(a) and \(b)")
    }
    let total = a + b
    let posterior = MarginalPosterior(
      scale: .unit, mean: a / total,
      standardDeviation: (a / total * (b / total) / (total + 1)).squareRoot(),
      center: digamma(a) - digamma(b), width: (trigamma(a) + trigamma(b)).squareRoot()
    ) { betaTails(logOdds: $0, a, b) }
    return VariantPosterior(
      name: "Beta(\(short(a)), \(short(b)))", marginal: posterior,
      meanInverse: a > 1 ? (total - 1) / (a - 1) : nil)
  }

  /// A positive rate with a gamma posterior.
  ///
  /// - Throws: `ExperimentError` for a shape or a rate that is not positive and finite.
  public static func gamma(shape: Double, rate: Double) throws -> VariantPosterior {
    guard shape > 0, rate > 0, shape.isFinite, rate.isFinite else {
      throw ExperimentError.invalidPrior(
        "Gamma shape and rate must be positive, found \(shape) and \(rate)")
    }
    let logRate = log(rate)
    let posterior = MarginalPosterior(
      scale: .positive, mean: shape / rate, standardDeviation: shape.squareRoot() / rate,
      center: digamma(shape) - logRate, width: trigamma(shape).squareRoot()
    ) { gammaTails(logValue: $0 + logRate, shape: shape) }
    return VariantPosterior(
      name: "Gamma(\(short(shape)), \(short(rate)))", marginal: posterior,
      meanInverse: shape > 1 ? rate / (shape - 1) : nil)
  }

  /// A mean with a Student t posterior, the marginal of a normal–inverse-gamma one.
  ///
  /// - Throws: `ExperimentError` for degrees or a scale that are not positive and finite.
  public static func studentT(
    location: Double, scale: Double, degrees: Double
  ) throws -> VariantPosterior {
    guard scale > 0, degrees > 0, location.isFinite, scale.isFinite, degrees.isFinite else {
      throw ExperimentError.invalidPrior(
        "Student t scale and degrees must be positive, found \(scale) and \(degrees)")
    }
    let posterior = MarginalPosterior(
      scale: .real, mean: degrees > 1 ? location : nil,
      standardDeviation: degrees > 2 ? scale * (degrees / (degrees - 2)).squareRoot() : nil,
      center: location, width: scale
    ) { studentTails(($0 - location) / scale, degrees: degrees) }
    return VariantPosterior(
      name: "Student t(\(short(degrees)) degrees, \(short(location)), \(short(scale)))",
      marginal: posterior, meanInverse: nil)
  }
}

/// A parameter as a name shows it: six significant digits, whole numbers in full.
func short(_ x: Double) -> String {
  x == x.rounded() && abs(x) < 1e15 ? String(Int64(x)) : formatted(x, significant: 6)
}
