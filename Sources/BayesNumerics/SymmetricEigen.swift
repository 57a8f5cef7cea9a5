// Eigenvalues and eigenvectors of symmetric matrices.

import COpenBLAS

/// The eigenvalues, ascending, and the eigenvectors of a symmetric matrix.
///
/// Column k of `vectors` belongs to `values[k]`; the columns are orthonormal. Only the lower
/// triangle is read. `nil` when an element there is not finite, or when the iteration fails.
///
/// - Precondition: the matrix is square.
public func symmetricEigen(
  _ matrix: DenseMatrix
) -> (values: [Double], vectors: DenseMatrix)? {
  precondition(matrix.rows == matrix.columns, "a square matrix")
  let size = matrix.rows
  guard size > 0 else { return ([], matrix) }
  for i in 0..<size {
    for j in 0...i where !matrix[i, j].isFinite { return nil }
  }
  if size <= SmallMatrices.limit {
    return SmallMatrices.eigen(matrix.values, size: size).map {
      ($0.values, DenseMatrix(rows: size, columns: size, values: $0.rows).transposed())
    }
  }
  var vectors = matrix
  var values = [Double](repeating: 0, count: size)
  var work = [Double](repeating: 0, count: 66 * size)
  var (n, workSize, status) = (blasSize(size), blasSize(work.count), Int32(0))
  // LAPACK is column-major: our lower triangle is its upper one, its columns are our rows.
  dsyev_("V", "U", &n, &vectors.values, &n, &values, &work, &workSize, &status)
  return status == 0 ? (values, vectors.transposed()) : nil
}
