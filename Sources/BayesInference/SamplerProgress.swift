// Counters that another thread may read while chains run.

internal import Synchronization

/// Live counters of a run: chains write them, anyone may read a snapshot, and no draw depends on them.
public final class SamplerProgress: Sendable {
  /// One chain's counters at some moment.
  public struct Chain: Sendable, Equatable {
    /// Iterations done, warmup included.
    public var iterations = 0
    /// Whether the chain is still in warmup.
    public var isWarmup = true
    /// Divergences so far, those of the warmup excluded.
    public var divergences = 0
    /// Leapfrog steps so far, warmup included.
    public var leapfrogs = 0
  }

  private final class Counters: Sendable {
    let iterations = Atomic<Int>(0)
    let isWarmup = Atomic<Bool>(true)
    let divergences = Atomic<Int>(0)
    let leapfrogs = Atomic<Int>(0)
  }

  private let counters: [Counters]

  /// Counters for a number of chains.
  public init(chains: Int) {
    counters = (0..<chains).map { _ in Counters() }
  }

  /// All chains' counters; each number is current, together they may be a draw apart.
  public func snapshot() -> [Chain] {
    counters.map {
      Chain(
        iterations: $0.iterations.load(ordering: .relaxed),
        isWarmup: $0.isWarmup.load(ordering: .relaxed),
        divergences: $0.divergences.load(ordering: .relaxed),
        leapfrogs: $0.leapfrogs.load(ordering: .relaxed))
    }
  }

  /// Publishes a chain's counters; chains that the reader did not ask for are ignored.
  func publish(chain: Int, _ state: Chain) {
    guard counters.indices.contains(chain) else { return }
    let target = counters[chain]
    target.iterations.store(state.iterations, ordering: .relaxed)
    target.isWarmup.store(state.isWarmup, ordering: .relaxed)
    target.divergences.store(state.divergences, ordering: .relaxed)
    target.leapfrogs.store(state.leapfrogs, ordering: .relaxed)
  }
}
