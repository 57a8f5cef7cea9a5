// The part of `calibrate forecast` about one's own forecasts: normal ones, intervals, posterior predictive draws.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// Compares the forecasts in a file with what came.
///
/// - Throws: `CalibrationError`, `DataError` with line and column, `UsageError`.
func ownReport(_ settings: CalibrateForecastSettings) throws -> ForecastReport {
  guard let actual = settings.actual else {
    throw UsageError("--actual is missing", command: forecastCommandName)
  }
  let rows = try OwnForecasts(settings, actual)
  let n = rows.outcomes.count
  var report = ForecastReport(
    entries: [],
    heading:
      "\(settings.series): \(counted(n, "row")), what came in column \(actual)"
      + (settings.horizon == 1 ? "" : ", forecast \(settings.horizon) steps ahead") + ".",
    isIndependent: settings.horizon == 1,
    constant: n > 1 && rows.outcomes.allSatisfy { $0 == rows.outcomes[0] }
      ? rows.outcomes[0] : nil)
  for (name, forecasts) in rows.distributions {
    let assessment = try ForecastAssessment(
      forecasts, outcomes: rows.outcomes, levels: settings.levels, seed: settings.seed)
    var entry = ForecastEntry(
      name: name, assessment: assessment, windows: n,
      uniformity: report.isIndependent && n >= 2 ? try assessment.uniformity() : nil)
    if let first = report.entries.first?.assessment {
      if first.meanCRPS > 0 { entry.skill = 1 - assessment.meanCRPS / first.meanCRPS }
      entry.difference = try PairedDifference(
        assessment.crps, first.crps, overlap: min(settings.horizon - 1, n))
    } else {
      entry.skill = assessment.meanCRPS > 0 ? 0 : nil
    }
    report.entries.append(entry)
  }
  if let lower = settings.lower, let upper = settings.upper {
    report.entries.append(
      ForecastEntry(
        name: "interval \(lower) to \(upper)",
        interval: try ForecastAssessment.Level(
          level: settings.mainLevel, outcomes: rows.outcomes, lower: rows.lower, upper: rows.upper),
        windows: n))
  }
  if rows.drawCount > 0 {
    let m = Double(rows.drawCount)
    if let beyond = settings.levels.first(where: { $0 > (m - 1) / (m + 1) + 1e-12 }) {
      report.notes.append(
        "\(counted(rows.drawCount, "draw")) can reach a level of \(formatted(100 * (m - 1) / (m + 1), significant: 3)) % at most: at "
          + "\(formatted(100 * beyond, significant: 4)) % and above the interval is their range, which holds less."
      )
    }
  }
  return report
}

/// The rows of a file with forecasts.
private struct OwnForecasts {
  var outcomes: [Double] = []
  var lower: [Double] = []
  var upper: [Double] = []
  /// Distributions by the names in the table.
  var distributions: [(name: String, forecasts: [Forecast])] = []
  var drawCount = 0

  init(_ settings: CalibrateForecastSettings, _ actual: String) throws {
    let rows = try CSVRows(path: settings.series)
    let draws = try drawColumns(settings.draws, rows.names)
    drawCount = draws.count
    func places(_ columns: [String?]) throws -> [Int] {
      try positions(of: columns.compactMap { $0 }, in: rows.names, path: settings.series)
    }
    let forecasts =
      [settings.mean, settings.deviation, settings.lower, settings.upper].compactMap { $0 } + draws
    if forecasts.contains(actual) {
      throw UsageError(
        "\(actual) is the column of what came; it cannot be a forecast as well",
        command: forecastCommandName)
    }
    let actualPlace = try places([actual])[0]
    let normalPlaces = try places([settings.mean, settings.deviation])
    let intervalPlaces = try places([settings.lower, settings.upper])
    let drawPlaces = try places(draws)
    var (normals, samples) = ([Forecast](), [Forecast]())
    func finite(_ place: Int) throws -> Double {
      try rows.finite(place, column: rows.names[place])
    }
    while try rows.next() {
      outcomes.append(try finite(actualPlace))
      if normalPlaces.count == 2 {
        let deviation = try finite(normalPlaces[1])
        guard deviation >= 0 else {
          throw DataError.invalid(
            rows.place(normalPlaces[1]),
            message: "\(rows.names[normalPlaces[1]]) has \(rows.text(normalPlaces[1]))",
            hint: "a standard deviation is at least 0")
        }
        normals.append(
          try .normal(mean: finite(normalPlaces[0]), standardDeviation: deviation))
      }
      if intervalPlaces.count == 2 {
        lower.append(try finite(intervalPlaces[0]))
        upper.append(try finite(intervalPlaces[1]))
        try rows.checkOrder(
          intervalPlaces[0], intervalPlaces[1], intervalPlaces.map { rows.names[$0] })
      }
      if !drawPlaces.isEmpty { samples.append(try .draws(drawPlaces.map { try finite($0) })) }
    }
    guard !outcomes.isEmpty else {
      throw DataError.invalid(
        DataPlace(path: settings.series),
        message: "there are no rows below the names of the columns",
        hint: "one row for each forecast is expected")
    }
    if let mean = settings.mean, let deviation = settings.deviation {
      distributions.append(("normal \(mean), \(deviation)", normals))
    }
    if !samples.isEmpty {
      distributions.append((counted(draws.count, "draw"), samples))
    }
  }
}

/// The columns of draws: the names given, `d*` standing for all that begin with d.
private func drawColumns(_ words: [String], _ names: [String]) throws -> [String] {
  var columns: [String] = []
  for word in words {
    guard word.hasSuffix("*") else {
      columns.append(word)
      continue
    }
    let found = names.filter { $0.hasPrefix(word.dropLast()) }
    if found.isEmpty {
      throw UsageError(
        "no column begins with \(word.dropLast())",
        hint: "there are \(names.joined(separator: ", "))",
        command: forecastCommandName)
    }
    columns += found
  }
  if let repeated = columns.firstRepeated {
    throw UsageError("--draws names \(repeated) twice", command: forecastCommandName)
  }
  return columns
}
