// The rows of `calibrate`: labels, scores and groups from a CSV file, checked cell by cell while it is read.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// The columns that are named on the command line.
struct ScoreColumns: Sendable, Equatable {
  var label: String?
  var logit: String?
  var probability: String?
  var logits: [String] = []
  var probabilities: [String] = []
  var group: String?
}

/// What the scores are and where they stand.
struct ScoreLayout: Sendable, Equatable {
  var kind: CalibrationRecord.ScoreKind
  var columns: [String]
  /// Names of the classes 0…K − 1.
  var classes: [String]
}

/// Rows of labels and scores.
struct ScoredRows: Sendable {
  enum Predictions: Sendable {
    case binary(BinaryPredictions)
    case multiclass(MulticlassPredictions)
  }
  var layout: ScoreLayout
  var label: String
  var predictions: Predictions
  /// The group of every row, where there is a column of groups.
  var groups: [String]?

  var count: Int {
    switch predictions {
    case .binary(let predictions): predictions.count
    case .multiclass(let predictions): predictions.count
    }
  }

  var labels: [Int] {
    switch predictions {
    case .binary(let predictions): predictions.labels
    case .multiclass(let predictions): predictions.labels
    }
  }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> ScoredRows {
    var part = self
    switch predictions {
    case .binary(let predictions): part.predictions = .binary(predictions.rows(range))
    case .multiclass(let predictions): part.predictions = .multiclass(predictions.rows(range))
    }
    part.groups = groups.map { Array($0[range]) }
    return part
  }
}

/// Finds the scores among the columns of a file.
///
/// - Throws: `UsageError` where the names contradict one another, or there is nothing to go by.
func scoreLayout(
  _ columns: ScoreColumns, names: [String], label: String, path: String
) throws -> ScoreLayout {
  let given = [
    columns.logit.map { (CalibrationRecord.ScoreKind.logit, [$0]) },
    columns.probability.map { (.probability, [$0]) },
    columns.logits.isEmpty ? nil : (.logits, columns.logits),
    columns.probabilities.isEmpty ? nil : (.probabilities, columns.probabilities),
  ].compactMap { $0 }
  if given.count > 1 {
    throw UsageError(
      "--logit, --probability, --logits and --probabilities exclude one another",
      command: "bayes calibrate")
  }
  if let (kind, names) = given.first {
    if kind.isMulticlass, names.count < 2 {
      throw UsageError(
        "--\(kind.rawValue) names one column for each class, at least two; found \(names.count)",
        hint: "a single score is --logit or --probability", command: "bayes calibrate")
    }
    if let repeated = names.firstRepeated {
      throw UsageError("--\(kind.rawValue) names \(repeated) twice", command: "bayes calibrate")
    }
    return ScoreLayout(kind: kind, columns: names, classes: classNames(kind, names))
  }
  let others = names.filter { $0 != label && $0 != columns.group }
  if others.contains("logit") {
    return ScoreLayout(kind: .logit, columns: ["logit"], classes: ["0", "1"])
  }
  if let name = ["probability", "p"].first(where: { others.contains($0) }) {
    return ScoreLayout(kind: .probability, columns: [name], classes: ["0", "1"])
  }
  throw UsageError(
    "which columns of \(path) are the scores? There are \(names.joined(separator: ", "))",
    hint:
      "--logit NAME or --probability NAME for labels 0 and 1; --logits A,B,… or --probabilities A,B,… with one "
      + "column for each class",
    command: "bayes calibrate")
}

/// The names of classes: what the columns' names do not share.
private func classNames(_ kind: CalibrationRecord.ScoreKind, _ columns: [String]) -> [String] {
  guard kind.isMulticlass else { return ["0", "1"] }
  var prefix = Substring(columns[0])
  for name in columns.dropFirst() { prefix = prefix.prefix(prefix.commonCount(with: name)) }
  let names = columns.map { String($0.dropFirst(prefix.count)) }
  return names.contains("") ? columns : names
}

extension Substring {
  fileprivate func commonCount(with other: String) -> Int {
    zip(self, other).prefix { $0 == $1 }.count
  }
}

/// The column of labels: the one named, or the first of `y` and `label` that there is.
private func labelColumn(_ columns: ScoreColumns, _ names: [String], _ path: String) throws
  -> String
{
  if let label = columns.label { return label }
  if let label = ["y", "label"].first(where: { names.contains($0) }) { return label }
  throw UsageError(
    "which column of \(path) has the labels? There are \(names.joined(separator: ", "))",
    hint: "--label NAME", command: "bayes calibrate")
}

/// Where columns stand in a file.
func positions(of columns: [String], in names: [String], path: String) throws -> [Int] {
  try columns.map { column in
    guard let position = names.firstIndex(of: column) else {
      throw DataError.invalid(
        DataPlace(path: path), message: "there is no column \(column)",
        hint: "there are \(names.joined(separator: ", "))")
    }
    return position
  }
}

/// Reads the rows of a file, one at a time; only what is needed is kept.
///
/// - Parameter layout: the layout of another file, which this one must share; found anew where `nil`.
/// - Throws: `UsageError`, `DataError` with line and column.
func readScores(_ path: String, _ columns: ScoreColumns, like layout: ScoreLayout? = nil) throws
  -> ScoredRows
{
  let rows = try CSVRows(path: path)
  let label = try labelColumn(columns, rows.names, path)
  let layout =
    try layout ?? scoreLayout(columns, names: rows.names, label: label, path: path)
  let places = try positions(of: layout.columns, in: rows.names, path: path)
  let labelPlace = try positions(of: [label], in: rows.names, path: path)[0]
  let groupPlace = try columns.group.map { try positions(of: [$0], in: rows.names, path: path)[0] }
  var labels: [Int] = []
  var scores: [Double] = []
  var groups: [String] = []
  while try rows.next() {
    labels.append(try rows.label(labelPlace, classes: layout.classes, column: label))
    try rows.scores(places, layout, into: &scores)
    if let groupPlace { groups.append(rows.text(groupPlace)) }
  }
  guard !labels.isEmpty else {
    throw DataError.invalid(
      DataPlace(path: path), message: "there are no rows below the names of the columns",
      hint: "one row for each case is expected")
  }
  return ScoredRows(
    layout: layout, label: label, predictions: try predictions(labels, scores, layout),
    groups: groupPlace == nil ? nil : groups)
}

/// Predictions of checked scores.
func predictions(_ labels: [Int], _ scores: [Double], _ layout: ScoreLayout) throws
  -> ScoredRows.Predictions
{
  let matrix = { DenseMatrix(rows: labels.count, columns: layout.columns.count, values: scores) }
  switch layout.kind {
  case .logit: return .binary(try BinaryPredictions(labels: labels, logits: scores))
  case .probability: return .binary(try BinaryPredictions(labels: labels, probabilities: scores))
  case .logits:
    return .multiclass(try MulticlassPredictions(labels: labels, logits: matrix()))
  case .probabilities:
    return .multiclass(try MulticlassPredictions(labels: labels, probabilities: matrix()))
  }
}

extension CSVRows {
  /// The row's label, a number 0…K − 1 or the name of a class.
  fileprivate func label(_ place: Int, classes: [String], column: String) throws -> Int {
    if let value = number(place) {
      if let label = Int(exactly: value), classes.indices.contains(label) { return label }
    } else if let label = classes.firstIndex(of: text(place)) {
      return label
    }
    let found = text(place)
    let names = classes.enumerated().contains { "\($0)" != $1 } ? ", or a class's name" : ""
    throw mistake(
      place, "\(column) has \(found.isEmpty ? "an empty cell" : found)",
      expected: classes.count == 2 && names.isEmpty
        ? "0 or 1" : "a whole number from 0 to \(classes.count - 1)\(names)")
  }

  /// Adds the row's scores.
  func scores(_ places: [Int], _ layout: ScoreLayout, into scores: inout [Double]) throws {
    var sum = 0.0
    for (place, column) in zip(places, layout.columns) {
      let value = number(place)
      switch layout.kind {
      case .logit, .logits:
        guard let value, value.isFinite else {
          throw mistake(
            place, found(place, column),
            expected: "a finite logit; certain predictions are given as probabilities 0 and 1")
        }
        scores.append(value)
      case .probability, .probabilities:
        guard let value, value >= 0, value <= 1 else {
          throw mistake(place, found(place, column), expected: "a probability from 0 to 1")
        }
        scores.append(value)
        sum += value
      }
    }
    if layout.kind == .probabilities, abs(sum - 1) > 1e-5 {
      throw mistake(
        places[0], "the probabilities of the row sum to \(formatted(sum, significant: 6))",
        expected: "a sum of 1")
    }
  }

  private func found(_ place: Int, _ column: String) -> String {
    let text = text(place)
    return "\(column) has \(text.isEmpty ? "an empty cell" : text)"
  }

  private func mistake(_ column: Int, _ found: String, expected: String) -> DataError {
    .invalid(place(column), message: found, hint: "expected \(expected)")
  }
}
