// `bayes calibrate conformal-apply`: sets or intervals of new rows by stored thresholds, row by row.

import BayesCalibration
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit
import Glibc

/// The settings of `calibrate conformal-apply`.
struct CalibrateConformalApplySettings: Sendable, Equatable {
  var thresholds = ""
  var rows = ""
  var columns: [String] = []
  var group: String?
  var isNormalised = false
  var skipsMissing = false
  var output: String?
}

private let commandName = "bayes calibrate conformal-apply"

/// `calibrate conformal-apply`.
let calibrateConformalApplyCommand = Command(
  "calibrate conformal-apply",
  summary: "Sets of classes, or intervals, of new rows by stored thresholds.",
  discussion:
    "Reads the rows of NEW one at a time, whatever the file's size, and writes them with further columns: `set`, the "
    + "classes with spaces between (| where a name has a space; nothing for an empty set), or `lower` and `upper`. A column "
    + "that is there already makes it conformal_set, conformal_lower, conformal_upper. Bounds are empty cells where there were "
    + "too few rows for a threshold: everything is allowed. An interval of quantiles that are too near to one another for the "
    + "threshold is empty; both bounds are then the middle. No labels are needed.",
  defaults: CalibrateConformalApplySettings(),
  arguments: [
    .positional(
      "THRESHOLDS", \.thresholds, help: "What calibrate conformal --save wrote, .json."),
    .positional("NEW", \.rows, help: "New scores or predictions, .csv."),
    .list(
      "columns", \.columns, placeholder: "A,B,…",
      help:
        "The columns of scores or predictions, where they are named differently from those calibrated."
    ),
    .option(
      "group", \.group, placeholder: "COLUMN",
      help: "The column of groups, where it is named differently."),
    .flag(
      "normalise", \.isNormalised,
      help: "Divide the probabilities of a row by their sum, where they were rounded."),
    .flag(
      "skip-missing", \.skipsMissing,
      help: "Leave out rows with empty cells, and say how many on standard error."),
    .option(
      "output", \.output, placeholder: "FILE", help: "Write there instead of to standard output."),
  ],
  examples: [
    CommandExample(
      "bayes calibrate conformal-apply conformal.json new.csv --output sets.csv",
      "New rows of the same columns"),
    CommandExample(
      "bayes calibrate conformal-apply conformal.json new.csv --columns offer",
      "The same predictions under another name"),
  ])

/// Runs `calibrate conformal-apply`.
func runCalibrateConformalApply(_ settings: CalibrateConformalApplySettings) throws -> ExitCode {
  let record = try ConformalRecord(
    json: parseJSON(path: settings.thresholds), path: settings.thresholds)
  let columns = settings.columns.isEmpty ? record.columns : settings.columns
  guard columns.count == record.columns.count else {
    throw UsageError(
      "the thresholds take \(record.columns.count) columns (\(record.columns.joined(separator: ", "))), "
        + "--columns names \(columns.count)", command: commandName)
  }
  if settings.group != nil, record.group == nil {
    throw UsageError("the thresholds have no groups; --group is not used", command: commandName)
  }
  if settings.output == settings.rows {
    throw UsageError("--output would overwrite the rows before they are read", command: commandName)
  }
  let rows = try CSVRows(path: settings.rows)
  let places = try positions(of: columns, in: rows.names, path: settings.rows)
  let groupColumn = settings.group ?? record.group
  let groupPlace = try groupColumn.map {
    try positions(of: [$0], in: rows.names, path: settings.rows)[0]
  }
  var block = ConformalBlock(record, columns, isNormalised: settings.isNormalised)
  let added = try block.addedColumns(beside: rows.names, path: settings.rows)
  let output = try settings.output.map { try OutputFile(creating: $0) }
  func write(_ text: String) throws {
    if let output {
      output.append(text)
      try output.commit()
    } else {
      try StandardStream.output.write(text)
    }
  }
  var skipped = 0
  do {
    try write((rows.names + added).map(csvCell).joined(separator: ",") + "\n")
    while try rows.next() {
      if settings.skipsMissing, rows.isMissing(places) {
        skipped += 1
        continue
      }
      try block.add(rows, places, groupPlace, groupColumn ?? "")
      if block.lines.count == 4096 { try write(block.finish()) }
    }
    if !block.lines.isEmpty { try write(block.finish()) }
    try output?.close()
  } catch {
    // Half a file would be taken for a whole one.
    if let path = settings.output { unlink(path) }
    throw error
  }
  if skipped > 0 { note("\(counted(skipped, "row")) with empty cells left out.") }
  if block.empty > 0 {
    note(
      "\(block.empty) \(block.empty == 1 ? "interval is" : "intervals are") empty: both bounds are the middle of the quantiles."
    )
  }
  return .success
}

/// Rows that are read and not yet written.
private struct ConformalBlock {
  let record: ConformalRecord
  let columns: [String]
  let isNormalised: Bool
  let separator: String
  var lines: [String] = []
  /// How many intervals were empty so far.
  private(set) var empty = 0
  private var values: [Double] = []
  private var groups: [String] = []
  private var written = 0

  init(_ record: ConformalRecord, _ columns: [String], isNormalised: Bool) {
    (self.record, self.columns, self.isNormalised) = (record, columns, isNormalised)
    separator = record.classes.contains { $0.contains(" ") } ? "|" : " "
  }

  /// The names of the new columns.
  func addedColumns(beside names: [String], path: String) throws -> [String] {
    let plain =
      switch record.rule {
      case .sets: ["set"]
      case .intervals: ["lower", "upper"]
      }
    guard plain.contains(where: names.contains) else { return plain }
    let longer = plain.map { "conformal_\($0)" }
    if let taken = longer.first(where: names.contains) {
      throw DataError.invalid(
        DataPlace(path: path, line: 1), message: "there is a column \(taken) already",
        hint: "rename it, so that it is not mistaken for the new one")
    }
    return longer
  }

  /// Takes the current row.
  mutating func add(
    _ rows: CSVRows, _ places: [Int], _ groupPlace: Int?, _ groupColumn: String
  ) throws {
    switch record.rule {
    case .sets:
      guard let layout else { return }
      try rows.scores(places, layout, into: &values)
    case .intervals:
      for (place, column) in zip(places, columns) {
        values.append(try rows.finite(place, column: column))
      }
      if places.count == 2 { try rows.checkOrder(places[0], places[1], columns) }
    }
    let group = groupPlace.map { rows.text($0) } ?? ""
    if let groupPlace, !groupNames.contains(group) {
      throw DataError.invalid(
        rows.place(groupPlace),
        message: "\(groupColumn) has \(group.isEmpty ? "an empty cell" : group)",
        hint: "there are thresholds of \(groupNames.joined(separator: ", "))")
    }
    groups.append(group)
    lines.append(rows.names.indices.map { csvCell(rows.text($0)) }.joined(separator: ","))
  }

  /// The columns of scores; none for intervals.
  private var layout: ScoreLayout? {
    record.scores.map {
      ScoreLayout(
        kind: $0, columns: columns, classes: record.classes,
        treatment: ScoreTreatment(isNormalised: isNormalised))
    }
  }

  private var groupNames: [String] {
    switch record.rule {
    case .sets(let groups): groups.names
    case .intervals(let groups): groups.names
    }
  }

  /// The text of the rows taken, which are then forgotten.
  mutating func finish() throws -> String {
    let cells: [String]
    switch record.rule {
    case .sets(let rules): cells = try setCells(rules)
    case .intervals(let rules): cells = intervalCells(rules)
    }
    let text = zip(lines, cells).map { "\($0),\($1)\n" }.joined()
    written += lines.count
    values.removeAll(keepingCapacity: true)
    groups.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    return text
  }

  private func setCells(_ rules: ConformalGroups<ConformalSets>) throws -> [String] {
    guard let layout else { return [] }
    // Labels do not matter to a set.
    let probabilities =
      switch try predictions(Array(repeating: 0, count: lines.count), values, layout) {
      case .binary(let predictions): try MulticlassPredictions(predictions).probabilities
      case .multiclass(let predictions): predictions.probabilities
      }
    var cells: [String] = []
    let k = probabilities.columns
    var start = 0
    // Runs of rows of one group go together.
    while start < lines.count {
      let end = groups[start...].firstIndex { $0 != groups[start] } ?? lines.count
      guard let rule = rules[groups[start]] else { break }
      let sets = rule.sets(
        of: DenseMatrix(
          rows: end - start, columns: k,
          values: Array(probabilities.values[start * k..<end * k])), firstRow: written + start)
      for row in 0..<sets.count {
        cells.append(csvCell(sets[row].map { record.classes[$0] }.joined(separator: separator)))
      }
      start = end
    }
    return cells
  }

  private mutating func intervalCells(_ rules: ConformalGroups<ConformalIntervals>) -> [String] {
    let width = columns.count
    return lines.indices.map { row in
      guard let rule = rules[groups[row]], rule.quantile.value != nil else { return "," }
      let (lower, upper) = (values[row * width], values[row * width + width - 1])
      guard width == 2 else { return boundCells(rule.interval(around: lower)) }
      guard let interval = rule.interval(lower: lower, upper: upper) else {
        empty += 1
        let middle = shortestDescription(0.5 * lower + 0.5 * upper)
        return "\(middle),\(middle)"
      }
      return boundCells(interval)
    }
  }

  /// Both bounds; one beyond the range of numbers is an empty cell.
  private func boundCells(_ interval: ClosedRange<Double>) -> String {
    [interval.lowerBound, interval.upperBound]
      .map { $0.isFinite ? shortestDescription($0) : "" }.joined(separator: ",")
  }
}
