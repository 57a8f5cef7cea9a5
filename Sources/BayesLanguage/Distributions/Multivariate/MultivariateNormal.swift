// The normal distribution of vectors.

public import BayesGraph
public import BayesNumerics

/// The multivariate normal distribution.
///
/// ```
/// log p(x | μ, Σ) = −½ |z|² − Σ_k log L_kk − K/2 log 2π, L z = x − μ, L Lᵀ = Σ
/// ```
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
    let z = factor.solve(value - arguments[0])
    return z.squared.sum * -0.5 - factor.diagonal.logarithm.sum
      - Double(value.shape.count) * halfLogTwoPi
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
    if shape.rank != 1 {
      return "MultivariateNormal is a distribution of vectors, not of a \(shape)"
    }
    if !mean.isScalar && mean != shape {
      return "mean of MultivariateNormal is a \(mean) beside a \(shape); expected a \(shape)"
    }
    let square = Shape.matrix(shape.count, shape.count)
    if spread != square {
      return "\(self.arguments[1].label) of MultivariateNormal is a \(spread) beside a \(shape); "
        + "expected a \(square)"
    }
    return nil
  }
}
