// The most probable path against all paths, and drawn paths against their probabilities.

import BayesNumerics
import Glibc
import Testing

@testable import BayesEngine

extension HiddenChain {
  /// Every path with its joint log density.
  fileprivate var paths: [(states: [Int], logDensity: Double)] {
    let k = logInitial.count
    return (0..<Int(pow(Double(k), Double(rows.count)))).map { number in
      var rest = number
      var states = [Int](repeating: 0, count: rows.count)
      for row in states.indices { (states[row], rest) = (rest % k, rest / k) }
      var total = 0.0
      for (t, row) in rows.enumerated() {
        total += emissions[states[row]][row]
        total +=
          sequences.contains(t)
          ? logInitial[states[row]] : logTransition[states[rows[t - 1]] * k + states[row]]
      }
      return (states, total)
    }
  }

  /// Two sequences, their rows mixed, of three states; some moves are impossible.
  fileprivate static func random(_ seed: Int) -> HiddenChain {
    var stream = RandomStream(seed: 7, chain: seed, purpose: .test, iteration: 0)
    func simplex() -> [Double] { stream.dirichlet([1, 1, 1]).map { log($0) } }
    var transition = simplex() + simplex() + simplex()
    if seed % 2 == 1 { transition[1] = -.infinity }
    return HiddenChain(
      logInitial: simplex(), logTransition: transition,
      emissions: (0..<3).map { _ in (0..<7).map { _ in 2 * stream.normal() } },
      rows: [3, 0, 6, 1, 5, 2, 4], sequences: [0, 3])
  }

  /// The example of three steps in the reference values.
  fileprivate static let small = HiddenChain(
    logInitial: [log(0.6), log(0.4)],
    logTransition: [log(0.7), log(0.3), log(0.4), log(0.6)],
    emissions: [[log(0.5), log(0.4), log(0.1)], [log(0.1), log(0.3), log(0.6)]],
    rows: [0, 1, 2], sequences: [0])
}

@Suite("Paths of hidden chains")
struct HiddenChainTests {
  @Test("The best path of a small example is 0 0 1, its probability .01512")
  func small() {
    let (path, logDensity) = HiddenChain.small.mostProbablePath()
    #expect(path == [0, 0, 1])
    #expect(abs(exp(logDensity) - 0.01512) < 1e-15)
  }

  @Test("The best path is the best of all paths", arguments: 0..<20)
  func best(seed: Int) {
    let chain = HiddenChain.random(seed)
    let best = chain.paths.max { $0.logDensity < $1.logDensity }!
    let found = chain.mostProbablePath()
    #expect(found.states == best.states)
    #expect(abs(found.logDensity - best.logDensity) < 1e-12)
  }

  @Test("Of equally probable paths the one of the first states is taken")
  func ties() {
    let even = [Double](repeating: log(0.5), count: 4)
    let chain = HiddenChain(
      logInitial: Array(even[..<2]), logTransition: even, emissions: [[0, 0, 0], [0, 0, 0]],
      rows: [0, 1, 2], sequences: [0])
    #expect(chain.mostProbablePath().states == [0, 0, 0])
  }

  @Test("Nothing underflows in a chain of many steps")
  func long() {
    let count = 20_000
    let chain = HiddenChain(
      logInitial: HiddenChain.small.logInitial, logTransition: HiddenChain.small.logTransition,
      emissions: [
        (0..<count).map { $0 < count / 2 ? -500 : -900 },
        (0..<count).map { $0 < count / 2 ? -900 : -500 },
      ], rows: Array(0..<count), sequences: [0])
    let expected = (0..<count).map { $0 < count / 2 ? 0 : 1 }
    #expect(chain.mostProbablePath().states == expected)
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 0)
    #expect(chain.draw(using: &stream) == expected)
  }

  @Test("Drawn paths have the frequencies of their probabilities, pairs of states included")
  func frequencies() {
    let chain = HiddenChain.random(1)
    let paths = chain.paths.filter { $0.logDensity > -.infinity }
    let largest = paths.map(\.logDensity).max()!
    let total = paths.reduce(0) { $0 + exp($1.logDensity - largest) }
    let probabilities = paths.map { ($0.states, exp($0.logDensity - largest) / total) }
    let count = 20_000
    var pairs = [Double](repeating: 0, count: 7 * 9)
    var expected = pairs
    var drawn: [[Int]: Double] = [:]
    /// Pairs of successive rows; the first row of a sequence is paired with itself.
    func add(_ states: [Int], _ weight: Double, to sums: inout [Double]) {
      for (t, row) in chain.rows.enumerated() {
        let earlier = chain.sequences.contains(t) ? row : chain.rows[t - 1]
        sums[t * 9 + states[earlier] * 3 + states[row]] += weight
      }
    }
    for (states, probability) in probabilities { add(states, probability, to: &expected) }
    for draw in 0..<count {
      var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: draw)
      let states = chain.draw(using: &stream)
      drawn[states, default: 0] += 1 / Double(count)
      add(states, 1 / Double(count), to: &pairs)
    }
    for (found, wanted) in zip(pairs, expected) {
      #expect(abs(found - wanted) <= 5 * sqrt(wanted * (1 - wanted) / Double(count)) + 1e-12)
    }
    for (states, wanted) in probabilities where wanted > 0.005 {
      let found = drawn[states] ?? 0
      #expect(abs(found - wanted) <= 5 * sqrt(wanted * (1 - wanted) / Double(count)))
    }
    #expect(Set(drawn.keys).isSubset(of: Set(probabilities.map(\.0))), "no impossible path")
  }
}
