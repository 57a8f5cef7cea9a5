// What a sampling run returns.

public import BayesCore

/// Where a trajectory diverged: the region that the sampler could not enter.
public struct Divergence: Sendable, Equatable {
  /// The recorded iteration, from 0.
  public let draw: Int
  /// The position at which the energy error passed its limit or was not finite.
  public let position: [Double]
  /// The momentum there, whitened by the metric (unit normal scale).
  public let whitenedMomentum: [Double]
  /// H − H₀ in nats; +∞ where the density was not finite.
  public let energyError: Double
}

/// One chain's draws and how they came about.
public struct ChainRun: Sendable {
  /// The chain's number, from 0.
  public let chain: Int
  /// Draws × dimension, row-major, unconstrained.
  public var positions: [Double]
  /// One entry per draw.
  public var statistics: [DrawStatistics]
  /// Warmup positions, as `positions`; empty unless recorded.
  public let warmupPositions: [Double]
  /// Warmup statistics; empty unless recorded.
  public let warmupStatistics: [DrawStatistics]
  /// Gradients evaluated in warmup, searches for initial points and step sizes included.
  public let warmupGradientEvaluations: Int
  /// Gradients evaluated for the draws.
  public let samplingGradientEvaluations: Int
  /// Step size of the draws.
  public let stepSize: Double
  /// The metric of the draws.
  public let metric: Metric
  /// The warmup that was run.
  public let stages: [WarmupStage]
  /// Thread CPU seconds of the warmup.
  public let warmupSeconds: Double
  /// Thread CPU seconds of the draws.
  public let samplingSeconds: Double
  /// Divergences among the draws, the first 100 of them.
  public let divergences: [Divergence]
}

/// What a sampling run returns.
public struct SamplerRun: Sendable {
  /// The settings that were used.
  public let settings: SamplerSettings
  /// The number of unconstrained coordinates.
  public let dimension: Int
  /// The chains, all of equally many draws.
  public let chains: [ChainRun]
  /// Whether the run was cancelled before all draws were made.
  public let isInterrupted: Bool

  /// Draws per chain.
  public var drawCount: Int { chains.first?.statistics.count ?? 0 }
}
