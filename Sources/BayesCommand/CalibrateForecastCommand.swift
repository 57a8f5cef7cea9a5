// `bayes calibrate forecast`: forecasts of a series as they would have been made, beside what came.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// The settings of `calibrate forecast`.
struct CalibrateForecastSettings: Sendable, Equatable {
  var series = ""
  var value: String?
  var methods = ["last", "mean", "drift", "smoothing", "ar:1"]
  var training = 20
  var isSliding = false
  var horizon = 1
  var step = 1
  var seed: UInt64 = 1
  var threads: Int?
  var format = OutputFormat.table
}

/// `calibrate forecast`.
let calibrateForecastCommand = Command(
  "calibrate forecast",
  summary: "Forecast a series again and again from its past, and compare with what came.",
  discussion:
    "SERIES has a row for each time, oldest first. Every window is forecast from the rows before it alone: the last "
    + "training row is the one before the first test row. Methods: last (last value, a random walk), mean, drift, "
    + "seasonal:P (the value of P rows before), smoothing (simple exponential smoothing), ar:P (autoregression of order P); all give "
    + "a distribution, so that coverage and CRPS can be had.",
  defaults: CalibrateForecastSettings(),
  arguments: [
    .positional("SERIES", \.series, help: "The values in the order of time, .csv."),
    .option(
      "value", \.value, placeholder: "COLUMN",
      help: "The column of values; without, the only column, or one named value or y."),
    .list("methods", \.methods, placeholder: "A,B,…", help: "Methods, compared with the first."),
    .option(
      "training", \.training, must: .within(1...1_000_000_000),
      help: "Rows of the first training window."),
    .flag(
      "sliding", \.isSliding,
      help: "Keep the length of training windows; without, they grow with the series."),
    .option("horizon", \.horizon, must: .within(1...1_000_000), help: "Rows of a test window."),
    .option("step", \.step, must: .within(1...1_000_000), help: "Rows from window to window."),
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
      "bayes calibrate forecast sales.csv --methods last,seasonal:12,ar:3 --training 60 --horizon 12 --step 12",
      "A year ahead, every year"),
  ])

/// Runs `calibrate forecast`.
func runCalibrateForecast(_ settings: CalibrateForecastSettings) throws -> ExitCode {
  let command = "bayes calibrate forecast"
  let series = try readSeries(settings)
  let results: [WalkForwardResult]
  do {
    let walk = try WalkForward(
      training: settings.isSliding
        ? .sliding(length: settings.training) : .expanding(from: settings.training),
      horizon: settings.horizon, step: settings.step)
    results = try walk.evaluate(
      series, with: try settings.methods.map { try forecaster($0) }, seed: settings.seed,
      threads: settings.threads ?? availableProcessors())
  } catch let error as CalibrationError {
    if case .invalidSetting(let problem) = error { throw UsageError(problem, command: command) }
    throw Failure(
      "\(settings.series): error: \(error)\n  hint: --training and --horizon together need at most the rows of the series",
      .data)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(try forecastText(results, settings))
  case .json:
    try StandardStream.output.write(
      jsonText(try forecastJSON(results, settings), indented: true))
  }
  return .success
}

/// A forecaster by its name.
private func forecaster(_ name: String) throws -> any Forecaster {
  let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
  func order() throws -> Int {
    guard parts.count == 2, let value = Int(parts[1]) else {
      throw UsageError(
        "the method \(name) needs a number, for example \(parts[0]):\(parts[0] == "ar" ? 2 : 12)",
        command: "bayes calibrate forecast")
    }
    return value
  }
  switch (parts.first ?? "", parts.count) {
  case ("last", 1): return LastValue()
  case ("mean", 1): return HistoricalMean()
  case ("drift", 1): return Drift()
  case ("smoothing", 1): return ExponentialSmoothing()
  case ("seasonal", _): return try SeasonalNaive(period: order())
  case ("ar", _): return try Autoregression(order: order())
  default:
    throw UsageError(
      "there is no method '\(name)'", hint: "last, mean, drift, seasonal:P, smoothing, ar:P",
      command: "bayes calibrate forecast")
  }
}

private func readSeries(_ settings: CalibrateForecastSettings) throws -> [Double] {
  let rows = try CSVRows(path: settings.series)
  let names = rows.names
  let column =
    settings.value ?? (names.count == 1 ? names[0] : ["value", "y"].first(where: names.contains))
  guard let column else {
    throw UsageError(
      "which column of \(settings.series) has the values? There are \(names.joined(separator: ", "))",
      hint: "--value NAME", command: "bayes calibrate forecast")
  }
  let place = try positions(of: [column], in: names, path: settings.series)[0]
  var values: [Double] = []
  while try rows.next() {
    guard let value = rows.number(place), value.isFinite else {
      let text = rows.text(place)
      throw DataError.invalid(
        rows.place(place), message: "\(column) has \(text.isEmpty ? "an empty cell" : text)",
        hint: "expected a finite number; a series has no gaps")
    }
    values.append(value)
  }
  return values
}

private func forecastText(
  _ results: [WalkForwardResult], _ settings: CalibrateForecastSettings
) throws -> String {
  let windows = results[0].rows.count
  var text =
    "\(windows) windows of \(settings.horizon) \(settings.horizon == 1 ? "row" : "rows"), trained on "
    + (settings.isSliding
      ? "the \(settings.training) rows before each"
      : "all rows before each, at first \(settings.training)")
    + ".\n\n"
  var rows = [
    [
      "Method", "MAE", "RMSE", "Bias", "CRPS", "Skill", "50 %", "80 %", "90 %", "Width of 90 %",
      "p of PIT",
    ]
  ]
  var notes = ""
  for result in results {
    if result.failures > 0, let failure = result.rows.compactMap(\.failure).first {
      notes += "\(result.name) failed in \(result.failures) of \(windows) windows: \(failure).\n"
    }
    guard let all = result.overall else {
      rows.append([result.name] + Array(repeating: "—", count: 10))
      continue
    }
    // Overlapping windows look at a row more than once: the test would take repetitions for evidence.
    let isRepeated = settings.horizon > settings.step
    rows.append(
      [
        result.name, abNumber(all.meanAbsoluteError), abNumber(all.rootMeanSquaredError),
        abNumber(all.bias), abNumber(all.meanCRPS),
        result.skill(over: results[0]).map { fixed($0, decimals: 3) } ?? "—",
      ]
        + all.levels.map { fixed($0.coverage, decimals: 3) }
        + [
          abNumber(all.levels[all.levels.count - 1].meanWidth),
          isRepeated || all.count < 2
            ? "—" : fixed(try all.uniformity().pValue, decimals: 3),
        ])
  }
  text += abTable(rows) + "\n" + notes
  let level = results.compactMap(\.overall).first?.levels.first
  if let level {
    text +=
      "50 %, 80 %, 90 %: the share of values inside central intervals. Of \(results[0].overall?.count ?? windows) values, "
      + "50 % may come out at \(fixed(level.interval.lowerBound, decimals: 3)) to \(fixed(level.interval.upperBound, decimals: 3)) "
      + "(95 % interval of the first method's coverage).\n"
  }
  text +=
    "MAE: mean |value - median|. CRPS: mean continuous ranked probability score, in the unit of the values; skill: 1 - CRPS over "
    + "that of \(results[0].name). p of PIT: whether the probabilities below what came are uniform (they are if forecasts are "
    + "calibrated), by the simultaneous bands of their distribution function.\n"
  return text
}

private func forecastJSON(
  _ results: [WalkForwardResult], _ settings: CalibrateForecastSettings
) throws -> JSONValue {
  func assessment(_ assessment: ForecastAssessment?) throws -> JSONValue {
    guard let assessment else { return nil }
    return [
      "values": .integer(assessment.count), "mae": number(assessment.meanAbsoluteError),
      "rmse": number(assessment.rootMeanSquaredError), "bias": number(assessment.bias),
      "crps": number(assessment.meanCRPS),
      "levels": JSONValue(
        .array(
          assessment.levels.map { level in
            [
              "level": number(level.level), "coverage": number(level.coverage),
              "interval": JSONValue(
                .array([number(level.interval.lowerBound), number(level.interval.upperBound)])),
              "mean_width": number(level.meanWidth), "interval_score": number(level.meanScore),
            ]
          })), "pit": .numbers(assessment.transforms),
    ]
  }
  return [
    "version": JSONValue(.string(version)), "file": JSONValue(.string(settings.series)),
    "training": .integer(settings.training), "sliding": JSONValue(.bool(settings.isSliding)),
    "horizon": .integer(settings.horizon), "step": .integer(settings.step),
    "methods": JSONValue(
      .array(
        try results.map { result in
          [
            "method": JSONValue(.string(result.name)), "windows": .integer(result.rows.count),
            "failures": .integer(result.failures), "overall": try assessment(result.overall),
            "by_horizon": JSONValue(.array(try result.byHorizon.map(assessment))),
            "skill": number(result.skill(over: results[0])),
          ]
        })),
  ]
}
