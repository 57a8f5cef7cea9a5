// Cholesky factors and what follows from them: triangular systems and log determinants.

import COpenBLAS
import Glibc

/// The lower Cholesky factor `L` of a symmetric matrix, `L·Lᵀ = matrix`; `nil` when the matrix is
/// not positive definite in floating point, or has an element that is not finite.
///
/// Only the lower triangle is read; the upper triangle of the result is 0.
///
/// - Precondition: the matrix is square.
public func cholesky(_ matrix: DenseMatrix) -> DenseMatrix? {
  precondition(matrix.rows == matrix.columns, "a square matrix")
  let size = matrix.rows
  guard size > 0 else { return matrix }
  var factor = matrix
  for i in 0..<size {
    for j in 0..<size where j > i || !factor[i, j].isFinite {
      guard j > i else { return nil }
      factor[i, j] = 0
    }
  }
  if size <= SmallMatrices.limit {
    return SmallMatrices.cholesky(factor.values, size: size).map {
      DenseMatrix(rows: size, columns: size, values: $0)
    }
  }
  var n = blasSize(size)
  var status: Int32 = 0
  // LAPACK is column-major: our lower triangle is its upper one.
  dpotrf_("U", &n, &factor.values, &n, &status)
  return status == 0 ? factor : nil
}

/// The solution of `L·x = b`, or of `Lᵀ·x = b` when `transposed`, for a lower triangular `L`.
///
/// Only the lower triangle is read. A zero on the diagonal gives infinities or NaN.
///
/// - Precondition: `lower` is square and as large as `b`.
public func solveTriangular(
  lower: DenseMatrix, _ b: [Double], transposed: Bool = false
) -> [Double] {
  precondition(lower.rows == lower.columns && lower.rows == b.count, "sizes agree")
  guard !b.isEmpty else { return b }
  if b.count <= SmallMatrices.limit {
    return SmallMatrices.solve(
      lower: lower.values, b, size: b.count, columns: 1, transposed: transposed)
  }
  var x = b
  cblas_dtrsv(
    CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
    blasSize(b.count), lower.values, blasSize(b.count), &x, 1)
  return x
}

/// The solution of `L·X = B`, or of `Lᵀ·X = B` when `transposed`, for all columns of `B` at once.
///
/// - Precondition: `lower` is square with as many rows as `B`.
public func solveTriangular(
  lower: DenseMatrix, _ b: DenseMatrix, transposed: Bool = false
) -> DenseMatrix {
  precondition(lower.rows == lower.columns && lower.rows == b.rows, "sizes agree")
  guard !b.values.isEmpty else { return b }
  if b.rows <= SmallMatrices.limit {
    return DenseMatrix(
      rows: b.rows, columns: b.columns,
      values: SmallMatrices.solve(
        lower: lower.values, b.values, size: b.rows, columns: b.columns, transposed: transposed))
  }
  var x = b
  cblas_dtrsm(
    CblasRowMajor, CblasLeft, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
    blasSize(b.rows), blasSize(b.columns), 1, lower.values, blasSize(lower.columns), &x.values,
    blasSize(b.columns))
  return x
}

/// `log det(L·Lᵀ) = 2 Σ log Lᵢᵢ` of a Cholesky factor.
///
/// - Precondition: the factor is square.
public func logDeterminant(ofCholesky lower: DenseMatrix) -> Double {
  precondition(lower.rows == lower.columns, "a square matrix")
  var sum = 0.0
  for i in 0..<lower.rows { sum += log(lower[i, i]) }
  return 2 * sum
}
