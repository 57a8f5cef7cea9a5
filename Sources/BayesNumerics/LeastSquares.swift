// Orthogonal factors of tall matrices, and least squares by them.

import COpenBLAS

/// The upper triangular factor `R` of `matrix = Q·R`, where `Q` has orthonormal columns.
///
/// `R` has `min(rows, columns)` rows and a diagonal that is not negative; `RᵀR` is
/// `matrixᵀ·matrix`. `Q` is never formed and the matrix is not copied.
///
/// - Complexity: 2·rows·columns² operations.
public func qrFactor(_ matrix: DenseMatrix) -> DenseMatrix {
  var factor = TallFactor(columns: matrix.columns)
  matrix.values.withUnsafeBufferPointer { values in
    factor.append(rows: matrix.rows) { values[$0 * matrix.columns + $1] }
  }
  return factor.factor()
}

/// What a least-squares problem reduces to.
///
/// For every vector `b` of coefficients, whatever the rank,
///
/// ```
/// ‖response − design·b‖² = ‖R·(b − coefficients)‖² + residualSumOfSquares
/// ```
public struct LeastSquaresFactor: Sendable {
  /// The triangular factor of the design, `min(rows, columns) × columns`, with a diagonal that is
  /// not negative.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  public let R: DenseMatrix
  /// One coefficient per column of the design.
  public let coefficients: [Double]
  /// The least sum of squared residuals, that of `coefficients`.
  public let residualSumOfSquares: Double
  /// The number of linearly independent columns, as far as rounding lets tell.
  public let rank: Int
}

/// Reduces the least-squares problem of a design and a response by Householder's orthogonal factors.
///
/// The design and the response are factored together: the response's column of the factor holds
/// the reduced response and the residual's length, and the normal equations, which would square the
/// condition number, are never formed. Columns are scaled to unit length before the rank is judged, so
/// that units do not matter; a direction whose reciprocal condition is below
/// `max(rows, columns) · 2⁻⁵²` counts as dependent. When the rank is deficient the coefficients are
/// those of least norm in the scaled columns.
///
/// `design` is given by its columns. Elements that are not finite give NaN results and rank 0.
///
/// - Precondition: the columns have one element per element of `response`.
/// - Complexity: 2·rows·columns² operations, memory for one block of rows.
///
/// Reference: Golub, Van Loan 2013, "Matrix Computations", sections 5.3 and 5.5.
public func leastSquaresFactor(design: [[Double]], response: [Double]) -> LeastSquaresFactor {
  let (rows, columns) = (response.count, design.count)
  precondition(design.allSatisfy { $0.count == rows }, "columns are as long as the response")
  var tall = TallFactor(columns: columns + 1)
  tall.append(rows: rows) { row, column in
    column < columns ? design[column][row] : response[row]
  }
  let joint = tall.factor()
  let kept = Swift.min(rows, columns)
  var factor = DenseMatrix(rows: kept, columns: columns)
  for i in 0..<kept {
    for j in i..<columns { factor[i, j] = joint[i, j] }
  }
  let reduced = (0..<kept).map { joint[$0, columns] }
  let beyond = rows > columns ? joint[columns, columns] : 0
  let (coefficients, rank) = scaledSolution(factor, reduced, rows: rows)
  let misfit = zip(reduced, factor.multiply(coefficients)).map { $0 - $1 }
  return LeastSquaresFactor(
    R: factor, coefficients: coefficients,
    residualSumOfSquares: misfit.reduce(beyond * beyond) { $0 + $1 * $1 }, rank: rank)
}

/// The solution of least norm, after scaling columns to unit length, of `factor·x ≈ reduced`.
private func scaledSolution(
  _ factor: DenseMatrix, _ reduced: [Double], rows: Int
) -> (coefficients: [Double], rank: Int) {
  let (m, n) = (factor.rows, factor.columns)
  guard m > 0, n > 0 else { return (Array(repeating: 0, count: n), 0) }
  guard factor.values.allSatisfy(\.isFinite), reduced.allSatisfy(\.isFinite) else {
    return (Array(repeating: .nan, count: n), 0)
  }
  var matrix = factor.transposed().values
  let lengths = (0..<n).map { cblas_dnrm2(blasSize(m), Array(matrix[$0 * m..<($0 + 1) * m]), 1) }
  for j in 0..<n where lengths[j] > 0 {
    for i in 0..<m { matrix[j * m + i] /= lengths[j] }
  }
  var solution = reduced + Array(repeating: 0, count: Swift.max(0, n - m))
  var pivots = [Int32](repeating: 0, count: n)
  var (size, width, one, longest) = (blasSize(m), blasSize(n), Int32(1), blasSize(Swift.max(m, n)))
  var threshold = Double(Swift.max(rows, n)) * 0x1p-52
  var (rank, status) = (Int32(0), Int32(0))
  var work = [Double](repeating: 0, count: 2 * Swift.min(m, n) + 64 * (n + 2))
  var workSize = blasSize(work.count)
  dgelsy_(
    &size, &width, &one, &matrix, &size, &solution, &longest, &pivots, &threshold, &rank, &work,
    &workSize, &status)
  precondition(status == 0, "dgelsy takes these arguments")
  return ((0..<n).map { lengths[$0] > 0 ? solution[$0] / lengths[$0] : 0 }, Int(rank))
}
