// The likelihood of an affine map of logits with its derivatives, and its penalised minimum by Newton's method.

import BayesNumerics
import Glibc

/// What is added to the mean negative log-likelihood of an affine map: convex, of the second degree.
struct AffinePenalty {
  /// The weight of the square of every unknown.
  var squares: [Double]
  /// Half of it is the weight of Σ_i (W_ii − W̄)², with W̄ the mean of the diagonal.
  var spread = 0.0
}

/// Mean negative log-likelihood plus penalty as a function of W and b, for logits times a constant.
///
/// Class i's unknowns are its row of W (its one factor where W is diagonal), then b_i. With probabilities p_i and
/// features x (the logits and a 1) the block of the Hessian of classes i ≠ m is −Σ p_i p_m x xᵀ: all of them are
/// −UᵀU for rows U of p_i x, which BLAS multiplies. Blocks on the diagonal, Σ p_i (1 − p_i) x xᵀ, are summed apart,
/// with 1 − p_i as the sum of the other probabilities, which is right also where it is tiny.
struct AffineLikelihood {
  let shape: AffineScaling.Shape
  let rows: Int
  let classes: Int
  /// The unknowns of a class: 2, or K + 1.
  let width: Int
  var penalty: AffinePenalty
  /// Where the likelihood was evaluated last, and what came out: its mean, the gradient, and the Hessian, row-major and
  /// in its lower triangle; all without the penalty.
  private var point: [Double] = []
  private var likelihood = 0.0
  private var gradient: [Double]
  private var curvature: [Double]

  private let labels: [Int]
  /// The scaled logits and a 1, rows × (K + 1).
  private let features: [Double]

  // Of a block of rows: p, p(1 − p), and p_i x for all classes.
  private let blockRows: Int
  private var probabilities: [Double]
  private var variances: [Double]
  private var products: [Double]
  /// The Hessian's blocks on the diagonal, one after the other.
  private var diagonalBlocks: [Double]

  /// The number of unknowns.
  var size: Int { classes * width }

  /// Where W_ii stands among the unknowns.
  func diagonal(_ i: Int) -> Int { i * width + (shape == .vector ? 0 : i) }
  /// Where b_i stands.
  func intercept(_ i: Int) -> Int { i * width + width - 1 }

  /// The likelihood without a penalty.
  init(_ predictions: MulticlassPredictions, _ shape: AffineScaling.Shape, scale: Double = 1) {
    let k = predictions.classCount
    self.shape = shape
    rows = predictions.count
    classes = k
    width = shape == .vector ? 2 : k + 1
    labels = predictions.labels
    var features: [Double] = []
    features.reserveCapacity(rows * (k + 1))
    for row in 0..<rows {
      for j in 0..<k { features.append(scale * predictions.logits.values[row * k + j]) }
      features.append(1)
    }
    self.features = features
    let size = k * width
    penalty = AffinePenalty(squares: Array(repeating: 0, count: size))
    gradient = Array(repeating: 0, count: size)
    curvature = Array(repeating: 0, count: size * size)
    // Products of 256 KiB, which a second-level cache holds.
    blockRows = Swift.max(16, Swift.min(256, 32_768 / size))
    probabilities = Array(repeating: 0, count: blockRows * k)
    variances = probabilities
    products = Array(repeating: 0, count: blockRows * size)
    diagonalBlocks = Array(repeating: 0, count: size * width)
  }

  /// W = 1 and b = 0.
  var identity: [Double] {
    var w = [Double](repeating: 0, count: size)
    for i in 0..<classes { w[diagonal(i)] = 1 }
    return w
  }

  /// A minimum with what is known there.
  struct Minimum {
    var unknowns: [Double]
    /// Mean negative log-likelihood plus penalty, and its derivatives; of the Hessian the lower triangle counts.
    var value: Double
    var gradient: [Double]
    var hessian: DenseMatrix
    /// Without the penalty.
    var meanNegativeLogLikelihood: Double
  }

  /// Newton's method; a small ridge on the Hessian stands for the directions that do not matter.
  ///
  /// Where a class can be told apart by its own logit the likelihood grows for ever along a direction: every step
  /// there has about the same length while the gradient falls e-fold. Small steps, not a small gradient, are
  /// therefore the test of convergence: `tolerance` is the length of the last one, whose square is about the error.
  ///
  /// - Throws: `CalibrationError.notConverged`.
  mutating func minimise(from start: [Double], tolerance: Double = 1e-8) throws -> Minimum {
    var best = evaluate(start)
    var damping = 1e-9
    for _ in 0..<100 {
      let scale = (0..<size).reduce(0) { Swift.max($0, best.hessian[$1, $1]) }
      var damped = best.hessian
      for i in 0..<size { damped[i, i] += damping * (best.hessian[i, i] + 1e-12 * scale) }
      guard let lower = cholesky(damped) else {
        damping *= 10
        if damping > 1e6 { break }
        continue
      }
      let half = solveTriangular(lower: lower, best.gradient)
      let step = solveTriangular(lower: lower, half, transposed: true)
      let next = evaluate(zip(best.unknowns, step).map { $0 - $1 })
      let isSmall = zip(step, next.unknowns).allSatisfy { abs($0) <= tolerance * (1 + abs($1)) }
      // At the end of the way the sum over rows differs by rounding alone, up or down.
      let rounding = isSmall ? 1e-12 : 1e-15
      guard next.value <= best.value + rounding * abs(best.value) else {
        damping = Swift.max(1e-9, damping * 10)
        if damping > 1e6 { break }
        continue
      }
      best = next
      damping = Swift.max(1e-12, damping / 10)
      if isSmall { return best }
    }
    throw CalibrationError.notConverged(method: "\(shape.rawValue) scaling")
  }

  /// The penalised likelihood at some unknowns.
  private mutating func evaluate(_ w: [Double]) -> Minimum {
    if point != w {
      clear()
      var start = 0
      while start < rows {
        let end = Swift.min(rows, start + blockRows)
        likelihood += fillProbabilities(start..<end, w)
        addDerivatives(start..<end)
        start = end
      }
      finish()
      point = w
    }
    return penalised(w)
  }

  /// The probabilities of some rows, their p(1 − p), and the sum of −log p of their labels.
  private mutating func fillProbabilities(_ range: Range<Int>, _ w: [Double]) -> Double {
    let (k, width, labels) = (classes, width, labels)
    let isVector = shape == .vector
    var sum = 0.0
    features.withUnsafeBufferPointer { features in
      w.withUnsafeBufferPointer { w in
        probabilities.withUnsafeMutableBufferPointer { p in
          variances.withUnsafeMutableBufferPointer { v in
            for row in range {
              let x = features.baseAddress! + row * (k + 1)
              let e = p.baseAddress! + (row - range.lowerBound) * k
              let variance = v.baseAddress! + (row - range.lowerBound) * k
              var top = 0
              for i in 0..<k {
                let own = w.baseAddress! + i * width
                var z = own[width - 1]
                if isVector {
                  z += own[0] * x[i]
                } else {
                  for j in 0..<k { z += own[j] * x[j] }
                }
                e[i] = z
                if z > e[top] { top = i }
              }
              let largest = e[top]
              let gap = largest - e[labels[row]]
              var others = 0.0
              for i in 0..<k {
                e[i] = exp(e[i] - largest)
                if i != top { others += e[i] }
              }
              sum += gap + log1p(others)
              let inverse = 1 / (1 + others)
              for i in 0..<k {
                let rest = i == top ? others : 1 + others - e[i]
                variance[i] = e[i] * rest * (inverse * inverse)
                e[i] *= inverse
              }
            }
          }
        }
      }
    }
    return sum
  }

  private mutating func clear() {
    likelihood = 0
    for i in gradient.indices { gradient[i] = 0 }
    for i in curvature.indices { curvature[i] = 0 }
    for i in diagonalBlocks.indices { diagonalBlocks[i] = 0 }
  }

  /// Adds the rows whose probabilities were filled in.
  private mutating func addDerivatives(_ range: Range<Int>) {
    let (k, width, size, labels) = (classes, width, size, labels)
    let isVector = shape == .vector
    features.withUnsafeBufferPointer { features in
      gradient.withUnsafeMutableBufferPointer { gradient in
        diagonalBlocks.withUnsafeMutableBufferPointer { blocks in
          products.withUnsafeMutableBufferPointer { products in
            for row in range {
              let x = features.baseAddress! + row * (k + 1)
              let local = row - range.lowerBound
              for i in 0..<k {
                let p = probabilities[local * k + i]
                let variance = variances[local * k + i]
                let error = labels[row] == i ? p - 1 : p
                let u = products.baseAddress! + local * size + i * width
                let g = gradient.baseAddress! + i * width
                let h = blocks.baseAddress! + i * width * width
                if isVector {
                  (u[0], u[1]) = (p * x[i], p)
                  g[0] += error * x[i]
                  g[1] += error
                  h[0] += variance * x[i] * x[i]
                  h[2] += variance * x[i]
                  h[3] += variance
                } else {
                  for a in 0..<width {
                    u[a] = p * x[a]
                    g[a] += error * x[a]
                    let left = variance * x[a]
                    let line = h + a * width
                    for b in 0...a { line[b] += left * x[b] }
                  }
                }
              }
            }
          }
        }
      }
    }
    addGram(ofRows: products, count: range.count, columns: size, factor: -1, to: &curvature)
  }

  /// Puts the blocks on the diagonal in place, and makes means of sums.
  ///
  /// What is added to the unknowns of one feature in all classes changes no probability, so that the gradients of a
  /// feature that all classes have sum to 0. Rounding must not leave a remainder: where nothing is penalised, Newton's
  /// steps would wander along these directions for ever.
  private mutating func finish() {
    let share = 1 / Double(rows)
    likelihood *= share
    for i in 0..<size {
      gradient[i] *= share
      for j in 0...i { curvature[i * size + j] *= share }
    }
    for a in (shape == .vector ? 1 : 0)..<width {
      let mean = (0..<classes).reduce(0) { $0 + gradient[$1 * width + a] } / Double(classes)
      for i in 0..<classes { gradient[i * width + a] -= mean }
    }
    for i in 0..<classes {
      for a in 0..<width {
        for b in 0...a {
          curvature[(i * width + a) * size + i * width + b] =
            share * diagonalBlocks[(i * width + a) * width + b]
        }
      }
    }
  }

  /// The last evaluation with the penalty.
  private func penalised(_ w: [Double]) -> Minimum {
    var (value, gradient, curvature) = (likelihood, gradient, curvature)
    for i in 0..<size where penalty.squares[i] > 0 {
      value += penalty.squares[i] * w[i] * w[i]
      gradient[i] += 2 * penalty.squares[i] * w[i]
      curvature[i * (size + 1)] += 2 * penalty.squares[i]
    }
    if penalty.spread > 0 {
      let mean = (0..<classes).reduce(0) { $0 + w[diagonal($1)] } / Double(classes)
      for i in 0..<classes {
        let distance = w[diagonal(i)] - mean
        value += 0.5 * penalty.spread * distance * distance
        gradient[diagonal(i)] += penalty.spread * distance
        for j in 0...i {
          curvature[diagonal(i) * size + diagonal(j)] +=
            penalty.spread * ((i == j ? 1 : 0) - 1 / Double(classes))
        }
      }
    }
    return Minimum(
      unknowns: w, value: value, gradient: gradient,
      hessian: DenseMatrix(rows: size, columns: size, values: curvature),
      meanNegativeLogLikelihood: likelihood)
  }
}
