// The probability that one beta variable exceeds another, for whole shapes, by a sum of a few terms.

import BayesNumerics
import Glibc

/// P(B > A) for A ~ Beta(a, b) and B ~ Beta(c, d) with a whole `c`.
///
/// ```
/// P(B > A) = Σ_{i<c} B(a + i, b + d)/((d + i) B(1 + i, d) B(a, b))
/// t_{i+1}/t_i = (a + i)(d + i)/((a + b + d + i)(1 + i))
/// ```
///
/// The terms have one peak; the sum goes from there to both sides until they no longer count. For simulations, where a
/// hundred thousand of them are needed; the quadrature of `BestArm` takes any shapes.
///
/// Reference: Miller 2015, "Formulas for Bayesian A/B testing".
///
/// - Precondition: positive shapes, `c` a whole number.
func probabilityExceeds(_ a: Double, _ b: Double, by c: Double, _ d: Double) -> Double {
  func ratio(_ i: Double) -> Double { (a + i) * (d + i) / ((a + b + d + i) * (1 + i)) }
  let peak = min(max(0, ((a * d - a - b - d) / (b + 1)).rounded()), c - 1)
  let top =
    exp(
      logBeta(a + peak, b + d) - log(d + peak) - logBeta(1 + peak, d) - logBeta(a, b))
  var sum = top
  var term = top
  var i = peak
  while i + 1 < c, term > 1e-17 * sum {
    term *= ratio(i)
    sum += term
    i += 1
  }
  term = top
  i = peak
  while i > 0, term > 1e-17 * sum {
    i -= 1
    term /= ratio(i)
    sum += term
  }
  return min(1, sum)
}
