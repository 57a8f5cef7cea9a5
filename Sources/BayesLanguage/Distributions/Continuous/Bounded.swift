// Distributions on an interval, and the flat one.

public import BayesGraph
public import BayesNumerics

/// The beta distribution.
///
/// ```
/// log p(x | a, b) = (a − 1) log x + (b − 1) log(1 − x) + log Γ(a + b) − log Γ(a) − log Γ(b)
/// ```
///
/// a, b > 0 (prior successes and failures), mean a/(a+b), 0 ≤ x ≤ 1. Reference: Stan Functions Reference,
/// "Beta distribution".
public struct Beta: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Beta" }
  public var event: Event { .real }

  /// The two shapes; the mean is a/(a + b).
  public init(_ a: some Symbolic, _ b: some Symbolic) {
    arguments = [.init("a", a, .positive), .init("b", b, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support {
    let builder = arguments[0].builder
    return .interval(builder.constant(0), builder.constant(1))
  }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (a, b) = (arguments[0], arguments[1])
    let kernel =
      factorTimesLog(a - 1, value) + factorTimesLog(b - 1, value, complement: true)
    let density = kernel + a(.logRising, b) - b.logGamma
    return density.shape == value.shape ? density : density.filled(value.shape)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    [stream.beta(arguments[0][0], arguments[1][0])]
  }
}

/// The uniform distribution on an interval.
///
/// ```
/// log p(x | a, b) = −log(b − a)
/// ```
///
/// Finite a < b, a ≤ x ≤ b. Reference: Stan Functions Reference, "Uniform distribution".
public struct Uniform: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Uniform" }
  public var event: Event { .real }

  /// The ends of the interval.
  public init(_ lower: some Symbolic, _ upper: some Symbolic) {
    arguments = [.init("lower", lower), .init("upper", upper)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .interval(arguments[0], arguments[1]) }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let density = -(arguments[1] - arguments[0]).logarithm
    return density.shape == value.shape ? density : density.filled(value.shape)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let u = stream.uniform()
    return [arguments[0][0] * (1 - u) + arguments[1][0] * u]
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    if let conflict = elementwiseConflict(arguments, shape: shape) { return conflict }
    return boundsConflict(arguments[0], arguments[1]).map { "the bounds of Uniform: \($0)" }
  }
}

/// No information: log density 0 everywhere on the support.
///
/// Improper on an unbounded support, so that it has no random draws; the posterior must be proper by
/// other statements.
public struct Flat: Distribution {
  public var arguments: [DistributionArgument] { [] }
  public var name: String { "Flat" }
  public var event: Event { .real }

  /// The flat density on all reals; narrow it with `.positive`, `.bounded(_:_:)`, …
  public init() {}

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    value.builder.constant(0).filled(value.shape)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? { nil }
}

/// Says which known lower bound is not below its upper one; `nil` when none is known to be.
func boundsConflict(_ lower: Tensor, _ upper: Tensor) -> String? {
  guard let a = lower.dataValues, let b = upper.dataValues else { return nil }
  for i in 0..<max(a.count, b.count) {
    let (from, to) = (a[a.count == 1 ? 0 : i], b[b.count == 1 ? 0 : i])
    if !(from < to) {
      return "the lower one, \(shortestDescription(from)), is not below the upper one, "
        + shortestDescription(to)
    }
  }
  return nil
}
