// The product of a matrix's transpose with itself, summed over blocks of rows.

import COpenBLAS

/// Adds `factor · RᵀR` to the lower triangle of a matrix, for the first `count` rows of R.
///
/// Both are row-major; the matrix is square with R's `columns`, and its upper triangle stays as it is. Nothing is
/// allocated, so that a long R can come in blocks of rows.
///
/// - Precondition: `rows` holds at least `count` rows, and `matrix` has `columns²` elements.
public func addGram(
  ofRows rows: [Double], count: Int, columns: Int, factor: Double = 1, to matrix: inout [Double]
) {
  precondition(count >= 0 && columns >= 0, "sizes are not negative")
  precondition(rows.count >= count * columns, "as many rows as said")
  precondition(matrix.count == columns * columns, "a square matrix")
  guard count > 0, columns > 0 else { return }
  let size = blasSize(columns)
  cblas_dsyrk(
    CblasRowMajor, CblasLower, CblasTrans, size, blasSize(count), factor, rows, size, 1, &matrix,
    size)
}
