// What `calibrate forecast` finds: forecasts of a series by simple methods, each beside what came.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// What was found of one method, or of one kind of forecasts.
struct ForecastEntry: Sendable {
  var name: String
  /// Of distributions; `nil` for intervals alone, and where every window failed.
  var assessment: ForecastAssessment?
  /// Of intervals alone.
  var interval: ForecastAssessment.Level?
  /// By steps ahead, for a series.
  var byHorizon: [ForecastAssessment] = []
  var windows = 0
  var failures = 0
  /// 1 − CRPS over that of the first.
  var skill: Double?
  /// CRPS less that of the first.
  var difference: PairedDifference?
  /// Of the transforms of forecasts one step ahead, which are independent if the forecasts are right.
  var uniformity: RankUniformity?

  /// Coverage and width at a level.
  func level(_ level: Double) -> ForecastAssessment.Level? {
    if let interval, interval.level == level { return interval }
    return assessment?.levels.first { $0.level == level }
  }
}

/// Everything that `calibrate forecast` reports.
struct ForecastReport: Sendable {
  var entries: [ForecastEntry]
  /// What was read, and how it was forecast.
  var heading: String
  /// Sentences about what is not as it seems.
  var notes: [String] = []
  /// Whether values, given right forecasts, are independent, as those one step ahead are.
  var isIndependent: Bool
  /// The value that all values have, where they are equal.
  var constant: Double?
}

/// Walks through a series.
///
/// - Throws: `CalibrationError`, `DataError`, `UsageError`.
func walkReport(_ settings: CalibrateForecastSettings) throws -> ForecastReport {
  let series = try readSeries(settings)
  let walk = try WalkForward(
    training: settings.isSliding
      ? .sliding(length: settings.training) : .expanding(from: settings.training),
    horizon: settings.horizon, step: settings.step)
  var methods = settings.methods
  if let season = settings.season {
    methods = methods.map { $0 == "seasonal" ? "seasonal:\(season)" : $0 }
    if !methods.contains("seasonal:\(season)") { methods.append("seasonal:\(season)") }
  }
  let results = try walk.evaluate(
    series, with: try methods.map { try forecaster($0) }, levels: settings.levels,
    seed: settings.seed, threads: settings.threads ?? availableProcessors())
  let windows = results[0].rows.count
  var report = ForecastReport(
    entries: try results.map { result in
      ForecastEntry(
        name: result.name, assessment: result.overall, byHorizon: result.byHorizon,
        windows: windows, failures: result.failures, skill: result.skill(over: results[0]),
        difference: try result.name == results[0].name
          ? nil : result.difference(from: results[0]),
        uniformity: try result.byHorizon.first.flatMap {
          $0.count < 2 ? nil : try $0.uniformity()
        })
    },
    heading:
      "\(windows) windows of \(settings.horizon) \(settings.horizon == 1 ? "row" : "rows"), trained on "
      + (settings.isSliding
        ? "the \(settings.training) rows before each"
        : "all rows before each, at first \(settings.training)") + ".",
    isIndependent: settings.horizon == 1,
    constant: series.allSatisfy { $0 == series[0] } ? series[0] : nil)
  for result in results {
    if let failure = result.rows.compactMap(\.failure).first {
      report.notes.append(
        "\(result.name) failed in \(result.failures) of \(windows) windows: \(failure).")
    }
    let certain = result.rows.count { $0.forecasts.contains(where: \.isCertain) }
    if certain > 0, report.constant == nil {
      report.notes.append(
        "\(result.name) is certain (deviation 0) in \(certain) of \(windows) windows, after rows that it fits exactly: its interval is "
          + "one number there.")
    }
  }
  if settings.season == nil, !methods.contains(where: { $0.hasPrefix("seasonal") }) {
    report.notes.append("No method here knows of seasons: --season 12 adds one for months.")
  }
  return report
}

extension Forecast {
  /// Whether it is a single number.
  fileprivate var isCertain: Bool {
    if case .normal(_, let deviation) = shape { deviation == 0 } else { false }
  }
}

/// A forecaster by its name.
private func forecaster(_ name: String) throws -> any Forecaster {
  let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
  func order() throws -> Int {
    guard parts.count == 2, let value = Int(parts[1]) else {
      throw UsageError(
        "the method \(name) needs a number, for example \(parts[0]):\(parts[0] == "ar" ? 2 : 12)",
        command: forecastCommandName)
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
      command: forecastCommandName)
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
      hint: "--value NAME; or --actual NAME, where the others are forecasts of your own",
      command: forecastCommandName)
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
