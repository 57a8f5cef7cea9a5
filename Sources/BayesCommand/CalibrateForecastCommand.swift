// `bayes calibrate forecast`: forecasts, one's own or those of simple methods, beside what came.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// The settings of `calibrate forecast`.
struct CalibrateForecastSettings: Sendable, Equatable {
  var series = ""
  var value: String?
  var methods = ["last", "mean", "drift", "smoothing", "ar:1"]
  var season: Int?
  var training = 20
  var isSliding = false
  var horizon = 1
  var step = 1
  var actual: String?
  var mean: String?
  var deviation: String?
  var lower: String?
  var upper: String?
  var draws: [String] = []
  var level: Double?
  var seed: UInt64 = 1
  var threads: Int?
  var format = OutputFormat.table

  /// The level whose interval is measured in width and score.
  var mainLevel: Double { level ?? 0.9 }
  /// The levels whose coverage is measured.
  var levels: [Double] { Set([0.5, 0.8, 0.9, mainLevel]).sorted() }
}

/// What errors name.
let forecastCommandName = "bayes calibrate forecast"

/// `calibrate forecast`.
let calibrateForecastCommand = Command(
  "calibrate forecast",
  summary: "Forecasts, your own or those of simple methods, beside what came.",
  discussion:
    "With --actual, ROWS has what came and what was forecast, a row for each case: --mean and --sd of a normal distribution, "
    + "--lower and --upper of an interval, --draws from any distribution, posterior predictions for example, or several of "
    + "these, which are compared.\n\n"
    + "Without, ROWS is a series, a row for each time, oldest first, and is forecast again and again from its past. "
    + "Every window is forecast from the rows before it alone: the last "
    + "training row is the one before the first test row. Methods: last (last value, a random walk), mean, drift, "
    + "seasonal:P (the value of P rows before), smoothing (simple exponential smoothing), ar:P (autoregression of order P); all give "
    + "a distribution, so that coverage and CRPS can be had.",
  defaults: CalibrateForecastSettings(),
  arguments: [
    .positional(
      "ROWS", \.series, help: "A series in the order of time, or forecasts and what came, .csv."),
    .option(
      "value", \.value, placeholder: "COLUMN",
      help: "The column of the series; without, the only column, or one named value or y."),
    .list("methods", \.methods, placeholder: "A,B,…", help: "Methods, compared with the first."),
    .option(
      "season", \.season, placeholder: "P", must: .within(2...1_000_000),
      help: "Rows of a season: seasonal:P is one more method."),
    .option(
      "training", \.training, must: .within(1...1_000_000_000),
      help: "Rows of the first training window."),
    .flag(
      "sliding", \.isSliding,
      help: "Keep the length of training windows; without, they grow with the series."),
    .option(
      "horizon", \.horizon, must: .within(1...1_000_000),
      help: "Rows of a test window; with --actual, how many steps ahead the rows were forecast."),
    .option("step", \.step, must: .within(1...1_000_000), help: "Rows from window to window."),
    .option(
      "actual", \.actual, placeholder: "COLUMN",
      help: "The column of what came: ROWS has forecasts of your own."),
    .option(
      "mean", \.mean, placeholder: "COLUMN", help: "Your own: the mean of a normal forecast."),
    .option(
      "sd", \.deviation, placeholder: "COLUMN",
      help: "Your own: the standard deviation of a normal forecast."),
    .option(
      "lower", \.lower, placeholder: "COLUMN",
      help: "Your own: the lower bound of a central interval."),
    .option(
      "upper", \.upper, placeholder: "COLUMN",
      help: "Your own: the upper bound of a central interval."),
    .list(
      "draws", \.draws, placeholder: "A,B,…",
      help: "Your own: columns of draws; 'd*' names all that begin with d."),
    .option(
      "level", \.level, placeholder: "NUMBER", must: .between(0, 1),
      help: "The level of the intervals from --lower to --upper, and of widths; without, 0.9."),
    .option("seed", \.seed, help: "Key of randomised transforms."),
    .option(
      "threads", \.threads, must: .within(1...1024),
      help: "Threads to run on; the result does not depend on them."),
    .option("format", \.format, help: "What standard output gets."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate forecast sales.csv --value units", "One step ahead, from 20 rows on"),
    CommandExample(
      "bayes calibrate forecast sales.csv --methods last,ar:3 --season 12 --training 60 --horizon 12 --step 12",
      "A year ahead, every year"),
    CommandExample(
      "bayes calibrate forecast mine.csv --actual y --lower q05 --upper q95 --level 0.9",
      "Intervals of your own"),
    CommandExample(
      "bayes calibrate forecast mine.csv --actual y --mean m --sd s --draws 'd*'",
      "Normal forecasts beside posterior predictive draws"),
  ])

/// Runs `calibrate forecast`.
func runCalibrateForecast(_ settings: CalibrateForecastSettings) throws -> ExitCode {
  try checkForecast(settings)
  let report: ForecastReport
  do {
    report = try settings.actual == nil ? walkReport(settings) : ownReport(settings)
  } catch let error as CalibrationError {
    if case .invalidSetting(let problem) = error {
      throw UsageError(problem, command: forecastCommandName)
    }
    throw Failure(
      "\(settings.series): error: \(error)"
        + (settings.actual == nil
          ? "\n  hint: --training and --horizon together need at most the rows of the series" : ""),
      .data)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(forecastText(report, settings))
  case .json:
    try StandardStream.output.write(jsonText(forecastJSON(report, settings), indented: true))
  }
  return .success
}

/// Refuses options that do not go together.
private func checkForecast(_ settings: CalibrateForecastSettings) throws {
  func refuse(_ problem: String, hint: String? = nil) -> UsageError {
    UsageError(problem, hint: hint, command: forecastCommandName)
  }
  let own = [
    settings.mean.map { _ in "--mean" }, settings.deviation.map { _ in "--sd" },
    settings.lower.map { _ in "--lower" }, settings.upper.map { _ in "--upper" },
    settings.draws.isEmpty ? nil : "--draws",
  ].compactMap { $0 }
  guard settings.actual != nil else {
    if let option = own.first {
      throw refuse("\(option) needs --actual, the column of what came")
    }
    return
  }
  let defaults = CalibrateForecastSettings()
  let walk = [
    settings.value.map { _ in "--value" }, settings.season.map { _ in "--season" },
    settings.methods == defaults.methods ? nil : "--methods",
    settings.training == defaults.training ? nil : "--training",
    settings.isSliding ? "--sliding" : nil, settings.step == defaults.step ? nil : "--step",
  ].compactMap { $0 }
  if let option = walk.first {
    throw refuse("\(option) is for a series, --actual for forecasts of your own")
  }
  if (settings.mean == nil) != (settings.deviation == nil) {
    throw refuse("--mean and --sd go together: a forecast is a distribution")
  }
  if (settings.lower == nil) != (settings.upper == nil) {
    throw refuse("--lower and --upper go together")
  }
  if own.isEmpty {
    throw refuse(
      "which columns have the forecasts?",
      hint: "--mean M --sd S, --lower L --upper U, or --draws A,B,…")
  }
}
