// `bayes calibrate conformal`: sets of classes, or intervals, that hold what comes as often as asked.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// The scores of conformal sets by name.
enum ConformalScoreName: String, CaseIterable, ArgumentValue { case lac, aps, raps }

/// The settings of `calibrate conformal`.
struct CalibrateConformalSettings: Sendable, Equatable {
  var scores = ""
  var columns = ScoreColumns()
  var prediction: String?
  var lower: String?
  var upper: String?
  var level = 0.9
  var score = ConformalScoreName.lac
  var test: String?
  var fitRows: Int?
  var seed: UInt64 = 1
  var format = OutputFormat.table
}

private let conformalName = "bayes calibrate conformal"

/// `calibrate conformal`.
let calibrateConformalCommand = Command(
  "calibrate conformal",
  summary: "Sets of classes, or intervals, that hold what comes as often as asked.",
  discussion:
    "Split conformal prediction: a threshold from rows that the classifier or regression was not trained on, with the exact "
    + "quantile for finitely many rows; then coverage and sizes on further rows, beside the exact band of coverage that such "
    + "rows allow. Classes: SCORES as for calibrate. Numbers: --prediction, or --lower and --upper "
    + "for quantiles (conformalised quantile regression), and --label for what came.",
  defaults: CalibrateConformalSettings(),
  arguments: [
    .positional("SCORES", \.scores, help: "Labels and scores, or outcomes and predictions, .csv."),
    .option(
      "label", \.columns.label, placeholder: "COLUMN",
      help: "The column of labels or outcomes; without, y or label."),
    .option("logit", \.columns.logit, placeholder: "COLUMN", help: "The log odds of label 1."),
    .option(
      "probability", \.columns.probability, placeholder: "COLUMN",
      help: "The probability of label 1."),
    .list("logits", \.columns.logits, placeholder: "A,B,…", help: "A logit of each class."),
    .list(
      "probabilities", \.columns.probabilities, placeholder: "A,B,…",
      help: "A probability of each class."),
    .option(
      "prediction", \.prediction, placeholder: "COLUMN", help: "The prediction of a number."),
    .option("lower", \.lower, placeholder: "COLUMN", help: "A lower quantile of a number."),
    .option("upper", \.upper, placeholder: "COLUMN", help: "An upper quantile of a number."),
    .option(
      "level", \.level, must: .between(0, 1), help: "The probability that a set is to hold."),
    .option(
      "score", \.score,
      help:
        "Sets of classes: lac, the smallest on average; aps, adaptive to hard cases; raps, adaptive and smaller."
    ),
    .option(
      "test", \.test, placeholder: "FILE", help: "Measure on the rows of another file."),
    .option(
      "fit-rows", \.fitRows, placeholder: "N", must: .within(1...1_000_000_000),
      help: "Take the threshold from the first N rows and measure on the others; without, half."),
    .option("seed", \.seed, help: "Key of the randomisation of aps and raps."),
    .option("format", \.format, help: "What standard output gets."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate conformal digits.csv --logits l0,l1,l2 --score aps --level 0.95",
      "Sets of classes"),
    CommandExample(
      "bayes calibrate conformal prices.csv --label paid --prediction offer --test new.csv",
      "Intervals around predictions"),
  ])

/// What was found, of sets or of intervals.
private struct ConformalReport {
  var score: String
  var quantile: ConformalQuantile
  var testRows: Int
  var covered: Int
  var band: CoverageBand
  var isTooLow: Bool
  /// Numbers of sets by size, from 0.
  var sizes: [Int]?
  var classes: [(name: String, coverage: SetCoverage.ClassCoverage)] = []
  var meanWidth: Double?
  var intervalScore: Double?
}

/// Runs `calibrate conformal`.
func runCalibrateConformal(_ settings: CalibrateConformalSettings) throws -> ExitCode {
  if settings.test != nil, settings.fitRows != nil {
    throw UsageError("--test and --fit-rows exclude one another", command: conformalName)
  }
  let isRegression = settings.prediction != nil || settings.lower != nil || settings.upper != nil
  let report: ConformalReport
  do {
    report = try isRegression ? intervalReport(settings) : setReport(settings)
  } catch let error as CalibrationError {
    if case .invalidSetting(let problem) = error {
      throw UsageError(problem, command: conformalName)
    }
    throw Failure("\(settings.scores): error: \(error)", .data)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(text(report))
  case .json: try StandardStream.output.write(jsonText(json(report), indented: true))
  }
  return .success
}

/// How many of the rows give the threshold.
private func fitCount(_ settings: CalibrateConformalSettings, of count: Int) throws -> Int {
  let fitted = settings.fitRows ?? max(1, count / 2)
  guard fitted < count else {
    throw UsageError(
      "\(fitted) rows for the threshold leave nothing to measure: \(settings.scores) has \(count)",
      hint: "--test FILE, or fewer --fit-rows", command: conformalName)
  }
  return fitted
}

private func setReport(_ settings: CalibrateConformalSettings) throws -> ConformalReport {
  let all = try readScores(settings.scores, settings.columns)
  let (fitted, tested): (ScoredRows, ScoredRows)
  if let path = settings.test {
    var columns = settings.columns
    columns.label = all.label
    (fitted, tested) = (all, try readScores(path, columns, like: all.layout))
  } else {
    let count = try fitCount(settings, of: all.count)
    (fitted, tested) = (all.rows(0..<count), all.rows(count..<all.count))
  }
  let score: ConformalScore =
    switch settings.score {
    case .lac: .threshold
    case .aps: .adaptive()
    case .raps: .regularised()
    }
  let (sets, coverage): (ConformalSets, SetCoverage)
  switch (fitted.predictions, tested.predictions) {
  case (.binary(let own), .binary(let others)):
    sets = try ConformalSets(
      calibratedOn: own, score: score, level: settings.level, seed: settings.seed)
    coverage = try sets.assess(others)
  case (.multiclass(let own), .multiclass(let others)):
    sets = try ConformalSets(
      calibratedOn: own, score: score, level: settings.level, seed: settings.seed)
    coverage = try sets.assess(others)
  default: preconditionFailure("both files have one layout")
  }
  return ConformalReport(
    score: score.name, quantile: sets.quantile, testRows: coverage.rows, covered: coverage.covered,
    band: coverage.band, isTooLow: coverage.isTooLow, sizes: coverage.sizes,
    classes: coverage.classes.map { (all.layout.classes[$0.label], $0) })
}

private func intervalReport(_ settings: CalibrateConformalSettings) throws -> ConformalReport {
  let columns: [String]
  switch (settings.prediction, settings.lower, settings.upper) {
  case (let prediction?, nil, nil): columns = [prediction]
  case (nil, let lower?, let upper?): columns = [lower, upper]
  default:
    throw UsageError(
      "intervals need either --prediction, or both --lower and --upper", command: conformalName)
  }
  let names = [settings.columns.label ?? "y"] + columns
  var all = try readNumbers(settings.scores, names)
  var tested: [[Double]]
  if let path = settings.test {
    tested = try readNumbers(path, names)
  } else {
    let count = try fitCount(settings, of: all[0].count)
    tested = all.map { Array($0[count...]) }
    all = all.map { Array($0[..<count]) }
  }
  let intervals: ConformalIntervals
  let coverage: IntervalCoverage
  if columns.count == 1 {
    intervals = try ConformalIntervals(
      outcomes: all[0], predictions: all[1], level: settings.level)
    coverage = try intervals.assess(outcomes: tested[0], predictions: tested[1])
  } else {
    intervals = try ConformalIntervals(
      outcomes: all[0], lower: all[1], upper: all[2], level: settings.level)
    coverage = try intervals.assess(outcomes: tested[0], lower: tested[1], upper: tested[2])
  }
  return ConformalReport(
    score: columns.count == 1 ? "absolute residual" : "quantiles (CQR)",
    quantile: intervals.quantile, testRows: coverage.rows, covered: coverage.covered,
    band: coverage.band, isTooLow: coverage.isTooLow, meanWidth: coverage.meanWidth,
    intervalScore: coverage.meanIntervalScore)
}

/// Columns of finite numbers.
private func readNumbers(_ path: String, _ names: [String]) throws -> [[Double]] {
  let rows = try CSVRows(path: path)
  let places = try positions(of: names, in: rows.names, path: path)
  var columns = [[Double]](repeating: [], count: names.count)
  while try rows.next() {
    for (k, place) in places.enumerated() {
      guard let value = rows.number(place), value.isFinite else {
        let text = rows.text(place)
        throw DataError.invalid(
          rows.place(place), message: "\(names[k]) has \(text.isEmpty ? "an empty cell" : text)",
          hint: "expected a finite number")
      }
      columns[k].append(value)
    }
  }
  return columns
}

private func text(_ report: ConformalReport) -> String {
  let quantile = report.quantile
  let level = "\(formatted(100 * quantile.level, significant: 4)) %"
  var text = "Score: \(report.score); level \(level), from \(quantile.rows) rows: "
  if let value = quantile.value {
    text += "the score of rank \(quantile.rank) is \(formatted(value, significant: 6)).\n"
    text +=
      "Coverage of new rows is at least \(level) on average, about \(fixed(100 * quantile.expectedCoverage, decimals: 2)) % where scores do not tie.\n"
  } else {
    text +=
      "too few; the threshold is infinite and every set is everything. At this level at least "
      + "\((try? ConformalQuantile.rowsNeeded(level: quantile.level)).map { "\($0)" } ?? "more") rows are needed.\n"
  }
  let share = Double(report.covered) / Double(max(1, report.testRows))
  text +=
    "On \(report.testRows) further rows: \(report.covered) covered, \(fixed(100 * share, decimals: 2)) %; 95 % of such draws give "
    + "\(fixed(100 * report.band.coverage.lowerBound, decimals: 2)) to \(fixed(100 * report.band.coverage.upperBound, decimals: 2)) % (exact, beta-binomial).\n"
  if let sizes = report.sizes {
    let total = sizes.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    text +=
      "Mean size of a set \(fixed(Double(total) / Double(max(1, report.testRows)), decimals: 3)).\n\n"
    text += abTable(
      [["Size", "Rows"]] + sizes.enumerated().filter { $0.element > 0 }.map { ["\($0)", "\($1)"] })
    text += "\n"
    text += abTable(
      [["Class", "Rows", "Coverage"]]
        + report.classes.map {
          [
            $0.name, "\($0.coverage.rows)",
            $0.coverage.coverage.map { fixed($0, decimals: 3) } ?? "—",
          ]
        })
    text += "The promise is about all rows together, not about each class.\n"
  }
  if let width = report.meanWidth { text += "Mean width of an interval \(abNumber(width))" }
  if let score = report.intervalScore { text += ", mean interval score \(abNumber(score))" }
  if report.meanWidth != nil { text += ".\n" }
  if report.isTooLow {
    text +=
      "\nWarning: coverage is too low for rows of the same kind: the rows measured differ from those of the threshold.\n"
  }
  return text
}

private func json(_ report: ConformalReport) -> JSONValue {
  return [
    "version": JSONValue(.string(version)), "score": JSONValue(.string(report.score)),
    "level": number(report.quantile.level), "rows": .integer(report.quantile.rows),
    "rank": .integer(report.quantile.rank), "threshold": number(report.quantile.value),
    "test_rows": .integer(report.testRows), "covered": .integer(report.covered),
    "coverage_band": JSONValue(
      .array([
        number(report.band.coverage.lowerBound), number(report.band.coverage.upperBound),
      ])), "too_low": JSONValue(.bool(report.isTooLow)),
    "sizes": report.sizes.map { .numbers($0.map(Double.init)) } ?? nil,
    "classes": JSONValue(
      .array(
        report.classes.map {
          [
            "name": JSONValue(.string($0.name)), "rows": .integer($0.coverage.rows),
            "coverage": number($0.coverage.coverage),
          ]
        })), "mean_width": number(report.meanWidth),
    "mean_interval_score": number(report.intervalScore),
  ]
}
