// Pareto-smoothed importance sampling: stable weights from heavy-tailed ratios.

import Glibc

/// Importance weights whose largest values were replaced by quantiles of a fitted tail.
///
/// Reference: Vehtari, Simpson, Gelman, Yao, Gabry 2024, "Pareto smoothed importance sampling",
/// Journal of Machine Learning Research 25(72).
public struct SmoothedWeights: Sendable, Equatable {
  /// Normalised: the exponentials sum to one.
  public let logWeights: [Double]
  /// The tail's shape k: above ``threshold(draws:)`` estimates are unreliable. `+∞` where the tail
  /// has fewer than five draws and nothing was smoothed.
  public let shape: Double

  /// The largest shape with which estimates from so many draws are reliable.
  ///
  /// ```
  /// min(1 − 1/log10 S, 0.7)
  /// ```
  public static func threshold(draws: Int) -> Double { min(1 - 1 / log10(Double(draws)), 0.7) }

  /// Smooths importance ratios.
  ///
  /// The tail is what lies above the T + 1 largest ratio,
  /// ```
  /// T = ⌈min(0.2 S, 3 √(S / r))⌉
  /// ```
  /// with r the relative efficiency of the draws. It is replaced by the quantiles at (i − ½)/T of
  /// the generalised Pareto distribution fitted to it, and cut at the largest raw ratio.
  ///
  /// - Parameters:
  ///   - logRatios: log importance ratios up to a constant, finite, in any order.
  ///   - relativeEfficiency: ESS/S of the ratios' draws, positive.
  public init(logRatios: [Double], relativeEfficiency: Double = 1) {
    precondition(logRatios.allSatisfy(\.isFinite), "finite ratios")
    precondition(relativeEfficiency > 0, "a positive relative efficiency")
    let count = logRatios.count
    let largest = logRatios.max() ?? 0
    var weights = logRatios.map { $0 - largest }
    let draws = Double(count)
    let length = Int(min(0.2 * draws, 3 * (draws / relativeEfficiency).squareRoot()).rounded(.up))
    var shape = Double.infinity
    if length >= 5, length < count {
      let order = weights.indices.sorted { weights[$0] < weights[$1] }
      // Weights below the smallest normal number would leave a tail of zeros.
      let cutoff = max(
        weights[order[count - length - 1]], log(Double.leastNormalMagnitude))
      let tail = order[(count - length)...].filter { weights[$0] > cutoff }
      if tail.count >= 5 {
        let base = exp(cutoff)
        let fit = GeneralizedPareto(ascending: tail.map { exp(weights[$0]) - base })
        if fit.shape.isFinite, fit.scale.isFinite {
          shape = fit.shape
          for (i, position) in tail.enumerated() {
            let quantile = fit.quantile((Double(i) + 0.5) / Double(tail.count))
            weights[position] = min(log(base + quantile), 0)
          }
        }
      }
    }
    let total = logSumExp(weights)
    logWeights = weights.map { $0 - total }
    self.shape = shape
  }
}

/// The generalised Pareto distribution of exceedances over 0.
struct GeneralizedPareto {
  let shape: Double
  let scale: Double

  /// Fits by the empirical Bayes estimate of Zhang and Stephens, then shrinks the shape k of n
  /// exceedances towards one half: (k n + 5)/(n + 10).
  ///
  /// The likelihood is profiled over b = −k/σ, given which k is the mean of log(1 − b x); b is averaged
  /// over a grid of its prior quantiles, weighted by the profile likelihood.
  ///
  /// Reference: Zhang, Stephens 2009, "A new and efficient estimation method for the generalized
  /// Pareto distribution", Technometrics 51(3), doi 10.1198/tech.2009.08017.
  ///
  /// - Precondition: `x` is ascending, positive and not empty.
  init(ascending x: [Double]) {
    let n = Double(x.count)
    let gridSize = 30 + Int(n.squareRoot())
    let quartile = x[max(Int(n / 4 + 0.5) - 1, 0)]
    let largest = x[x.count - 1]
    let grid = (1...gridSize).map { (j: Int) -> Double in
      let root = (Double(gridSize) / (Double(j) - 0.5)).squareRoot()
      return 1 / largest + (1 - root) / (3 * quartile)
    }
    let profile = grid.map { (b: Double) -> Double in
      let k = Self.shape(b, x)
      return n * (log(-b / k) - k - 1)
    }
    let total = logSumExp(profile)
    var b = 0.0
    for (point, weight) in zip(grid, profile) { b += point * exp(weight - total) }
    let k = Self.shape(b, x)
    scale = -k / b
    shape = (k * n + 5) / (n + 10)
  }

  private static func shape(_ b: Double, _ x: [Double]) -> Double {
    x.reduce(0) { $0 + log1p(-b * $1) } / Double(x.count)
  }

  /// The exceedance with probability `p` below it.
  ///
  /// expm1 and log1p keep all digits where the shape or the probability is small.
  func quantile(_ p: Double) -> Double {
    let tail = -log1p(-p)
    return shape == 0 ? scale * tail : scale * expm1(shape * tail) / shape
  }
}

/// log Σ exp x, from differences to the largest; −∞ for no terms.
func logSumExp(_ x: [Double]) -> Double {
  guard let largest = x.max(), largest.isFinite else { return x.max() ?? -.infinity }
  return largest + log(x.reduce(0) { $0 + exp($1 - largest) })
}
