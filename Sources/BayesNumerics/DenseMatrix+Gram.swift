// The product of a matrix's transpose with itself, added to another matrix in place.

import COpenBLAS

extension DenseMatrix {
  /// Adds `factor · Rᵀ·R` to the lower triangle, for the first `count` rows of a row-major R as wide as the matrix.
  ///
  /// The upper triangle stays as it is. Nothing is allocated, so that a long R can come in blocks of rows.
  ///
  /// - Precondition: the matrix is square, and `rows` holds at least `count` rows.
  public mutating func addGram(ofRows rows: [Double], count: Int, factor: Double = 1) {
    precondition(self.rows == columns && count >= 0, "a square matrix")
    precondition(rows.count >= count * columns, "as many rows as said")
    guard count > 0, columns > 0 else { return }
    let size = blasSize(columns)
    cblas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, size, blasSize(count), factor, rows, size, 1, &values,
      size)
  }
}
