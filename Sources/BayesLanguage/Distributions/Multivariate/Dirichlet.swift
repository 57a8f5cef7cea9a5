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
/// the first K − 1 coordinates. Each row of a matrix on the left is a simplex of its own; they share the
/// concentrations, or have a row of a matrix of concentrations each. Reference: Stan Functions Reference, "Dirichlet distribution".
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
    if value.shape.rank == 2 { return rowDensities(value, concentration) }
    let count = Double(value.shape.count)
    let isScalar = concentration.shape.isScalar
    let kernel = factorTimesLog(concentration - 1, value).sum
    let normaliser =
      isScalar
      ? (concentration * count).logGamma - concentration.logGamma * count
      : concentration.sum.logGamma - concentration.logGamma.sum
    return normaliser + kernel
  }

  private func rowDensities(_ value: Tensor, _ concentration: Tensor) -> Tensor {
    let (rows, columns) = (value.shape.rows, value.shape.columns)
    if concentration.shape.rank == 2 {
      let kernel = factorTimesLog(concentration - 1, value).filled(value.shape).rowTotals
      return concentration.rowTotals.logGamma - concentration.logGamma.rowTotals + kernel
    }
    let exponents =
      concentration.shape.isScalar
      ? concentration - 1 : value.builder.spreadRows(concentration - 1, rows: rows)
    let normaliser =
      concentration.shape.isScalar
      ? (concentration * Double(columns)).logGamma - concentration.logGamma * Double(columns)
      : concentration.sum.logGamma - concentration.logGamma.sum
    return normaliser + factorTimesLog(exponents, value).filled(value.shape).rowTotals
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
    if shape.rank == 0 { return "Dirichlet is a distribution of vectors, not of a \(shape)" }
    let vector = Shape.vector(shape.rank == 2 ? shape.columns : shape.count)
    if found.isScalar || found == vector || found == shape { return nil }
    return
      "concentration of Dirichlet is a \(found) beside a \(shape); expected a scalar or a \(vector)"
      + (shape.rank == 2 ? ", or a \(shape) with one for each row" : "")
  }
}
