// Roots of functions of one variable.

/// A root of a continuous function that changes sign over an interval.
///
/// The root lies within `tolerance` (absolute, and never below rounding) of the result. Each step is
/// inverse quadratic interpolation where the last three points show that it will do, else bisection.
///
/// - Throws: `NumericsError.noSignChange` when the ends do not bracket a root, `.notFinite` when the
///   function has no number between them, `.notConverged` after 1200 steps, more than
///   it takes to halve the widest interval to rounding.
///
/// Reference: Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm for finding the zero of
/// a nonlinear function without using derivatives", Adv. Eng. Software 28(3),
/// doi 10.1016/S0965-9978(96)00051-8.
public func findRoot(
  in interval: ClosedRange<Double>, tolerance: Double = 0, _ function: (Double) -> Double
) throws -> Double {
  // Chandrupatla's letters: the root is between a, the newest point, and b; c is the point before.
  var (a, b) = (interval.upperBound, interval.lowerBound)
  var (fa, fb) = (function(a), function(b))
  if fa == 0 { return a }
  if fb == 0 { return b }
  guard !fa.isNaN, !fb.isNaN, (fa < 0) != (fb < 0) else {
    throw NumericsError.noSignChange(atLower: fb, atUpper: fa)
  }
  var fraction = 0.5
  for _ in 0..<1200 {
    let x = a + fraction * (b - a)
    let fx = function(x)
    guard !fx.isNaN else { throw NumericsError.notFinite(at: x) }
    let (c, fc): (Double, Double)
    if (fx < 0) == (fa < 0) {
      (c, fc) = (a, fa)
    } else {
      (c, fc) = (b, fb)
      (b, fb) = (a, fa)
    }
    (a, fa) = (x, fx)
    let (best, fBest) = abs(fa) < abs(fb) ? (a, fa) : (b, fb)
    let least = Swift.max(2 * best.ulp, 0.5 * tolerance) / abs(b - a)
    if fBest == 0 || least > 0.5 { return best }
    let xi = (a - b) / (c - b)
    let phi = (fa - fb) / (fc - fb)
    if phi * phi < xi, (1 - phi) * (1 - phi) < 1 - xi {
      fraction =
        fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
    } else {
      fraction = 0.5
    }
    fraction = Swift.min(1 - least, Swift.max(least, fraction))
  }
  throw NumericsError.notConverged(estimate: a, error: abs(b - a))
}
