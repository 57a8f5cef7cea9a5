// The assignment solver against every permutation.

import BayesNumerics
import Testing

/// All permutations of 0..<count.
private func permutations(_ count: Int) -> [[Int]] {
  guard count > 0 else { return [[]] }
  return permutations(count - 1).flatMap { shorter in
    (0..<count).map { place in
      Array(shorter[..<place]) + [count - 1] + Array(shorter[place...])
    }
  }
}

private func total(_ cost: [Double], _ columns: [Int]) -> Double {
  columns.enumerated().reduce(0) { $0 + cost[$1.offset * columns.count + $1.element] }
}

@Suite("Assignment")
struct AssignmentTests {
  @Test("The least cost of all permutations is found", arguments: 0...6)
  func bruteForce(count: Int) {
    let all = permutations(count)
    var stream = RandomStream(seed: 11, chain: count, purpose: .test, iteration: 0)
    for problem in 0..<200 {
      // Every other problem has whole costs from 0 to 2, with many ties; some are negative.
      let cost = (0..<(count * count)).map { _ -> Double in
        let u = stream.uniform()
        return problem % 2 == 0 ? 10 * u - 5 : (3 * u).rounded(.down)
      }
      let found = cheapestAssignment(cost: cost, count: count)
      #expect(found.sorted() == Array(0..<count))
      let least = all.map { total(cost, $0) }.min()!
      #expect(abs(total(cost, found) - least) < 1e-12)
    }
  }

  @Test("Where all costs are equal, rows keep their columns", arguments: [1, 2, 5, 20])
  func ties(count: Int) {
    let cost = [Double](repeating: 3, count: count * count)
    #expect(cheapestAssignment(cost: cost, count: count) == Array(0..<count))
  }

  @Test("A hidden permutation of forty rows is recovered")
  func large() {
    let count = 40
    var stream = RandomStream(seed: 12, chain: 0, purpose: .test, iteration: 0)
    let hidden = (0..<count).map { ($0 * 7 + 3) % count }
    var cost = (0..<(count * count)).map { _ in 1 + 1e6 * stream.uniform() }
    for (row, column) in hidden.enumerated() { cost[row * count + column] = stream.uniform() }
    #expect(cheapestAssignment(cost: cost, count: count) == hidden)
  }
}
