// Minima of functions of one variable.

/// A local minimum of a function over an interval, by golden sections and parabolas.
///
/// `tolerance` is absolute in the argument; below about 1e-8 of the argument the values of the function
/// no longer tell two arguments apart, and that much is added. A function with one minimum in the
/// interval gives that minimum, which may be at an end. Values that are not finite count as large.
///
/// - Throws: `NumericsError.notFinite` when the function is not finite at the result,
///   `.notConverged` after 500 steps.
///
/// Reference: Brent 1973, "Algorithms for Minimization without Derivatives", chapter 5.
public func minimise(
  in interval: ClosedRange<Double>, tolerance: Double = 0, _ function: (Double) -> Double
) throws -> (argument: Double, value: Double) {
  // Brent's letters: a and b the bracket, x the best point, w the second best, v the w before; d the
  // step taken and e the one before it.
  let golden = 0.5 * (3 - 5.0.squareRoot())
  func value(_ x: Double) -> Double {
    let result = function(x)
    return result.isNaN ? .infinity : result
  }
  var (a, b) = (interval.lowerBound, interval.upperBound)
  var x = a + golden * (b - a)
  var (w, v) = (x, x)
  var (d, e) = (0.0, 0.0)
  var fx = value(x)
  var (fw, fv) = (fx, fx)
  for _ in 0..<500 {
    let middle = 0.5 * (a + b)
    let least = 1.5e-8 * abs(x) + Swift.max(tolerance / 3, 1e-300)
    if abs(x - middle) <= 2 * least - 0.5 * (b - a) {
      guard fx.isFinite else { throw NumericsError.notFinite(at: x) }
      return (x, fx)
    }
    var usesParabola = false
    if abs(e) > least {
      // The parabola through x, w and v has its vertex at x + p/q.
      let r = (x - w) * (fx - fv)
      var q = (x - v) * (fx - fw)
      var p = (x - v) * q - (x - w) * r
      q = 2 * (q - r)
      if q > 0 { p = -p } else { q = -q }
      if abs(p) < abs(0.5 * q * e), p > q * (a - x), p < q * (b - x) {
        usesParabola = true
        (d, e) = (p / q, d)
        let u = x + d
        if u - a < 2 * least || b - u < 2 * least { d = x < middle ? least : -least }
      }
    }
    if !usesParabola {
      e = (x < middle ? b : a) - x
      d = golden * e
    }
    let u = abs(d) >= least ? x + d : x + (d > 0 ? least : -least)
    let fu = value(u)
    if fu <= fx {
      if u < x { b = x } else { a = x }
      (v, w, x) = (w, x, u)
      (fv, fw, fx) = (fw, fx, fu)
    } else {
      if u < x { a = u } else { b = u }
      if fu <= fw || w == x {
        (v, w) = (w, u)
        (fv, fw) = (fw, fu)
      } else if fu <= fv || v == x || v == w {
        (v, fv) = (u, fu)
      }
    }
  }
  throw NumericsError.notConverged(estimate: x, error: b - a)
}
