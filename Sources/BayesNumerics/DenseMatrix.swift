// A dense matrix of doubles, row after row, and its products.

import COpenBLAS

/// A dense matrix in row-major order.
///
/// The empty matrix, with no rows or no columns, is a matrix like any other.
public struct DenseMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row; `rows × columns` of them.
  public var values: [Double] {
    didSet { precondition(values.count == rows * columns, "one value per element") }
  }

  /// A matrix of the given elements, row after row.
  ///
  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: [Double]) {
    precondition(rows >= 0 && columns >= 0, "sizes are not negative")
    precondition(values.count == rows * columns, "one value per element")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix with one value everywhere.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(
      rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  /// The identity matrix.
  public static func identity(_ size: Int) -> DenseMatrix {
    var result = DenseMatrix(rows: size, columns: size)
    for i in 0..<size { result[i, i] = 1 }
    return result
  }

  /// The element of a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> Double {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "inside the matrix")
      return values[row * columns + column]
    }
    _modify {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "inside the matrix")
      yield &values[row * columns + column]
    }
  }

  /// The matrix with rows and columns exchanged.
  public func transposed() -> DenseMatrix {
    var result = [Double](repeating: 0, count: values.count)
    for i in 0..<rows {
      for j in 0..<columns { result[j * rows + i] = values[i * columns + j] }
    }
    return DenseMatrix(rows: columns, columns: rows, values: result)
  }

  /// The matrix product `self · other`.
  ///
  /// - Precondition: `columns == other.rows`.
  public func multiply(_ other: DenseMatrix) -> DenseMatrix {
    precondition(columns == other.rows, "inner sizes agree")
    if Swift.max(rows, other.columns) <= SmallMatrices.limit {
      return DenseMatrix(
        rows: rows, columns: other.columns,
        values: SmallMatrices.product(
          values, other.values, rows: rows, inner: columns, columns: other.columns))
    }
    var result = DenseMatrix(rows: rows, columns: other.columns)
    guard !result.values.isEmpty, columns > 0 else { return result }
    result.values.withUnsafeMutableBufferPointer { product in
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasSize(rows), blasSize(other.columns),
        blasSize(columns), 1, values, blasSize(columns), other.values, blasSize(other.columns), 0,
        product.baseAddress, blasSize(other.columns))
    }
    return result
  }

  /// The product `self · vector`.
  ///
  /// - Precondition: `columns == vector.count`.
  public func multiply(_ vector: [Double]) -> [Double] {
    precondition(columns == vector.count, "inner sizes agree")
    if rows <= SmallMatrices.limit {
      return SmallMatrices.product(values, vector, rows: rows, inner: columns, columns: 1)
    }
    var result = [Double](repeating: 0, count: rows)
    guard rows > 0, columns > 0 else { return result }
    cblas_dgemv(
      CblasRowMajor, CblasNoTrans, blasSize(rows), blasSize(columns), 1, values,
      blasSize(columns), vector, 1, 0, &result, 1)
    return result
  }
}

/// A size as BLAS and LAPACK take it.
func blasSize(_ size: Int) -> Int32 {
  Int32(size)
}

/// Sets how many threads OpenBLAS may use in this process; 1 while chains run in parallel.
public func setBLASThreads(_ count: Int) {
  openblas_set_num_threads(blasSize(Swift.max(1, count)))
}
