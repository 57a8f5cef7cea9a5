// Cells of `calibrate`: labels and scores, each checked where it stands.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit
import Glibc

/// Labels as a file has them.
struct LabelReader {
  private let column: String
  private let place: Int
  private let classes: [String]
  private let positive: String?
  /// Whether classes are numbers of their own, which labels then are.
  private let hasNumberedClasses: Bool
  /// Classes by number and by name.
  private let numbers: [Int: Int]
  private let positions: [String: Int]
  /// Some of the labels that are not the positive one, for a message.
  private(set) var others: [String] = []

  init(_ layout: ScoreLayout, column: String, place: Int) {
    self.column = column
    self.place = place
    (classes, positive) = (layout.classes, layout.treatment.positive)
    let hasNumberedClasses =
      layout.kind.isMulticlass && layout.classes.allSatisfy { Int($0) != nil }
    self.hasNumberedClasses = hasNumberedClasses
    var positions: [String: Int] = [:]
    if layout.kind.isMulticlass {
      for (k, name) in layout.columns.enumerated() { positions[name] = k }
    }
    for (k, name) in layout.classes.enumerated() { positions[name] = k }
    self.positions = positions
    let names = layout.classes
    numbers = Dictionary(
      names.indices.map { (hasNumberedClasses ? Int(names[$0])! : $0, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The row's label: a number 0…K − 1, the name of a class or of its column; where the classes' names are whole numbers,
  /// the number of one.
  ///
  /// - Throws: `DataError` with what was expected.
  mutating func label(in rows: CSVRows) throws -> Int {
    let value = rows.number(place)
    if positive == nil, let value, let number = Int(exactly: value), let label = numbers[number] {
      return label
    }
    let found = rows.text(place)
    if let positive, !found.isEmpty {
      if found == positive || (value != nil && value == Double(positive)) { return 1 }
      if others.count < 8, !others.contains(found) { others.append(found) }
      return 0
    }
    if let label = positions[found] { return label }
    if classes == ["0", "1"], let truth = ["false": 0, "true": 1][found.lowercased()] {
      return truth
    }
    throw rows.mistake(
      place, "\(column) has \(found.isEmpty ? "an empty cell" : found)", expected: expected(found))
  }

  private func expected(_ found: String) -> String {
    if found.isEmpty { return "a label; --skip-missing leaves such rows out" }
    let count = classes.count
    if classes == ["0", "1"] {
      return "0 or 1; --positive NAME says which label counts as 1, all others then count as 0"
    }
    if hasNumberedClasses {
      return "one of \(classes.joined(separator: ", ")), as the columns' names have it"
    }
    let range =
      "a whole number from 0 to \(count - 1), or one of \(classes.joined(separator: ", "))"
    return Double(found) == Double(count)
      ? range
        + "; labels that count from 1 need 1 less, or columns whose names end in 1 to \(count)"
      : range
  }
}

extension CSVRows {
  /// Whether one of the cells is empty or says that there is no value.
  func isMissing(_ places: [Int]) -> Bool {
    places.contains { ["", "NA", "NaN", "nan", "null", "None"].contains(text($0)) }
  }

  /// Adds the row's scores.
  ///
  /// - Returns: how many probabilities were moved away from 0 or 1.
  @discardableResult
  func scores(_ places: [Int], _ layout: ScoreLayout, into scores: inout [Double]) throws -> Int {
    var sum = 0.0
    let start = scores.count
    for (place, column) in zip(places, layout.columns) {
      let value = number(place)
      switch layout.kind {
      case .logit, .logits:
        guard let value, value.isFinite else {
          throw mistake(
            place, found(place, column),
            expected: text(place).isEmpty
              ? "a logit; --skip-missing leaves such rows out"
              : "a finite logit; certain predictions are given as probabilities 0 and 1")
        }
        scores.append(value)
      case .probability, .probabilities:
        // Sums of rounded numbers may pass 1 by as much.
        guard let value, value >= -1e-6, value <= 1 + 1e-6 else {
          throw mistake(place, found(place, column), expected: expectedProbability(place))
        }
        scores.append(Swift.min(1, Swift.max(0, value)))
        sum += value
      }
    }
    if layout.kind == .probabilities {
      if layout.treatment.isNormalised, sum > 0 {
        for i in start..<scores.count { scores[i] /= sum }
      } else if abs(sum - 1) > 1e-5 {
        throw mistake(
          places[0], "the probabilities of the row sum to \(formatted(sum, significant: 6))",
          expected: "a sum of 1; --normalise divides rounded ones by their sum")
      }
    }
    return clip(&scores, from: start, layout)
  }

  /// Moves the row's probabilities away from 0 and 1; several then sum to 1 again.
  private func clip(_ scores: inout [Double], from start: Int, _ layout: ScoreLayout) -> Int {
    let clip = layout.treatment.clip
    guard clip > 0, layout.kind == .probability || layout.kind == .probabilities else { return 0 }
    var moved = 0
    for i in start..<scores.count
    where scores[i] < clip || (scores[i] > 1 - clip && layout.kind == .probability) {
      scores[i] = scores[i] < clip ? clip : 1 - clip
      moved += 1
    }
    guard moved > 0, layout.kind == .probabilities else { return moved }
    let sum = scores[start...].reduce(0, +)
    for i in start..<scores.count { scores[i] /= sum }
    return moved
  }

  private func expectedProbability(_ place: Int) -> String {
    let found = text(place)
    if found.isEmpty { return "a probability; --skip-missing leaves such rows out" }
    if let value = number(place), value > 1, value <= 100 {
      return
        "a probability from 0 to 1; percents are to be divided by 100, log odds are named by --logit"
    }
    if found.contains(","), Double(found.replacing(",", with: ".")) != nil {
      return "a probability from 0 to 1, with a point and not a comma before its decimals"
    }
    return "a probability from 0 to 1"
  }

  private func found(_ place: Int, _ column: String) -> String {
    let text = text(place)
    return "\(column) has \(text.isEmpty ? "an empty cell" : text)"
  }

  func mistake(_ column: Int, _ found: String, expected: String) -> DataError {
    .invalid(place(column), message: found, hint: "expected \(expected)")
  }
}
