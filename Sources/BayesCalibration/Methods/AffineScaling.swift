// Vector and matrix scaling: an affine map of the logits of K classes, regularised as ODIR has it.

public import BayesNumerics
import Glibc

/// New logits W · logits + b, with W diagonal (vector scaling) or full (matrix scaling).
///
/// Minimises, by Newton's method, the convex
///
/// ```
/// mean NLL + offDiagonal · Σ_{i≠j} W_ij²/(K(K − 1)) + intercepts · Σ b_j²/K
/// ```
///
/// Without regularisation matrix scaling overfits a few thousand rows badly; the temperature rarely does.
///
/// Reference: Guo et al. 2017 (vector and matrix scaling); Kull et al. 2019, "Beyond temperature scaling", NeurIPS
/// (ODIR).
public struct AffineScaling: MulticlassCalibrationMap, Equatable {
  /// Which elements of W are free.
  public enum Shape: String, Sendable, Equatable, CaseIterable {
    /// The diagonal.
    case vector
    /// All.
    case matrix
  }

  /// Which elements of W are free.
  public let shape: Shape
  /// W, K × K.
  public let weights: DenseMatrix
  /// b.
  public let intercepts: [Double]
  /// The mean negative log-likelihood of the rows it was fitted to, in nats, without penalties.
  public let meanNegativeLogLikelihood: Double

  /// `vector` or `matrix`.
  public var name: String { shape.rawValue }

  /// Fits W and b.
  ///
  /// - Parameters:
  ///   - offDiagonal: the weight of the squares of elements off the diagonal, at least 0.
  ///   - intercept: the weight of the squares of b, at least 0.
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits, negative weights, more than 2 500
  ///   unknowns, `.notConverged`, which separable classes without regularisation lead to.
  public init(
    fittedTo predictions: MulticlassPredictions, shape: Shape, offDiagonal: Double = 0,
    intercept: Double = 0
  ) throws {
    try predictions.requireFit()
    guard offDiagonal >= 0, intercept >= 0, offDiagonal.isFinite, intercept.isFinite else {
      throw CalibrationError.invalidSetting("weights of regularisation are finite and at least 0")
    }
    let k = predictions.classCount
    let size = shape == .vector ? 2 * k : k * (k + 1)
    guard size <= 2500 else {
      throw CalibrationError.invalidSetting(
        "\(shape.rawValue) scaling of \(k) classes has \(size) unknowns, more than 2500; use temperature or vector"
      )
    }
    var work = AffineWork(predictions, shape, offDiagonal, intercept)
    let best = try work.minimise()
    meanNegativeLogLikelihood = work.likelihood
    self.shape = shape
    var weights = DenseMatrix(rows: k, columns: k)
    let width = work.width
    for i in 0..<k {
      if shape == .vector {
        weights[i, i] = best[i * width]
      } else {
        for j in 0..<k { weights[i, j] = best[i * width + j] }
      }
    }
    self.weights = weights
    intercepts = (0..<k).map { best[$0 * width + width - 1] }
  }

  /// The same rows with new logits.
  ///
  /// - Precondition: as many classes as it was fitted to.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    precondition(predictions.classCount == intercepts.count, "the same classes")
    var logits = predictions.logits.multiply(weights.transposed())
    for i in 0..<predictions.count {
      for (j, b) in intercepts.enumerated() { logits[i, j] += b }
    }
    return MulticlassPredictions(unchecked: predictions.labels, logits: logits)
  }
}

/// The objective with its gradient and Hessian; class i's unknowns are a row of W, then b_i.
private struct AffineWork {
  let logits: [Double]
  let labels: [Int]
  let classes: Int
  let width: Int
  let isVector: Bool
  let penalties: [Double]
  var likelihood = 0.0
  private var gradient: [Double]
  private var hessian: DenseMatrix

  var size: Int { classes * width }

  init(
    _ predictions: MulticlassPredictions, _ shape: AffineScaling.Shape, _ offDiagonal: Double,
    _ intercept: Double
  ) {
    let k = predictions.classCount
    let width = shape == .vector ? 2 : k + 1
    logits = predictions.logits.values
    labels = predictions.labels
    classes = k
    self.width = width
    isVector = shape == .vector
    penalties = (0..<k * width).map { index in
      let (i, j) = (index / width, index % width)
      if j == width - 1 { return intercept / Double(k) }
      return shape == .vector || i == j ? 0 : offDiagonal / Double(k * (k - 1))
    }
    gradient = Array(repeating: 0, count: k * width)
    hessian = DenseMatrix(rows: k * width, columns: k * width)
  }

  /// Newton's method from the identity; a small ridge on the Hessian stands for the directions that do not matter.
  ///
  /// Where a class can be told apart by its own logit the likelihood grows for ever along a direction: every step
  /// there has about the same length while the gradient falls e-fold. Small steps, not a small gradient, are
  /// therefore the test of convergence.
  mutating func minimise() throws -> [Double] {
    var w = [Double](repeating: 0, count: size)
    for i in 0..<classes { w[i * width + (isVector ? 0 : i)] = 1 }
    var value = evaluate(w, wantsDerivatives: true)
    var damping = 1e-9
    for _ in 0..<100 {
      let scale = (0..<size).reduce(0) { Swift.max($0, hessian[$1, $1]) }
      var damped = hessian
      for i in 0..<size { damped[i, i] += damping * (hessian[i, i] + 1e-12 * scale) }
      guard let lower = cholesky(damped) else {
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
    throw CalibrationError.notConverged(method: "\(isVector ? "vector" : "matrix") scaling")
  }

  private mutating func evaluate(_ w: [Double], wantsDerivatives: Bool) -> Double {
    let (k, width, rows) = (classes, width, labels.count)
    var sum = 0.0
    var z = [Double](repeating: 0, count: k)
    if wantsDerivatives {
      for i in 0..<size { gradient[i] = 0 }
      hessian = DenseMatrix(rows: size, columns: size)
    }
    let isVector = isVector
    let size = size
    let share = 1 / Double(rows)
    logits.withUnsafeBufferPointer { l in
      w.withUnsafeBufferPointer { w in
        gradient.withUnsafeMutableBufferPointer { g in
          hessian.values.withUnsafeMutableBufferPointer { h in
            for row in 0..<rows {
              let x = l.baseAddress! + row * k
              for i in 0..<k {
                var value = w[i * width + width - 1]
                if isVector {
                  value += w[i * width] * x[i]
                } else {
                  for j in 0..<k { value += w[i * width + j] * x[j] }
                }
                z[i] = value
              }
              let own = z[labels[row]]
              let largest = z.max()!
              sum += largest - own + log(z.reduce(0) { $0 + exp($1 - largest) })
              guard wantsDerivatives else { continue }
              softmaxRows(&z, columns: k)
              func feature(_ i: Int, _ a: Int) -> Double {
                a == width - 1 ? 1 : x[isVector ? i : a]
              }
              for i in 0..<k {
                let error = (z[i] - (labels[row] == i ? 1 : 0)) * share
                for a in 0..<width { g[i * width + a] += error * feature(i, a) }
                for m in 0...i {
                  let weight = (i == m ? z[i] * (1 - z[i]) : -z[i] * z[m]) * share
                  if weight == 0 { continue }
                  for a in 0..<width {
                    let left = weight * feature(i, a)
                    let start = (i * width + a) * size + m * width
                    for b in 0..<width { h[start + b] += left * feature(m, b) }
                  }
                }
              }
            }
          }
        }
      }
    }
    likelihood = sum * share
    var value = likelihood
    for i in 0..<size where penalties[i] > 0 {
      value += penalties[i] * w[i] * w[i]
      if wantsDerivatives {
        gradient[i] += 2 * penalties[i] * w[i]
        hessian[i, i] += 2 * penalties[i]
      }
    }
    return value
  }
}
