// The triangular factor of a tall matrix, read in blocks of rows that stay in cache.

import COpenBLAS

/// The upper triangular factor `R` of a matrix whose rows come in blocks.
///
/// Each block is stacked below the factor so far and the stack is factored by Householder
/// reflections, so that memory is one block whatever the number of rows, and each block is read
/// once from memory instead of once per column.
///
/// Reference: Demmel, Grigori, Hoemmen, Langou 2012, "Communication-optimal parallel and sequential
/// QR and LU factorizations", SIAM J. Sci. Comput. 34(1), doi 10.1137/080731992.
struct TallFactor {
  private let columns: Int
  private let capacity: Int
  /// Column-major, `capacity` rows; the first `filled` of them are in use.
  private var stack: [Double]
  private var filled = 0
  private var reflectors: [Double]
  private var work: [Double]

  /// Doubles in a block: 256 KiB, which a second-level cache holds.
  private static let blockSize = 32_768

  init(columns: Int) {
    self.columns = columns
    capacity = columns + Swift.max(2 * columns, Self.blockSize / Swift.max(1, columns))
    stack = Array(repeating: 0, count: capacity * columns)
    reflectors = Array(repeating: 0, count: columns)
    // Room for LAPACK's widest panels.
    work = Array(repeating: 0, count: Swift.max(1, 64 * columns))
  }

  /// Takes in `count` rows; `element` gives the value at a row and a column.
  mutating func append(rows count: Int, element: (Int, Int) -> Double) {
    var next = 0
    while next < count {
      if filled == capacity { reduce() }
      let taken = Swift.min(capacity - filled, count - next)
      stack.withUnsafeMutableBufferPointer { stack in
        for j in 0..<columns {
          for i in 0..<taken { stack[j * capacity + filled + i] = element(next + i, j) }
        }
      }
      filled += taken
      next += taken
    }
  }

  /// The factor: `min(rows, columns)` rows and a diagonal that is not negative.
  mutating func factor() -> DenseMatrix {
    reduce()
    var result = DenseMatrix(rows: filled, columns: columns)
    for i in 0..<filled {
      let sign: Double = stack[i * capacity + i] < 0 ? -1 : 1
      for j in i..<columns { result[i, j] = sign * stack[j * capacity + i] }
    }
    return result
  }

  /// Replaces the rows in use by their triangular factor.
  private mutating func reduce() {
    guard filled > 0, columns > 0 else { return }
    var (m, n, lead) = (blasSize(filled), blasSize(columns), blasSize(capacity))
    var (workSize, status) = (blasSize(work.count), Int32(0))
    dgeqrf_(&m, &n, &stack, &lead, &reflectors, &work, &workSize, &status)
    precondition(status == 0, "dgeqrf takes these arguments")
    let kept = Swift.min(filled, columns)
    for j in 0..<columns {
      for i in Swift.min(j + 1, kept)..<kept { stack[j * capacity + i] = 0 }
    }
    filled = kept
  }
}
