// `bayes sbc`: simulation-based calibration of a model's sampler.

import BayesCore
import BayesEngine
import BayesLanguage
import BayesNumerics
import CommandLineKit

/// The settings of `sbc`.
struct CalibrationSettings: Sendable, Equatable {
  var input = ModelInput()
  var simulations = 200
  var draws = 99
  var thinning = 10
  var warmup = 1000
  var seed: UInt64?
  var format = OutputFormat.table
}

/// `sbc`.
func calibrationCommand(_ host: Host) -> Command<CalibrationSettings> {
  Command(
    "sbc", summary: "Check the sampler on data simulated from the model's own priors.",
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
  let names = DataNames(of: model)
  let data = try settings.input.read(needed: names.needed, gapped: names.gapped)
  let seed = settings.seed ?? randomSeed()
  let ranks = try calibrationRanks(
    of: model, data: data, simulations: settings.simulations, draws: settings.draws,
    thinning: settings.thinning, warmup: settings.warmup, seed: seed)
  switch settings.format {
  case .json:
    try StandardStream.output.write(
      jsonText(
        [
          "names": .strings(ranks.names),
          "ranks": JSONValue(.array(ranks.ranks.map { .numbers($0.map(Double.init)) })),
          "draws": .integer(ranks.draws),
          "divergences": .integer(ranks.divergences),
          "seed": .integer(seed),
        ], indented: false))
  case .table:
    let width = ranks.names.map(\.count).max() ?? 0
    var text = "p of uniform ranks, \(settings.simulations) simulations, seed \(seed):\n"
    for (quantity, name) in ranks.names.enumerated() {
      let padding = String(repeating: " ", count: width - name.count)
      text += "\(name)\(padding)  \(fixed(ranks.uniformity(of: quantity), decimals: 4))\n"
    }
    text += "\(ranks.divergences) divergences.\n"
    try StandardStream.output.write(text)
  }
  return .success
}
