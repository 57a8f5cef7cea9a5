// Counters that another thread may read while restarts run.

internal import Synchronization

/// Live counters of a run of expectation maximisation: nothing that the run returns depends on them.
public final class EMProgress: Sendable {
  /// The counters at some moment.
  public struct Snapshot: Sendable, Equatable {
    /// Steps taken by all restarts so far.
    public var iterations = 0
    /// Restarts that have ended.
    public var finished = 0
    /// Those of them that converged.
    public var converged = 0
    /// Those of them that ran to a degenerate point.
    public var singular = 0
    /// The highest objective of the converged ones; `nil` before the first.
    public var best: Double?
  }

  private let iterations = Atomic<Int>(0)
  private let ended = Mutex(Snapshot())

  /// Counters at zero.
  public init() {}

  /// The counters now; the number of steps may be ahead of the others.
  public func snapshot() -> Snapshot {
    var result = ended.withLock { $0 }
    result.iterations = iterations.load(ordering: .relaxed)
    return result
  }

  /// Counts a step.
  func countStep() { iterations.add(1, ordering: .relaxed) }

  /// Counts a restart that has ended.
  func count(_ restart: EMRestart) {
    ended.withLock {
      $0.finished += 1
      if restart.isSingular { $0.singular += 1 }
      guard restart.isConverged else { return }
      $0.converged += 1
      $0.best = max($0.best ?? -.infinity, restart.objective)
    }
  }
}
