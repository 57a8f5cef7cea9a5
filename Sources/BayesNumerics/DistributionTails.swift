// Both tails of beta, gamma and Student t distributions, each with its relative accuracy.

import Glibc

/// What a continuous distribution says at a point: the probability on either side of it.
///
/// The smaller of the two has its relative accuracy however small it is; the other is its complement.
public struct DistributionTails: Sendable, Equatable {
  /// The probability below.
  public var lower: Double
  /// The probability above.
  public var upper: Double

  /// Two probabilities that add up to 1.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// Both tails of the beta distribution at the point with logit `logOdds`.
///
/// The logit keeps what a point beside 1 loses: its distance from 1.
///
/// - Precondition: the shapes are positive and finite.
/// - Complexity: proportional to the square root of the larger shape near the mean.
public func betaTails(logOdds: Double, _ a: Double, _ b: Double) -> DistributionTails {
  if logOdds > 0 {
    let mirrored = betaTails(logOdds: -logOdds, b, a)
    return DistributionTails(lower: mirrored.upper, upper: mirrored.lower)
  }
  if logOdds < -650 {
    // The odds underflow; the first term of the series of the distribution function is all of it.
    let lower = Swift.min(1, exp(a * logOdds - log(a) - logBeta(a, b)))
    return DistributionTails(lower: lower, upper: 1 - lower)
  }
  let tails = incompleteBeta(logistic(logOdds), logistic(-logOdds), a, b)
  return DistributionTails(lower: tails.lower, upper: tails.upper)
}

/// Both tails of the gamma distribution of rate 1 at the point with logarithm `logValue`.
///
/// A power series below the mean, a continued fraction above it, Temme's uniform expansion for shapes from
/// 1e6; for shapes up to 1e5 good to about 1e-14, beyond with an error that grows with the square root of
/// the shape.
///
/// References: DLMF 8.7.1, 8.9.2, 8.12.3 and 8.12.7, https://dlmf.nist.gov/8; the modified Lentz method.
///
/// - Precondition: the shape is positive and finite.
/// - Complexity: proportional to the square root of the shape near the mean, constant from 1e6.
public func gammaTails(logValue: Double, shape: Double) -> DistributionTails {
  let x = exp(logValue)
  if shape >= 1e6 { return largeGammaTails(x, shape) }
  let power = gammaPower(x, logValue, shape)
  if x < shape + 1 {
    var term = 1 / shape
    var sum = term
    var denominator = shape
    while term > sum * 1e-17 {
      denominator += 1
      term *= x / denominator
      sum += term
    }
    let lower = Swift.min(1, power * sum)
    return DistributionTails(lower: lower, upper: 1 - lower)
  }
  if power == 0 { return DistributionTails(lower: 1, upper: 0) }
  let tiny = 1e-300
  var b = x + 1 - shape
  var c = 1 / tiny
  var d = 1 / b
  var fraction = d
  for index in 1..<1_000_000_000 {
    let n = Double(index)
    let a = -n * (n - shape)
    b += 2
    d = a * d + b
    if abs(d) < tiny { d = tiny }
    c = b + a / c
    if abs(c) < tiny { c = tiny }
    d = 1 / d
    fraction *= d * c
    if abs(d * c - 1) < 1e-16 || fraction.isNaN { break }
  }
  let upper = Swift.min(1, power * fraction)
  return DistributionTails(lower: 1 - upper, upper: upper)
}

/// Both tails for a large shape s, with `η²/2 = x/s − 1 − log(x/s)`, η of the sign of x − s:
///
/// ```
/// lower = erfc(−η √(s/2))/2 − S,   upper = erfc(η √(s/2))/2 + S
/// S = exp(−s η²/2)/√(2πs) · (c₀(η) + c₁(η)/s + c₂(η)/s² + …)
/// ```
///
/// Where the exponential is not 0, |η| is below 0.04 for shapes from 1e6: the powers of η kept are exact
/// to 1e-16 of the tail, and c₂/s² is below that.
private func largeGammaTails(_ x: Double, _ shape: Double) -> DistributionTails {
  let u = (x - shape) / shape
  let half = lessLog1p(u)
  let eta = u < 0 ? -(2 * half).squareRoot() : (2 * half).squareRoot()
  let place = eta * (0.5 * shape).squareRoot()
  let zeroth = horner(
    [-1.0 / 3, 1.0 / 12, -2.0 / 135, 1.0 / 864, 1.0 / 2835, -139.0 / 777_600], eta)
  let first = horner([-1.0 / 540, -1.0 / 288, 1.0 / 378], eta)
  let correction = exp(-shape * half) / (2 * .pi * shape).squareRoot() * (zeroth + first / shape)
  if place < 0 {
    let lower = Swift.max(0, 0.5 * erfc(-place) - correction)
    return DistributionTails(lower: lower, upper: 1 - lower)
  }
  let upper = Swift.max(0, 0.5 * erfc(place) + correction)
  return DistributionTails(lower: 1 - upper, upper: upper)
}

/// `xˢ e⁻ˣ / Γ(s)`, for large shapes without the cancellation of its factors.
///
/// With `u = (x − s)/s` the exponent is `−s·(u − log(1 + u))`, and Stirling's correction remains.
private func gammaPower(_ x: Double, _ logX: Double, _ shape: Double) -> Double {
  if shape < 10 { return exp(shape * logX - x - logGamma(shape)) }
  let exponent = shape * lessLog1p((x - shape) / shape)
  return (shape / (2 * .pi)).squareRoot() * exp(-exponent - stirlingCorrection(shape))
}

/// Both tails of the standard Student t distribution.
///
/// The tail beyond `|t|` is half of a beta distribution function with shapes `degrees/2` and 1/2.
///
/// - Precondition: `degrees` is positive and finite.
public func studentTails(_ t: Double, degrees: Double) -> DistributionTails {
  if t == 0 { return DistributionTails(lower: 0.5, upper: 0.5) }
  let logOdds = log(degrees) - 2 * log(abs(t))
  let beyond = 0.5 * betaTails(logOdds: logOdds, 0.5 * degrees, 0.5).lower
  return t < 0
    ? DistributionTails(lower: beyond, upper: 1 - beyond)
    : DistributionTails(lower: 1 - beyond, upper: beyond)
}
