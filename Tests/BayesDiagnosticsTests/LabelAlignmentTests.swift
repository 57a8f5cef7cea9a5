// Relabelling of draws whose true permutations are known.

import BayesDiagnostics
import BayesNumerics
import Testing

/// Probabilities of labels around fixed ones, each draw's labels permuted; what was done is kept.
private struct PermutedDraws {
  var table: LabelTable
  /// Chain × draw × component: the label that the component was given.
  var hidden: [[[Int]]]

  /// - Parameter shuffles: the share of draws that get a random permutation; all draws of chain c are
  ///   turned by c places before.
  init(
    labels: Int, rows: Int, chains: Int, draws: Int, shuffles: Double, overlap: Double, seed: UInt64
  ) {
    var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
    var tables: [[Float]] = []
    hidden = []
    for chain in 0..<chains {
      var values: [Float] = []
      var orders: [[Int]] = []
      for _ in 0..<draws {
        var label = (0..<labels).map { ($0 + chain) % labels }
        if stream.uniform() < shuffles {
          for k in stride(from: labels - 1, to: 0, by: -1) {
            label.swapAt(k, Int(stream.uniform() * Double(k + 1)))
          }
        }
        var draw = [Float](repeating: 0, count: labels * rows)
        for row in 0..<rows {
          let weights = (0..<labels).map { component in
            (component == row % labels ? 1 : overlap) * (0.5 + stream.uniform())
          }
          let total = weights.reduce(0, +)
          for component in 0..<labels {
            draw[label[component] * rows + row] = Float(weights[component] / total)
          }
        }
        values += draw
        orders.append(label)
      }
      tables.append(values)
      hidden.append(orders)
    }
    table = LabelTable(rows: rows, labels: labels, chains: tables)
  }

  /// Whether one renumbering of the components turns the orders that were found into the hidden ones.
  func isRecovered(by found: LabelAlignment) -> Bool {
    let number = hidden[0][0].map { found.orders[0][0].firstIndex(of: $0)! }
    return zip(hidden, found.orders).allSatisfy { chain in
      zip(chain.0, chain.1).allSatisfy { hidden, order in hidden == number.map { order[$0] } }
    }
  }
}

@Suite("Relabelling of draws")
struct LabelAlignmentTests {
  @Test(
    "Hidden permutations are recovered exactly",
    arguments: [
      (2, 0.0, 0.1), (2, 1.0, 0.1), (2, 0.5, 0.6), (3, 1.0, 0.1), (3, 0.5, 0.6), (6, 1.0, 0.3),
      (10, 1.0, 0.1),
    ])
  func recovered(labels: Int, shuffles: Double, overlap: Double) {
    let draws = PermutedDraws(
      labels: labels, rows: 60, chains: 3, draws: 60, shuffles: shuffles, overlap: overlap, seed: 5)
    let found = LabelAlignment(draws.table, threads: 2)
    #expect(draws.isRecovered(by: found))
    #expect(found == LabelAlignment(draws.table, threads: 1))
    #expect(abs(found.shares.reduce(0, +) - 1) < 1e-6)
  }

  @Test("The numbers are those that most draws have") func usual() {
    let draws = PermutedDraws(
      labels: 3, rows: 30, chains: 1, draws: 100, shuffles: 0.3, overlap: 0.1, seed: 6)
    let found = LabelAlignment(draws.table)
    let unmoved = draws.hidden[0].count { $0 == [0, 1, 2] }
    #expect(found.unmovedCount == unmoved)
    #expect(abs(found.switchedShare - Double(100 - unmoved) / 100) < 1e-12)
    for (order, hidden) in zip(found.orders[0], draws.hidden[0]) { #expect(order == hidden) }
  }

  @Test("Draws that agree keep their numbers, and so do labels that nothing tells apart")
  func unmoved() {
    let agreed = PermutedDraws(
      labels: 4, rows: 40, chains: 1, draws: 50, shuffles: 0, overlap: 0.2, seed: 7)
    #expect(LabelAlignment(agreed.table).switchedShare == 0)
    let alike = LabelTable(
      rows: 5, labels: 2, chains: [[Float](repeating: 0.5, count: 5 * 2 * 8)])
    #expect(LabelAlignment(alike).switchedShare == 0)
    let empty = LabelAlignment(LabelTable(rows: 5, labels: 2, chains: [[], []]))
    #expect(empty.switchedShare == 0)
    #expect(empty.orders == [[], []])
  }

  @Test("A draw with probabilities that are no numbers stays as it is and spoils no other")
  func nonFinite() {
    let draws = PermutedDraws(
      labels: 3, rows: 30, chains: 2, draws: 40, shuffles: 1, overlap: 0.1, seed: 8)
    var chains = draws.table.chains
    for k in 0..<90 { chains[1][90 * 7 + k] = .nan }
    let found = LabelAlignment(LabelTable(rows: 30, labels: 3, chains: chains))
    let clean = LabelAlignment(draws.table)
    #expect(found.orders[0] == clean.orders[0])
    #expect(found.orders[1][8...] == clean.orders[1][8...])
  }
}
