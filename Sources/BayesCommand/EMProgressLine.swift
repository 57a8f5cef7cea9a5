// The progress line of `em`.

import BayesInference

/// Runs a fit, with a progress line: restarts, steps and the best objective so far.
func withEMProgress<Result: Sendable>(
  _ settings: EMCommandSettings, _ run: @escaping @Sendable (EMProgress) throws -> Result
) throws -> Result {
  let progress = EMProgress()
  let restarts = settings.restarts
  return try withProgressLine(isQuiet: settings.quiet) { _, _ in
    let now = progress.snapshot()
    var line = "EM  \(now.finished) of \(restarts) restarts  \(now.iterations) steps"
    if let best = now.best { line += "  best \(best)" }
    if now.singular > 0 { line += "  \(now.singular) singular" }
    return line
  } _: {
    try run(progress)
  }
}
