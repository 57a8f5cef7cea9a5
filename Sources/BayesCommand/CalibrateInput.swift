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
  var treatment = ScoreTreatment()

  /// All columns of scores that are named.
  var scoreNames: [String] {
    [logit, probability].compactMap { $0 } + logits + probabilities
  }
}

/// What is done with cells that cannot be taken as they are.
struct ScoreTreatment: Sendable, Equatable {
  /// Probabilities nearer than this to 0 or 1 are moved there; 0 to leave all as they are.
  var clip = 0.0
  /// Whether the probabilities of a row are divided by their sum.
  var isNormalised = false
  /// The label that counts as 1, all others as 0.
  var positive: String?
  /// Whether rows with empty cells are left out.
  var skipsMissing = false
  /// How many rows to draw from the file, all with the same probability; without, all rows.
  var sample: Int?
  /// The key of that draw.
  var seed: UInt64 = 1
}

/// What was done with some cells of a file.
struct TreatedCells: Sendable, Equatable {
  /// Probabilities that were moved away from 0 or 1.
  var clipped = 0
  /// Rows that were left out for an empty cell.
  var skipped = 0
  /// Rows of the file, where fewer were drawn.
  var sampledFrom: Int?
}

/// What the scores are and where they stand.
struct ScoreLayout: Sendable, Equatable {
  var kind: CalibrationRecord.ScoreKind
  var columns: [String]
  /// Names of the classes 0…K − 1.
  var classes: [String]
  var treatment = ScoreTreatment()
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
  var treated = TreatedCells()

  var count: Int {
    switch predictions {
    case .binary(let predictions): predictions.count
    case .multiclass(let predictions): predictions.count
    }
  }

  /// Whether what was named as log odds is more likely probabilities: many numbers, all from 0 to 1.
  var logitsLookLikeProbabilities: Bool {
    guard count >= 20, layout.kind == .logit || layout.kind == .logits else { return false }
    return switch predictions {
    case .binary(let predictions): predictions.logits.allSatisfy { $0 >= 0 && $0 <= 1 }
    case .multiclass(let predictions): predictions.logits.values.allSatisfy { $0 >= 0 && $0 <= 1 }
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
  try requireMemory(path, layout.treatment)
  var reader = LabelReader(layout, column: label, place: labelPlace)
  var kept = RowStore(width: places.count, layout.treatment)
  var treated = TreatedCells()
  var row: [Double] = []
  while try rows.next() {
    if layout.treatment.skipsMissing, rows.isMissing(places + [labelPlace]) {
      treated.skipped += 1
      continue
    }
    row.removeAll(keepingCapacity: true)
    let value = try reader.label(in: rows)
    treated.clipped += try rows.scores(places, layout, into: &row)
    kept.add(value, row, group: groupPlace.map { rows.text($0) })
  }
  guard !kept.labels.isEmpty else {
    throw DataError.invalid(
      DataPlace(path: path),
      message: treated.skipped > 0
        ? "all \(treated.skipped) rows have empty cells"
        : "there are no rows below the names of the columns",
      hint: "one row for each case is expected")
  }
  if let positive = layout.treatment.positive, !kept.labels.contains(1) {
    throw DataError.invalid(
      DataPlace(path: path), message: "no row has the label \(positive) in column \(label)",
      hint: "there are \(reader.others.joined(separator: ", "))")
  }
  if kept.seen > kept.labels.count { treated.sampledFrom = kept.seen }
  return ScoredRows(
    layout: layout, label: label, predictions: try predictions(kept.labels, kept.scores, layout),
    groups: groupPlace == nil ? nil : kept.groups, treated: treated)
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
