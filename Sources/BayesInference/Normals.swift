// Standard normal variates for momenta.

import BayesNumerics
import Glibc

/// Fills `count` numbers with standard normal draws (Marsaglia's polar method).
///
/// Reference: Marsaglia, Bray 1964, SIAM Review 6(3), doi 10.1137/1006063.
func fillNormals(
  _ values: UnsafeMutablePointer<Double>, count: Int, from stream: inout RandomStream
) {
  var i = 0
  while i < count {
    let u = 2 * stream.uniform() - 1
    let v = 2 * stream.uniform() - 1
    let s = u * u + v * v
    if s >= 1 || s == 0 { continue }
    let factor = sqrt(-2 * log(s) / s)
    values[i] = u * factor
    i += 1
    if i < count {
      values[i] = v * factor
      i += 1
    }
  }
}
