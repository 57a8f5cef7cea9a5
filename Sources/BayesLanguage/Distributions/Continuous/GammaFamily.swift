// Positive distributions: exponential, gamma and inverse gamma.

public import BayesGraph
public import BayesNumerics

/// The exponential distribution.
///
/// ```
/// log p(x | β) = log β − β x
/// ```
///
/// Rate β > 0, mean 1/β, x ≥ 0. Reference: Stan Functions Reference, "Exponential distribution".
public struct Exponential: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Exponential" }
  public var event: Event { .real }

  /// The rate, one over the mean.
  public init(rate: some Symbolic) { arguments = [.init("rate", rate, .positive)] }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    arguments[0].logarithm - arguments[0] * value
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.exponential() / arguments[0][0]]
  }
}

/// The gamma distribution.
///
/// ```
/// log p(x | α, β) = α log β − log Γ(α) + (α − 1) log x − β x
/// ```
///
/// Shape α > 0 and rate β > 0 (not scale), mean α/β, x ≥ 0. Reference: Stan Functions Reference, "Gamma
/// distribution".
public struct Gamma: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Gamma" }
  public var event: Event { .real }

  /// Shape and rate; the mean is shape/rate.
  public init(shape: some Symbolic, rate: some Symbolic) {
    arguments = [.init("shape", shape, .positive), .init("rate", rate, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (shape, rate) = (arguments[0], arguments[1])
    return shape * rate.logarithm - shape.logGamma + factorTimesLog(shape - 1, value)
      - rate * value
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.gamma(shape: arguments[0][0], rate: arguments[1][0])]
  }
}

/// The distribution of one over a gamma variable.
///
/// ```
/// log p(x | α, β) = α log β − log Γ(α) − (α + 1) log x − β/x
/// ```
///
/// Shape α > 0, scale β > 0 (the rate of 1/x), mean β/(α−1) for α > 1, x > 0. Reference: Stan Functions
/// Reference, "Inverse gamma distribution".
public struct InverseGamma: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "InverseGamma" }
  public var event: Event { .real }

  /// Shape and scale; the mean is scale/(shape − 1).
  public init(shape: some Symbolic, scale: some Symbolic) {
    arguments = [.init("shape", shape, .positive), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support {
    .lower(arguments[0].builder.constant(0))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (shape, scale) = (arguments[0], arguments[1])
    return shape * scale.logarithm - shape.logGamma - (shape + 1) * value.logarithm
      - scale / value
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.inverseGamma(shape: arguments[0][0], scale: arguments[1][0])]
  }
}
