// The progress line of `em`.

import BayesCore
import BayesInference
import CommandLineKit
import Glibc
import Synchronization

/// Runs a fit, with a progress line on a second thread where somebody can see it.
func withEMProgress<Result: Sendable>(
  _ settings: EMCommandSettings, _ run: @escaping @Sendable (EMProgress?) throws -> Result
) throws -> Result {
  guard !settings.quiet, Terminal.isInteractive(.error) else { return try run(nil) }
  let progress = EMProgress()
  let isDone = DoneFlag()
  let results: [Result?] = try parallelMap(count: 2, threads: 2) { task in
    guard task == 0 else {
      show(progress, restarts: settings.restarts, until: isDone)
      return nil
    }
    defer { isDone.value.store(true, ordering: .relaxed) }
    return try run(progress)
  }
  return results[0]!
}

private final class DoneFlag: Sendable {
  let value = Atomic<Bool>(false)
}

/// Shows restarts, steps and the best objective so far, ten times a second.
private func show(_ progress: EMProgress, restarts: Int, until isDone: DoneFlag) {
  var isDirty = false
  var ticks = 0
  while !isDone.value.load(ordering: .relaxed) {
    usleep(10_000)
    ticks += 1
    guard ticks % 10 == 0 else { continue }
    let now = progress.snapshot()
    var line = "EM  \(now.finished) of \(restarts) restarts  \(now.iterations) steps"
    if let best = now.best { line += "  best \(best)" }
    if now.singular > 0 { line += "  \(now.singular) singular" }
    let width = (Terminal.width(of: .error) ?? 80) - 1
    StandardStream.error.writeIgnoringErrors("\r\(line.prefix(width))\u{1B}[K")
    isDirty = true
  }
  if isDirty { StandardStream.error.writeIgnoringErrors("\r\u{1B}[K") }
}
