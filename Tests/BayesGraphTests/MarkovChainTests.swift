// The op that sums a Markov chain out against sums over every path.

import BayesGraph
import Testing

/// Numbers for a chain: emissions row by row, log π and log A.
struct ChainCase: Sendable, CustomStringConvertible {
  let description: String
  let states: Int
  let rows: Int
  let starts: [Int]
  var emissions: [[Double]]
  var initial: [Double]
  var transition: [Double]

  init(_ description: String, states: Int, rows: Int, starts: [Int], seed: UInt64) {
    var random = SplitMix(seed: seed)
    func numbers(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double.random(in: -3...0.5, using: &random) }
    }
    self.description = description
    (self.states, self.rows, self.starts) = (states, rows, starts)
    emissions = (0..<states).map { _ in numbers(rows) }
    initial = numbers(states)
    transition = numbers(states * states)
  }

  var layout: MarkovChainLayout {
    MarkovChainLayout(states: states, rows: rows, starts: starts)
  }
  var coordinates: [Double] { emissions.flatMap { $0 } + initial + transition }

  /// The chain over positions, or over data.
  func build(in b: GraphBuilder, isData: Bool = false) -> MarkovChainSum {
    func tensor(_ offset: Int, _ values: [Double]) -> Tensor {
      isData
        ? b.data(values, shape: .vector(values.count))
        : b.position(offset: offset, shape: .vector(values.count))
    }
    return b.markovChain(
      emissions: emissions.enumerated().map { tensor($0 * rows, $1) },
      initial: tensor(states * rows, initial),
      transition: tensor(states * rows + states, transition), starts: starts)
  }

  /// The op's result by a sum over every path of each sequence.
  var enumerated: [Double] {
    var result = [Double](repeating: 0, count: layout.count)
    for s in layout.starts.indices {
      let own = layout.rows(of: s)
      var paths: [([Int], Double)] = []
      let count = (0..<own.count).reduce(1) { product, _ in product * states }
      for number in 0..<count {
        var (rest, path): (Int, [Int]) = (number, [])
        for _ in own {
          path.append(rest % states)
          rest /= states
        }
        var value = initial[path[0]]
        for (i, t) in own.enumerated() {
          value += emissions[path[i]][t]
          if i > 0 { value += transition[path[i - 1] * states + path[i]] }
        }
        paths.append((path, value))
      }
      let log = LogSum(paths.map(\.1))
      result[s] = log.total
      for (path, value) in paths {
        let share = log.share(value)
        for (i, t) in own.enumerated() {
          result[layout.probabilities(of: path[i]).lowerBound + t] += share
          if i > 0 {
            let place = (s * states + path[i - 1]) * states + path[i]
            result[layout.transitions.lowerBound + place] += share
          }
        }
      }
    }
    return result
  }

  static let all: [ChainCase] = {
    var cases = [
      ChainCase("two states", states: 2, rows: 5, starts: [0], seed: 1),
      ChainCase("three states, two sequences", states: 3, rows: 7, starts: [0, 3], seed: 2),
      ChainCase("one state", states: 1, rows: 4, starts: [0, 1], seed: 3),
      ChainCase("sequences of one row", states: 2, rows: 3, starts: [0, 1, 2], seed: 4),
      ChainCase("five states", states: 5, rows: 6, starts: [0, 2], seed: 5),
      ChainCase("nine states", states: 9, rows: 3, starts: [0], seed: 6),
    ]
    var gaps = ChainCase("rows without observation", states: 3, rows: 6, starts: [0, 4], seed: 7)
    for t in [0, 2, 3, 5] { for k in 0..<3 { gaps.emissions[k][t] = 0 } }
    var leftToRight = ChainCase("left to right", states: 3, rows: 7, starts: [0, 3], seed: 8)
    leftToRight.initial = [0, -.infinity, -.infinity]
    for i in 0..<3 { for j in 0..<i { leftToRight.transition[i * 3 + j] = -.infinity } }
    var forbidden = ChainCase("emissions of density 0", states: 2, rows: 5, starts: [0], seed: 9)
    (forbidden.emissions[0][2], forbidden.emissions[1][4]) = (-.infinity, -.infinity)
    cases += [gaps, leftToRight, forbidden]
    return cases
  }()
}

/// log Σ exp with the shares of its terms, by the graph's own functions.
struct LogSum {
  let values: [Double]
  let total: Double

  init(_ values: [Double]) {
    self.values = values
    let b = GraphBuilder()
    let node = b.position(offset: 0, shape: .vector(values.count)).reduced(.logSumExp)
    total = Interpreter(b.graph).values(of: [node.id], at: values)[0][0]
  }

  func share(_ value: Double) -> Double {
    UnaryOp.exp.function(value - total)
  }
}

@Suite("Markov chains") struct MarkovChainTests {
  @Test("log Z, γ and ξ are those of the sum over every path", arguments: ChainCase.all)
  func enumeration(_ test: ChainCase) {
    let b = GraphBuilder()
    let chain = test.build(in: b)
    let found = Interpreter(b.graph).values(of: [chain.node.id], at: test.coordinates)[0]
    for (a, e) in zip(found, test.enumerated) {
      #expect(abs(a - e) < 1e-12 * max(1, abs(e)), "\(a) \(e)")
    }
    let data = test.build(in: GraphBuilder(), isData: true)
    #expect(data.node.dataValues == found)
  }

  @Test("products of matrices in pairs give the same log Z", arguments: ChainCase.all)
  func halving(_ test: ChainCase) {
    let b = GraphBuilder()
    let chain = test.build(in: b)
    let inputs = b.graph[chain.node.id].inputs.map { Tensor(builder: b, id: $0) }
    let k = test.states
    let joint = (0..<k).map { state in
      inputs[state]
        + b.fill(inputs[k].element(state), .vector(test.starts.count))
        .scattered(test.starts, shape: .vector(test.rows))
    }
    let other = b.chainByHalving(joint, inputs[k + 1], test.starts)
    let evidence = chain.evidence
    let values = Interpreter(b.graph).values(
      of: [evidence.id, other.id], at: test.coordinates)
    for (x, y) in zip(values[0], values[1]) { #expect(abs(x - y) < 1e-12 * max(1, abs(x))) }
  }

  @Test("what is impossible has log Z = −∞ and no probabilities")
  func impossible() {
    var test = ChainCase("", states: 2, rows: 5, starts: [0, 2], seed: 1)
    (test.emissions[0][3], test.emissions[1][3]) = (-.infinity, -.infinity)
    let b = GraphBuilder()
    let chain = test.build(in: b)
    let nodes = [chain.evidence] + chain.probabilities + [chain.transitions]
    let values = Interpreter(b.graph).values(of: nodes.map(\.id), at: test.coordinates)
    #expect(values[0][0].isFinite && values[0][1] == -.infinity)
    for gamma in values[1...2] {
      #expect(gamma[..<2].allSatisfy(\.isFinite) && gamma[2...].allSatisfy(\.isNaN))
    }
    #expect(values[3][..<4].allSatisfy(\.isFinite) && values[3][4...].allSatisfy(\.isNaN))
  }

  @Test("a textbook's chain")
  func textbook() {
    let b = GraphBuilder()
    func logs(_ values: [Double]) -> Tensor {
      b.data(values, shape: .vector(values.count)).logarithm
    }
    // States emit 0, 1, 2 with probabilities .5 .4 .1 and .1 .3 .6; observed is 0 1 2.
    let chain = b.markovChain(
      emissions: [logs([0.5, 0.4, 0.1]), logs([0.1, 0.3, 0.6])], initial: logs([0.6, 0.4]),
      transition: logs([0.7, 0.3, 0.4, 0.6]), starts: [0])
    #expect(abs(chain.evidence.exponential.dataValues![0] - 0.03628) < 1e-15)
    let expected = [0.8765159868, 0.6229327453, 0.2121278942]
    for (a, e) in zip(chain.probabilities[0].dataValues!, expected) { #expect(abs(a - e) < 5e-11) }
  }

  @Test("derivatives hold where some transitions are impossible")
  func structuralZeros() {
    let test = ChainCase.all.first { $0.description == "left to right" }!
    let b = GraphBuilder()
    // Only what is finite is a coordinate.
    let finite = test.coordinates.indices.filter { test.coordinates[$0].isFinite }
    let at = finite.map { test.coordinates[$0] }
    let floor = b.data(
      test.coordinates.map { $0.isFinite ? 0 : -.infinity }, shape: .vector(test.coordinates.count))
    let all =
      b.position(offset: 0, shape: .vector(finite.count))
      .scattered(finite, shape: .vector(test.coordinates.count)) + floor
    let (k, rows) = (test.states, test.rows)
    let chain = b.markovChain(
      emissions: (0..<k).map { all.slice(($0 * rows)..<(($0 + 1) * rows)) },
      initial: all.slice((k * rows)..<(k * rows + k)),
      transition: all.slice((k * rows + k)..<test.coordinates.count), starts: test.starts)
    var random = SplitMix(seed: 3)
    let weights = (0..<test.layout.count).map { _ in Double.random(in: -1...1, using: &random) }
    let root = (b.data(weights, shape: .vector(weights.count)) * chain.node).sum
    let gradient = assembledGradient(of: root, dimension: at.count)
    let interpreter = Interpreter(b.graph)
    let found = interpreter.values(of: [gradient.id], at: at)[0]
    let expected = differences(at) { interpreter.values(of: [root.id], at: $0)[0] }
    for (a, row) in zip(found, expected) {
      #expect(agrees(a, row[0], relative: 1e-8, absolute: 1e-9), "\(a) \(row[0])")
    }
  }

  @Test("no node is added for more rows or sequences")
  func nodeCount() {
    func count(_ rows: Int, _ starts: [Int]) -> Int {
      let test = ChainCase("", states: 3, rows: rows, starts: starts, seed: 1)
      let b = GraphBuilder()
      let chain = test.build(in: b)
      let gradient = assembledGradient(of: chain.evidence.sum, dimension: test.coordinates.count)
      return b.graph.reachable(from: [gradient.id]).count { $0 }
    }
    #expect(count(10, [0]) == count(1000, [0]))
    #expect(count(10, [0, 4]) == count(1000, Array(0..<500)))
    #expect(count(1000, [0]) < 30)
  }
}
