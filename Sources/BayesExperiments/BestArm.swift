// Which variant is best, with what probability, and what a wrong choice costs: one integral each.

import BayesNumerics
import Glibc

/// What the joint posterior of independent variants says about choosing one of them.
public struct BestArm: Sendable, Equatable {
  /// The probability that a variant has the largest mean (the smallest, where less is better).
  public let probabilities: [Double]
  /// How much worse a variant is than the best one, in expectation: E[max θ] − E[θ]. `nil` where a mean is
  /// infinite.
  public let expectedLosses: [Double?]

  /// Integrates over the value of the best variant.
  ///
  /// ```
  /// P(k best) = ∫ f_k(x) Π_{j≠k} F_j(x) dx
  /// loss of k = ∫ F_k(x) (1 − Π_{j≠k} F_j(x)) dx
  /// ```
  ///
  /// The second form has no difference of nearly equal numbers: a loss of 1e-30 has its digits.
  /// With a single other variant it is E[(θ_B − θ_A)⁺] = ∫ F_A (1 − F_B).
  ///
  /// - Precondition: at least one posterior, all of one range.
  /// - Parameter isLessBetter: whether the smallest mean is the best.
  public init(among arms: [VariantPosterior], isLessBetter: Bool = false) {
    let posteriors = arms.map(\.marginal)
    let scale = posteriors[0].scale
    let n = posteriors.count
    let rounding = posteriors.map(\.rounding).max()!
    let integrals = integrate(
      2 * n, over: panelBreaks(posteriors), relativeError: max(1e-11, 4 * rounding)
    ) { c, out in
      // `below` is the side on which others lose: the lower tail where more is better.
      withUnsafeTemporaryAllocation(of: (log: Double, below: Double).self, capacity: n) { own in
        for (k, posterior) in posteriors.enumerated() {
          let tails = posterior.tails(atCoordinate: c)
          let below = isLessBetter ? tails.upper : tails.lower
          let above = isLessBetter ? tails.lower : tails.upper
          own[k] = (below > 0.5 ? log1p(-above) : log(below), below)
        }
        let slope = scale.slope(c)
        for (k, posterior) in posteriors.enumerated() {
          // Summed anew for each: taking one's own logarithm out of the sum of all loses the small ones.
          var others = 0.0
          for j in 0..<n where j != k { others += own[j].log }
          out[k] = posterior.density(atCoordinate: c) * exp(others)
          let lost = -expm1(others)
          // Far above all posteriors the slope overflows where nothing is lost any more.
          out[n + k] =
            slope.isFinite ? own[k].below * lost * slope : own[k].below * exp(log(lost) + c)
        }
      }
    }
    // Quadrature may be above 1 by its rounding.
    probabilities = integrals[..<n].map { min(1, $0) }
    let hasMeans = arms.allSatisfy { $0.mean != nil }
    expectedLosses = integrals[n...].map { hasMeans ? $0 : nil }
  }
}

/// Ends of panels for integrals over several posteriors: around each one's centre, by its own width, and where its
/// tails end, which may be far within a width.
func panelBreaks(_ posteriors: [MarginalPosterior]) -> [Double] {
  let steps: [Double] = [0, 2, 4, 8, 16]
  let lowest = posteriors.map { $0.center - 8 * $0.width }.min()!
  let highest = posteriors.map { $0.center + 8 * $0.width }.max()!
  let all = posteriors.flatMap { posterior in
    steps.flatMap {
      [posterior.center - $0 * posterior.width, posterior.center + $0 * posterior.width]
    } + [posterior.tableRange.lower, posterior.tableRange.upper]
  }
  return Array(Set(all.filter { $0 >= lowest && $0 <= highest } + [lowest, highest])).sorted()
}
