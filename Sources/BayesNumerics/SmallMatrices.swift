// Linear algebra of matrices up to 16 rows in plain loops.

import Glibc

/// Small matrices do without OpenBLAS, whose first calls in a process and a thread cost a third of a
/// millisecond (binding its symbols, mapping its buffers): more than a small model's whole warmup may
/// spend on its metric.
enum SmallMatrices {
  /// The largest number of rows and columns that count as small.
  static let limit = 16

  /// `a · b` for matrices of rows × inner and inner × columns.
  static func product(
    _ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { result in
          for i in 0..<rows {
            for k in 0..<inner {
              let factor = a[i &* inner &+ k]
              for j in 0..<columns {
                result[i &* columns &+ j] += factor * b[k &* columns &+ j]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The lower Cholesky factor of a matrix whose upper triangle is 0; `nil` if there is none.
  static func cholesky(_ matrix: [Double], size n: Int) -> [Double]? {
    var l = matrix
    for j in 0..<n {
      for k in 0..<j { l[j * n + j] -= l[j * n + k] * l[j * n + k] }
      guard l[j * n + j] > 0 else { return nil }
      l[j * n + j] = sqrt(l[j * n + j])
      for i in j + 1..<max(n, j + 1) {
        for k in 0..<j { l[i * n + j] -= l[i * n + k] * l[j * n + k] }
        l[i * n + j] /= l[j * n + j]
      }
    }
    return l
  }

  /// The solution of `L·X = B`, or of `Lᵀ·X = B`, for `columns` right-hand sides.
  static func solve(
    lower l: [Double], _ b: [Double], size n: Int, columns: Int, transposed: Bool
  ) -> [Double] {
    var x = b
    for step in 0..<n {
      let i = transposed ? n - 1 - step : step
      for k in transposed ? i + 1..<n : 0..<i {
        let factor = transposed ? l[k * n + i] : l[i * n + k]
        for j in 0..<columns { x[i * columns + j] -= factor * x[k * columns + j] }
      }
      for j in 0..<columns { x[i * columns + j] /= l[i * n + i] }
    }
    return x
  }

  /// Eigenvalues, ascending, and eigenvectors, in rows, of a symmetric matrix by cyclic Jacobi
  /// rotations, of which only the lower triangle is read; `nil` if 60 sweeps do not suffice.
  ///
  /// Reference: Golub, Van Loan 2013, Matrix Computations, 4th edition, section 8.5.
  static func eigen(_ matrix: [Double], size n: Int) -> (values: [Double], rows: [Double])? {
    var a = matrix
    for i in 0..<n { for j in 0..<i { a[j * n + i] = a[i * n + j] } }
    var vectors = [Double](repeating: 0, count: n * n)
    for i in 0..<n { vectors[i * n + i] = 1 }
    let total = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var rest = 0.0
      for i in 0..<n { for j in 0..<i { rest += 2 * a[i * n + j] * a[i * n + j] } }
      guard rest > 1e-32 * total else {
        let order = (0..<n).sorted { a[$0 * n + $0] < a[$1 * n + $1] }
        return (
          order.map { a[$0 * n + $0] }, order.flatMap { vectors[$0 * n..<$0 * n + n] }
        )
      }
      for p in 0..<n { for q in p + 1..<max(n, p + 1) { rotate(&a, &vectors, p, q, n) } }
    }
    return nil
  }

  /// One Jacobi rotation, which makes element (p, q) zero.
  private static func rotate(
    _ a: inout [Double], _ vectors: inout [Double], _ p: Int, _ q: Int, _ n: Int
  ) {
    guard a[p * n + q] != 0 else { return }
    let ratio = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
    let tangent = copysign(1, ratio) / (abs(ratio) + hypot(1, ratio))
    let cosine = 1 / hypot(1, tangent)
    let sine = tangent * cosine
    for k in 0..<n {
      let (x, y) = (a[k * n + p], a[k * n + q])
      a[k * n + p] = cosine * x - sine * y
      a[k * n + q] = sine * x + cosine * y
    }
    for k in 0..<n {
      let (x, y) = (a[p * n + k], a[q * n + k])
      a[p * n + k] = cosine * x - sine * y
      a[q * n + k] = sine * x + cosine * y
      let (v, w) = (vectors[p * n + k], vectors[q * n + k])
      vectors[p * n + k] = cosine * v - sine * w
      vectors[q * n + k] = sine * v + cosine * w
    }
    (a[p * n + q], a[q * n + p]) = (0, 0)
  }
}
