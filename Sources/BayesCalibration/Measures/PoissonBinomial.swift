// The number of events among independent ones with their own probabilities.

import BayesNumerics
import Glibc

/// The distribution of Σ y_i for independent y_i with probabilities p_i.
///
/// From the characteristic function Π (1 − p_i + p_i e^{iθ}), whose modulus falls in θ: with many rows a few dozen
/// frequencies are above rounding. The result is exact to about 10⁻¹⁵ for the probability of each number, outside of a
/// window with probability below 10⁻¹⁷ (Bernstein's inequality) 0.
///
/// Reference: Hong 2013, "On computing the distribution function for the Poisson binomial distribution", Computational
/// Statistics & Data Analysis 59, doi 10.1016/j.csda.2012.10.006.
struct PoissonBinomial: Sendable {
  /// The smallest number with a probability.
  let least: Int
  /// P(Σ y_i ≤ least + j).
  let cumulative: [Double]

  init(_ probabilities: ArraySlice<Double>) {
    let n = probabilities.count
    var (mean, variance) = (0.0, 0.0)
    for p in probabilities {
      mean += p
      variance += p * (1 - p)
    }
    let reach = 40.0 / 3 + (1600.0 / 9 + 80 * variance).squareRoot()
    let low = Swift.max(0, Int((mean - reach).rounded(.down)))
    let high = Swift.min(n, Int((mean + reach).rounded(.up)))
    let size = high - low + 1
    var density = [Double](repeating: 1, count: size)
    for k in 1..<Swift.max(1, size / 2 + 1) {
      let angle = 2 * Double.pi * Double(k) / Double(size)
      let value = Self.characteristic(probabilities, angle)
      if value.real * value.real + value.imaginary * value.imaginary < 1e-40 { break }
      // The frequencies k and size − k together, unless they are one.
      let factor = 2 * k == size ? 1.0 : 2
      for j in 0..<size {
        let phase = 2 * Double.pi * Double(k * (low + j) % size) / Double(size)
        density[j] += factor * (value.real * cos(phase) + value.imaginary * sin(phase))
      }
    }
    var total = 0.0
    let sums = density.map { value in
      total += Swift.max(0, value)
      return total
    }
    least = low
    cumulative = sums.map { $0 / total }
  }

  /// Π (1 − p + p e^{iθ}).
  private static func characteristic(
    _ probabilities: ArraySlice<Double>, _ angle: Double
  ) -> (real: Double, imaginary: Double) {
    // 1 − cos θ without cancelling.
    let half = sin(0.5 * angle)
    let (drop, side) = (2 * half * half, sin(angle))
    // Four products at once: each factor waits for the one before it.
    var real = SIMD4<Double>(repeating: 1)
    var imaginary = SIMD4<Double>(repeating: 0)
    probabilities.withUnsafeBufferPointer { p in
      var i = 0
      while i < p.count {
        var four = SIMD4<Double>(repeating: 0)
        for lane in 0..<Swift.min(4, p.count - i) { four[lane] = p[i + lane] }
        let (a, b) = (1 - drop * four, side * four)
        (real, imaginary) = (real * a - imaginary * b, real * b + imaginary * a)
        i += 4
        if i & 1023 == 0, (real * real + imaginary * imaginary).max() < 1e-60 { break }
      }
    }
    var product = (real: 1.0, imaginary: 0.0)
    for lane in 0..<4 {
      product = (
        product.real * real[lane] - product.imaginary * imaginary[lane],
        product.real * imaginary[lane] + product.imaginary * real[lane]
      )
    }
    return product
  }

  /// The mean distance of the number of events from another number.
  func meanDistance(from center: Double) -> Double {
    var (sum, below) = (0.0, 0.0)
    for (j, probability) in cumulative.enumerated() {
      sum += (probability - below) * abs(Double(least + j) - center)
      below = probability
    }
    return sum
  }

  /// A draw.
  func draw(_ stream: inout RandomStream) -> Int {
    let target = stream.uniform()
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < target { low = middle + 1 } else { high = middle }
    }
    return least + low
  }
}
