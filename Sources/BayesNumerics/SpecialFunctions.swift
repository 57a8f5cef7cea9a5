// Logistic and logarithmic forms that neither overflow nor cancel.

import Glibc

/// `log(1 + exp(x))`, the softplus function.
///
/// Reference: Mächler 2012, "Accurately computing log(1 − exp(−|a|))", equation 10, vignette of the
/// R package Rmpfr.
public func log1pExp(_ x: Double) -> Double {
  if x <= -37 { return exp(x) }
  if x <= 18 { return log1p(exp(x)) }
  if x <= 33.3 { return x + exp(-x) }
  return x
}

/// `log(1 - exp(x))` for negative `x`; -∞ at 0 and NaN above.
///
/// The two forms meet at -log 2, where both lose one bit; elsewhere neither cancels.
///
/// Reference: Mächler 2012, "Accurately computing log(1 − exp(−|a|))", equation 7.
public func log(oneMinusExp x: Double) -> Double {
  x > -0.693_147_180_559_945_3 ? log(-expm1(x)) : log1p(-exp(x))
}

/// `1/(1 + exp(-x))`, with full relative accuracy in the lower tail.
public func logistic(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let e = exp(x)
  return e / (1 + e)
}

/// `log(p/(1 - p))`, the inverse of `logistic`; NaN outside [0, 1].
///
/// Around one half `2p - 1` is exact, so that the result keeps its relative accuracy through 0.
public func logit(_ p: Double) -> Double {
  if p >= 0.25, p <= 0.75 { return log1p((2 * p - 1) / (1 - p)) }
  return log(p) - log1p(-p)
}

/// `log(Σ exp(xᵢ))`; -∞ for no terms.
public func logSumExp(_ values: [Double]) -> Double {
  guard var largest = values.first else { return -.infinity }
  for value in values {
    if value.isNaN { return .nan }
    largest = Swift.max(largest, value)
  }
  guard largest.isFinite else { return largest }
  var sum = 0.0
  for value in values { sum += exp(value - largest) }
  return largest + log(sum)
}

/// `log(exp(a) + exp(b))`.
public func logAddExp(_ a: Double, _ b: Double) -> Double {
  if a.isNaN || b.isNaN { return .nan }
  let (small, large) = a < b ? (a, b) : (b, a)
  return large.isInfinite ? large : large + log1p(exp(small - large))
}
