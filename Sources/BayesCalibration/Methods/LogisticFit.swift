// Logistic regression on a few columns, by Newton's method with step halving.

import BayesNumerics
import Glibc

/// The coefficients `w` that minimise Σ log(1 + exp(η)) − t η with η = Σ w_j x_j, and what is known of them.
struct LogisticFit: Sendable {
  let coefficients: [Double]
  /// Square roots of the diagonal of the inverse Hessian.
  let standardErrors: [Double]
  /// The sum of negative log-likelihoods at the minimum.
  let value: Double

  /// Minimises over all coefficients; `targets` lie in [0, 1].
  ///
  /// Under separation, complete or not, some steps never shrink; that they did is the test of convergence. Columns are brought to
  /// size 1 first, so that their unit does not matter.
  ///
  /// - Throws: `CalibrationError`: `.separable` where steps did not shrink and no row is on the wrong side, else `.notConverged`.
  init(columns given: [[Double]], targets: [Double], offset: [Double]? = nil, method: String) throws
  {
    let sizes = given.map { column in
      let size = column.reduce(0) { Swift.max($0, abs($1)) }
      return size > 0 ? size : 1
    }
    let columns = zip(given, sizes).map { column, size in column.map { $0 / size } }
    var work = LogisticWork(columns: columns, targets: targets, offset: offset)
    var w = [Double](repeating: 0, count: columns.count)
    var value = work.evaluate(w)
    // What a sum of so many terms may be off by: beyond it no halving of a step makes a smaller value.
    let rounding = 1e-14 + 1e-15 * Double(targets.count).squareRoot()
    for _ in 0..<100 {
      guard let lower = cholesky(work.hessian) else { break }
      let half = solveTriangular(lower: lower, work.gradient)
      let step = solveTriangular(lower: lower, half, transposed: true)
      guard step.allSatisfy(\.isFinite) else { break }
      let isLast = zip(step, w).allSatisfy { abs($0) <= 1e-9 * (1e-3 + abs($1)) }
      var scale = 1.0
      var next = w
      var nextValue = value
      for _ in 0..<60 {
        for j in w.indices { next[j] = w[j] - scale * step[j] }
        nextValue = work.evaluate(next)
        if nextValue <= value + rounding * abs(value) { break }
        scale /= 2
      }
      (w, value) = (next, nextValue)
      if isLast {
        guard let factor = cholesky(work.hessian) else { break }
        coefficients = zip(w, sizes).map { $0 / $1 }
        self.value = value
        standardErrors = w.indices.map { j in
          let unit = w.indices.map { $0 == j ? 1.0 : 0 }
          return solveTriangular(lower: factor, unit).reduce(0) { $0 + $1 * $1 }.squareRoot()
            / sizes[j]
        }
        return
      }
    }
    throw work.separates(w)
      ? CalibrationError.separable(method: method) : .notConverged(method: method)
  }
}

/// One evaluation: the value, and as a side effect gradient and Hessian.
private struct LogisticWork {
  let columns: [[Double]]
  let targets: [Double]
  let offset: [Double]?
  var linear: [Double]
  var weights: [Double]
  var gradient: [Double]
  var hessian: DenseMatrix

  init(columns: [[Double]], targets: [Double], offset: [Double]?) {
    self.columns = columns
    self.targets = targets
    self.offset = offset
    linear = targets
    weights = targets
    gradient = Array(repeating: 0, count: columns.count)
    hessian = DenseMatrix(rows: columns.count, columns: columns.count)
  }

  private mutating func writeLinear(_ w: [Double]) {
    for i in targets.indices { linear[i] = offset?[i] ?? 0 }
    for (j, column) in columns.enumerated() {
      for i in targets.indices { linear[i] += w[j] * column[i] }
    }
  }

  /// Whether no row is on the wrong side of the hyperplane.
  mutating func separates(_ w: [Double]) -> Bool {
    writeLinear(w)
    return zip(linear, targets).allSatisfy { $0 * ($1 - 0.5) >= 0 }
  }

  mutating func evaluate(_ w: [Double]) -> Double {
    let n = targets.count
    writeLinear(w)
    var value = 0.0
    for i in 0..<n {
      let eta = linear[i]
      let e = exp(-abs(eta))
      let p = eta >= 0 ? 1 / (1 + e) : e / (1 + e)
      // log(1 + exp η) − t η, arranged so that nothing large cancels.
      value += log1p(e) + (eta >= 0 ? (1 - targets[i]) * eta : -targets[i] * eta)
      weights[i] = e / ((1 + e) * (1 + e))
      linear[i] = p - targets[i]
    }
    for j in columns.indices {
      var slope = 0.0
      for i in 0..<n { slope += linear[i] * columns[j][i] }
      gradient[j] = slope
      for k in 0...j {
        var sum = 0.0
        for i in 0..<n { sum += weights[i] * columns[j][i] * columns[k][i] }
        hessian[j, k] = sum
        hessian[k, j] = sum
      }
    }
    return value
  }
}
