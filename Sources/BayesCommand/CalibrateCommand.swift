// `bayes calibrate`: whether a classifier's probabilities can be trusted, and a map that mends them.

import BayesCalibration
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit

/// A method, or the choice among all.
enum MethodChoice: ArgumentValue, Sendable, Equatable {
  case auto
  case one(CalibrationMethod)

  static let choices = ["auto"] + CalibrationMethod.allCases.map(\.rawValue)
  static var placeholder: String { "METHOD" }
  static var expectation: String { "one of \(choices.joined(separator: ", "))" }

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else {
      guard let method = CalibrationMethod(rawValue: argument) else { return nil }
      self = .one(method)
    }
  }

  var argumentText: String { method?.rawValue ?? "auto" }
  var echo: ArgumentEcho { .text(argumentText) }

  var method: CalibrationMethod? {
    if case .one(let method) = self { method } else { nil }
  }
}

/// The settings of `calibrate`.
struct CalibrateSettings: Sendable, Equatable {
  var scores = ""
  var columns = ScoreColumns(treatment: ScoreTreatment(clip: 1e-6))
  var method = MethodChoice.auto
  var folds = 5
  var test: String?
  var fitRows: Int?
  var offDiagonal: Double?
  var interceptPenalty: Double?
  var bins = 15
  var bootstrap = 1000
  var seed: UInt64 = 1
  var threads: Int?
  var save: String?
  var plot: String?
  var format = OutputFormat.table
  var isStrict = false
  var quiet = false

  var threadCount: Int { threads ?? availableProcessors() }

  var methodSettings: MethodSettings {
    var settings = MethodSettings()
    settings.binning = .equalWidth(bins)
    if offDiagonal != nil || interceptPenalty != nil {
      settings.affine = .penalties(offDiagonal: offDiagonal ?? 0, intercepts: interceptPenalty ?? 0)
    }
    return settings
  }
}

/// `calibrate`.
let calibrateCommand = Command(
  "calibrate",
  summary: "Whether a classifier's probabilities can be trusted, and a map that mends them.",
  discussion:
    "SCORES has a row for each case: a label (0 or 1, or 0 to K - 1) and the classifier's scores. Prints how well the "
    + "probabilities are calibrated, beside what a perfectly calibrated model would show on as many rows; fits a method, "
    + "or compares all of them and takes the simplest that is within one standard error of the best; and measures again, "
    + "on rows that the map was not fitted to.\n\nMethods for one score: "
    + methodNames(CalibrationMethod.binary) + ". For a score of each class: "
    + methodNames(CalibrationMethod.multiclass) + ". `none` only measures.",
  defaults: CalibrateSettings(),
  arguments: [
    .positional("SCORES", \.scores, help: "Labels and scores, .csv."),
    .option(
      "label", \.columns.label, placeholder: "COLUMN",
      help: "The column of labels; without, y or label."),
    .option(
      "logit", \.columns.logit, placeholder: "COLUMN",
      help: "The log odds of label 1; without any name of scores, a column logit, probability or p."
    ),
    .option(
      "probability", \.columns.probability, placeholder: "COLUMN",
      help: "The probability of label 1."),
    .list(
      "logits", \.columns.logits, placeholder: "A,B,…",
      help:
        "A logit of each class, in the order of labels 0, 1, …; or columns named after the classes, as l3 or p_cat, whose names labels then are."
    ),
    .list(
      "probabilities", \.columns.probabilities, placeholder: "A,B,…",
      help: "A probability of each class, likewise."),
    .option(
      "group", \.columns.group, placeholder: "COLUMN",
      help:
        "Also calibration group by group, with partially pooled temperatures and what fairness can hold."
    ),
    .option("method", \.method, help: "The method, or auto to compare all."),
    .option(
      "folds", \.folds, must: .within(2...1000), help: "Folds of cross-validation."),
    .option(
      "test", \.test, placeholder: "FILE",
      help: "Measure on the rows of another file instead of by folds."),
    .option(
      "fit-rows", \.fitRows, placeholder: "N", must: .within(2...1_000_000_000),
      help: "Fit to the first N rows and measure on the others, instead of by folds."),
    .option(
      "off-diagonal", \.offDiagonal, must: .atLeast(0),
      help:
        "Matrix scaling: the weight of the squares off the diagonal. Without this and --intercepts, vector and matrix scaling are shrunk to a temperature, as strongly as the evidence says."
    ),
    .option(
      "intercepts", \.interceptPenalty, must: .atLeast(0),
      help:
        "Vector and matrix scaling: the weight of the squares of the intercepts. Without this and --off-diagonal, chosen by the evidence."
    ),
    .option(
      "positive", \.columns.treatment.positive, placeholder: "LABEL",
      help: "The label that counts as 1, where labels are not 0 and 1; all others count as 0."),
    .option(
      "clip", \.columns.treatment.clip, must: .within(0...0.49),
      help:
        "Probabilities nearer to 0 or 1 are moved there, so that methods on log odds can take them; 0 for none."
    ),
    .flag(
      "normalise", \.columns.treatment.isNormalised,
      help: "Divide the probabilities of a row by their sum, where they were rounded."),
    .flag(
      "skip-missing", \.columns.treatment.skipsMissing,
      help: "Leave out rows with an empty label or score, and say how many."),
    .option(
      "sample", \.columns.treatment.sample, placeholder: "N", must: .within(2...1_000_000_000),
      help:
        "Read the file as a stream and keep N rows, drawn evenly: for files larger than memory."),
    .option("bins", \.bins, must: .within(1...10_000), help: "Bins of calibration errors."),
    .option(
      "bootstrap", \.bootstrap, must: .within(2...1_000_000),
      help: "Replicates of bootstrap intervals and of the perfect model."),
    .option("seed", \.seed, help: "Key of all random numbers."),
    .option(
      "threads", \.threads, must: .within(1...1024),
      help: "Threads to run on; the result does not depend on them."),
    .option(
      "save", \.save, placeholder: "FILE", help: "Write the map, .json, for calibrate apply."),
    .option(
      "plot", \.plot, placeholder: "FILE",
      help: "Write a reliability diagram, .svg; or .png, by rsvg-convert where it is installed."),
    .option("format", \.format, help: "What standard output gets."),
    .flag(
      "strict", \.isStrict,
      help:
        "Exit with 1 if the probabilities before are not calibrated: ECE and Spiegelhalter's test together, at 5 %."
    ),
    .flag("quiet", \.quiet, short: "q", help: "No progress and no times on standard error."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate scores.csv", "A column y and a column logit; all methods compared"),
    CommandExample(
      "bayes calibrate scores.csv --label won --probability p --method temperature --save map.json",
      "One method, and its map for new scores"),
    CommandExample(
      "bayes calibrate digits.csv --label label --logits l0,l1,l2,l3,l4,l5,l6,l7,l8,l9 --fit-rows 900",
      "Ten classes; the first 900 rows to fit, the others to measure"),
    CommandExample(
      "bayes calibrate scores.csv --method none --plot reliability.svg",
      "Only measure, with a picture"),
  ])

private func methodNames(_ methods: [CalibrationMethod]) -> String {
  methods.filter { $0 != .none }.map(\.rawValue).joined(separator: ", ")
}

/// Runs `calibrate`.
func runCalibrate(_ settings: CalibrateSettings) throws -> ExitCode {
  if settings.test != nil, settings.fitRows != nil {
    throw UsageError("--test and --fit-rows exclude one another", command: "bayes calibrate")
  }
  if let plot = settings.plot {
    guard plot.hasSuffix(".svg") || plot.hasSuffix(".png") else {
      throw UsageError("--plot writes .svg or .png, not '\(plot)'", command: "bayes calibrate")
    }
    if plot.hasSuffix(".png") { _ = try pictureConverter() }
  }
  if settings.offDiagonal != nil || settings.interceptPenalty != nil,
    let method = settings.method.method, ![.vector, .matrix].contains(method)
  {
    throw UsageError(
      "--off-diagonal and --intercepts are for vector and matrix scaling, not \(method.name)",
      command: "bayes calibrate")
  }
  for path in [settings.save, settings.plot] { try path.map(requireFolder) }
  var settings = settings
  settings.columns.treatment.seed = settings.seed
  let (given, progress) = (settings, CalibrationProgress())
  let report = try withProgressLine(isQuiet: settings.quiet) { _, seconds in
    "\(given.scores): \(progress.current)  \(Int(seconds)) s"
  } _: {
    try calibrationReport(given, progress)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(calibrationText(report, settings))
  case .json:
    try StandardStream.output.write(
      jsonText(calibrationJSON(report, settings), indented: true))
  }
  if let path = settings.save {
    if let record = report.record {
      try writeFile(jsonText(record.json, indented: true), to: path)
    } else {
      note("No map was written: no method has a finite likelihood on held-out rows.")
    }
  }
  if let path = settings.plot {
    try writePicture(reliabilityPlot(report, settings.scores).svg(), to: path)
  }
  if !settings.quiet { note(timesText(report)) }
  return settings.isStrict && !report.before.isCalibrated ? .strict : .success
}

/// How long reading, comparing, fitting and measuring took.
private func timesText(_ report: CalibrationReport) -> String {
  let times = report.times
  func text(_ seconds: Double) -> String { formatted(seconds, significant: 3) + " s" }
  var parts = ["read in \(text(times.reading))"]
  if times.comparing > 0 { parts.append("methods compared in \(text(times.comparing))") }
  if times.fitting > 0 { parts.append("fitted in \(text(times.fitting))") }
  let rest = times.total - times.reading - times.comparing - times.fitting
  return parts.joined(separator: ", ") + ", measured in \(text(rest))."
}
