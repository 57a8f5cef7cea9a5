// The beta distribution function, and both of its tails.

import Glibc

/// The beta distribution function, the regularised incomplete beta function `I_x(a, b)`.
///
/// Good to about 1e-14 relative to the lower tail for shapes up to 1e5; beyond, the error grows with
/// the square root of the shapes. `a` and `b` are positive and finite; other values, or a NaN `x`,
/// give NaN.
///
/// - Complexity: proportional to the square root of the larger shape near the mean.
public func betaCDF(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard a > 0, b > 0, a.isFinite, b.isFinite, !x.isNaN else { return .nan }
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  return incompleteBeta(x, a, b).lower
}

/// Both tails of the beta distribution at `x` in (0, 1).
///
/// The smaller tail, roughly, comes from a continued fraction, the other is its complement.
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> (lower: Double, upper: Double) {
  incompleteBeta(x, 1 - x, a, b)
}

/// Both tails at `x`, where `y = 1 − x` is known with a relative error of its own: beside 1 the
/// difference would have lost it.
func incompleteBeta(
  _ x: Double, _ y: Double, _ a: Double, _ b: Double
) -> (lower: Double, upper: Double) {
  let power = betaPower(x, y, a, b)
  if x * (a + b + 2) <= a + 1 {
    let lower = Swift.min(1, power * betaFraction(x, y, a, b))
    return (lower, 1 - lower)
  }
  let upper = Swift.min(1, power * betaFraction(y, x, b, a))
  return (1 - upper, upper)
}

/// `xᵃ yᵇ / B(a, b)` with `y = 1 − x`.
///
/// For large shapes the powers and the beta function are huge and nearly cancel. With `x₀ = a/(a+b)`
/// the exponent is `−a·h((x−x₀)/x₀) − b·h((x₀−x)/(1−x₀))`, h(u) = u − log(1 + u), whose terms are both
/// of one sign, and Stirling's corrections remain.
///
/// Reference: Didonato, Morris 1992, ACM TOMS 18(3), function BRCOMP, doi 10.1145/131766.131776.
func betaPower(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
  if Swift.min(a, b) < 10 {
    let logX = x > 0.5 ? log1p(-y) : log(x)
    let logY = y > 0.5 ? log1p(-x) : log(y)
    return exp(a * logX + b * logY - logBeta(a, b))
  }
  let excess = b * x - a * y
  let exponent = a * lessLog1p(excess / a) + b * lessLog1p(-excess / b)
  let correction = stirlingCorrection(a + b) - stirlingCorrection(a) - stirlingCorrection(b)
  return (a / (a + b) * b / (2 * .pi)).squareRoot() * exp(correction - exponent)
}

/// `u − log(1 + u)` without cancellation around 0.
func lessLog1p(_ u: Double) -> Double {
  if abs(u) > 0.5 { return u - log1p(u) }
  // log(1 + u) = 2 artanh r and u = 2r/(1 − r) with r = u/(2 + u), |r| ≤ 1/3.
  let r = u / (2 + u)
  let square = r * r
  var sum = 0.0
  for k in stride(from: 33, through: 3, by: -2) { sum = sum * square + 1 / Double(k) }
  return 2 * square * (1 / (1 - r) - r * sum)
}

/// The value of `I_x(a, b) · B(a, b) / (xᵃ (1−x)ᵇ)`, by a continued fraction that converges fast below
/// the mean and whose terms keep `a − (a+b)x` whole, so that nothing cancels beside the mean.
///
/// Evaluated forwards by the modified Lentz method.
///
/// Reference: Didonato, Morris 1992, ACM TOMS 18(3), function BFRAC, doi 10.1145/131766.131776.
private func betaFraction(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
  let lambda = a * y - b * x
  let tiny = 1e-300
  var denominator = a * (lambda + 1) / (a + 1)
  if denominator == 0 { denominator = tiny }
  var (c, d) = (denominator, 0.0)
  for index in 1..<1_000_000_000 {
    let n = Double(index)
    let span = a + 2 * n - 1
    let alpha = (a + n - 1) / span * ((a + b + n - 1) / span) * n * (b - n) * x * x
    let beta = n + n * (b - n) * x / span + (a + n) / (span + 2) * (lambda + 1 + n * (2 - x))
    d = beta + alpha * d
    c = beta + alpha / c
    d = 1 / (d == 0 ? tiny : d)
    if c == 0 { c = tiny }
    denominator *= c * d
    if abs(c * d - 1) < 1e-16 || denominator.isNaN { break }
  }
  return 1 / denominator
}
