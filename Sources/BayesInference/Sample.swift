// The entry point: several chains in parallel.

public import BayesCore
import BayesNumerics

/// What a run keeps beside its draws.
public struct SamplerRecord: OptionSet, Sendable {
  /// One bit per kind of thing to keep.
  public let rawValue: Int
  /// A set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// Positions and statistics of the warmup iterations.
  public static let warmup = SamplerRecord(rawValue: 1)
}

/// Draws from a density with several independent chains.
///
/// The draws depend on the density, the settings and the initial positions only: not on `threads`,
/// progress or timing, and chain k's not on the number of chains.
///
/// - Parameters:
///   - density: what to draw from; each chain makes its own evaluator on its own thread.
///   - settings: see `SamplerSettings`.
///   - initialPositions: one unconstrained position per chain; without, each chain draws its own
///     from U(−2, 2), up to 100 times until log density and gradient are finite.
///   - record: what to keep beside the draws.
///   - progress: counters that another thread may poll.
///   - explain: says what is wrong with a position whose density is not finite, for the error.
///   - isCancelled: polled once per iteration; once true, every chain ends with the draws it has.
/// - Returns: the chains. After a cancellation the ones with too few draws are dropped and the rest cut to
///   equal length, so that as many draws as possible remain.
/// - Throws: `SamplingError`, or what an evaluator throws (fatal, ends the run).
public func sample(
  _ density: some LogDensity, settings: SamplerSettings, initialPositions: [[Double]]? = nil,
  record: SamplerRecord = [], progress: SamplerProgress? = nil,
  explain: (@Sendable ([Double]) -> String)? = nil,
  isCancelled: @escaping @Sendable () -> Bool = { false }
) throws -> SamplerRun {
  try settings.validate()
  let dimension = density.dimension
  if let initialPositions {
    guard initialPositions.count == settings.chains else {
      throw SamplingError.wrongInitialPositions(
        "\(initialPositions.count) initial positions for \(settings.chains) chains")
    }
    for (chain, position) in initialPositions.enumerated() where position.count != dimension {
      throw SamplingError.wrongInitialPositions(
        "the initial position of chain \(chain + 1) has \(position.count) numbers; "
          + "the density has dimension \(dimension)")
    }
  }
  // The chains share the processors; a threaded BLAS under each would only fight for them.
  setBLASThreads(1)
  let chains = try parallelMap(count: settings.chains, threads: settings.threads) { chain in
    var sampler = try ChainSampler(
      dimension: dimension, evaluator: density.makeEvaluator(), settings: settings, chain: chain,
      record: record)
    return try sampler.run(
      initialPosition: initialPositions?[chain], explain: explain, progress: progress,
      isCancelled: isCancelled)
  }
  let isInterrupted = chains.contains { $0.statistics.count < settings.draws }
  return SamplerRun(
    settings: settings, dimension: dimension,
    chains: isInterrupted ? trimmed(chains, dimension: dimension) : chains,
    isInterrupted: isInterrupted)
}

/// Chains cut to one length, the shortest ones dropped where that leaves more draws in all.
func trimmed(_ chains: [ChainRun], dimension: Int) -> [ChainRun] {
  let lengths = chains.map(\.statistics.count).sorted(by: >)
  let best = lengths.indices.max { ($0 + 1) * lengths[$0] < ($1 + 1) * lengths[$1] }
  guard let best else { return chains }
  let length = lengths[best]
  return chains.filter { $0.statistics.count >= length }.map { chain in
    var cut = chain
    cut.statistics.removeLast(cut.statistics.count - length)
    cut.positions.removeLast(cut.positions.count - length * dimension)
    return cut
  }
}
