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
/// is taken where gain > 1.2 · noise · price ratio. With γ = n/N for N draws the noise is 1 + γ for an
/// estimate from draws and gradients. A covariance of draws alone has the spectrum of Marchenko and
/// Pastur, λ_max = (1 + √γ)² and mean λ⁻² = (1 − γ)⁻³ where all should be 1, which both feigns a gain
/// and costs as much: the noise is the square of (1 + √γ)(1 − γ)^−¾. The dense metric is considered at all up to dimension 64, and beyond where the price ratio is at
/// most 1.5.
///
/// *Curvature.* The gain supposes a normal posterior, whose gradient is linear in the position. Let f
/// be the share of the gradient that is not (`DenseEstimate.nonlinearity`): up to 0.2 for regressions,
/// 0.3 to 0.6 for hierarchical scales, 0.9 and more in funnels, where the metric of a region that the chain
/// happened to be in is wrong elsewhere. Only the linear share can be straightened, so the gain counts as
/// 1 + (gain − 1)(1 − f). And where the curvature changes, a step that is right on average is too
/// long in places, and the better the metric fits the rest the more so: trajectories diverge. So a
/// dense metric aims at an acceptance of 1 − (1 − δ)(1 − caution), the caution being 1.5 f and at most
/// ½: at 0.9 for δ = 0.8, which costs up to a tenth of the effective sample.
///
/// *Finding out.* Estimates are made only while their prices together stay below 3 % of the run's
/// cost as recent iterations foretell it, for twice as many iterations as the warmup has (steps on
/// a dense metric count as the `gain` steps that the diagonal one would have taken): where
/// trajectories are short there is little to gain and little is spent, where they are long both are
/// large. This and the fallback at every later estimate keep `auto` from costing more than a tenth
/// over `diagonal`.
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

  /// The share of a run's cost that dense estimates may take.
  static let budgetShare = 0.03

  /// Nanoseconds that the first dense estimate costs more than a later one: above 16 dimensions it
  /// goes to OpenBLAS, which must bind its code and map its memory.
  var firstEstimateCost: Double { dimension <= 16 ? 0 : 100_000 }

  /// Nanoseconds of one dense estimate from a number of draws.
  func estimateCost(rows: Int) -> Double {
    let n = Double(dimension)
    let products = Double(rows) * n * (n + 15)
    return dimension <= 16
      ? 15_000 + 45 * n * n * n + 2 * products : 20_000 + 4 * n * n * n + products
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
    let root = solveTriangular(lower: factor, .identity(n))
    let inverse = root.transposed().multiply(root)
    let mean = inverse.values.reduce(0) { $0 + $1 * $1 } / Double(n)
    return sqrt(largestEigenvalue(of: covariance)) * sqrt(sqrt(mean))
  }

  /// The largest eigenvalue of a positive semidefinite matrix by power iteration until it settles to
  /// 1 %, which errs low by little; infinite where a number is not finite.
  static func largestEigenvalue(of matrix: DenseMatrix) -> Double {
    var largest = 0.0
    // Any start that no symmetry of common models makes orthogonal to the first eigenvector.
    var direction = (0..<matrix.rows).map { 1 + 0.5 * sin(1 + 2.4 * Double($0)) }
    var norm = sqrt(direction.reduce(0) { $0 + $1 * $1 })
    for _ in 0..<20 {
      direction = matrix.multiply(direction)
      let length = sqrt(direction.reduce(0) { $0 + $1 * $1 })
      guard length.isFinite else { return .infinity }
      guard length > 0 else { return 0 }
      let previous = largest
      largest = length / norm
      if largest < 1.01 * previous { break }
      norm = length
    }
    return largest
  }

  /// By what share to lessen 1 − δ where a share of the gradient is not linear.
  func caution(nonlinearity: Double) -> Double { min(0.5, 1.5 * nonlinearity) }

  /// Whether a dense metric pays.
  ///
  /// - Parameters:
  ///   - gain: leapfrog steps under the diagonal metric over those under the dense one.
  ///   - nonlinearity: the share of the gradient that is not linear in the position.
  ///   - rows: the number of draws that the estimate is from.
  ///   - usesGradients: whether it is from gradients too.
  func pays(gain: Double, nonlinearity: Double, rows: Int, usesGradients: Bool) -> Bool {
    let crowding = Double(dimension) / Double(max(1, rows))
    let noise: Double
    if usesGradients {
      noise = 1 + crowding
    } else {
      guard crowding < 1 else { return false }
      let spectrum = (1 + sqrt(crowding)) / pow(1 - crowding, 0.75)
      noise = spectrum * spectrum
    }
    return 1 + (gain - 1) * (1 - nonlinearity) > 1.2 * noise * priceRatio
  }
}
