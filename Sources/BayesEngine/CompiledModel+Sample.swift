// From a compiled model to a fit: sample, record, summarise.

import BayesCompiler
public import BayesCore
import BayesDiagnostics
public import BayesInference
public import BayesLanguage
import Glibc

extension CompiledModel {
  /// Draws from the posterior.
  ///
  /// - Parameters:
  ///   - settings: the sampler's; where it names no cost of a gradient, the kernel's estimate is used.
  ///   - initialValues: constrained values by parameter name, the same for all chains; parameters
  ///     that it lacks start at random.
  ///   - relabels: whether draws are relabelled where exchangeable components changed places; see
  ///     ``Fit/relabelled``.
  ///   - progress: counters that another thread may poll.
  ///   - isCancelled: polled once per iteration; once true, the fit has the draws made so far.
  /// - Throws: `SamplingError`, `EngineError`.
  public func sample(
    settings: SamplerSettings, initialValues: DataSet? = nil, relabels: Bool = true,
    progress: SamplerProgress? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Fit {
    let start = secondsNow()
    var settings = settings
    if settings.gradientCost == nil { settings.gradientCost = kernel.estimatedCost }
    try settings.validate()
    let positions = try initialValues.map { try initialPositions(from: $0, settings: settings) }
    let run = try BayesInference.sample(
      kernel, settings: settings, initialPositions: positions, progress: progress,
      explain: { explanation(at: $0) }, isCancelled: isCancelled)
    let (draws, labels, relabellings) = try record(run, relabels: relabels)
    let depth = settings.algorithm == .nuts ? settings.maxTreeDepth : nil
    let summary = summarise(draws, maxTreeDepth: depth, threads: settings.threads)
    let seconds = FitSeconds(
      compileKernel: compileSeconds,
      warmup: run.chains.reduce(0) { $0 + $1.warmupSeconds },
      sampling: run.chains.reduce(0) { $0 + $1.samplingSeconds },
      total: compileSeconds + secondsNow() - start)
    return Fit(
      model: traced.name, draws: draws, run: run, summary: summary,
      advice: advice(
        for: summary, maxTreeDepth: depth, targetAcceptance: settings.targetAcceptance,
        isMetricDense: run.chains.allSatisfy(\.metric.isDense), relabelled: relabellings.map(\.axis)),
      backend: kernel.backend, rewrites: kernel.rewrites, labels: labels, relabellings: relabellings,
      seconds: seconds, names: traced.names)
  }
}

extension Model {
  /// Draws from the model's posterior.
  ///
  /// - Parameters:
  ///   - seed: the key of all random streams; without, the system draws one (see `Fit.settings`).
  ///   - chains: independent chains.
  ///   - warmup: iterations per chain in which the sampler learns, not recorded.
  ///   - draws: recorded iterations per chain.
  ///   - data: values by name, beside those that were set in code.
  ///   - initialValues: constrained values by parameter name to start from.
  ///   - relabels: whether draws are relabelled where exchangeable components changed places; see
  ///     ``Fit/relabelled``.
  ///   - adjusting: changes any other setting of the sampler.
  /// - Throws: `ModelError`, with all that is wrong with model or data; `SamplingError`.
  public func sample(
    seed: UInt64? = nil, chains: Int = 4, warmup: Int = 1000, draws: Int = 1000,
    data: DataSet = DataSet(), initialValues: DataSet? = nil, relabels: Bool = true,
    adjusting: (inout SamplerSettings) -> Void = { _ in }
  ) throws -> Fit {
    var settings = SamplerSettings(seed: seed ?? randomSeed())
    settings.chains = chains
    settings.warmup = warmup
    settings.draws = draws
    adjusting(&settings)
    return try CompiledModel(self, data: data).sample(
      settings: settings, initialValues: initialValues, relabels: relabels)
  }
}

/// A seed from the system's randomness, below 2⁵³ so that every JSON reader keeps it exactly.
public func randomSeed() -> UInt64 {
  var generator = SystemRandomNumberGenerator()
  return generator.next() >> 11
}
