// `bayes calibrate conformal`: sets of classes, or intervals, that hold what comes as often as asked.

import BayesCalibration
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit

/// The scores of conformal sets by name.
enum ConformalScoreName: String, CaseIterable, ArgumentValue { case lac, aps, raps }

/// Which rows give the thresholds.
enum ConformalSplit: String, CaseIterable, ArgumentValue { case random, first }

/// The settings of `calibrate conformal`.
struct CalibrateConformalSettings: Sendable, Equatable {
  var scores = ""
  var columns = ScoreColumns()
  var prediction: String?
  var lower: String?
  var upper: String?
  var level = 0.9
  var score: ConformalScoreName?
  var rapsPenalty: Double?
  var rapsRank: Int?
  var isByClass = false
  var test: String?
  var fitRows: Int?
  var split: ConformalSplit?
  var seed: UInt64 = 1
  var save: String?
  var format = OutputFormat.table

  /// Whether numbers are predicted, not classes.
  var isRegression: Bool { prediction != nil || lower != nil || upper != nil }
}

/// What errors name.
let conformalCommandName = "bayes calibrate conformal"

/// `calibrate conformal`.
let calibrateConformalCommand = Command(
  "calibrate conformal",
  summary: "Sets of classes, or intervals, that hold what comes as often as asked.",
  discussion:
    "Split conformal prediction: a threshold from rows that the classifier or regression was not trained on, with the exact "
    + "quantile for finitely many rows; then coverage and sizes on further rows, beside the exact band of coverage that such "
    + "rows allow. Classes: SCORES as for calibrate. Numbers: --prediction, or --lower and --upper "
    + "for quantiles, and --label for what came. A set has the classes, an interval the numbers, whose score is at most the "
    + "k-th smallest of n scores, k = ceil((n + 1) level).\n\n"
    + "Scores of a class of probability p, with classes ordered from the likeliest, s the sum of the probabilities before "
    + "the class, o its rank from 1 and u uniform on (0, 1):\n\n"
    + "lac: 1 - p. The smallest sets on average; sets may be empty.\n\n"
    + "aps: s + u p. Sets grow with the difficulty of a row; u makes them exact, and some empty.\n\n"
    + "raps: s + u p + penalty max(0, o - rank). As aps, with fewer large sets.\n\n"
    + "Scores of a number y: --prediction m, |y - m| (residual), intervals all of one width; "
    + "--lower and --upper, max(lower - y, y - upper) (conformalised quantile regression, CQR).",
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
    .option("score", \.score, help: "The score of a class; without, lac."),
    .option(
      "raps-penalty", \.rapsPenalty, placeholder: "NUMBER", must: .atLeast(0),
      help: "raps: the penalty of each rank beyond the free ones; without, 0.01."),
    .option(
      "raps-rank", \.rapsRank, placeholder: "N", must: .within(0...1_000_000),
      help: "raps: the ranks without a penalty; without, 5."),
    .option(
      "group", \.columns.group, placeholder: "COLUMN",
      help: "A threshold for each group, so that the promise holds within every group (Mondrian)."),
    .flag(
      "by-class", \.isByClass,
      help: "A threshold for each class, so that the promise holds for every class."),
    .option(
      "positive", \.columns.treatment.positive, placeholder: "LABEL",
      help: "The label that counts as 1, where labels are not 0 and 1; all others count as 0."),
    .flag(
      "normalise", \.columns.treatment.isNormalised,
      help: "Divide the probabilities of a row by their sum, where they were rounded."),
    .flag(
      "skip-missing", \.columns.treatment.skipsMissing,
      help: "Leave out rows with empty cells, and say how many."),
    .option(
      "test", \.test, placeholder: "FILE", help: "Measure on the rows of another file."),
    .option(
      "fit-rows", \.fitRows, placeholder: "N", must: .within(1...1_000_000_000),
      help: "Take the threshold from N rows and measure on the others; without, half."),
    .option(
      "split", \.split,
      help:
        "Which rows give the threshold: random ones, or, in the order of time, the first; without, random."
    ),
    .option(
      "seed", \.seed, help: "Key of the random rows and of the randomisation of aps and raps."),
    .option(
      "save", \.save, placeholder: "FILE",
      help: "Write the thresholds, .json, for calibrate conformal-apply."),
    .option("format", \.format, help: "What standard output gets."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate conformal digits.csv --logits l0,l1,l2 --score aps --level 0.95",
      "Sets of classes"),
    CommandExample(
      "bayes calibrate conformal prices.csv --label paid --lower q05 --upper q95 --save conformal.json",
      "Intervals as given, and conformalised ones"),
    CommandExample(
      "bayes calibrate conformal prices.csv --prediction offer --group town --test new.csv",
      "Intervals around predictions, with a width for each town"),
  ])

/// Runs `calibrate conformal`.
func runCalibrateConformal(_ settings: CalibrateConformalSettings) throws -> ExitCode {
  try checkConformal(settings)
  let report: ConformalReport
  do {
    report = try conformalReport(settings)
  } catch let error as CalibrationError {
    if case .invalidSetting(let problem) = error {
      throw UsageError(problem, command: conformalCommandName)
    }
    throw Failure("\(settings.scores): error: \(error)", .data)
  }
  if let path = settings.save {
    try writeFile(jsonText(report.record.json, indented: true), to: path)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(conformalText(report, settings))
  case .json:
    try StandardStream.output.write(jsonText(conformalJSON(report, settings), indented: true))
  }
  return .success
}

/// Refuses options that contradict one another.
private func checkConformal(_ settings: CalibrateConformalSettings) throws {
  func refuse(_ problem: String, hint: String? = nil) -> UsageError {
    UsageError(problem, hint: hint, command: conformalCommandName)
  }
  let classes = [
    settings.columns.logit.map { _ in "--logit" },
    settings.columns.probability.map { _ in "--probability" },
    settings.columns.logits.isEmpty ? nil : "--logits",
    settings.columns.probabilities.isEmpty ? nil : "--probabilities",
    settings.score.map { _ in "--score" }, settings.rapsPenalty.map { _ in "--raps-penalty" },
    settings.rapsRank.map { _ in "--raps-rank" }, settings.isByClass ? "--by-class" : nil,
    settings.columns.treatment.positive.map { _ in "--positive" },
    settings.columns.treatment.isNormalised ? "--normalise" : nil,
  ].compactMap { $0 }
  if settings.isRegression, let option = classes.first {
    let number = settings.prediction != nil ? "--prediction" : "--lower and --upper"
    throw refuse(
      "\(option) is for classes, \(number) for numbers: they exclude one another")
  }
  if settings.prediction != nil, settings.lower != nil || settings.upper != nil {
    throw refuse("--prediction and --lower, --upper exclude one another")
  }
  if (settings.lower == nil) != (settings.upper == nil) {
    throw refuse("--lower and --upper go together")
  }
  if settings.score != .raps, settings.rapsPenalty != nil || settings.rapsRank != nil {
    throw refuse("--raps-penalty and --raps-rank need --score raps")
  }
  if settings.isByClass, settings.columns.group != nil {
    throw refuse("--by-class and --group exclude one another")
  }
  if settings.test != nil, settings.fitRows != nil || settings.split != nil {
    throw refuse(
      "--test and --\(settings.fitRows != nil ? "fit-rows" : "split") exclude one another",
      hint: "with --test, all rows of SCORES give the threshold")
  }
}
