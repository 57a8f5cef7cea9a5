// Turns GSL's aborting error handler off, and names its status codes.

import CGSL

/// Evaluated once per process, before the first call into GSL.
private let errorHandlerIsOff: Bool = {
  gsl_set_error_handler_off()
  return true
}()

/// Makes GSL report errors by status code instead of aborting the process.
///
/// Every wrapper calls this before anything of GSL's that can fail; the handler is process-wide
/// and is replaced exactly once, on the first call.
@inline(__always)
func disableGSLErrorHandler() {
  _ = errorHandlerIsOff
}

/// Calls `body` with a GSL function that evaluates `function`.
func withGSLFunction<Result>(
  _ function: (Double) -> Double, _ body: (UnsafeMutablePointer<gsl_function>) -> Result
) -> Result {
  disableGSLErrorHandler()
  return withoutActuallyEscaping(function) { escaping in
    var closure = escaping
    return withUnsafeMutablePointer(to: &closure) { pointer in
      var callback = gsl_function(
        function: { x, closure in
          closure!.assumingMemoryBound(to: ((Double) -> Double).self).pointee(x)
        },
        params: UnsafeMutableRawPointer(pointer))
      return body(&callback)
    }
  }
}
