// The files of `--output DIR`: one CSV a chain, and the record of the run.

import BayesCore
import BayesEngine
import BayesInference
import BayesReport
import Glibc

/// The folder of a run, created before sampling so that a folder that cannot be written is known early.
struct SampleFiles {
  private let folder: String
  private let chains: Int

  /// Creates the folder, and the first chain's file to see that it can be written.
  ///
  /// - Throws: `OutputError.cannotCreate`.
  init(folder: String, _ compiled: CompiledModel, _ settings: SampleSettings, seed: UInt64) throws {
    self.folder = folder.hasSuffix("/") ? folder : folder + "/"
    chains = settings.chains
    try createFolder(folder)
    for chain in 0..<settings.chains {
      _ = try StanCSVWriter(
        path: path(chain: chain),
        header: header(compiled.traced.name, settings, chain: chain, seed: seed, metric: "diag_e"),
        variables: compiled.variables)
    }
  }

  private func path(chain: Int) -> String { "\(folder)chain-\(chain + 1).csv" }

  private func header(
    _ model: String, _ settings: SampleSettings, chain: Int, seed: UInt64, metric: String
  ) -> StanCSVHeader {
    StanCSVHeader(
      model: model, chain: chain + 1, seed: seed, draws: settings.draws, warmup: settings.warmup,
      engine: settings.sampler == .nuts ? "nuts" : "static", metric: metric,
      targetAcceptance: settings.targetAcceptance, maxTreeDepth: settings.maxDepth,
      version: version)
  }

  /// Writes the record, then all chains.
  ///
  /// - Throws: `OutputError`, after having tried every file.
  func write(_ result: SampleResult) throws {
    var failure: (any Error)?
    do {
      try writeFile(jsonText(recordJSON(result), indented: true), to: folder + "run.json")
    } catch { failure = error }
    for (index, chain) in result.fit.run.chains.enumerated() {
      do {
        try write(chain, index: index, result)
      } catch { failure = failure ?? error }
    }
    removeOthers(than: result.fit.run.chains.map(\.chain))
    if let failure { throw failure }
  }

  /// Removes the files of chains that an interrupted run dropped, and those of an earlier run of more
  /// chains, so that the folder holds one run.
  private func removeOthers(than kept: [Int]) {
    var chain = 0
    while chain < chains || access(path(chain: chain), F_OK) == 0 {
      if !kept.contains(chain) { unlink(path(chain: chain)) }
      chain += 1
    }
  }

  private func write(_ chain: ChainRun, index: Int, _ result: SampleResult) throws {
    let draws = result.fit.draws
    let writer = try StanCSVWriter(
      path: path(chain: chain.chain),
      header: header(
        result.fit.model, result.settings, chain: chain.chain, seed: result.seed,
        metric: chain.metric.isDense ? "dense_e" : "diag_e"), variables: draws.variables)
    let inverseMetric: StanCSVAdaptation.InverseMetric =
      switch chain.metric {
      case .diagonal(let variances): .diagonal(variances)
      case .dense(let values): .dense(values, dimension: result.fit.run.dimension)
      }
    try writer.write(
      StanCSVAdaptation(stepSize: chain.stepSize, inverseMetric: inverseMetric))
    let width = draws.columnCount
    for (draw, statistics) in chain.statistics.enumerated() {
      try writer.append(
        draws.chains[index][(draw * width)..<((draw + 1) * width)], statistics: statistics)
    }
    try writer.finish(
      warmupSeconds: chain.warmupSeconds, samplingSeconds: chain.samplingSeconds)
  }
}
