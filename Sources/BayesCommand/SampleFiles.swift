// The files of `--output DIR`: one CSV a chain, and the record of the run.

import BayesCore
import BayesEngine
import BayesInference
import BayesReport
import Glibc

/// The folder of a run.
///
/// What lies there from an earlier run stays until the new draws are on the disk: chains are written
/// under names of their own, `chain-1.csv.partial`, and renamed together.
struct SampleFiles {
  private let folder: String

  /// Creates the folder, and a file in it to see that files can be, before any time is spent.
  ///
  /// - Throws: `OutputError.cannotCreate`; `Failure` where the folder holds draws of another model.
  init(folder: String, model: String) throws {
    self.folder = folder.hasSuffix("/") ? folder : folder + "/"
    try createFolder(folder)
    if let other = try? parseJSON(path: record)["model"]?.string, other != model {
      throw Failure(
        "\(record): error: the folder holds draws of the model \(other)\n"
          + "  hint: name another folder for those of \(model), or remove this one",
        .cannotCreate)
    }
    let probe = "\(path(chain: 0)).\(getpid()).partial"
    _ = try OutputFile(creating: probe)
    unlink(probe)
  }

  private var record: String { folder + "run.json" }

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

  /// Writes all chains, then the record; without draws nothing, so that an earlier run's stay.
  ///
  /// The record goes first and comes last: a folder without one was left in the middle.
  ///
  /// - Throws: `OutputError`, after having tried every chain. All then keep their `.partial` names.
  func write(_ result: SampleResult) throws {
    guard result.fit.draws.drawCount > 0 else { return }
    let chains = result.fit.run.chains
    var failure: (any Error)?
    for (index, chain) in chains.enumerated() {
      do { try write(chain, index: index, result) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    unlink(record)
    let paths = chains.map { path(chain: $0.chain) }
    for path in paths {
      guard rename(partial(path), path) == 0 else {
        throw OutputError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
      }
    }
    for path in try stanCSVFiles(in: folder) where isChain(path) && !paths.contains(path) {
      unlink(path)
    }
    if !result.fit.labels.isEmpty {
      // In a folder of its own: every CSV file beside the chains is read as a chain.
      try createFolder(folder + "labels")
      for unknown in result.fit.labels {
        try writeFile(labelsCSV(unknown), to: "\(folder)labels/\(unknown.variable.name).csv")
        unlink(labelDrawsPath(unknown.variable))
      }
      if result.settings.labelDraws {
        for unknown in try result.compiled.labelDraws(of: result.fit) {
          try writeFile(
            labelDrawsCSV(unknown, chains: chains.map(\.chain)),
            to: labelDrawsPath(unknown.variable))
        }
      }
    }
    try writeFile(jsonText(recordJSON(result), indented: true), to: record)
  }

  private func labelDrawsPath(_ unknown: Variable) -> String {
    "\(folder)labels/\(unknown.name)_draws.csv"
  }

  private func partial(_ path: String) -> String { path + ".partial" }

  /// Whether a file has the name of a chain: those of an earlier run of more chains would be mixed up
  /// with this one's.
  private func isChain(_ path: String) -> Bool {
    let name = path.dropFirst(folder.count)
    return name.hasPrefix("chain-") && name.hasSuffix(".csv")
      && Int(name.dropFirst(6).dropLast(4)) != nil
  }

  private func write(_ chain: ChainRun, index: Int, _ result: SampleResult) throws {
    let draws = result.fit.draws
    let writer = try StanCSVWriter(
      path: partial(path(chain: chain.chain)),
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
