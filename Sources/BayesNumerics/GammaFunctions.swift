// The logarithm of the gamma function, its derivatives, and the logarithm of the beta function.

import Glibc

/// `log|Γ(x)|`; +∞ at 0, at the negative integers and at both infinities.
///
/// The C library's, accurate to a few units in the last place also beside its zeros.
public func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  return lgamma_r(x, &sign)
}

/// The digamma function, the derivative of `logGamma`; NaN at 0, at the negative integers and -∞.
///
/// Beside the positive zero 1.4616… a Taylor series keeps the relative accuracy; elsewhere the
/// recurrence leads to where the asymptotic series holds. Below 0 the reflection formula is used: the
/// error is then relative to the larger of its two terms. Tables give at most 13 units in the last
/// place above 0.
///
/// Reference: DLMF 5.5.2, 5.5.4, 5.11.2, https://dlmf.nist.gov/5.
public func digamma(_ x: Double) -> Double {
  if x < 0 {
    guard x.isFinite, x != x.rounded() else { return .nan }
    // The cotangent has period 1; the reduced argument is exact.
    let fraction = x - x.rounded()
    return digamma(1 - x) - .pi / tan(.pi * fraction)
  }
  guard x > 0 else { return .nan }
  if abs(x - digammaZero) < 0.25 {
    let distance = (x - digammaZero) - digammaZeroRemainder
    return distance * horner(digammaAtZero, distance)
  }
  var shifted = x
  var sum = 0.0
  while shifted < 10 {
    sum -= 1 / shifted
    shifted += 1
  }
  let inverse = 1 / shifted
  let series = inverse * inverse * horner(digammaSeries, inverse * inverse)
  return sum + (log(shifted) - 0.5 * inverse - series)
}

/// The trigamma function, the second derivative of `logGamma`; +∞ at 0 and the negative integers.
///
/// Reference: DLMF 5.15.5, 5.15.6, 5.15.8, https://dlmf.nist.gov/5.15.
public func trigamma(_ x: Double) -> Double {
  if x < 0 {
    guard x.isFinite else { return .nan }
    let sine = sin(.pi * (x - x.rounded()))
    return .pi * .pi / (sine * sine) - trigamma(1 - x)
  }
  var shifted = x
  var sum = 0.0
  while shifted < 10 {
    sum += 1 / (shifted * shifted)
    shifted += 1
  }
  let inverse = 1 / shifted
  let square = inverse * inverse
  return sum + (inverse + 0.5 * square + inverse * square * horner(trigammaSeries, square))
}

/// `log B(a, b) = log(Γ(a)Γ(b)/Γ(a+b))` for positive `a` and `b`; NaN for others.
///
/// Where an argument is large the three logarithms cancel; Stirling's main terms are then combined
/// by hand and only his corrections subtracted.
///
/// Reference: Didonato, Morris 1992, "Algorithm 708: significant digit computation of the incomplete
/// beta function ratios", ACM TOMS 18(3), doi 10.1145/131766.131776.
public func logBeta(_ a: Double, _ b: Double) -> Double {
  let (p, q) = a < b ? (a, b) : (b, a)
  guard p >= 0, !q.isNaN else { return .nan }
  if p == 0 { return .infinity }
  if q == .infinity { return -.infinity }
  if q < 10 { return logGamma(p) + (logGamma(q) - logGamma(p + q)) }
  let correction = stirlingCorrection(q) - stirlingCorrection(p + q)
  if p < 10 {
    return logGamma(p) + (correction + p - p * log(p + q) - (q - 0.5) * log1p(p / q))
  }
  return stirlingCorrection(p) + correction - 0.5 * log(q) + halfLogTwoPi
    + (p - 0.5) * log(p / (p + q)) - q * log1p(p / q)
}

/// `logGamma(x) - ((x - ½) log x - x + log(2π)/2)` for `x` of at least 10.
///
/// Reference: DLMF 5.11.1.
func stirlingCorrection(_ x: Double) -> Double {
  let inverse = 1 / x
  return inverse * horner(stirlingSeries, inverse * inverse)
}

/// `logGamma(x) - ((x - ½) log x - x + log(2π)/2)` for any positive `x`.
package func stirlingRemainder(_ x: Double) -> Double {
  x < 10 ? logGamma(x) - ((x - 0.5) * log(x) - x + halfLogTwoPi) : stirlingCorrection(x)
}

/// `Σ cᵢ xⁱ`.
func horner(_ coefficients: [Double], _ x: Double) -> Double {
  coefficients.reversed().reduce(0) { $0 * x + $1 }
}

/// log(2π)/2.
let halfLogTwoPi = 0.918_938_533_204_672_8

/// B₂ₖ/(2k(2k−1)), k = 1…8, with the Bernoulli numbers B.
private let stirlingSeries: [Double] = [
  1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156,
  -3617.0 / 122_400,
]

/// B₂ₖ/2k, k = 1…8.
private let digammaSeries: [Double] = [
  1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32_760, 1.0 / 12,
  -3617.0 / 8160,
]

/// B₂ₖ, k = 1…9.
private let trigammaSeries: [Double] = [
  1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510,
  43867.0 / 798,
]

/// The positive zero of digamma as a sum of two numbers.
private let digammaZero = 1.4616321449683622
private let digammaZeroRemainder = 9.549995429965697e-17

/// The Taylor coefficients ψ⁽ᵏ⁾(zero)/k!, k = 1…22, of digamma about its positive zero.
private let digammaAtZero: [Double] = [
  0.9676722454476212,
  -0.4427631689835921,
  0.258499760955651,
  -0.16394270544240652,
  0.10782405069126237,
  -0.07219956125645471,
  0.04880428816414311,
  -0.03316112647484736,
  0.022597648232218104,
  -0.01542476590494896,
  0.010538791616612175,
  -0.007204534386356869,
  0.004926781395729853,
  -0.003369801655439328,
  0.002305126326734928,
  -0.0015769367714301972,
  0.0010788252019162967,
  -0.0007380709389960052,
  0.000504953265834602,
  -0.0003454680251063077,
  0.00023635601564027053,
  -0.00016170622091974803,
]
