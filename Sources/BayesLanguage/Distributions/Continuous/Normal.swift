// The normal distribution and what folding and exponentiating make of it.

public import BayesGraph
public import BayesNumerics

/// The normal distribution.
///
/// ```
/// log p(x | μ, σ) = −½ ((x − μ)/σ)² − log σ − ½ log 2π
/// ```
///
/// Location μ, standard deviation σ > 0, all real x. Reference: Stan Functions Reference, "Normal
/// distribution".
public struct Normal: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Normal" }
  public var event: Event { .real }

  /// Mean and standard deviation (not variance, not precision).
  public init(_ location: some Symbolic, _ scale: some Symbolic) {
    arguments = [.init("location", location), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[1]
    let z = (value - arguments[0]) / sigma
    return z.squared * -0.5 - sigma.logarithm - halfLogTwoPi
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [arguments[0][0] + arguments[1][0] * stream.normal()]
  }
}

/// The normal distribution of location 0 folded onto x ≥ 0.
///
/// ```
/// log p(x | σ) = log 2 − ½ (x/σ)² − log σ − ½ log 2π
/// ```
///
/// σ > 0 is the scale of the unfolded normal; the standard deviation is σ √(1 − 2/π). Reference: Gelman
/// 2006, "Prior distributions for variance parameters", Bayesian Analysis 1(3), doi 10.1214/06-BA117A.
public struct HalfNormal: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "HalfNormal" }
  public var event: Event { .real }

  /// The scale of the normal that is folded.
  public init(_ scale: some Symbolic) { arguments = [.init("scale", scale, .positive)] }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[0]
    return (value / sigma).squared * -0.5 - sigma.logarithm - (halfLogTwoPi - logTwo)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [arguments[0][0] * abs(stream.normal())]
  }
}

/// The distribution of exp z for normal z.
///
/// ```
/// log p(x | μ, σ) = −½ ((log x − μ)/σ)² − log σ − log x − ½ log 2π
/// ```
///
/// Location μ and scale σ > 0 of log x; x > 0. Reference: Stan Functions Reference, "Lognormal
/// distribution".
public struct LogNormal: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "LogNormal" }
  public var event: Event { .real }

  /// Mean and standard deviation of the logarithm.
  public init(_ location: some Symbolic, _ scale: some Symbolic) {
    arguments = [.init("location", location), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let logValue = value.logarithm
    let sigma = arguments[1]
    let z = (logValue - arguments[0]) / sigma
    return z.squared * -0.5 - sigma.logarithm - halfLogTwoPi - logValue
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.logNormal(location: arguments[0][0], scale: arguments[1][0])]
  }
}
