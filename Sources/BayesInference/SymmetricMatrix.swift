// Small symmetric matrices: Cholesky factor, eigenvalues, geometric mean.

import Glibc

/// A symmetric matrix of modest size, row-major.
struct SymmetricMatrix: Equatable {
  let dimension: Int
  var values: [Double]

  init(dimension: Int, values: [Double]) {
    precondition(values.count == dimension * dimension)
    self.dimension = dimension
    self.values = values
  }

  subscript(i: Int, j: Int) -> Double {
    get { values[i * dimension + j] }
    set { values[i * dimension + j] = newValue }
  }

  /// The lower triangular L with L Lᵀ = self, or `nil` if self is not positive definite.
  func cholesky() -> [Double]? {
    let n = dimension
    var factor = [Double](repeating: 0, count: n * n)
    return values.withUnsafeBufferPointer { a in
      factor.withUnsafeMutableBufferPointer { l -> Bool in
        for i in 0..<n {
          for j in 0...i {
            var sum = a[i * n + j]
            for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
            if i == j {
              guard sum > 0, sum.isFinite else { return false }
              l[i * n + i] = sqrt(sum)
            } else {
              l[i * n + j] = sum / l[j * n + j]
            }
          }
        }
        return true
      }
    } ? factor : nil
  }

  /// Eigenvalues, and eigenvectors as the rows of `vectors`, by cyclic Jacobi rotations.
  ///
  /// Small elements are computed to high relative accuracy; about 8 sweeps of 4n³ operations.
  ///
  /// Reference: Golub, Van Loan 2013, Matrix Computations, section 8.5.
  func eigen() -> (values: [Double], vectors: [Double]) {
    let n = dimension
    var a = values
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeMutableBufferPointer { v in
        for _ in 0..<30 {
          var rotations = 0
          for p in 0..<max(0, n - 1) {
            for q in (p + 1)..<n {
              let off = a[p * n + q]
              let scale = sqrt(abs(a[p * n + p] * a[q * n + q]))
              if abs(off) <= 1e-15 * scale || off == 0 { continue }
              rotations += 1
              let theta = (a[q * n + q] - a[p * n + p]) / (2 * off)
              let t = (theta >= 0 ? 1 : -1) / (abs(theta) + sqrt(theta * theta + 1))
              let c = 1 / sqrt(t * t + 1)
              let s = t * c
              for k in 0..<n {
                let x = a[k * n + p]
                let y = a[k * n + q]
                a[k * n + p] = c * x - s * y
                a[k * n + q] = s * x + c * y
              }
              for k in 0..<n {
                let x = a[p * n + k]
                let y = a[q * n + k]
                a[p * n + k] = c * x - s * y
                a[q * n + k] = s * x + c * y
                let z = v[p * n + k]
                let w = v[q * n + k]
                v[p * n + k] = c * z - s * w
                v[q * n + k] = s * z + c * w
              }
              a[p * n + q] = 0
              a[q * n + p] = 0
            }
          }
          if rotations == 0 { break }
        }
      }
    }
    return ((0..<n).map { a[$0 * n + $0] }, v)
  }

  /// The positive definite Σ with Σ B Σ = self: the geometric mean of self and B⁻¹.
  ///
  /// With B = L Lᵀ: Σ = L⁻ᵀ (Lᵀ A L)^½ L⁻¹. `nil` if B is not positive definite.
  func geometricMean(withInverseOf b: SymmetricMatrix) -> SymmetricMatrix? {
    let n = dimension
    guard let l = b.cholesky() else { return nil }
    let inner = congruence(lower: l).eigen()
    // Rows of `w` become V diag(d^¼) rows solved with Lᵀ, so that Σ = Σ_k w_k w_kᵀ.
    var w = inner.vectors
    for k in 0..<n {
      guard inner.values[k] > 0, inner.values[k].isFinite else { return nil }
      let root = sqrt(sqrt(inner.values[k]))
      for i in stride(from: n - 1, through: 0, by: -1) {
        var sum = w[k * n + i] * root
        for j in (i + 1)..<max(n, i + 1) { sum -= l[j * n + i] * w[k * n + j] }
        w[k * n + i] = sum / l[i * n + i]
      }
    }
    return SymmetricMatrix(sumOfOuterProducts: w, rows: n, dimension: n)
  }

  /// Σ_k row_k row_kᵀ over the rows of a row-major matrix.
  init(sumOfOuterProducts rows: [Double], rows count: Int, dimension n: Int) {
    dimension = n
    values = [Double](repeating: 0, count: n * n)
    values.withUnsafeMutableBufferPointer { out in
      rows.withUnsafeBufferPointer { rows in
        for k in 0..<count {
          let row = rows.baseAddress.unsafelyUnwrapped + k * n
          for i in 0..<n {
            let factor = row[i]
            for j in 0...i { out[i * n + j] += factor * row[j] }
          }
        }
        for i in 0..<n { for j in 0..<i { out[j * n + i] = out[i * n + j] } }
      }
    }
  }

  /// Lᵀ self L for a lower triangular L.
  private func congruence(lower l: [Double]) -> SymmetricMatrix {
    let n = dimension
    var half = [Double](repeating: 0, count: n * n)  // self · L
    for i in 0..<n {
      for k in 0..<n {
        let a = values[i * n + k]
        for j in 0...k { half[i * n + j] += a * l[k * n + j] }
      }
    }
    var result = SymmetricMatrix(dimension: n, values: [Double](repeating: 0, count: n * n))
    for k in 0..<n {
      for i in 0...k {
        let factor = l[k * n + i]
        for j in 0..<n { result.values[i * n + j] += factor * half[k * n + j] }
      }
    }
    for i in 0..<n {
      for j in 0..<i {
        let mean = 0.5 * (result[i, j] + result[j, i])
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }
}
