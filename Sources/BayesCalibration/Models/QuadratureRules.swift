// Two rules for integrals over ℝᵈ of densities near a standard normal one.

import BayesNumerics
import Glibc

/// Points of ℝᵈ, centred and scaled, with the logarithms of their weights.
struct RulePoints {
  var points: [[Double]] = []
  var logWeights: [Double] = []
  /// The log densities there, less that of the centre.
  var heights: [Double] = []
}

/// Gauss and Hermite's rule for integrals over the line: ∫ f(x) dx ≈ Σ exp(logWeights_i) f(nodes_i).
///
/// The nodes are eigenvalues of the recurrence's matrix (Golub and Welsch 1969); the weights are 1/Σ_k ψ_k(x)² over the orthonormal
/// Hermite functions ψ_k, in which nothing underflows.
struct HermiteRule {
  let nodes: [Double]
  let logWeights: [Double]

  init(_ size: Int) {
    var matrix = DenseMatrix(rows: size, columns: size)
    for k in 1..<Swift.max(1, size) {
      matrix[k, k - 1] = Double(k).squareRoot()
      matrix[k - 1, k] = matrix[k, k - 1]
    }
    nodes = symmetricEigen(matrix)!.values
    logWeights = nodes.map { x in
      var (last, current) = (0.0, exp(-0.25 * x * x) / pow(2 * .pi, 0.25))
      var sum = current * current
      for k in 1..<Swift.max(1, size) {
        let root = Double(k).squareRoot()
        (last, current) = (current, (x * current - Double(k - 1).squareRoot() * last) / root)
        sum += current * current
      }
      return -log(sum)
    }
  }

  /// The product rule: all tuples of nodes.
  func product(
    dimension: Int, _ height: ([Double]) throws -> Double
  ) rethrows -> RulePoints {
    var result = RulePoints()
    var count = 1
    for _ in 0..<dimension { count *= nodes.count }
    for index in 0..<count {
      var rest = index
      var point: [Double] = []
      var logWeight = 0.0
      for _ in 0..<dimension {
        point.append(nodes[rest % nodes.count])
        logWeight += logWeights[rest % nodes.count]
        rest /= nodes.count
      }
      result.points.append(point)
      result.logWeights.append(logWeight)
      result.heights.append(try height(point))
    }
    return result
  }
}

/// The trapezoidal rule on the points of a square lattice that matter.
///
/// From the centre on, neighbours are visited as long as the density is above exp(−25) of the centre's. For analytic densities
/// the error falls at least as exp(−c/step), without regard to how far from normal they are.
///
/// Reference: Trefethen, Weideman 2014, "The exponentially convergent trapezoidal rule", SIAM Review 56, doi
/// 10.1137/130932132.
func lattice(
  step: Double, dimension: Int, limit: Int, _ height: ([Double]) throws -> Double
) rethrows -> RulePoints? {
  var result = RulePoints()
  var seen: Set<[Int32]> = []
  var waiting = [[Int32](repeating: 0, count: dimension)]
  seen.insert(waiting[0])
  while let place = waiting.popLast() {
    let point = place.map { step * Double($0) }
    let value = try height(point)
    result.points.append(point)
    result.logWeights.append(0)
    result.heights.append(value)
    if result.points.count > limit { return nil }
    guard value > -25 else { continue }
    for j in 0..<dimension {
      for direction: Int32 in [-1, 1] {
        var next = place
        next[j] += direction
        if seen.insert(next).inserted { waiting.append(next) }
      }
    }
  }
  return result
}
