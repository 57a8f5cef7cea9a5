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
  ///   - progress: counters that another thread may poll.
  ///   - isCancelled: polled once per iteration; once true, the fit has the draws made so far.
  /// - Throws: `SamplingError`, `EngineError`.
  public func sample(
    settings: SamplerSettings, initialValues: DataSet? = nil, progress: SamplerProgress? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Fit {
    let start = secondsNow()
    var settings = settings
    if settings.gradientCost == nil { settings.gradientCost = kernel.estimatedCost }
    try settings.validate()
    let positions = try initialValues.map { try initialPositions(from: $0, settings: settings) }
    let run = try BayesInference.sample(
      kernel, settings: settings, initialPositions: positions, progress: progress,
      explain: { explanation(at: $0) }, isCancelled: isCancelled)
    let (draws, labels) = try record(run)
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
        isMetricDense: run.chains.allSatisfy(\.metric.isDense)),
      backend: kernel.backend, rewrites: kernel.rewrites, labels: labels, seconds: seconds,
      names: traced.names)
  }

  /// The recorded quantities at the run's positions, and the labels' probabilities averaged over these.
  private func record(_ run: SamplerRun) throws -> (Draws, [LabelProbabilities]) {
    let dimension = traced.dimension
    let width = variables.reduce(0) { $0 + $1.count }
    let outputCount = kernel.outputCount
    let recorded = try parallelMap(count: run.chains.count, threads: run.settings.threads) {
      chain in
      let evaluator = kernel.makeKernelEvaluator()
      let positions = run.chains[chain].positions
      let count = run.chains[chain].statistics.count
      var values = [Double](repeating: 0, count: count * width)
      var sums = [Double](repeating: 0, count: outputCount - width)
      guard outputCount > 0 else { return (values, sums) }
      var outputs = [Double](repeating: 0, count: outputCount)
      withPointer(positions) { positions in
        outputs.withUnsafeMutableBufferPointer { outputs in
          for draw in 0..<count {
            evaluator.outputs(at: positions + draw * dimension, into: outputs.baseAddress!)
            for k in 0..<width { values[draw * width + k] = outputs[k] }
            for k in sums.indices { sums[k] += outputs[width + k] }
          }
        }
      }
      return (values, sums)
    }
    let draws = Draws(
      variables: variables, chains: recorded.map(\.0), statistics: run.chains.map(\.statistics))
    let labels = labelProbabilities(recorded.map(\.1), draws: draws)
    guard let best = highestDraw(run), traced.latentBlocks.contains(where: { $0.chain != nil })
    else { return (draws, labels) }
    return (draws, withPaths(labels, traced.latentBlocks, traced.graph, at: best))
  }

  /// The recorded position of the highest log density, the first of equals; `nil` without draws.
  private func highestDraw(_ run: SamplerRun) -> [Double]? {
    var best: (chain: Int, draw: Int)?
    func density(_ place: (chain: Int, draw: Int)) -> Double {
      run.chains[place.chain].statistics[place.draw].logDensity
    }
    for chain in run.chains.indices {
      for draw in run.chains[chain].statistics.indices {
        guard let found = best, density(found) >= density((chain, draw)) else {
          best = (chain, draw)
          continue
        }
      }
    }
    return best.map { chain, draw in
      let start = draw * traced.dimension
      return Array(run.chains[chain].positions[start..<(start + traced.dimension)])
    }
  }

  /// The sums of all chains as means, cut into unknowns.
  private func labelProbabilities(_ sums: [[Double]], draws: Draws) -> [LabelProbabilities] {
    let count = Double(draws.chainCount * draws.drawCount)
    guard count > 0 else { return [] }
    var start = 0
    return traced.latents.map { latent in
      let (rows, labels) = (latent.variable.count, latent.labels.size)
      defer { start += rows * labels }
      return LabelProbabilities(
        variable: latent.variable, labels: latent.labels,
        values: (0..<rows).map { row in
          (0..<labels).map { label in
            sums.reduce(0) { $0 + $1[start + label * rows + row] } / count
          }
        })
    }
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
  ///   - adjusting: changes any other setting of the sampler.
  /// - Throws: `ModelError`, with all that is wrong with model or data; `SamplingError`.
  public func sample(
    seed: UInt64? = nil, chains: Int = 4, warmup: Int = 1000, draws: Int = 1000,
    data: DataSet = DataSet(), initialValues: DataSet? = nil,
    adjusting: (inout SamplerSettings) -> Void = { _ in }
  ) throws -> Fit {
    var settings = SamplerSettings(seed: seed ?? randomSeed())
    settings.chains = chains
    settings.warmup = warmup
    settings.draws = draws
    adjusting(&settings)
    return try CompiledModel(self, data: data).sample(
      settings: settings, initialValues: initialValues)
  }
}

/// A seed from the system's randomness, below 2⁵³ so that every JSON reader keeps it exactly.
public func randomSeed() -> UInt64 {
  var generator = SystemRandomNumberGenerator()
  return generator.next() >> 11
}
