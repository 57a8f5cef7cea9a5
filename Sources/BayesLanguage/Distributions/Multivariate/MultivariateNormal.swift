// The normal distribution of vectors.

public import BayesGraph
public import BayesNumerics

/// The multivariate normal distribution.
///
/// ```
/// log p(x | μ, Σ) = −½ |z|² − Σ_k log L_kk − K/2 log 2π, L z = x − μ, L Lᵀ = Σ
/// ```
///
/// The rows of a matrix on the left are so many independent draws; they have one mean, or a row of a matrix
/// of means each, and one covariance.
///
/// The mean is a vector, or a scalar for all elements; the covariance is symmetric positive definite, or
/// given by its lower Cholesky factor L, which saves the factorisation. Reference: Stan Functions
/// Reference, "Multivariate normal distribution" and its Cholesky parameterisation.
public struct MultivariateNormal: Distribution {
  public let arguments: [DistributionArgument]
  private let isFactored: Bool
  public var name: String { "MultivariateNormal" }
  public var event: Event { .vector }

  /// Mean and covariance matrix.
  public init(_ mean: some Symbolic, covariance: some Symbolic) {
    arguments = [.init("mean", mean), .init("covariance", covariance, .covariance)]
    isFactored = false
  }

  /// Mean and the lower Cholesky factor of the covariance.
  public init(_ mean: some Symbolic, cholesky: some Symbolic) {
    arguments = [.init("mean", mean), .init("cholesky", cholesky, .choleskyFactor)]
    isFactored = true
  }

  public func support(_ arguments: [Tensor]) -> Support { .real }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let factor = isFactored ? arguments[1] : arguments[1].choleskyFactor
    if value.shape.rank == 2 {
      return squaredLengths(of: value, mean: arguments[0], factor) * -0.5
        - (factor.diagonal.logarithm.sum + Double(value.shape.columns) * halfLogTwoPi)
    }
    let z = factor.solve(value - arguments[0])
    return z.squared.sum * -0.5 - factor.diagonal.logarithm.sum
      - Double(value.shape.count) * halfLogTwoPi
  }

  /// |L⁻¹ (x_n − μ_n)|² for each row.
  ///
  /// Rows of data with one mean take L⁻¹ itself, of K³/6 operations however many rows there are, so that all
  /// else is one pass over the data. Its columns are as accurate as any triangular solve.
  private func squaredLengths(of value: Tensor, mean: Tensor, _ factor: Tensor) -> Tensor {
    let builder = value.builder
    let (rows, columns) = (value.shape.rows, value.shape.columns)
    let shared =
      mean.shape.isScalar
      ? mean.filled(.vector(columns)) : mean.shape.rank == 1 ? mean : mean.repeatedRow
    if let shared, value.dataValues != nil {
      let identity = (0..<(columns * columns)).map { $0 % (columns + 1) == 0 ? 1.0 : 0 }
      let inverse = factor.solve(
        builder.data(identity, shape: .matrix(columns, columns)))
      return value.rowQuadratic(mean: shared, weight: inverse, isTriangular: true)
    }
    let centre = mean.shape.rank == 1 ? builder.spreadRows(mean, rows: rows) : mean
    return factor.solve((value - centre).transposed).squared.columnTotals
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let given = DenseMatrix(rows: size, columns: size, values: arguments[1])
    guard let factor = isFactored ? given : cholesky(given) else {
      return [Double](repeating: .nan, count: size)
    }
    let z = (0..<size).map { _ in stream.normal() }
    return (0..<size).map { row in
      (0...row).reduce(arguments[0][arguments[0].count == 1 ? 0 : row]) {
        $0 + factor[row, $1] * z[$1]
      }
    }
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    let (mean, spread) = (arguments[0].shape, arguments[1].shape)
    if shape.rank == 0 {
      return "MultivariateNormal is a distribution of vectors, not of a \(shape)"
    }
    let length = shape.rank == 2 ? shape.columns : shape.count
    let vector = Shape.vector(length)
    if !mean.isScalar && mean != vector && mean != shape {
      return "mean of MultivariateNormal is a \(mean) beside a \(shape); expected a \(vector)"
        + (shape.rank == 2 ? ", or a \(shape) with one for each row" : "")
    }
    let square = Shape.matrix(length, length)
    if spread != square {
      return "\(self.arguments[1].label) of MultivariateNormal is a \(spread) beside a \(shape); "
        + "expected a \(square)" + (shape.rank == 2 ? ", one for all rows" : "")
    }
    return nil
  }
}
