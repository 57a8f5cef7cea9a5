// `bayes sbc`: simulation-based calibration of a model's sampler.

import BayesCalibration
import BayesCore
import BayesEngine
import BayesLanguage
import BayesNumerics
import BayesReport
import CommandLineKit

/// The settings of `sbc`.
struct CalibrationSettings: Sendable, Equatable {
  var input = ModelInput()
  var simulations = 200
  var draws = 99
  var thinning = 10
  var warmup = 1000
  var seed: UInt64?
  var plot: String?
  var format = OutputFormat.table
}

/// `sbc`.
func calibrationCommand(_ host: Host) -> Command<CalibrationSettings> {
  Command(
    "sbc", summary: "Check the sampler on data simulated from the model's own priors.",
    discussion:
      "The rank of each true value among the draws of its fit is uniform if the sampler is right (Talts et al. 2018). For each "
      + "quantity prints two tests: whether the distribution function of the ranks stays in a band that holds all of it with "
      + "probability 95 % (Säilynoja, Bürkner, Vehtari 2022), exact for any number of simulations, and a chi-square test of 20 bins.",
    defaults: CalibrationSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option(
        "simulations", \.simulations, must: .within(1...1_000_000),
        help: "Simulated data sets, each fitted with one chain."),
      .option(
        "draws", \.draws, must: .within(1...1_000_000),
        help: "Thinned draws that each true value is ranked among."),
      .option(
        "thinning", \.thinning, must: .within(1...10_000), help: "Iterations for one kept draw."),
      .option(
        "warmup", \.warmup, must: .within(0...1_000_000), help: "Warmup iterations of each fit."),
      .option("seed", \.seed, help: "Key of all random numbers; without, one is drawn."),
      .option(
        "plot", \.plot, placeholder: "FILE",
        help:
          "Write the distribution functions of the ranks, less the uniform one, with their band, .svg."
      ),
      .option("format", \.format, help: "A table, or one JSON object with all ranks."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
    ],
    examples: [
      CommandExample(
        "\(host.program) sbc\(host.model) --simulations 500 --seed 1", "Ranks and their uniformity")
    ])
}

/// Runs `sbc`. The observed data only lend their sizes; they are replaced by simulated ones.
func runCalibration(_ model: some Model, _ settings: CalibrationSettings) throws -> ExitCode {
  if let plot = settings.plot, !plot.hasSuffix(".svg") {
    throw UsageError("--plot writes .svg, not '\(plot)'", command: "bayes sbc")
  }
  let names = DataNames(of: model)
  let data = try settings.input.read(needed: names.needed, gapped: names.gapped)
  let seed = settings.seed ?? randomSeed()
  let ranks = try calibrationRanks(
    of: model, data: data, simulations: settings.simulations, draws: settings.draws,
    thinning: settings.thinning, warmup: settings.warmup, seed: seed)
  let band = try UniformityBand(count: ranks.ranks.count, possibleRanks: ranks.draws + 1)
  let uniformity = try ranks.names.indices.map { quantity in
    try RankUniformity(ranks: ranks.ranks.map { $0[quantity] }, in: band)
  }
  if let path = settings.plot {
    try writeFile(rankPlot(ranks.names, uniformity).svg(), to: path)
  }
  switch settings.format {
  case .json:
    try StandardStream.output.write(
      jsonText(
        [
          "names": .strings(ranks.names),
          "ranks": JSONValue(.array(ranks.ranks.map { .numbers($0.map(Double.init)) })),
          "draws": .integer(ranks.draws), "p_ecdf": .numbers(uniformity.map(\.pValue)),
          "p_chi_square": .numbers(ranks.names.indices.map { ranks.uniformity(of: $0) }),
          "divergences": .integer(ranks.divergences),
          "seed": .integer(seed),
        ], indented: false))
  case .table:
    var rows = [["Quantity", "p of ECDF", "In the 95 % band", "p of chi-square"]]
    for (quantity, name) in ranks.names.enumerated() {
      rows.append([
        name, fixed(uniformity[quantity].pValue, decimals: 4),
        uniformity[quantity].isInside ? "yes" : "NO",
        fixed(ranks.uniformity(of: quantity), decimals: 4),
      ])
    }
    try StandardStream.output.write(
      "Ranks of \(settings.simulations) simulations, seed \(seed); small p: not uniform.\n\n"
        + abTable(rows) + "\n\(ranks.divergences) divergences.\n")
  }
  return .success
}

/// The distribution function of each quantity's ranks less that of uniform ones.
///
/// Drawn as a difference, in which the band is wide enough to see (Säilynoja et al. 2022).
private func rankPlot(_ names: [String], _ uniformity: [RankUniformity]) -> Plot {
  var plot = Plot(
    title: "Shaded: where all of a right sampler's function lies with probability 95 %",
    xLabel: "rank, as a share of the draws", yLabel: "share of ranks below - uniform")
  let points = uniformity[0].points
  plot.series.append(
    PlotSeries(
      "uniform",
      [
        .band(
          x: points.map(\.position), low: points.map { $0.band.lowerBound - $0.position },
          high: points.map { $0.band.upperBound - $0.position }),
        .line([PlotPoint(0, 0), PlotPoint(1, 0)], isDashed: true),
      ], isReference: true))
  for (name, ranks) in zip(names, uniformity) {
    plot.series.append(
      PlotSeries(name, [.line(ranks.points.map { PlotPoint($0.position, $0.share - $0.position) })])
    )
  }
  plot.xRange = 0...1
  return plot
}
