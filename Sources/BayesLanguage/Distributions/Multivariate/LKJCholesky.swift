// The distribution of correlation matrices, by their Cholesky factors.

public import BayesGraph
public import BayesNumerics

/// The LKJ distribution on Cholesky factors of correlation matrices.
///
/// ```
/// log p(L | η) = Σ_{k=2}^K (K − k + 2η − 2) log L_kk + log c(η)
/// log c(η) = Σ_{k=1}^{K−1} log Γ(η + ½(K − 1)) − log Γ(η + ½(K − 1 − k)) − ½ k log π
/// ```
///
/// The correlation matrix L Lᵀ has density ∝ |L Lᵀ|^(η − 1): η = 1 is uniform, a larger one pulls to the
/// identity. The density is with respect to the entries below the diagonal. Reference: Lewandowski,
/// Kurowicka, Joe 2009, Journal of Multivariate Analysis 100, 1989–2001, doi:10.1016/j.jmva.2009.04.008.
public struct LKJCholesky: Distribution {
  public let arguments: [DistributionArgument]
  public var name: String { "LKJCholesky" }
  public var event: Event { .matrix }

  /// The shape η > 0.
  public init(_ shape: some Symbolic) {
    arguments = [.init("shape", shape, .positive)]
  }

  public func support(_ arguments: [Tensor]) -> Support { .correlationCholesky }

  public func logDensity(_ value: Tensor, _ arguments: [Tensor]) -> Tensor {
    let (builder, shape, size) = (value.builder, arguments[0], value.shape.rows)
    guard size > 1 else { return builder.constant(0) }
    let count = size - 1
    let logs = value.diagonal.slice(1..<size).logarithm
    let weights = (2...size).map { Double(size - $0 - 2) }
    let powers = builder.data(weights, shape: .vector(count)).dot(logs) + 2 * shape * logs.sum
    let gammas = (1...count).map { (shape + 0.5 * Double(count - $0)).logGamma }
    let pis = 0.25 * Double(count * (count + 1)) * logPi
    let normaliser = Double(count) * (shape + 0.5 * Double(count)).logGamma - pis
    return powers + normaliser - gammas.dropFirst().reduce(gammas[0], +)
  }

  /// By canonical partial correlations: those of column j have distribution 2 Beta(b, b) − 1 with
  /// b = η + ½(K − 1 − j), j from 1 (section 2.4 of the reference).
  public func draw(
    _ arguments: [[Double]], size: Int, using stream: inout RandomStream
  ) -> [Double]? {
    var factor = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      var rest = 1.0
      for column in 0..<row {
        let b = arguments[0][0] + 0.5 * Double(size - 2 - column)
        let partial = 2 * stream.beta(b, b) - 1
        factor[row * size + column] = partial * rest.squareRoot()
        rest *= 1 - partial * partial
      }
      factor[row * size + row] = rest.squareRoot()
    }
    return factor
  }

  public func conflict(_ arguments: [Tensor], shape: Shape) -> String? {
    if shape.rank != 2 || shape.rows != shape.columns {
      return "LKJCholesky is a distribution of square matrices, not of a \(shape)"
    }
    if !arguments[0].shape.isScalar {
      return "shape of LKJCholesky is a \(arguments[0].shape); expected a scalar"
    }
    return nil
  }
}
