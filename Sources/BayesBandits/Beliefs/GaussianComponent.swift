// Coefficients with a joint normal posterior, the variance known or unknown.

import BayesNumerics
import Glibc

/// Coefficients β whose posterior is normal, N(m, Λ⁻¹), or beside an unknown variance v normal–inverse-gamma:
/// β | v ~ N(m, v Λ⁻¹), v ~ InverseGamma(a, b).
///
/// The lower Cholesky factor of Λ is kept and changed by one rank for each observation, which costs O(d²) and loses
/// no positive definiteness. References: Gelman et al. 2013, "Bayesian Data Analysis", 3.3 and 14.2; Gill et
/// al. 1974, "Methods for modifying matrix factorizations".
struct GaussianComponent: ConjugateComponent {
  /// The coefficients' elements.
  let coefficients: [Int]
  /// The element that is the unknown variance.
  let variance: Int?
  /// Row-major lower triangle of the factor of Λ, zeros above the diagonal.
  private var factor: [Double]
  /// Λ m.
  private var shift: [Double]
  /// Shape and scale of the variance's posterior.
  private(set) var a: Double
  private(set) var b: Double

  /// - Returns: `nil` where the precision is not positive definite.
  init?(
    coefficients: [Int], precision: [Double], shift: [Double],
    variance: (slot: Int, a: Double, b: Double)? = nil
  ) {
    let size = coefficients.count
    guard
      let lower = cholesky(DenseMatrix(rows: size, columns: size, values: precision))
    else { return nil }
    self.coefficients = coefficients
    self.shift = shift
    factor = (0..<(size * size)).map { $0 % size > $0 / size ? 0 : lower[$0 / size, $0 % size] }
    self.variance = variance?.slot
    (a, b) = (variance?.a ?? 0, variance?.b ?? 0)
  }

  var slots: [Int] { coefficients + (variance.map { [$0] } ?? []) }
  var family: String { variance == nil ? "Normal" : "Normal–inverse-gamma" }

  var state: [Double] {
    get { factor + shift + [a, b] }
    set {
      let size = coefficients.count
      factor = Array(newValue[..<(size * size)])
      shift = Array(newValue[(size * size)..<(size * size + size)])
      (a, b) = (newValue[size * size + size], newValue[size * size + size + 1])
    }
  }

  /// Learns `value = features · β + noise`, the noise's variance being `variance` (times v, where that is unknown).
  ///
  /// - Parameter features: one for each coefficient.
  mutating func observe(_ value: Double, features: [Double], variance noise: Double) {
    if variance != nil {
      // The scale grows by the squared error of the prediction: no difference of large sums.
      let spread = solvedForward(features)
      let known = solvedForward(shift)
      let predicted = zip(spread, known).reduce(0) { $0 + $1.0 * $1.1 }
      let inflation = spread.reduce(0) { $0 + $1 * $1 }
      a += 0.5
      b += 0.5 * (value - predicted) * (value - predicted) / (noise + inflation)
    }
    let weight = 1 / noise.squareRoot()
    update(features.map { $0 * weight })
    for i in shift.indices { shift[i] += features[i] * value / noise }
  }

  /// The factor of L Lᵀ + x xᵀ.
  private mutating func update(_ vector: [Double]) {
    var x = vector
    let size = x.count
    for k in 0..<size where x[k] != 0 {
      let diagonal = factor[k * size + k]
      let length = (diagonal * diagonal + x[k] * x[k]).squareRoot()
      let (cosine, sine) = (length / diagonal, x[k] / diagonal)
      factor[k * size + k] = length
      for i in (k + 1)..<max(size, k + 1) {
        factor[i * size + k] = (factor[i * size + k] + sine * x[i]) / cosine
        x[i] = cosine * x[i] - sine * factor[i * size + k]
      }
    }
  }

  /// L⁻¹ x.
  private func solvedForward(_ vector: [Double]) -> [Double] {
    var x = vector
    let size = x.count
    for i in 0..<size {
      for k in 0..<i { x[i] -= factor[i * size + k] * x[k] }
      x[i] /= factor[i * size + i]
    }
    return x
  }

  /// L⁻ᵀ x.
  private func solvedBackward(_ vector: [Double]) -> [Double] {
    var x = vector
    let size = x.count
    for i in (0..<size).reversed() {
      for k in (i + 1)..<max(size, i + 1) { x[i] -= factor[k * size + i] * x[k] }
      x[i] /= factor[i * size + i]
    }
    return x
  }

  /// m.
  var mean: [Double] { solvedBackward(solvedForward(shift)) }

  /// Mean and standard deviation of `features · β`; the deviation is relative to √v where that is unknown.
  func marginal(_ features: [Double]) -> (mean: Double, deviation: Double) {
    let spread = solvedForward(features)
    let known = solvedForward(shift)
    return (
      zip(spread, known).reduce(0) { $0 + $1.0 * $1.1 },
      spread.reduce(0) { $0 + $1 * $1 }.squareRoot()
    )
  }

  func draw(into values: inout [Double], using stream: inout RandomStream) {
    var scale = 1.0
    if let variance {
      values[variance] = b / stream.gamma(shape: a, rate: 1)
      scale = values[variance].squareRoot()
    }
    let centre = solvedForward(shift)
    let drawn = solvedBackward(centre.map { $0 + scale * stream.normal() })
    for (slot, value) in zip(coefficients, drawn) { values[slot] = value }
  }

  /// The mean of a variance whose shape is at most 1 is infinite.
  func means(into values: inout [Double]) {
    for (slot, value) in zip(coefficients, mean) { values[slot] = value }
    if let variance { values[variance] = a > 1 ? b / (a - 1) : .infinity }
  }

  func logDensity(_ values: [Double]) -> Double {
    let size = coefficients.count
    let difference = zip(coefficients, mean).map { values[$0] - $1 }
    let square = (0..<size).reduce(0.0) { sum, k in
      let term = (k..<size).reduce(0.0) { $0 + factor[$1 * size + k] * difference[$1] }
      return sum + term * term
    }
    guard let variance else { return -0.5 * square }
    let v = values[variance]
    return -(a + 1 + 0.5 * Double(size)) * log(v) - (b + 0.5 * square) / v
  }
}
