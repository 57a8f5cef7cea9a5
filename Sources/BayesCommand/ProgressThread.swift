// A line of progress on standard error while a long computation runs.

import BayesCore
import CommandLineKit
import Glibc
import Synchronization

/// Runs a computation and, where somebody can see it, shows how far it is ten times a second.
///
/// - Parameters:
///   - isQuiet: whether to show nothing, as `--quiet` asks.
///   - line: the line at a moment, given the window's width and the seconds since the start; called on a thread of its own.
///   - run: the computation.
func withProgressLine<Result: Sendable>(
  isQuiet: Bool, _ line: @escaping @Sendable (_ width: Int, _ seconds: Double) -> String,
  _ run: @escaping @Sendable () throws -> Result
) throws -> Result {
  guard !isQuiet, Terminal.isInteractive(.error) else { return try run() }
  let isDone = SharedFlag()
  let results: [Result?] = try parallelMap(count: 2, threads: 2) { task in
    guard task == 0 else {
      show(line, until: isDone)
      return nil
    }
    defer { isDone.value.store(true, ordering: .relaxed) }
    return try run()
  }
  return results[0]!
}

private final class SharedFlag: Sendable {
  let value = Atomic<Bool>(false)
}

private func show(_ line: (Int, Double) -> String, until isDone: SharedFlag) {
  let start = seconds()
  var isDirty = false
  var ticks = 0
  while !isDone.value.load(ordering: .relaxed) {
    usleep(10_000)
    ticks += 1
    guard ticks % 10 == 0 else { continue }
    let width = (Terminal.width(of: .error) ?? 80) - 1
    let text = line(width, seconds() - start).prefix(width)
    StandardStream.error.writeIgnoringErrors("\r\(text)\u{1B}[K")
    isDirty = true
  }
  // Results and messages stand alone.
  if isDirty { StandardStream.error.writeIgnoringErrors("\r\u{1B}[K") }
}
