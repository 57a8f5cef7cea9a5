// Which columns of a file are the scores, the classes and the labels of `calibrate`.

import BayesCalibration
import BayesCore
import CommandLineKit

/// Finds the scores among the columns of a file.
///
/// - Throws: `UsageError` where the names contradict one another, or there is nothing to go by.
func scoreLayout(
  _ columns: ScoreColumns, names: [String], label: String, path: String
) throws -> ScoreLayout {
  if let score = columns.scoreNames.first(where: { $0 == label }) {
    throw UsageError(
      "\(score) is the column of labels; it cannot be a score as well", command: "bayes calibrate")
  }
  if columns.group == label {
    throw UsageError(
      "\(label) is the column of labels; it cannot be the group as well", command: "bayes calibrate"
    )
  }
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
    return ScoreLayout(
      kind: kind, columns: names, classes: classNames(kind, names), treatment: columns.treatment)
  }
  let others = names.filter { $0 != label && $0 != columns.group }
  if others.contains("logit") {
    return ScoreLayout(
      kind: .logit, columns: ["logit"], classes: ["0", "1"], treatment: columns.treatment)
  }
  if let name = ["probability", "p"].first(where: { others.contains($0) }) {
    return ScoreLayout(
      kind: .probability, columns: [name], classes: ["0", "1"], treatment: columns.treatment)
  }
  throw UsageError(
    "which columns of \(path) are the scores? There are \(names.joined(separator: ", "))",
    hint:
      "--logit NAME or --probability NAME for labels 0 and 1; --logits A,B,… or --probabilities A,B,… with one "
      + "column for each class",
    command: "bayes calibrate")
}

/// The names of classes: what the columns' names do not share at their beginning; a number stays whole.
private func classNames(_ kind: CalibrationRecord.ScoreKind, _ columns: [String]) -> [String] {
  guard kind.isMulticlass else { return ["0", "1"] }
  var prefix = Substring(columns[0])
  for name in columns.dropFirst() { prefix = prefix.prefix(prefix.commonCount(with: name)) }
  while prefix.last?.isWholeNumber == true { prefix.removeLast() }
  let names = columns.map { String($0.dropFirst(prefix.count)) }
  return names.contains("") ? columns : names
}

extension Substring {
  fileprivate func commonCount(with other: String) -> Int {
    zip(self, other).prefix { $0 == $1 }.count
  }
}

/// The column of labels: the one named, or the first of `y` and `label` that there is.
func labelColumn(_ columns: ScoreColumns, _ names: [String], _ path: String) throws
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
