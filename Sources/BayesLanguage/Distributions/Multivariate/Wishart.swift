// Distributions of covariance matrices and of their inverses.

public import BayesGraph
public import BayesNumerics
import Glibc

/// The Wishart distribution on covariance matrices.
///
/// ```
/// log p(X | ν, S) = ½(ν − K − 1) log |X| − ½ tr(S⁻¹ X) − ½ νK log 2 − ½ν log |S| − log Γ_K(ν/2)
/// ```
///
/// Degrees of freedom ν > K − 1, scale S symmetric positive definite; the mean is ν S. The density is with
/// respect to the lower triangle. Reference: Wishart 1928, Biometrika 20A, 32–52, doi:10.1093/biomet/20A.1-2.32.
public struct Wishart: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "Wishart" }
  public var event: Event { .matrix }

  /// Degrees of freedom and scale matrix.
  public init(degrees: some Symbolic, scale: some Symbolic) {
    arguments = [.init("degrees", degrees, .positive), .init("scale", scale, .covariance)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .covariance }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (degrees, size) = (arguments[0], value.shape.rows)
    let (factor, scale) = (value.choleskyFactor, arguments[1].choleskyFactor)
    let trace = scale.solve(factor).squared.sum
    return (degrees - Double(size + 1)) * factor.diagonal.logarithm.sum - 0.5 * trace
      - degrees * scale.diagonal.logarithm.sum - logNormaliser(degrees, size)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let scale = DenseMatrix(rows: size, columns: size, values: arguments[1])
    guard let factor = cholesky(scale) else {
      return [Double](repeating: .nan, count: size * size)
    }
    let bartlett = bartlettFactor(degrees: arguments[0][0], size: size, &stream)
    let root = product(factor.values, bartlett, size: size)
    return square(size) { i, j in
      (0..<size).reduce(0) { $0 + root[i * size + $1] * root[j * size + $1] }
    }
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    matrixConflict(arguments, shape: shape)
  }
}

/// The inverse Wishart distribution on covariance matrices.
///
/// ```
/// log p(X | ν, S) = ½ν log |S| − ½(ν + K + 1) log |X| − ½ tr(S X⁻¹) − ½ νK log 2 − log Γ_K(ν/2)
/// ```
///
/// Degrees of freedom ν > K − 1, scale S symmetric positive definite; the mean is S / (ν − K − 1) for ν > K + 1,
/// and X⁻¹ has the Wishart distribution of ν and S⁻¹. The density is with respect to the lower triangle.
/// Reference: Gelman et al. 2013, Bayesian Data Analysis, third edition, appendix A.
public struct InverseWishart: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "InverseWishart" }
  public var event: Event { .matrix }

  /// Degrees of freedom and scale matrix.
  public init(degrees: some Symbolic, scale: some Symbolic) {
    arguments = [.init("degrees", degrees, .positive), .init("scale", scale, .covariance)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .covariance }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (degrees, size) = (arguments[0], value.shape.rows)
    let (factor, scale) = (value.choleskyFactor, arguments[1].choleskyFactor)
    let trace = factor.solve(scale).squared.sum
    return degrees * scale.diagonal.logarithm.sum
      - (degrees + Double(size + 1)) * factor.diagonal.logarithm.sum - 0.5 * trace
      - logNormaliser(degrees, size)
  }

  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    let scale = DenseMatrix(rows: size, columns: size, values: arguments[1])
    guard let factor = cholesky(scale) else {
      return [Double](repeating: .nan, count: size * size)
    }
    // With S = L Lᵀ and W = L⁻ᵀ A Aᵀ L⁻¹ of Wishart(ν, S⁻¹), W⁻¹ = Yᵀ Y for A Y = Lᵀ.
    let bartlett = bartlettFactor(degrees: arguments[0][0], size: size, &stream)
    var y = square(size) { i, j in factor[j, i] }
    for i in 0..<size {
      for j in 0..<size {
        for k in 0..<i { y[i * size + j] -= bartlett[i * size + k] * y[k * size + j] }
        y[i * size + j] /= bartlett[i * size + i]
      }
    }
    return square(size) { i, j in
      (0..<size).reduce(0) { $0 + y[$1 * size + i] * y[$1 * size + j] }
    }
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    matrixConflict(arguments, shape: shape)
  }
}

extension Distribution {
  /// What is wrong with degrees of freedom and scale beside a left side.
  fileprivate func matrixConflict(_ arguments: [Tensor], shape: Shape) -> String? {
    if shape.rank != 2 || shape.rows != shape.columns {
      return "\(name) is a distribution of square matrices, not of a \(shape)"
    }
    if !arguments[0].shape.isScalar {
      return "degrees of \(name) is a \(arguments[0].shape); expected a scalar"
    }
    if arguments[1].shape != shape {
      return "scale of \(name) is a \(arguments[1].shape) beside a \(shape); expected a \(shape)"
    }
    if let degrees = arguments[0].dataValues?[0], !(degrees > Double(shape.rows - 1)) {
      return "degrees of \(name) is \(numberInWords(degrees)); expected more than "
        + "\(shape.rows - 1), the rows of the matrix less one"
    }
    return nil
  }
}

/// ½ νK log 2 + log Γ_K(ν/2), where log Γ_K(a) = K(K − 1)/4 log π + Σ_{j<K} log Γ(a − j/2).
private func logNormaliser(_ degrees: Tensor, _ size: Int) -> Tensor {
  let half = 0.5 * degrees
  let gammas = (0..<size).map { (half - 0.5 * Double($0)).logGamma }
  return half * (Double(size) * logTwo) + 0.25 * Double(size * (size - 1)) * logPi
    + gammas.dropFirst().reduce(gammas[0], +)
}

/// A lower triangle A with A Aᵀ of Wishart(ν, I).
///
/// Reference: Bartlett 1933, Proceedings of the Royal Society of Edinburgh 53, 260–283.
private func bartlettFactor(
  degrees: Double, size: Int, _ stream: inout RandomStream
) -> [Double] {
  var factor = [Double](repeating: 0, count: size * size)
  for i in 0..<size {
    for j in 0..<i { factor[i * size + j] = stream.normal() }
    factor[i * size + i] = stream.chiSquared(degrees: degrees - Double(i)).squareRoot()
  }
  return factor
}

private func product(_ a: [Double], _ b: [Double], size: Int) -> [Double] {
  square(size) { i, j in (0..<size).reduce(0) { $0 + a[i * size + $1] * b[$1 * size + j] } }
}

/// A square matrix, row-major.
private func square(_ size: Int, _ entry: (Int, Int) -> Double) -> [Double] {
  (0..<(size * size)).map { entry($0 / size, $0 % size) }
}
