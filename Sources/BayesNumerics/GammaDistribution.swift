// The gamma distribution function.

import CGSL

/// The gamma distribution function, the regularised incomplete gamma function `P(shape, rate·x)`.
///
/// GSL's, good to about 1e-13. `shape` and `rate` are positive and finite; other values, or a NaN `x`, give NaN.
public func gammaCDF(_ x: Double, shape: Double, rate: Double) -> Double {
  guard shape > 0, rate > 0, shape.isFinite, rate.isFinite, !x.isNaN else { return .nan }
  if x <= 0 { return 0 }
  if x * rate == .infinity { return 1 }
  disableGSLErrorHandler()
  return gsl_cdf_gamma_P(x * rate, shape, 1)
}
