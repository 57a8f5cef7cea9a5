// The distribution of proportions.

public import BayesGraph
public import BayesNumerics

/// The Dirichlet distribution on simplexes.
///
/// ```
/// log p(x | α) = log Γ(Σ α_k) − Σ log Γ(α_k) + Σ (α_k − 1) log x_k
/// ```
///
/// Concentrations α_k > 0 (prior counts), a vector, or one scalar for all. The density is with respect to
/// the first K − 1 coordinates. Reference: Stan Functions Reference, "Dirichlet distribution".
public struct Dirichlet: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Dirichlet" }
  public var event: Event { .vector }

  /// One concentration per element, or one for all.
  public init(_ concentration: some Symbolic) {
    arguments = [.init("concentration", concentration, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .simplex }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let concentration = arguments[0]
    let count = Double(value.shape.count)
    let isScalar = concentration.shape.isScalar
    let kernel = factorTimesLog(concentration - 1, value).sum
    let normaliser =
      isScalar
      ? (concentration * count).logGamma - concentration.logGamma * count
      : concentration.sum.logGamma - concentration.logGamma.sum
    return normaliser + kernel
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let given = arguments[0]
    return stream.dirichlet(
      given.count == 1 ? [Double](repeating: given[0], count: size) : given)
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    let found = arguments[0].shape
    if shape.rank != 1 { return "Dirichlet is a distribution of vectors, not of a \(shape)" }
    if found.isScalar || found == shape { return nil }
    return
      "concentration of Dirichlet is a \(found) beside a \(shape); expected a scalar or a \(shape)"
  }
}
