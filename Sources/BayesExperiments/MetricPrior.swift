// The prior of each metric and the conjugate step from it to the posterior of a variant.

import BayesNumerics
import Glibc

/// What is believed of every variant's mean outcome before the data.
public enum MetricPrior: Sendable, Equatable {
  /// A success rate: Beta(a, b), worth a successes and b failures.
  case beta(a: Double, b: Double)
  /// A rate of events: Gamma(shape, rate), worth `shape` events in an exposure of `rate`; a rate of 0 is flat.
  case gamma(shape: Double, rate: Double)
  /// Mean and variance of values: σ² ~ InverseGamma(shape, scale), μ | σ² ~ Normal(mean, σ²/weight).
  ///
  /// Weight 0, shape −½ and scale 0 is Jeffreys' independent prior, density proportional to 1/σ².
  case normalInverseGamma(mean: Double, weight: Double, shape: Double, scale: Double)
  /// A conversion rate ~ Beta(a, b), and a mean amount worth `weight` amounts of `amount` each; `nil` is the
  /// mean of all variants' amounts.
  case revenue(a: Double, b: Double, amount: Double?, weight: Double)

  /// The default: Beta(1, 1), Jeffreys' Gamma(½, 0), Jeffreys' 1/σ², and Beta(1, 1) with one amount of the
  /// mean of all amounts.
  public static func standard(_ metric: Metric) -> MetricPrior {
    switch metric {
    case .binomial: .beta(a: 1, b: 1)
    case .poisson: .gamma(shape: 0.5, rate: 0)
    case .normal: .normalInverseGamma(mean: 0, weight: 0, shape: -0.5, scale: 0)
    case .revenue: .revenue(a: 1, b: 1, amount: nil, weight: 1)
    }
  }

  /// Its metric.
  public var metric: Metric {
    switch self {
    case .beta: .binomial
    case .gamma: .poisson
    case .normalInverseGamma: .normal
    case .revenue: .revenue
    }
  }

  /// The prior in words, with its parameters.
  public var description: String {
    switch self {
    case .beta(let a, let b): return "Beta(\(short(a)), \(short(b)))"
    case .gamma(let shape, let rate): return "Gamma(\(short(shape)), \(short(rate)))"
    case .normalInverseGamma(_, 0, -0.5, 0): return "flat in the mean and the log variance"
    case .normalInverseGamma(let mean, let weight, let shape, let scale):
      return
        "normal-inverse-gamma(\(short(mean)), \(short(weight)), \(short(shape)), \(short(scale)))"
    case .revenue(let a, let b, let amount, let weight):
      let amounts = amount.map { "of \(short($0))" } ?? "of the mean of all amounts"
      return "Beta(\(short(a)), \(short(b))) for conversion, \(short(weight)) "
        + "amount\(weight == 1 ? "" : "s") \(amounts)"
    }
  }

  /// What is wrong with the parameters, or `nil`.
  private var problem: String? {
    switch self {
    case .beta(let a, let b):
      return Self.areShapes(a, b) ? nil : "the shapes of a beta prior are positive, at least 0.001"
    case .gamma(let shape, let rate):
      return shape >= 1e-3 && shape.isFinite && rate >= 0 && rate.isFinite
        ? nil : "a gamma prior has a shape of at least 0.001 and a rate of at least 0"
    case .normalInverseGamma(let mean, let weight, let shape, let scale):
      return mean.isFinite && weight >= 0 && weight.isFinite && shape >= -0.5 && shape.isFinite
        && scale >= 0 && scale.isFinite
        ? nil
        : "a normal-inverse-gamma prior has a weight and a scale of at least 0 and a shape of at least -0.5"
    case .revenue(let a, let b, let amount, let weight):
      return Self.areShapes(a, b) && weight > 0 && weight.isFinite
        && amount.map { $0 > 0 && $0.isFinite } ?? true
        ? nil : "a revenue prior has positive shapes, a positive amount and a positive weight"
    }
  }

  private static func areShapes(_ a: Double, _ b: Double) -> Bool {
    a >= 1e-3 && b >= 1e-3 && a.isFinite && b.isFinite
  }

  /// Throws `ExperimentError.invalidPrior` for parameters outside their range.
  func check() throws {
    if let problem { throw ExperimentError.invalidPrior(problem) }
  }

  /// The posterior of a variant.
  ///
  /// - Parameter typicalAmount: what stands for the prior's amount where it has none.
  /// - Throws: `ExperimentError` for parameters outside their range, or data of another metric.
  func posterior(_ variant: Variant, typicalAmount: Double) throws -> VariantPosterior {
    try check()
    switch (self, variant.data) {
    case (.beta(let a, let b), .binomial(let successes, let trials)):
      return try .beta(a + successes, b + (trials - successes))
    case (.gamma(let shape, let rate), .poisson(let count, let exposure)):
      return try .gamma(shape: shape + count, rate: rate + exposure)
    case (.normalInverseGamma(let mean, let weight, let shape, let scale), .normal(let s)):
      let total = weight + s.count
      let location = s.mean + weight / total * (mean - s.mean)
      let newShape = shape + 0.5 * s.count
      let distance = s.mean - mean
      let newScale =
        scale + 0.5 * s.squaredDeviations + 0.5 * weight * s.count / total * distance * distance
      return try .studentT(
        location: location, scale: (newScale / (newShape * total)).squareRoot(),
        degrees: 2 * newShape)
    case (.revenue(let a, let b, let amount, let weight), .revenue(let units, let amounts)):
      return try .revenue(
        conversion: (a + amounts.count, b + (units - amounts.count)),
        amounts: AmountPosterior(
          amounts, priorAmount: amount ?? typicalAmount, priorWeight: weight))
    default:
      throw ExperimentError.invalidPrior(
        "a prior for the metric \(metric.rawValue) does not fit data of the metric "
          + variant.data.metric.rawValue)
    }
  }
}
