// Estimates a dense inverse metric from draws and gradients.

import BayesNumerics
import Glibc

/// A dense inverse metric, relative to a diagonal one.
struct DenseEstimate {
  /// The lower triangular W with M⁻¹ = W Wᵀ, row-major.
  let triangle: [Double]
  /// Leapfrog steps under the diagonal metric over those under this one; see `DensePayoff`.
  let gain: Double
  /// Draws and gradients less their means, on the diagonal metric's scale, and the Cholesky factor
  /// of this estimate there.
  private let positions, forces, factor: DenseMatrix

  /// From draws and gradients: the M⁻¹ that makes both equally spread.
  ///
  /// With C the covariance of the draws and G that of the gradients it solves M⁻¹ G M⁻¹ = C. For a
  /// normal posterior G = C_true⁻¹ C C_true⁻¹, so that the solution is C_true *exactly* as soon
  /// as there are more draws than dimensions, however badly they mixed. Both matrices are first
  /// scaled by the diagonal metric and then shrunk towards the identity, which moves directions
  /// that no draw has explored to the diagonal metric's scale, in any units.
  ///
  /// - Parameters:
  ///   - draws: rows × dimension, as `gradients`.
  ///   - scale: the diagonal metric's W.
  /// - Returns: `nil` if no positive definite estimate came out.
  ///
  /// Reference: Seyboldt, Carlson, Carpenter 2026, arXiv 2603.18845.
  init?(draws: ArraySlice<Double>, gradients: ArraySlice<Double>, scale: [Double]) {
    let n = scale.count
    let rows = draws.count / max(1, n)
    guard rows >= 3 else { return nil }
    let inverse = scale.map { 1 / $0 }
    let shrinkage = Self.shrinkage(rows: rows, dimension: n)
    let positions = Self.centred(draws, scaledBy: inverse)
    let forces = Self.centred(gradients, scaledBy: scale)
    let spread = Self.covariance(positions, positions)
    let force = Self.covariance(forces, forces)
    guard
      let mean = Self.geometricMean(
        Self.shrunk(spread, by: shrinkage), inverseOf: Self.shrunk(force, by: shrinkage)),
      let factor = cholesky(mean)
    else { return nil }
    self.init(positions, forces, relative: mean, factor: factor, scale: scale)
  }

  /// From the covariance of the draws, Stan's regularisation applied to the correlation matrix; the
  /// gradients serve `nonlinearity` alone.
  init?(stanFrom draws: ArraySlice<Double>, gradients: ArraySlice<Double>, dimension n: Int) {
    let rows = draws.count / max(1, n)
    guard rows >= 3 else { return nil }
    let raw = Self.centred(draws, scaledBy: Array(repeating: 1, count: n))
    let products = Self.covariance(raw, raw)
    let scale = (0..<n).map { sqrt(products[$0, $0]) }
    guard scale.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let positions = Self.centred(draws, scaledBy: scale.map { 1 / $0 })
    let spread = Self.covariance(positions, positions)
    let weight = Double(rows) / (Double(rows) + 5)
    let relative = Self.combined(weight, spread, plus: 1e-3 * (1 - weight))
    guard let factor = cholesky(relative) else { return nil }
    let forces = Self.centred(gradients, scaledBy: scale)
    self.init(positions, forces, relative: relative, factor: factor, scale: scale)
  }

  private init?(
    _ positions: DenseMatrix, _ forces: DenseMatrix, relative: DenseMatrix, factor: DenseMatrix,
    scale: [Double]
  ) {
    let n = scale.count
    (self.positions, self.forces, self.factor) = (positions, forces, factor)
    gain = DensePayoff.gain(covariance: relative, factor: factor)
    var scaled = factor.values
    for i in 0..<n { for j in 0...i { scaled[i * n + j] *= scale[i] } }
    guard gain.isFinite, scaled.allSatisfy(\.isFinite) else { return nil }
    triangle = scaled
  }

  /// The positive definite Σ with Σ B Σ = A: the geometric mean of A and B⁻¹.
  ///
  /// With B = L Lᵀ and the eigenvectors V and eigenvalues d of Lᵀ A L it is Σ = X Xᵀ with
  /// X = L⁻ᵀ V d^¼, positive definite by construction. `nil` if B is not.
  private static func geometricMean(_ a: DenseMatrix, inverseOf b: DenseMatrix) -> DenseMatrix? {
    guard let lower = cholesky(b) else { return nil }
    let inner = lower.transposed().multiply(a).multiply(lower)
    guard let eigen = symmetricEigen(inner), eigen.values.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    let n = a.rows
    var root = solveTriangular(lower: lower, eigen.vectors, transposed: true).values
    let weights = eigen.values.map { sqrt(sqrt($0)) }
    for i in 0..<n { for k in 0..<n { root[i * n + k] *= weights[k] } }
    let factor = DenseMatrix(rows: n, columns: n, values: root)
    return factor.multiply(factor.transposed())
  }

  /// The weight of the identity in the shrunk covariances.
  static func shrinkage(rows: Int, dimension: Int) -> Double {
    1e-5 + 1e-3 * min(1, Double(dimension) / Double(rows))
  }

  /// The largest share, over directions, of a gradient's variance that no linear function of the
  /// position explains: 0 for a normal posterior, however few the draws are, towards 1 where the
  /// curvature changes along the posterior, in a funnel above all.
  ///
  /// One minus the square of the smallest canonical correlation of draws and gradients, after both
  /// were whitened, which changes nothing but keeps the numbers of order 1. 1 if a covariance is
  /// not positive definite.
  ///
  /// Reference: Hotelling 1936, "Relations between two sets of variates", Biometrika 28(3/4),
  /// doi 10.1093/biomet/28.3-4.321.
  func nonlinearity() -> Double {
    let spread = Self.covariance(positions, positions)
    let force = Self.covariance(forces, forces)
    let cross = Self.covariance(positions, forces)
    let half = solveTriangular(lower: factor, spread).transposed()
    guard
      let ofDraws = cholesky(solveTriangular(lower: factor, half)),
      let ofGradients = cholesky(factor.transposed().multiply(force).multiply(factor))
    else { return 1 }
    let between = solveTriangular(lower: factor, cross).multiply(factor)
    let left = solveTriangular(lower: ofDraws, between).transposed()
    let correlations = solveTriangular(lower: ofGradients, left)
    let explained = correlations.multiply(correlations.transposed())
    let residual = Self.combined(-1, explained, plus: 1)
    return min(1, max(0, DensePayoff.largestEigenvalue(of: residual)))
  }

  /// Rows less their mean, each component times its factor.
  private static func centred(_ rows: ArraySlice<Double>, scaledBy factors: [Double]) -> DenseMatrix
  {
    let n = factors.count
    let count = rows.count / n
    var centred = Array(rows)
    for j in 0..<n {
      var mean = 0.0
      for k in 0..<count { mean += centred[k * n + j] }
      mean /= Double(count)
      for k in 0..<count { centred[k * n + j] = (centred[k * n + j] - mean) * factors[j] }
    }
    return DenseMatrix(rows: count, columns: n, values: centred)
  }

  private static func covariance(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
    combined(1 / Double(a.rows - 1), a.transposed().multiply(b), plus: 0)
  }

  private static func shrunk(_ matrix: DenseMatrix, by shrinkage: Double) -> DenseMatrix {
    combined(1 - shrinkage, matrix, plus: shrinkage)
  }

  /// `weight` times a square matrix, plus a multiple of the identity.
  private static func combined(
    _ weight: Double, _ matrix: DenseMatrix, plus diagonal: Double
  ) -> DenseMatrix {
    let n = matrix.rows
    // An array of its own: element by element through the matrix would copy it each time.
    var values = matrix.values.map { weight * $0 }
    for i in 0..<n { values[i * n + i] += diagonal }
    return DenseMatrix(rows: n, columns: n, values: values)
  }
}
