// The entry point of expectation maximisation: restarts in parallel.

import BayesCore
import BayesNumerics
internal import Synchronization

/// Maximises a likelihood with unobserved data, or a posterior density, from several starts.
///
/// Each restart takes steps x ← F(x), where F is one E-step and one M-step (Dempster, Laird, Rubin 1977); the
/// objective never falls. Where `settings.accelerates`, every other step starts from a point that is
/// extrapolated from the two before (`EMExtrapolation`). It, or else the point one step from it, is accepted
/// if its objective is no lower than that of the last plain point; if neither is, the path goes on as if
/// they had not been tried. The fixed points remain those of F.
/// A restart converges by the rules of `EMConvergence`.
///
/// What is returned depends on the problem and the settings only: not on `threads`, progress or timing, and
/// restart k not on the number of restarts.
///
/// - Parameters:
///   - problem: makes one worker per thread, on that thread.
///   - settings: see `EMSettings`.
///   - progress: counters that another thread may poll.
///   - isCancelled: polled once per step; once true, the restarts that have begun end where they are.
/// - Throws: `EMError` for settings out of range, or what a worker throws: the error of the first restart
///   that met one, and no restart begins after it.
///
/// Reference: Dempster, Laird, Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm",
/// JRSS B 39(1).
public func expectationMaximisation(
  _ problem: any EMProblem, settings: EMSettings = EMSettings(), progress: EMProgress? = nil,
  isCancelled: @escaping @Sendable () -> Bool = { false }
) throws -> EMRun {
  try settings.validate()
  // The restarts share the processors; a threaded BLAS under each would only fight for them.
  setBLASThreads(1)
  let queue = RestartQueue(count: settings.restarts)
  let threads = min(settings.threads, settings.restarts)
  let shares = try parallelMap(count: threads, threads: threads) { _ in
    var ended: [(index: Int, result: Result<EMRestart, any Error>)] = []
    var worker: (any EMWorker)?
    while !isCancelled(), let index = queue.take() {
      let result = Result {
        let its = try worker ?? problem.makeWorker()
        worker = its
        return try restart(
          index, its, settings: settings, progress: progress, isCancelled: isCancelled)
      }
      if case .failure = result { queue.stop() }
      ended.append((index, result))
    }
    return ended
  }
  // Restarts are begun in order, so the first error is the same whichever thread met it.
  let restarts = try shares.joined().sorted { $0.index < $1.index }.map { try $0.result.get() }
  return EMRun(
    settings: settings, restarts: restarts,
    isInterrupted: restarts.count < settings.restarts
      || restarts.contains { $0.outcome == .interrupted })
}

/// One restart from start to end.
private func restart(
  _ index: Int, _ worker: any EMWorker, settings: EMSettings, progress: EMProgress?,
  isCancelled: @escaping () -> Bool
) throws -> EMRestart {
  var path = EMPath(
    worker: worker, settings: settings, progress: progress, isCancelled: isCancelled)
  let result = try path.run(index: index, from: worker.start(restart: index))
  progress?.count(result)
  return result
}

/// Hands out the numbers of restarts in order.
private final class RestartQueue: Sendable {
  private let count: Int
  private let next = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)

  init(count: Int) { self.count = count }

  func take() -> Int? {
    guard !isStopped.load(ordering: .relaxed) else { return nil }
    let index = next.add(1, ordering: .relaxed).oldValue
    return index < count ? index : nil
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }
}
