// The normal distribution function and its logarithm.

import Glibc

/// The standard normal distribution function, with full relative accuracy in the lower tail.
///
/// `erfc(-x/√2)/2`, where the rounding of `x/√2` would cost `x²` units in the last place: the
/// remainder of the product is carried along and enters to first order.
public func normalCDF(_ x: Double) -> Double {
  let argument = -x * inverseSqrt2
  let value = 0.5 * erfc(argument)
  guard abs(x) < 40 else { return value }
  let remainder = fma(-x, inverseSqrt2, -argument) - x * inverseSqrt2Remainder
  return value - remainder * exp(-argument * argument) * inverseSqrtPi
}

/// The logarithm of the standard normal distribution function, finite down to -1e154.
///
/// Below -10 the asymptotic series of the tail is used; its terms there fall below 1e-14 of the
/// result.
///
/// Reference: DLMF 7.12.1, https://dlmf.nist.gov/7.12.
public func logNormalCDF(_ x: Double) -> Double {
  if x > -1 { return log1p(-normalCDF(-x)) }
  if x > -10 { return log(normalCDF(x)) }
  let inverseSquare = 1 / (x * x)
  var term = 1.0
  var sum = 0.0
  for k in 0..<14 {
    term *= -Double(2 * k + 1) * inverseSquare
    sum += term
  }
  return -0.5 * x * x - halfLogTwoPi - log(-x) + log1p(sum)
}

/// 1/√2 as a sum of two numbers.
private let inverseSqrt2 = 0.7071067811865476
private let inverseSqrt2Remainder = -4.833646656726457e-17

/// 1/√π.
private let inverseSqrtPi = 0.564_189_583_547_756_3
