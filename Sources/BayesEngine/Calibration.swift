// Simulation-based calibration: do posteriors of simulated data hold the truth as often as they say?

import BayesCompiler
public import BayesCore
import BayesInference
public import BayesLanguage
import BayesNumerics
import Glibc

/// The ranks of true values among posterior draws, over many simulated data sets.
///
/// With exact posteriors every rank is uniform on 0…`draws`.
///
/// Reference: Talts, Betancourt, Simpson, Vehtari & Gelman (2018), "Validating Bayesian inference
/// algorithms with simulation-based calibration", arXiv:1804.06788.
public struct CalibrationRanks: Sendable, Equatable {
  /// The scalar quantities.
  public let names: [String]
  /// Per simulation, the rank of each quantity's true value.
  public let ranks: [[Int]]
  /// The thinned draws that each rank is among.
  public let draws: Int
  /// Divergences over all fits.
  public let divergences: Int

  /// The probability of ranks at least as uneven as these, were they uniform: a χ² test over `bins`.
  public func uniformity(of quantity: Int, bins: Int = 20) -> Double {
    let places = draws + 1
    let bins = max(2, min(bins, places))
    precondition(ranks.allSatisfy { $0.count == names.count }, "a rank for each quantity")
    var counts = [Double](repeating: 0, count: bins)
    for simulation in ranks { counts[simulation[quantity] * bins / places] += 1 }
    var statistic = 0.0
    for bin in 0..<bins {
      // The ranks that fall in a bin: bins differ by one where they do not divide the places.
      let size = (0..<places).count { $0 * bins / places == bin }
      let expected = Double(ranks.count * size) / Double(places)
      statistic += (counts[bin] - expected) * (counts[bin] - expected) / expected
    }
    return 1 - gammaCDF(statistic, shape: Double(bins - 1) / 2, rate: 0.5)
  }
}

/// Runs simulation-based calibration.
///
/// - Parameters:
///   - model: the model whose data are simulated.
///   - data: what the model needs beside the simulated data, and their sizes: any values will do, but
///     observed values that stand on no left side are kept.
///   - simulations: the number of simulated data sets, each fitted with one chain.
///   - draws: thinned draws per fit; a number such as 99 that makes equal bins.
///   - thinning: draws between two that are kept, so that they are nearly independent.
/// - Throws: `EngineError.cannotSimulate`, or what a fit throws.
public func calibrationRanks(
  of model: some Model, data: DataSet = DataSet(), simulations: Int, draws: Int = 99,
  thinning: Int = 10, warmup: Int = 1000, seed: UInt64
) throws -> CalibrationRanks {
  let simulator = try PriorSimulator(model, data: data)
  let names = simulator.variables.flatMap(\.elementNames)
  // Each simulated data set has a kernel of its own, which nobody will want again.
  let scratch = try ScratchFolder()
  defer { scratch.remove() }
  var fitSettings = KernelSettings()
  fitSettings.cacheFolder = scratch.path
  let kernelSettings = fitSettings
  let fits = try parallelMap(count: simulations, threads: availableProcessors()) { index in
    var stream = RandomStream(
      seed: seed, chain: index, purpose: .simulation, iteration: 0)
    let truth = try simulator.simulate(using: &stream)
    var settings = SamplerSettings(seed: stream.next())
    settings.chains = 1
    settings.threads = 1
    settings.warmup = warmup
    settings.draws = draws * thinning
    let fit = try CompiledModel(
      model, data: data, replacements: truth.data, settings: kernelSettings
    )
    .sample(settings: settings, relabels: false)
    let width = fit.draws.columnCount
    let ranks = (0..<width).map { column in
      (0..<draws).count { draw in
        fit.draws.chains[0][draw * thinning * width + column] < truth.quantities[column]
      }
    }
    return (ranks, fit.summary.health.divergences)
  }
  return CalibrationRanks(
    names: names, ranks: fits.map(\.0), draws: draws,
    divergences: fits.reduce(0) { $0 + $1.1 })
}

/// A folder for files that nobody will want again; flat.
private struct ScratchFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    guard let made = mkdtemp(strdup("\(base)/bayes-XXXXXX")) else {
      throw CompilationError(description: "no folder can be made in \(base)")
    }
    path = String(cString: made)
    free(made)
  }

  func remove() {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
