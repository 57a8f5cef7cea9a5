// Location-scale distributions with tails heavier than the normal's.

public import BayesGraph
public import BayesNumerics

/// Student's t distribution.
///
/// ```
/// log p(x | ν, μ, σ) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log(νπ) − log σ − (ν+1)/2 · log(1 + z²/ν),
/// z = (x − μ)/σ
/// ```
///
/// Degrees of freedom ν > 0, location μ, scale σ > 0 (not the standard deviation, which is σ √(ν/(ν−2))
/// for ν > 2). Reference: Stan Functions Reference, "Student-t distribution".
public struct StudentT: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "StudentT" }
  public var event: Event { .real }

  /// Degrees of freedom, location and scale.
  public init(
    _ degrees: some Symbolic, _ location: some Symbolic, _ scale: some Symbolic
  ) {
    arguments = [
      .init("degrees", degrees, .positive), .init("location", location),
      .init("scale", scale, .positive),
    ]
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (degrees, sigma) = (arguments[0], arguments[2])
    let z = (value - arguments[1]) / sigma
    let half = degrees * 0.5
    // Γ((ν+1)/2) / Γ(ν/2) as a rising factorial: the two log Γ cancel for large ν.
    let normaliser =
      half(.logRising, half.builder.constant(0.5)) - degrees.logarithm * 0.5 - 0.5 * logPi
    return normaliser - sigma.logarithm
      - (degrees + 1) * 0.5 * logOnePlusSquare(z, over: degrees)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [arguments[1][0] + arguments[2][0] * stream.studentT(degrees: arguments[0][0])]
  }
}

/// The Cauchy distribution, Student's t with one degree of freedom.
///
/// ```
/// log p(x | μ, σ) = −log π − log σ − log(1 + ((x − μ)/σ)²)
/// ```
///
/// Location μ (the median), scale σ > 0 (half the interquartile range); it has no mean. Reference: Stan
/// Functions Reference, "Cauchy distribution".
public struct Cauchy: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Cauchy" }
  public var event: Event { .real }

  /// Median and half the interquartile range.
  public init(_ location: some Symbolic, _ scale: some Symbolic) {
    arguments = [.init("location", location), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[1]
    let z = (value - arguments[0]) / sigma
    return -sigma.logarithm - logPi - logOnePlusSquare(z, over: nil)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.cauchy(location: arguments[0][0], scale: arguments[1][0])]
  }
}

/// The Cauchy distribution of location 0 folded onto x ≥ 0.
///
/// ```
/// log p(x | σ) = log 2 − log π − log σ − log(1 + (x/σ)²)
/// ```
///
/// The scale σ > 0 is the median. Reference: Gelman 2006, "Prior distributions for variance parameters",
/// Bayesian Analysis 1(3), doi 10.1214/06-BA117A.
public struct HalfCauchy: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "HalfCauchy" }
  public var event: Event { .real }

  /// The median.
  public init(_ scale: some Symbolic) { arguments = [.init("scale", scale, .positive)] }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[0]
    // A positive parameter is x = exp y: log(1 + z²) is then the softplus of 2 (y − log sigma), which
    // needs no exp x and no guard against overflow. At x = 0, which only data reach, it has no
    // derivative, so other values take the common form.
    let logTail =
      value.builder.graph[value.id].op == .unary(.exp)
      ? (2 * (value.logarithm - sigma.logarithm))(.log1pExp)
      : logOnePlusSquare(value / sigma, over: nil)
    return -sigma.logarithm - (logPi - logTwo) - logTail
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [abs(stream.cauchy(scale: arguments[0][0]))]
  }
}
