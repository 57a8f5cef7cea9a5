// The distribution functions of the beta and the gamma distributions.

import CGSL

/// The beta distribution function, the regularised incomplete beta function `I_x(a, b)`.
///
/// `a` and `b` are the positive, finite shapes; other values, or a NaN `x`, give NaN.
public func betaCDF(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard a > 0, b > 0, a.isFinite, b.isFinite, !x.isNaN else { return .nan }
  disableGSLErrorHandler()
  return gsl_cdf_beta_P(x, a, b)
}

/// The gamma distribution function, the regularised incomplete gamma function `P(shape, rate·x)`.
///
/// `shape` and `rate` are positive and finite; other values, or a NaN `x`, give NaN.
public func gammaCDF(_ x: Double, shape: Double, rate: Double) -> Double {
  guard shape > 0, rate > 0, shape.isFinite, rate.isFinite, !x.isNaN else { return .nan }
  disableGSLErrorHandler()
  return gsl_cdf_gamma_P(x * rate, shape, 1)
}
