// The rows of `calibrate conformal`, and which of them give the thresholds.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// Rows with what came, and what a classifier or regression said.
struct ConformalRows: Sendable {
  enum Content: Sendable {
    case classes(MulticlassPredictions, ScoreLayout)
    /// Without `upper`, `lower` is the prediction.
    case numbers(outcomes: [Double], lower: [Double], upper: [Double]?, columns: [String])
  }
  var content: Content
  var label: String
  /// The group of every row, where groups have thresholds of their own.
  var groups: [String]?
  /// Rows that were left out for an empty cell.
  var skipped = 0

  var count: Int {
    switch content {
    case .classes(let predictions, _): predictions.count
    case .numbers(let outcomes, _, _, _): outcomes.count
    }
  }

  /// The groups, or one of all rows.
  var grouping: Grouping { Grouping(groups ?? Array(repeating: "", count: count)) }

  /// Some of the rows.
  func rows(_ rows: [Int]) -> ConformalRows {
    var part = self
    part.groups = groups.map { groups in rows.map { groups[$0] } }
    switch content {
    case .classes(let predictions, let layout):
      part.content = .classes(predictions.rows(rows), layout)
    case .numbers(let outcomes, let lower, let upper, let columns):
      part.content = .numbers(
        outcomes: rows.map { outcomes[$0] }, lower: rows.map { lower[$0] },
        upper: upper.map { upper in rows.map { upper[$0] } }, columns: columns)
    }
    return part
  }
}

/// Reads the rows of a file.
///
/// - Parameter earlier: the rows of another file, whose columns this one shares.
/// - Throws: `UsageError`, `DataError` with line and column.
func readConformalRows(
  _ path: String, _ settings: CalibrateConformalSettings, like earlier: ConformalRows? = nil
) throws -> ConformalRows {
  if settings.isRegression { return try readNumbers(path, settings, label: earlier?.label) }
  var columns = settings.columns
  columns.label = earlier?.label ?? columns.label
  var layout: ScoreLayout?
  if case .classes(_, let known)? = earlier?.content { layout = known }
  let rows = try readScores(path, columns, like: layout)
  let predictions =
    switch rows.predictions {
    case .binary(let predictions): try MulticlassPredictions(predictions)
    case .multiclass(let predictions): predictions
    }
  return ConformalRows(
    content: .classes(predictions, rows.layout), label: rows.label, groups: rows.groups,
    skipped: rows.treated.skipped)
}

/// Outcomes, predictions and groups.
private func readNumbers(
  _ path: String, _ settings: CalibrateConformalSettings, label: String?
) throws -> ConformalRows {
  let rows = try CSVRows(path: path)
  guard
    let label = label ?? settings.columns.label
      ?? ["y", "label"].first(where: { rows.names.contains($0) })
  else {
    throw UsageError(
      "which column of \(path) has the outcomes? There are \(rows.names.joined(separator: ", "))",
      hint: "--label NAME", command: conformalCommandName)
  }
  let columns = [settings.prediction, settings.lower, settings.upper].compactMap { $0 }
  for column in columns + [settings.columns.group].compactMap({ $0 }) where column == label {
    throw UsageError(
      "\(label) is the column of outcomes; it cannot be a prediction or a group as well",
      command: conformalCommandName)
  }
  let places = try positions(of: [label] + columns, in: rows.names, path: path)
  let groupPlace = try settings.columns.group.map {
    try positions(of: [$0], in: rows.names, path: path)[0]
  }
  var numbers = [[Double]](repeating: [], count: places.count)
  var groups: [String] = []
  var skipped = 0
  while try rows.next() {
    if settings.columns.treatment.skipsMissing, rows.isMissing(places) {
      skipped += 1
      continue
    }
    for (k, place) in places.enumerated() {
      numbers[k].append(try rows.finite(place, column: k == 0 ? label : columns[k - 1]))
    }
    if places.count == 3 { try rows.checkOrder(places[1], places[2], columns) }
    if let groupPlace { groups.append(rows.text(groupPlace)) }
  }
  guard !numbers[0].isEmpty else {
    throw DataError.invalid(
      DataPlace(path: path), message: "there are no rows below the names of the columns",
      hint: "one row for each case is expected")
  }
  return ConformalRows(
    content: .numbers(
      outcomes: numbers[0], lower: numbers[1], upper: numbers.count == 3 ? numbers[2] : nil,
      columns: columns),
    label: label, groups: groupPlace == nil ? nil : groups, skipped: skipped)
}

extension CSVRows {
  /// The row's cell as a finite number.
  func finite(_ place: Int, column: String) throws -> Double {
    guard let value = number(place), value.isFinite else {
      let text = text(place)
      throw DataError.invalid(
        self.place(place), message: "\(column) has \(text.isEmpty ? "an empty cell" : text)",
        hint: "expected a finite number")
    }
    return value
  }

  /// Refuses a row whose lower quantile, a finite number, is above the upper one.
  func checkOrder(_ lower: Int, _ upper: Int, _ columns: [String]) throws {
    guard let low = number(lower), let high = number(upper), low > high else { return }
    throw DataError.invalid(
      place(lower),
      message: "\(columns[0]) is \(text(lower)) and \(columns[1]) is \(text(upper))",
      hint: "a lower quantile is not above the upper one; are --lower and --upper exchanged?")
  }
}

/// The rows that give thresholds, and the others, both increasing.
///
/// At random, half of each group or class that gets a threshold of its own are taken, rounded up.
func conformalSplit(
  _ rows: ConformalRows, _ settings: CalibrateConformalSettings
) throws -> (fitted: [Int], measured: [Int]) {
  let count = rows.count
  let wanted = settings.fitRows ?? max(1, count / 2)
  guard wanted < count else {
    throw UsageError(
      "\(counted(wanted, "row")) for the threshold would leave nothing to measure: \(settings.scores) has \(count)",
      hint: "--test FILE, or fewer --fit-rows", command: conformalCommandName)
  }
  if settings.split == .first { return (Array(0..<wanted), Array(wanted..<count)) }
  var strata = [Array(0..<count)]
  if settings.fitRows == nil {
    if rows.groups != nil {
      strata = rows.grouping.rows
    } else if settings.isByClass, case .classes(let predictions, _) = rows.content {
      strata = Grouping(predictions.labels.map(String.init)).rows
    }
  }
  var isFitted = [Bool](repeating: false, count: count)
  for (number, stratum) in strata.enumerated() {
    var stratum = stratum
    // Chains 0 and 1 of simulations belong to other purposes.
    var stream = RandomStream(
      seed: settings.seed, chain: 2, purpose: .simulation, iteration: number)
    for i in stride(from: stratum.count - 1, to: 0, by: -1) {
      stratum.swapAt(i, Int(stream.next().multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    let taken = strata.count == 1 ? wanted : (stratum.count + 1) / 2
    for row in stratum.prefix(taken) { isFitted[row] = true }
  }
  let (fitted, measured) = (
    (0..<count).filter { isFitted[$0] }, (0..<count).filter { !isFitted[$0] }
  )
  guard !measured.isEmpty else {
    throw UsageError(
      "every group or class has a single row, which leaves nothing to measure", hint: "--test FILE",
      command: conformalCommandName)
  }
  return (fitted, measured)
}
