// `bayes calibrate apply`: a stored map applied to new scores, row by row.

import BayesCalibration
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit
import Glibc

/// The settings of `calibrate apply`.
struct CalibrateApplySettings: Sendable, Equatable {
  var map = ""
  var scores = ""
  var columns: [String] = []
  var isNormalised = false
  var skipsMissing = false
  var output: String?
}

/// `calibrate apply`.
let calibrateApplyCommand = Command(
  "calibrate apply", summary: "Apply a stored calibration map to new scores.",
  discussion:
    "Reads the rows of SCORES one at a time, whatever the file's size, and writes them with the calibrated probability "
    + "of label 1 in a further column `calibrated`, or one column `calibrated_CLASS` for each class. No labels are needed.",
  defaults: CalibrateApplySettings(),
  arguments: [
    .positional("MAP", \.map, help: "A map that calibrate --save wrote, .json."),
    .positional("SCORES", \.scores, help: "New scores, .csv."),
    .list(
      "columns", \.columns, placeholder: "A,B,…",
      help:
        "The columns of scores, where they are named differently from those the map was fitted to."),
    .flag(
      "normalise", \.isNormalised,
      help: "Divide the probabilities of a row by their sum, where they were rounded."),
    .flag(
      "skip-missing", \.skipsMissing,
      help: "Leave the new cells of rows with empty scores empty, instead of stopping there."),
    .option(
      "output", \.output, placeholder: "FILE", help: "Write there instead of to standard output."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate apply map.json new.csv --output calibrated.csv",
      "New rows of the same columns"),
    CommandExample(
      "bayes calibrate apply map.json new.csv --columns score", "The same scores under another name"
    ),
  ])

/// Runs `calibrate apply`.
func runCalibrateApply(_ settings: CalibrateApplySettings) throws -> ExitCode {
  let record = try CalibrationRecord(path: settings.map)
  let columns = settings.columns.isEmpty ? record.columns : settings.columns
  guard columns.count == record.columns.count else {
    throw UsageError(
      "the map takes \(record.columns.count) columns (\(record.columns.joined(separator: ", "))), "
        + "--columns names \(columns.count)", command: "bayes calibrate apply")
  }
  let rows = try CSVRows(path: settings.scores)
  var layout = ScoreLayout(kind: record.scores, columns: columns, classes: record.classes)
  (layout.treatment.clip, layout.treatment.isNormalised) = (record.clip, settings.isNormalised)
  let places = try positions(of: columns, in: rows.names, path: settings.scores)
  let added =
    record.scores.isMulticlass ? record.classes.map { "calibrated_\($0)" } : ["calibrated"]
  if let taken = added.first(where: rows.names.contains) {
    throw DataError.invalid(
      DataPlace(path: settings.scores, line: 1), message: "there is a column \(taken) already",
      hint: "rename it, so that it is not mistaken for the new one")
  }
  let output = try settings.output.map { try OutputFile(creating: $0) }
  func write(_ text: String) throws {
    if let output {
      output.append(text)
      try output.commit()
    } else {
      try StandardStream.output.write(text)
    }
  }
  var (scores, lines) = ([Double](), [(text: String, isMissing: Bool)]())
  var skipped = 0
  func flush() throws {
    var calibrated = try scores.isEmpty ? [] : calibratedRows(record.map, scores, layout)
    calibrated.reverse()
    let empty = String(repeating: ",", count: added.count - 1)
    try write(
      lines.map { "\($0.text),\($0.isMissing ? empty : calibrated.removeLast())\n" }.joined())
    scores.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }
  do {
    try write((rows.names + added).map(csvCell).joined(separator: ",") + "\n")
    while try rows.next() {
      let isMissing = settings.skipsMissing && rows.isMissing(places)
      if isMissing { skipped += 1 } else { try rows.scores(places, layout, into: &scores) }
      lines.append(
        (rows.names.indices.map { csvCell(rows.text($0)) }.joined(separator: ","), isMissing))
      if lines.count == 4096 { try flush() }
    }
    if !lines.isEmpty { try flush() }
    try output?.close()
  } catch {
    // Half a file would be taken for a whole one.
    if let path = settings.output { unlink(path) }
    throw error
  }
  if skipped > 0 { note("\(counted(skipped, "row")) without scores have no new cells.") }
  return .success
}

/// The new cells of some rows.
private func calibratedRows(
  _ map: FittedMap, _ scores: [Double], _ layout: ScoreLayout
) throws -> [String] {
  let count = scores.count / layout.columns.count
  // Labels do not matter to a map.
  switch try predictions(Array(repeating: 0, count: count), scores, layout) {
  case .binary(let predictions):
    return try map.apply(predictions).probabilities.map(shortestDescription)
  case .multiclass(let predictions):
    let result = try map.apply(predictions).probabilities
    return (0..<count).map { row in
      result.values[row * result.columns..<(row + 1) * result.columns]
        .map(shortestDescription).joined(separator: ",")
    }
  }
}
