// Estimates a dense inverse metric from draws and gradients.

import BayesNumerics
import Glibc

/// A dense inverse metric, relative to a diagonal one.
struct DenseEstimate {
  /// The lower triangular W with M⁻¹ = W Wᵀ, row-major.
  let triangle: [Double]
  /// Leapfrog steps under the diagonal metric over those under this one; see `DensePayoff`.
  let gain: Double

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
    let spread = Self.covariance(draws, scaledBy: inverse, shrinkage: shrinkage)
    let force = Self.covariance(gradients, scaledBy: scale, shrinkage: shrinkage)
    guard let mean = Self.geometricMean(spread, inverseOf: force) else { return nil }
    self.init(relative: mean, scale: scale)
  }

  /// From draws alone, Stan's regularisation applied to the correlation matrix.
  init?(draws: ArraySlice<Double>, dimension n: Int) {
    let rows = draws.count / max(1, n)
    guard rows >= 3 else { return nil }
    let raw = Self.covariance(draws, scaledBy: Array(repeating: 1, count: n), shrinkage: 0)
    let scale = (0..<n).map { sqrt(raw[$0, $0]) }
    guard scale.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var relative = raw.values
    let weight = Double(rows) / (Double(rows) + 5)
    for i in 0..<n {
      for j in 0..<n { relative[i * n + j] *= weight / (scale[i] * scale[j]) }
      relative[i * n + i] = weight + 1e-3 * (1 - weight)
    }
    self.init(relative: DenseMatrix(rows: n, columns: n, values: relative), scale: scale)
  }

  private init?(relative: DenseMatrix, scale: [Double]) {
    let n = scale.count
    guard let factor = cholesky(relative) else { return nil }
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

  private static func covariance(
    _ rows: ArraySlice<Double>, scaledBy factors: [Double], shrinkage: Double
  ) -> DenseMatrix {
    let n = factors.count
    let count = rows.count / n
    var centred = Array(rows)
    for j in 0..<n {
      var mean = 0.0
      for k in 0..<count { mean += centred[k * n + j] }
      mean /= Double(count)
      for k in 0..<count { centred[k * n + j] = (centred[k * n + j] - mean) * factors[j] }
    }
    let matrix = DenseMatrix(rows: count, columns: n, values: centred)
    var values = matrix.transposed().multiply(matrix).values
    let weight = (1 - shrinkage) / Double(count - 1)
    for i in values.indices { values[i] *= weight }
    for i in 0..<n { values[i * n + i] += shrinkage }
    return DenseMatrix(rows: n, columns: n, values: values)
  }
}
