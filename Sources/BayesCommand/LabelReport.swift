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

/// The unknowns as JSON: the probability of each label at each position, and the most probable path of a Markov
/// chain.
func labelsJSON(_ unknowns: [LabelProbabilities]) -> JSONValue {
  JSONValue(
    .array(
      unknowns.map { unknown in
        let positions = unknown.variable.dimensions[0]
        var members = [
          JSONMember(key: "name", value: JSONValue(.string(unknown.variable.name))),
          JSONMember(key: "axis", value: JSONValue(.string(positions.name))),
          JSONMember(
            key: "labels", value: .strings((0..<unknown.labels.size).map(unknown.labels.label))),
          JSONMember(key: "expected_counts", value: .numbers(unknown.expectedCounts)),
          JSONMember(
            key: "probabilities", value: JSONValue(.array(unknown.values.map { .numbers($0) }))),
        ]
        if let path = unknown.path {
          members.append(
            JSONMember(key: "path", value: .strings(path.map(unknown.labels.label))))
        }
        return JSONValue(.object(members))
      }))
}

/// The unknown as CSV: position, most probable label, of a Markov chain the state on the most probable path,
/// and a probability for each label.
func labelsCSV(_ unknown: LabelProbabilities) -> String {
  let positions = unknown.variable.dimensions[0]
  let header =
    [positions.name, "most_probable"] + (unknown.path == nil ? [] : ["path"])
    + (0..<unknown.labels.size).map { "probability_\(unknown.labels.label($0))" }
  let best = unknown.mostProbable
  let rows = unknown.values.enumerated().map { row, values in
    let path = unknown.path.map { [unknown.labels.label($0[row])] } ?? []
    let words = [positions.label(row), unknown.labels.label(best[row])] + path
    return (words.map(csvCell) + values.map { "\($0)" }).joined(separator: ",")
  }
  return ([header.map(csvCell).joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
}

/// Draws as CSV: chain and draw, counted from 1, and a label for each position.
func labelDrawsCSV(_ draws: LabelDraws, chains: [Int]) -> String {
  let cells = (0..<draws.labels.size).map { csvCell(draws.labels.label($0)) }
  var text = (["chain", "draw"] + draws.variable.elementNames.map(csvCell)).joined(separator: ",")
  text += "\n"
  for (place, chain) in chains.enumerated() {
    for (row, draw) in draws.draws.enumerated() {
      text += "\(chain + 1),\(draw + 1)"
      for label in draws[place, row] { text += "," + cells[Int(label)] }
      text += "\n"
    }
  }
  return text
}
