// What the labels of discrete unknowns are, as text, JSON and CSV.

import BayesCore
import BayesEngine
import BayesNumerics
import BayesReport

/// How many positions have each label, a table for each unknown.
func labelLines(_ unknowns: [LabelProbabilities]) -> [String] {
  unknowns.flatMap { unknown in
    let count = max(1, unknown.variable.count)
    let axis = unknown.variable.dimensions[0].name
    let rows = unknown.expectedCounts.enumerated().map { label, expected in
      "  \(unknown.variable.name) = \(unknown.labels.label(label)): \(fixed(expected, decimals: 1)) "
        + "(\(fixed(100 * expected / Double(count), decimals: 1)) %)"
    }
    return [
      "Expected number of positions of \(axis) with each label of \(unknown.variable.name), summed out exactly:"
    ]
      + rows
  }
}

/// The unknowns as JSON: the probability of each label at each position.
func labelsJSON(_ unknowns: [LabelProbabilities]) -> JSONValue {
  JSONValue(
    .array(
      unknowns.map { unknown in
        let positions = unknown.variable.dimensions[0]
        return [
          "name": JSONValue(.string(unknown.variable.name)),
          "axis": JSONValue(.string(positions.name)),
          "labels": .strings((0..<unknown.labels.size).map(unknown.labels.label)),
          "expected_counts": .numbers(unknown.expectedCounts),
          "probabilities": JSONValue(.array(unknown.values.map { .numbers($0) })),
        ]
      }))
}

/// The unknown as CSV: position, most probable label, and a probability for each label.
func labelsCSV(_ unknown: LabelProbabilities) -> String {
  let positions = unknown.variable.dimensions[0]
  let header =
    [positions.name, "most_probable"]
    + (0..<unknown.labels.size).map { "probability_\(unknown.labels.label($0))" }
  let best = unknown.mostProbable
  let rows = unknown.values.enumerated().map { row, values in
    ([positions.label(row), unknown.labels.label(best[row])].map(csvCell)
      + values.map { "\($0)" }).joined(separator: ",")
  }
  return ([header.map(csvCell).joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
}

/// A cell in quotes where RFC 4180 asks for them.
private func csvCell(_ text: String) -> String {
  guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
  return "\""
    + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    + "\""
}
