// `bayes compile --check`: whether a model's value and gradient are what its graph says.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesInference
import BayesNumerics
import CommandLineKit

/// Compares at five random points, the same in every run, and prints the worst errors.
func runCheck(_ compiled: CompiledModel) throws -> ExitCode {
  var settings = SamplerSettings(seed: 1)
  settings.chains = 5
  let check = try KernelCheck(
    compiled.kernel, tracedAs: compiled.traced.graph, compiled.traced.unconstrainedLogDensity,
    at: try compiled.initialPositions(from: DataSet(), settings: settings))
  note(backendLine(compiled.kernel.backend))
  guard check.points > 0 else {
    throw Failure("error: no random point with a finite log density was found", .data)
  }
  func shown(_ error: Double, _ bound: Double) -> String {
    "\(formatted(error, significant: 2)) (at most \(formatted(bound, significant: 1)))"
  }
  try StandardStream.output.write(
    """
    \(check.isPassed ? "passed" : "failed") at \(check.points) points; errors beside Σ|terms|: \
    kernel − interpreter \(shown(check.kernelError, KernelCheck.kernelBound)), \
    rewritten − plain \(shown(check.rewriteError, KernelCheck.rewriteBound)), \
    gradient − finite differences \(shown(check.differenceError, KernelCheck.differenceBound))

    """)
  if check.unresolved > 0 {
    note(
      "\(check.unresolved) of \(check.points * compiled.traced.dimension) partial derivatives stand at a kink "
        + "and were not compared")
  }
  if check.isPassed { return .success }
  let place = check.worstCoordinate.map { ", worst at unconstrained coordinate \($0 + 1)" } ?? ""
  throw Failure("error: the kernel is not the model's density\(place)", .software)
}
