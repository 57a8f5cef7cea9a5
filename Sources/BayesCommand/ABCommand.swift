// `bayes ab`: reads an A/B test.

import BayesCore
import BayesExperiments
import CommandLineKit

/// A metric as the command line names it.
enum ABMetric: String, Sendable, CaseIterable, ArgumentValue {
  case binomial, poisson, normal, revenue

  /// The metric.
  var metric: Metric { Metric(rawValue: rawValue)! }
}

/// The settings of `ab`.
struct ABSettings: Sendable, Equatable {
  var data: [String] = []
  var metric = ABMetric.binomial
  var input = ABColumns()
  var control: String?
  var prior: String?
  var isLessBetter = false
  var threshold: Double?
  var equivalence: Double?
  var mass = 0.95
  var split: [String] = []
  var format = OutputFormat.table
  var strict = false
}

private let priorHelp =
  "binomial: shapes of a beta (default 1,1); poisson: shape and rate of a gamma (0.5,0); normal: mean, weight, shape, scale "
  + "of a normal-inverse-gamma (0,0,-0.5,0, which is flat); revenue: beta shapes, then an amount and how many such "
  + "amounts the prior is worth (1,1, the mean of all amounts, 1)."

private let abArguments: [Argument<ABSettings>] = [
  .positionals("DATA", \.data, help: "Variants, NAME=VALUES, or one CSV file."),
  .option("metric", \.metric, help: "What is measured for each unit."),
  .option(
    "control", \.control, placeholder: "NAME",
    help: "The variant to compare with; without, the first."),
  .option(
    "prior", \.prior, placeholder: "A,B,…",
    help: priorHelp),
  .flag("less-is-better", \.isLessBetter, help: "The smallest mean is the best."),
  .option(
    "threshold", \.threshold, must: .above(0),
    help:
      "An expected loss that does not matter, in the metric's unit; without, 1 % of the control's mean, for "
      + "normal 1 % of a unit's standard deviation."
  ),
  .option(
    "rope", \.equivalence, placeholder: "X", must: .above(0),
    help: "Differences between -X and X count as none; without, the threshold."),
  .option(
    "mass", \.mass, must: .between(0, 1), help: "The probability that intervals hold."),
  .list(
    "split", \.split, placeholder: "1,1,2",
    help: "The planned split of the units, relative sizes; without, equal."),
  .option("format", \.format, help: "What standard output gets."),
  .flag("strict", \.strict, help: "Exit with 1 if there is anything to warn of."),
]

/// `ab`.
let abCommand = Command(
  "ab", summary: "Read an A/B test: who is best, by how much, what a wrong choice costs.",
  discussion:
    "Give each variant as NAME=VALUES, or one CSV file with a column `variant`: one row for each variant, with the "
    + "columns named below, or one row for each unit, with a column `value`. The first variant is the control. VALUES "
    + "by metric: binomial SUCCESSES/TRIALS (columns successes, trials); poisson COUNT/EXPOSURE (count, exposure); normal "
    + "MEAN/SD/UNITS (mean, sd, units); revenue CONVERSIONS/UNITS/SUM/SUMLOG (conversions, units, sum, sum_log: "
    + "sum of the amounts, and of their natural logarithms).\n\n"
    + "All numbers are exact (quadrature or closed form); nothing is drawn at random.\n\n"
    + "Stopping the test when a probability or a loss crosses a threshold is peeking: see bayes ab peek, and bayes ab "
    + "monitor for a test that may be looked at at any time.",
  defaults: ABSettings(),
  arguments: abArguments + ABColumns.arguments,
  examples: [
    CommandExample(
      "bayes ab A=80/1500 B=80/1200 C=50/1000 --split 15,12,10 --prior 0.5,0.5",
      "Success rates, more units being planned for A"),
    CommandExample("bayes ab A=101/10 B=121/10 --metric poisson", "Events in an exposure"),
    CommandExample(
      "bayes ab test.csv --metric normal --value minutes --covariate minutes_before",
      "One row for each unit, the variance reduced by what was known before (CUPED)"),
    CommandExample(
      "bayes ab A=80/1500 B=98/1490 --threshold 0.001 --rope 0.002 --format json", "For a script"),
  ])

/// Runs `ab`.
func runAB(_ settings: ABSettings) throws -> ExitCode {
  let input = try abInput(settings)
  let result: ExperimentResult
  do {
    var experiment = try Experiment(
      input.variants, prior: try abPrior(settings.prior, settings.metric.metric),
      control: settings.control)
    experiment.isLessBetter = settings.isLessBetter
    experiment.lossThreshold = settings.threshold
    experiment.equivalence = settings.equivalence
    experiment.mass = settings.mass
    experiment.plannedSplit = try numbers(settings.split, option: "--split")
    result = try experiment.analyse()
  } catch let error as ExperimentError {
    throw abFailure(error, command: "bayes ab")
  }
  let warnings = abWarnings(result, input)
  switch settings.format {
  case .table: try StandardStream.output.write(abText(result, input, warnings))
  case .json:
    try StandardStream.output.write(jsonText(abJSON(result, input, warnings), indented: true))
  }
  return settings.strict && !warnings.isEmpty ? .strict : .success
}

/// How an experiment's mistake ends a command: what was typed as an option is usage, the rest is data.
func abFailure(_ error: ExperimentError, command: String) -> any Error {
  switch error {
  case .invalidPrior, .invalidSetting, .unknownVariant:
    UsageError("\(error)", command: command)
  case .tooFewVariants, .repeatedName, .invalidData:
    Failure("error: \(error)", .data)
  }
}

/// The numbers of a list, or `nil` for an empty one.
func numbers(_ words: [String], option: String, command: String = "bayes ab") throws -> [Double]? {
  if words.isEmpty { return nil }
  return try words.map { word in
    guard let value = Double(argument: word) else {
      throw UsageError(
        "\(option) expects numbers with commas between, found '\(word)'", command: command)
    }
    return value
  }
}

/// The prior that `--prior` states.
func abPrior(_ text: String?, _ metric: Metric) throws -> MetricPrior? {
  guard let text else { return nil }
  let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  let values = try numbers(words, option: "--prior") ?? []
  switch (metric, values.count) {
  case (.binomial, 2): return .beta(a: values[0], b: values[1])
  case (.poisson, 2): return .gamma(shape: values[0], rate: values[1])
  case (.normal, 4):
    return .normalInverseGamma(
      mean: values[0], weight: values[1], shape: values[2], scale: values[3])
  case (.revenue, 2): return .revenue(a: values[0], b: values[1], amount: nil, weight: 1)
  case (.revenue, 4):
    return .revenue(a: values[0], b: values[1], amount: values[2], weight: values[3])
  default:
    let wanted =
      switch metric {
      case .binomial: "2 numbers, the shapes of a beta"
      case .poisson: "2 numbers, shape and rate of a gamma"
      case .normal: "4 numbers, mean, weight, shape and scale of a normal-inverse-gamma"
      case .revenue: "2 or 4 numbers, the shapes of a beta, then an amount and its weight"
      }
    throw UsageError(
      "--prior for the metric \(metric.rawValue) expects \(wanted), found \(values.count)",
      command: "bayes ab")
  }
}
