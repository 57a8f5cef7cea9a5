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
  /// Of the last evaluation, without the penalty.
  private(set) var meanNegativeLogLikelihood = 0.0
  /// Of the last evaluation with derivatives, penalty included.
  private var gradient: [Double]
  /// The same, row-major; only the lower triangle counts.
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
  /// Of the last evaluation with derivatives, penalty included; only the lower triangle counts.
  var hessian: DenseMatrix { DenseMatrix(rows: size, columns: size, values: curvature) }

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

  /// Newton's method; a small ridge on the Hessian stands for the directions that do not matter.
  ///
  /// Where a class can be told apart by its own logit the likelihood grows for ever along a direction: every step
  /// there has about the same length while the gradient falls e-fold. Small steps, not a small gradient, are
  /// therefore the test of convergence.
  ///
  /// - Throws: `CalibrationError.notConverged`.
  mutating func minimise(from start: [Double]) throws -> [Double] {
    var w = start
    var value = evaluate(w, wantsDerivatives: true)
    var damping = 1e-9
    for _ in 0..<100 {
      let scale = (0..<size).reduce(0) { Swift.max($0, curvature[$1 * (size + 1)]) }
      var damped = curvature
      for i in 0..<size {
        damped[i * (size + 1)] += damping * (curvature[i * (size + 1)] + 1e-12 * scale)
      }
      guard let lower = cholesky(DenseMatrix(rows: size, columns: size, values: damped)) else {
        damping *= 10
        if damping > 1e6 { break }
        continue
      }
      let half = solveTriangular(lower: lower, gradient)
      let step = solveTriangular(lower: lower, half, transposed: true)
      let next = zip(w, step).map { $0 - $1 }
      let nextValue = evaluate(next, wantsDerivatives: false)
      guard nextValue <= value + 1e-15 * abs(value) else {
        damping = Swift.max(1e-9, damping * 10)
        if damping > 1e6 { break }
        continue
      }
      value = nextValue
      w = next
      damping = Swift.max(1e-12, damping / 10)
      let isSmall = zip(step, w).allSatisfy { abs($0) <= 1e-8 * (1 + abs($1)) }
      if isSmall { return w }
      _ = evaluate(w, wantsDerivatives: true)
    }
    throw CalibrationError.notConverged(method: "\(shape.rawValue) scaling")
  }

  /// Mean negative log-likelihood plus penalty.
  mutating func evaluate(_ w: [Double], wantsDerivatives: Bool) -> Double {
    if wantsDerivatives { clearDerivatives() }
    var sum = 0.0
    var start = 0
    while start < rows {
      let end = Swift.min(rows, start + blockRows)
      sum += fillProbabilities(start..<end, w)
      if wantsDerivatives { addDerivatives(start..<end) }
      start = end
    }
    if wantsDerivatives { finishDerivatives() }
    meanNegativeLogLikelihood = sum / Double(rows)
    return meanNegativeLogLikelihood + addPenalty(w, wantsDerivatives: wantsDerivatives)
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

  private mutating func clearDerivatives() {
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
  private mutating func finishDerivatives() {
    let share = 1 / Double(rows)
    for i in 0..<size {
      gradient[i] *= share
      for j in 0...i { curvature[i * size + j] *= share }
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

  private mutating func addPenalty(_ w: [Double], wantsDerivatives: Bool) -> Double {
    var value = 0.0
    for i in 0..<size where penalty.squares[i] > 0 {
      value += penalty.squares[i] * w[i] * w[i]
      if wantsDerivatives {
        gradient[i] += 2 * penalty.squares[i] * w[i]
        curvature[i * (size + 1)] += 2 * penalty.squares[i]
      }
    }
    guard penalty.spread > 0 else { return value }
    let mean = (0..<classes).reduce(0) { $0 + w[diagonal($1)] } / Double(classes)
    for i in 0..<classes {
      let distance = w[diagonal(i)] - mean
      value += 0.5 * penalty.spread * distance * distance
      guard wantsDerivatives else { continue }
      gradient[diagonal(i)] += penalty.spread * distance
      for j in 0...i {
        curvature[diagonal(i) * size + diagonal(j)] +=
          penalty.spread * ((i == j ? 1 : 0) - 1 / Double(classes))
      }
    }
    return value
  }
}
