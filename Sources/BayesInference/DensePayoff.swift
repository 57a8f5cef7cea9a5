// When a dense metric is worth its cost per step.

import BayesNumerics
import Glibc

/// The rule by which `MetricChoice.auto` chooses, a function of counts and draws and never of time.
///
/// *Gain.* Let λ be the eigenvalues of the estimated covariance after scaling by the diagonal
/// metric. Under the diagonal metric a trajectory must cross the longest direction, a length of
/// order √λ_max, in steps whose energy error, of order ε⁴ Σ λ⁻² for a normal posterior, stays
/// fixed; under the dense metric all λ are 1. The leapfrog steps per draw therefore shrink by about
/// ```
/// gain = √λ_max · (mean λ⁻²)^¼
/// ```
/// *Price.* A step costs G + 100 + 6n nanoseconds with a diagonal metric and 30 + 0.3 n² more with a
/// dense one, where G is the caller's `gradientCost` (100 + 10n if it gave none). The dense metric
/// is taken where gain > 1.2 · (1 + n/N) · price ratio: N draws leave noise of order n/N in the
/// spectrum. It is considered at all up to dimension 64, and beyond where the price ratio is at
/// most 1.5.
///
/// *Divergences.* The gain supposes a normal posterior. Where iterations on the dense metric diverge,
/// `MetricAdaptation` goes back to the diagonal one and stays there.
///
/// *Finding out.* An estimate costs about 40 µs + 12 n³ ns. It is made only while all estimates
/// together stay below 3 % of the run's cost as recent iterations foretell it, for twice as many
/// iterations as the warmup has (steps on a dense metric count as the `gain` steps that the
/// diagonal one would have taken): where trajectories are short there is little to gain and little
/// is spent, where they are long both are large. This and the fallback at every later estimate
/// keep `auto` from costing more than a tenth over `diagonal`.
struct DensePayoff {
  let dimension: Int
  let gradientCost: Double

  init(dimension: Int, gradientCost: Double?) {
    self.dimension = dimension
    self.gradientCost = gradientCost ?? 100 + 10 * Double(dimension)
  }

  /// Nanoseconds of a leapfrog step with a diagonal metric.
  var diagonalStepCost: Double { gradientCost + 100 + 6 * Double(dimension) }

  /// Cost of a dense step over that of a diagonal one.
  var priceRatio: Double {
    let n = Double(dimension)
    return 1 + (30 + 0.3 * n * n) / diagonalStepCost
  }

  /// Nanoseconds of one dense estimate from a number of draws.
  func estimateCost(rows: Int) -> Double {
    let n = Double(dimension)
    return 12 * n * n * n + 2 * Double(rows) * n * n + 40_000
  }

  /// Whether a dense metric can pay at all.
  var isConsidered: Bool { dimension >= 2 && (dimension <= 64 || priceRatio <= 1.5) }

  /// Leapfrog steps under the diagonal metric over those under the dense one, √λ_max · (mean λ⁻²)^¼.
  ///
  /// λ_max by power iteration, which errs low by little; Σ λ⁻² as the squared norm of the inverse.
  ///
  /// - Parameters:
  ///   - covariance: the estimate, scaled by the diagonal metric.
  ///   - factor: its lower Cholesky factor.
  static func gain(covariance: DenseMatrix, factor: DenseMatrix) -> Double {
    let n = covariance.rows
    guard n > 0 else { return 1 }
    var largest = 1.0
    // Any start that no symmetry of common models makes orthogonal to the first eigenvector.
    var direction = (0..<n).map { 1 + 0.5 * sin(1 + 2.4 * Double($0)) }
    for _ in 0..<20 {
      let image = covariance.multiply(direction)
      let length = sqrt(image.reduce(0) { $0 + $1 * $1 })
      guard length > 0, length.isFinite else { return .infinity }
      largest = length / sqrt(direction.reduce(0) { $0 + $1 * $1 })
      direction = image.map { $0 / length }
    }
    let root = solveTriangular(lower: factor, .identity(n))
    let inverse = root.transposed().multiply(root)
    let mean = inverse.values.reduce(0) { $0 + $1 * $1 } / Double(n)
    return sqrt(largest) * sqrt(sqrt(mean))
  }

  /// Whether a dense metric with this gain, estimated from a number of draws, pays.
  func pays(gain: Double, rows: Int) -> Bool {
    let noise = 1 + Double(dimension) / Double(max(1, rows))
    return gain > 1.2 * noise * priceRatio
  }
}
