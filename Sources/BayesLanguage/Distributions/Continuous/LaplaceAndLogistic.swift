// Location-scale distributions with exponential tails.

public import BayesGraph
public import BayesNumerics

/// The Laplace (double exponential) distribution.
///
/// ```
/// log p(x | μ, σ) = −|x − μ|/σ − log σ − log 2
/// ```
///
/// Location μ, scale σ > 0; the standard deviation is √2 σ. Reference: Stan Functions Reference,
/// "Double exponential (Laplace) distribution".
public struct Laplace: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Laplace" }
  public var event: Event { .real }

  /// Median and mean absolute deviation.
  public init(_ location: some Symbolic, _ scale: some Symbolic) {
    arguments = [.init("location", location), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[1]
    return -((value - arguments[0])(.abs) / sigma) - sigma.logarithm - logTwo
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.laplace(location: arguments[0][0], scale: arguments[1][0])]
  }
}

/// The logistic distribution.
///
/// ```
/// log p(x | μ, σ) = −z − log σ − 2 log(1 + exp(−z)), z = (x − μ)/σ
/// ```
///
/// Location μ, scale σ > 0; the standard deviation is π σ/√3. Reference: Stan Functions Reference,
/// "Logistic distribution".
public struct Logistic: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Logistic" }
  public var event: Event { .real }

  /// Mean and scale.
  public init(_ location: some Symbolic, _ scale: some Symbolic) {
    arguments = [.init("location", location), .init("scale", scale, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let sigma = arguments[1]
    let z = (value - arguments[0]) / sigma
    return -z - sigma.logarithm - (-z)(.log1pExp) * 2
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.logistic(location: arguments[0][0], scale: arguments[1][0])]
  }
}
