// Settings of a sampling run, with one table that holds name, default, range and help of each.

import BayesCore

/// Which Markov transition is used.
public enum SamplerAlgorithm: Sendable, Equatable {
  /// The No-U-Turn sampler with multinomial proposals.
  case nuts
  /// Static Hamiltonian Monte Carlo with a fixed number of leapfrog steps.
  case hmc(leapfrogs: Int)
}

/// How step size and metric are learnt; see `WarmupStage.schedule`.
public enum WarmupSchedule: String, Sendable, CaseIterable {
  /// Metric from draws and gradients in overlapping windows, updated at every draw.
  case fisher
  /// Stan's three phases with expanding variance windows.
  case stan
}

/// The shape of the metric.
public enum MetricChoice: String, Sendable, CaseIterable {
  /// Dense where the draws of the warmup say that it pays, else diagonal.
  ///
  /// It is considered up to dimension 64, and beyond where its n² operations per step are small
  /// beside `gradientCost`; taken where it shortens trajectories by more than it slows each
  /// step; and estimated within 3 % of the run's cost. Counts and draws decide, never time. Where
  /// the posterior is far from normal, a dense metric aims at a higher acceptance than
  /// `targetAcceptance`, at most half as far from 1, so that it does not diverge more.
  case auto
  /// One variance per coordinate.
  case diagonal
  /// All covariances.
  case dense
}

/// Settings of a sampling run.
public struct SamplerSettings: Sendable, Equatable {
  /// Independent chains.
  public var chains = 4
  /// Iterations per chain in which step size and metric are learnt; not recorded.
  public var warmup = 1000
  /// Recorded iterations per chain.
  public var draws = 1000
  /// Key of all random streams; the same seed gives the same bits whatever `threads` is.
  public var seed: UInt64
  /// The Markov transition.
  public var algorithm = SamplerAlgorithm.nuts
  /// How step size and metric are learnt.
  public var warmupSchedule = WarmupSchedule.fisher
  /// The shape of the metric.
  public var metric = MetricChoice.auto
  /// Mean acceptance that the step size aims at; see also `MetricChoice.auto`.
  public var targetAcceptance = 0.8
  /// The deepest doubling; a tree of depth d takes up to 2ᵈ − 1 leapfrog steps.
  public var maxTreeDepth = 10
  /// Threads to run chains on.
  public var threads = availableProcessors()
  /// Nanoseconds of one log density and gradient, for the choice between metrics; `nil` assumes
  /// a cheap one, 100 + 10 n. A setting and not a measurement, so that draws never depend on timing.
  public var gradientCost: Double?

  /// The default settings with the given seed.
  public init(seed: UInt64) {
    self.seed = seed
  }

  /// One numeric setting as the command line, help and validation see it.
  public typealias Option = NumericOption<SamplerSettings>

  /// All numeric settings.
  public static let options: [Option] = [
    Option(
      name: "chains", range: 1...10_000, help: "Independent chains", isInteger: true,
      value: { Double($0.chains) }),
    Option(
      name: "warmup", range: 0...10_000_000, help: "Warmup iterations per chain", isInteger: true,
      value: { Double($0.warmup) }),
    Option(
      name: "draws", range: 0...10_000_000, help: "Recorded iterations per chain",
      isInteger: true, value: { Double($0.draws) }),
    Option(
      name: "leapfrogs", range: 1...1_000_000, help: "Leapfrog steps per draw of static HMC",
      isInteger: true,
      value: { if case .hmc(let count) = $0.algorithm { Double(count) } else { nil } }),
    Option(
      name: "target-acceptance", range: 0.01...0.999,
      help: "Mean acceptance that the step size aims at", isInteger: false,
      value: { $0.targetAcceptance }),
    Option(
      name: "max-depth", range: 1...18, help: "Deepest doubling of a trajectory",
      isInteger: true, value: { Double($0.maxTreeDepth) }),
    Option(
      name: "threads", range: 1...10_000, help: "Threads to run chains on", isInteger: true,
      value: { Double($0.threads) }),
    Option(
      name: "gradient-cost", range: 0...1e15, help: "Nanoseconds of one gradient, if known",
      isInteger: false, value: { $0.gradientCost }),
  ]

  /// Throws `SamplingError.invalidSetting` for the first setting outside its range.
  public func validate() throws {
    for option in Self.options {
      guard let text = option.violation(in: self) else { continue }
      throw SamplingError.invalidSetting(name: option.name, value: text, expected: option.expected)
    }
  }
}

extension NumericOption<SamplerSettings> {
  /// The value of the default settings.
  public var defaultValue: Double? { value(SamplerSettings(seed: 0)) }
}
