// Inverse distribution functions: the normal's and the beta's quantiles.

import CGSL
import Glibc

/// The standard normal quantile: the `x` with `normalCDF(x) == p`.
///
/// The value is Wichura's rational approximation followed, in the tails, by one Newton step on
/// the logarithm of the tail probability. A step there shrinks a relative error of the tail by a
/// factor of the Mills ratio over `x`, so the result is good to a few units in the last place for
/// every `p`, subnormal ones included.
///
/// `p` is a probability: 0 gives -∞, 1 gives +∞, and anything outside [0, 1] gives NaN.
///
/// Reference: Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution",
/// Applied Statistics 37(3), doi 10.2307/2347330.
public func normalQuantile(_ p: Double) -> Double {
  guard p >= 0, p <= 1 else { return .nan }
  if p == 0 { return -.infinity }
  if p == 1 { return .infinity }
  disableGSLErrorHandler()
  let start = gsl_cdf_ugaussian_Pinv(p)
  // Near one half the relative error of `p - 0.5` is what counts, and Wichura's form keeps it.
  if abs(p - 0.5) < 0.25 { return start }
  // 1 - p is exact above one half, so both tails are solved as a lower tail.
  let tail = Swift.min(p, 1 - p)
  let x = -abs(start)
  let lower = normalCDF(x)
  let logDensity = -0.5 * x * x - halfLogTwoPi
  let step = (log(lower) - log(tail)) * exp(log(lower) - logDensity)
  let refined = x - step
  guard refined.isFinite else { return start }
  return p < 0.5 ? refined : -refined
}

/// The beta quantile: the `x` in [0, 1] with `betaCDF(x, a, b) == p`.
///
/// Solved on the side of one half where the answer is small, as a root in log x of the logarithm
/// of the smaller tail, by Newton steps inside a shrinking bracket. In the tail the beta
/// distribution function is a power of x, so that the equation is nearly linear; answers as small
/// as 1e-300, which small shapes produce, keep their relative accuracy.
///
/// `a` and `b` are the positive shapes. `p` outside [0, 1] or a shape that is not positive and
/// finite gives NaN.
///
/// - Complexity: about ten evaluations of the distribution function.
public func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
  guard p >= 0, p <= 1, a > 0, b > 0, a.isFinite, b.isFinite else { return .nan }
  if p == 0 { return 0 }
  if p == 1 { return 1 }
  disableGSLErrorHandler()
  if p <= betaCDF(0.5, a, b) {
    return smallBetaQuantile(lower: p, upper: 1 - p, a, b)
  }
  return 1 - smallBetaQuantile(lower: 1 - p, upper: p, b, a)
}

/// The beta quantile for an answer of at most one half.
///
/// `lower` and `upper` are the two tail probabilities; the smaller one is matched.
private func smallBetaQuantile(
  lower: Double, upper: Double, _ a: Double, _ b: Double
) -> Double {
  var low = 0.0
  var high = 0.5
  let matchesLower = lower <= upper
  // The leading term of the series of the distribution function: p = x^a / (a B(a, b)).
  let leading = exp((log(lower) + log(a) + logBeta(a, b)) / a)
  let mean = a / (a + b)
  var x = Swift.min(leading.isFinite && leading > 0 ? leading : mean, 0.5)
  for _ in 0..<200 {
    let tails = incompleteBeta(x, a, b)
    let tail = matchesLower ? tails.lower : tails.upper
    // The logarithm of a ratio near 1 is accurate, a difference of two large logarithms is not.
    let gap = matchesLower ? log(tail / lower) : log(upper / tail)
    if gap == 0 { return x }
    if gap > 0 { high = x } else { low = x }
    // d log P / d log x = x·f(x)/P.
    let slope = betaPower(x, 1 - x, a, b) / (1 - x) / tail
    var next = x * exp(-gap / slope)
    if !(next > low && next < high) { next = midpoint(low, high) }
    if abs(next - x) <= 2 * x.ulp || next == low || next == high { return next }
    x = next
  }
  return x
}

/// The number halfway between two non-negative numbers in the order of the bit patterns, which
/// halves the exponent range while the ends are far apart and the distance when they are near.
private func midpoint(_ low: Double, _ high: Double) -> Double {
  Double(bitPattern: (low.bitPattern &+ high.bitPattern) / 2)
}
