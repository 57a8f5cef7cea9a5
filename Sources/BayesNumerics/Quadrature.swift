// Integrals of functions of one variable.

import CGSL

/// The integral of a function between two limits, either of which may be infinite.
///
/// Adaptive Gauss–Kronrod quadrature with extrapolation, which also takes integrable singularities
/// at the ends (QUADPACK's QAGS, QAGI). The result's error is below `relativeError` of the
/// integral or below `absoluteError`, whichever is larger; an integral that may be 0 needs the latter.
///
/// - Throws: `NumericsError.notConverged` when neither is reached with 1000 subintervals;
///   `.notFinite` when the function was not finite at some point.
///
/// Reference: Piessens, de Doncker-Kapenga, Überhuber, Kahaner 1983, "QUADPACK".
public func integrate(
  _ function: (Double) -> Double, from lower: Double, to upper: Double,
  relativeError: Double = 1e-10, absoluteError: Double = 0
) throws -> Double {
  if lower == upper { return 0 }
  if lower > upper {
    return try -integrate(
      function, from: upper, to: lower, relativeError: relativeError, absoluteError: absoluteError)
  }
  guard let workspace = gsl_integration_workspace_alloc(1000) else { fatalError("no memory") }
  defer { gsl_integration_workspace_free(workspace) }
  var (result, error) = (0.0, 0.0)
  var notFinite: Double?
  func checked(_ x: Double) -> Double {
    let value = function(x)
    if !value.isFinite, notFinite == nil { notFinite = x }
    return value
  }
  let status = withGSLFunction(checked) { callback in
    switch (lower.isFinite, upper.isFinite) {
    case (true, true):
      gsl_integration_qags(
        callback, lower, upper, absoluteError, relativeError, 1000, workspace, &result, &error)
    case (true, false):
      gsl_integration_qagiu(
        callback, lower, absoluteError, relativeError, 1000, workspace, &result, &error)
    case (false, true):
      gsl_integration_qagil(
        callback, upper, absoluteError, relativeError, 1000, workspace, &result, &error)
    case (false, false):
      gsl_integration_qagi(callback, absoluteError, relativeError, 1000, workspace, &result, &error)
    }
  }
  if let notFinite { throw NumericsError.notFinite(at: notFinite) }
  guard status == 0 else { throw NumericsError.notConverged(estimate: result, error: error) }
  return result
}
