// The tables of arguments, with help and examples, of the commands that take a model.

import BayesInference
import CommandLineKit

/// Where a table is used: `bayes` needs the model's file, a model's own executable is the model.
enum Host: Sendable {
  case bayes, model

  func modelArgument<Settings>(
    _ path: any WritableKeyPath<Settings, String?> & Sendable
  ) -> Argument<Settings> {
    .positional(
      "MODEL", path,
      help: self == .bayes ? "The model's file." : "The model's file, where its data lie beside it."
    )
  }

  /// A model's path in an example, with the space before it.
  var model: String { self == .bayes ? " eight_schools.swift" : "" }
  var program: String { self == .bayes ? "bayes" : "eight_schools" }
}

private func range(_ name: String) -> ClosedRange<Double> {
  SamplerSettings.options.first { $0.name == name }!.range
}

private func rule(_ name: String, atLeast: Int = 0) -> ValueRule<Int> {
  let range = range(name)
  return .within(max(Int(range.lowerBound), atLeast)...Int(range.upperBound))
}

let dataHelp = "Data, .json or .csv; without, the one file of either beside the model."
let columnsHelp = "The columns' names, for a CSV file without header."

/// `sample`.
func sampleCommand(_ host: Host) -> Command<SampleSettings> {
  Command(
    "sample", summary: "Draw from a model's posterior and diagnose the draws.",
    discussion:
      "Prints a table of estimates, then what the sampler did and what is wrong with it, if "
      + "anything is. The same seed gives the same draws.",
    defaults: SampleSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
      .option("chains", \.chains, must: rule("chains"), help: "Independent chains."),
      .option("warmup", \.warmup, must: rule("warmup"), help: "Warmup iterations per chain."),
      .option(
        "draws", \.draws, must: rule("draws", atLeast: 1), help: "Recorded draws per chain."),
      .option("seed", \.seed, help: "Key of all random numbers; without, one is drawn."),
      .option("sampler", \.sampler, help: "The No-U-Turn sampler, or static HMC."),
      .option(
        "leapfrogs", \.leapfrogs, must: rule("leapfrogs"),
        help: "Leapfrog steps per draw of static HMC."),
      .option("warmup-schedule", \.warmupSchedule, help: "How step size and metric are learnt."),
      .option(
        "target-acceptance", \.targetAcceptance, must: .within(range("target-acceptance")),
        help: "Mean acceptance that the step size aims at."),
      .option(
        "max-depth", \.maxDepth, must: rule("max-depth"), help: "Deepest doubling of a trajectory."),
      .option("metric", \.metric, help: "The shape of the metric."),
      .option(
        "init", \.initialValues, placeholder: "FILE",
        help: "Initial values by parameter name, .json; others start at random."),
      .option(
        "relabel", \.relabel,
        help: "Renumber exchangeable components draw by draw where they changed places, or never."),
      .option(
        "output", \.output, placeholder: "DIR",
        help: "Also write one CSV a chain, as CmdStan does, and run.json; replaces an earlier run "
          + "of the model, once there are draws."),
      .flag(
        "label-draws", \.labelDraws,
        help: "With --output: also draw the labels of discrete unknowns, one joint draw for each "
          + "draw of the parameters, to labels/NAME_draws.csv."),
      .option("format", \.format, help: "What standard output gets."),
      .flag("strict", \.strict, help: "Exit with 1 if there is anything to warn of."),
      .flag("quiet", \.quiet, short: "q", help: "No progress and no notes on standard error."),
    ],
    examples: [
      CommandExample(
        "\(host.program) sample\(host.model)", "Sample with the data beside the model"),
      CommandExample(
        "\(host.program) sample\(host.model) --data other.csv --seed 1 --output fit",
        "Other data, reproducible, keeping the draws"),
      CommandExample(
        "\(host.program) sample\(host.model) --format json --strict",
        "For a script: one JSON object, exit code 1 if the draws are not to be trusted"),
    ])
}

/// The settings of `density`.
struct DensitySettings: Sendable, Equatable {
  var input = ModelInput()
  var point: String?
  var isUnconstrained = false
}

/// `density`.
func densityCommand(_ host: Host) -> Command<DensitySettings> {
  Command(
    "density", summary: "Evaluate a model's log density and gradient at a point.",
    discussion:
      "Prints a JSON object with all constants kept: log_density on the constrained scale, "
      + "log_density_unconstrained with the log Jacobian added, and the gradient of the latter in "
      + "declaration order.",
    defaults: DensitySettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option(
        "at", \.point, placeholder: "FILE",
        help: "The point, .json: an object of values by parameter name."),
      .flag(
        "unconstrained", \.isUnconstrained,
        help: "The point is an array of unconstrained coordinates."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
    ],
    examples: [
      CommandExample(
        "\(host.program) density\(host.model) --at point.json", "At values by parameter name")
    ])
}

/// The settings of `compile`.
struct CompileSettings: Sendable, Equatable {
  var input = ModelInput()
  var emission = Emission.graph
  var isChecked = false
}

/// `compile`.
func compileCommand(_ host: Host) -> Command<CompileSettings> {
  Command(
    "compile", summary: "Show what a model is compiled to.",
    defaults: CompileSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option("emit", \.emission, help: "The graph of value and gradient, or the kernel's C text."),
      .flag(
        "check", \.isChecked,
        help: "Instead compare the kernel with the interpreter and with finite differences."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
    ],
    examples: [
      CommandExample("\(host.program) compile\(host.model) --emit c", "The kernel as C"),
      CommandExample(
        "\(host.program) compile\(host.model) --check",
        "Whether value and gradient are right at random points"),
    ])
}

/// A count with its noun.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
