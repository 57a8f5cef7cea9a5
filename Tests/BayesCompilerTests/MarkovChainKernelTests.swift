// Markov chains in kernels: against the interpreter, where products underflow, and over many rows.

import BayesGraph
import BayesNumerics
import Testing

@testable import BayesCompiler

@Suite("Markov chains in kernels") struct MarkovChainKernelTests {
  /// A chain whose emissions, start and moves are functions of a few coordinates.
  private struct Case {
    let states: Int
    let rows: Int
    let starts: [Int]
    /// Added to the emissions, a column for each state.
    var offsets: [[Double]] = []
    /// Added to log π and log A.
    var initial: [Double] = []
    var transition: [Double] = []

    init(states: Int, rows: Int, starts: [Int], seed: Int = 1, spread: Double = 1) {
      var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: seed)
      (self.states, self.rows, self.starts) = (states, rows, starts)
      offsets = (0..<states).map { _ in (0..<rows).map { _ in spread * stream.normal() } }
      initial = (0..<states).map { _ in stream.normal() - 1 }
      transition = (0..<(states * states)).map { _ in stream.normal() - 1 }
    }

    var dimension: Int { states + 2 }

    /// The density log Z + Σ log Z_s / (s + 1), with γ and ξ recorded.
    func kernel() throws -> (kernel: Kernel, chain: MarkovChainSum) {
      let b = GraphBuilder()
      let q = b.position(offset: 0, shape: .vector(states + 2))
      let chain = b.markovChain(
        emissions: offsets.enumerated().map { k, column in
          b.data(column, shape: .vector(rows)) + q.element(k)
        },
        initial: b.data(initial, shape: .vector(states)) * q.element(states).exponential,
        transition: b.data(transition, shape: .vector(states * states))
          * q.element(states + 1).exponential, starts: starts)
      let weights = b.data(
        starts.indices.map { 1 + 1 / Double($0 + 1) }, shape: .vector(starts.count))
      let evidence = (chain.evidence * weights).sum
      let kernel = try Kernel(
        graph: b.graph, dimension: dimension, logDensity: evidence.id, outputs: [chain.node.id])
      return (kernel, chain)
    }

    var position: [Double] { (0..<dimension).map { 0.3 - 0.2 * Double($0 % 3) } }
  }

  @Test(
    "kernels agree with the interpreter for any number of states",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33])
  func agreement(states: Int) throws {
    for (rows, starts) in [(1, [0]), (7, [0]), (200, [0, 1, 64, 129]), (128, [0, 64])] {
      let (kernel, _) = try Case(states: states, rows: rows, starts: starts).kernel()
      let position = Case(states: states, rows: 1, starts: [0]).position
      let error = try disagreement(kernel, at: position)
      #expect(error < 1e-12)
      guard case .native = kernel.backend else {
        Issue.record("no native kernel: \(kernel.backend)")
        return
      }
    }
  }

  @Test("far apart emissions agree", arguments: [2, 3, 5, 9])
  func farApart(states: Int) throws {
    let test = Case(states: states, rows: 150, starts: [0, 100], spread: 700)
    let error = try disagreement(try test.kernel().kernel, at: test.position)
    #expect(error < 1e-11)
  }

  @Test("left to right: states that underflow and are the only ones to survive")
  func leftToRight() throws {
    for states in [2, 3, 5, 9] {
      var test = Case(states: states, rows: 40, starts: [0, 15])
      for i in 0..<states {
        if i > 0 { test.initial[i] = -.infinity }
        for j in 0..<states where j != i && j != i + 1 {
          test.transition[i * states + j] = -.infinity
        }
      }
      // Observations that the state one has to be in makes improbable by 800 nats each.
      for t in 3..<12 { for k in 1..<states { test.offsets[k][t] -= 800 } }
      for t in 20..<30 { test.offsets[0][t] -= 800 }
      let error = try disagreement(try test.kernel().kernel, at: test.position)
      #expect(error < 1e-11)
    }
  }

  @Test("the only states to survive a gap of 800 nats have the values of 60-digit arithmetic")
  func gap() throws {
    // Sums over all paths in Python's decimal module.
    let evidence = -812.2235809099178
    let gamma: [[Double]] = [
      [0.2742178499479717, 0.1998898627051227, 0.1998898627051227, 0.0, 0.0, 0.0, 0.0, 0.0],
      [0.7257821500520283, 0.43301995558753836, 0.0, 0.1998898627051227, 0.0, 0.0, 0.0, 0.0],
      [0.0, 0.3670901817073389, 0.8001101372948773, 0.8001101372948773, 1.0, 1.0, 1.0, 1.0],
    ]
    let moves: [Double] = [
      0.3997797254102454, 0.2742178499479717, 0.0, 0.0, 0.35869196834468936, 1.0, 0.0, 0.0,
      4.967310456297094,
    ]
    var emissions = (0..<3).map { k in (0..<8).map { -0.1 * Double(($0 + 1) * (k + 1)) } }
    for (k, t) in [(1, 2), (1, 3), (2, 3)] { emissions[k][t] -= 800 }
    for k in 0...1 { emissions[k][4] = -.infinity }
    var test = Case(states: 3, rows: 8, starts: [0])
    test.offsets = emissions
    test.initial = [0.6, 0.4, 0].map(logarithm)
    test.transition = [0.9, 0.1, 0, 0, 0.8, 0.2, 0, 0, 1].map(logarithm)
    let (kernel, _) = try test.kernel()
    var outputs = [Double](repeating: 0, count: kernel.outputCount)
    kernel.makeKernelEvaluator().outputs(at: [0, 0, 0, 0, 0], into: &outputs)
    #expect(abs(outputs[0] - evidence) < 1e-12 * abs(evidence))
    for (a, b) in zip(outputs.dropFirst(), gamma.flatMap { $0 } + moves) {
      #expect(abs(a - b) < 1e-12, "\(a) \(b)")
    }
  }

  private func logarithm(_ x: Double) -> Double { UnaryOp.log.function(x) }

  @Test("moves less probable than 1e−150 agree")
  func rareMoves() throws {
    var test = Case(states: 3, rows: 60, starts: [0], spread: 300)
    test.transition[1] = -500
    test.transition[6] = -900
    let error = try disagreement(try test.kernel().kernel, at: test.position)
    #expect(error < 1e-11)
  }

  @Test("impossible observations give −∞, not a number")
  func impossible() throws {
    var test = Case(states: 3, rows: 20, starts: [0, 10])
    for k in 0..<3 { test.offsets[k][14] = -.infinity }
    let (kernel, _) = try test.kernel()
    var outputs = [Double](repeating: 0, count: kernel.outputCount)
    kernel.makeKernelEvaluator().outputs(at: test.position, into: &outputs)
    #expect(outputs[0].isFinite && outputs[1] == -.infinity)
    for k in 0..<3 {
      #expect(outputs[(2 + k * 20)..<(12 + k * 20)].allSatisfy { $0.isFinite })
      #expect(outputs[(12 + k * 20)..<(22 + k * 20)].allSatisfy { $0.isNaN })
    }
    let error = try disagreement(kernel, at: test.position)
    #expect(error < 1e-12)
  }

  @Test("rows whose normalisers multiply to more than any number", arguments: [2, 9])
  func normalisers(states: Int) throws {
    var test = Case(states: states, rows: 400, starts: [0], spread: 0.01)
    for place in test.transition.indices { test.transition[place] = -0.01 * Double(place % 3) }
    let error = try disagreement(try test.kernel().kernel, at: test.position)
    #expect(error < 1e-12)
  }

  @Test("100 000 rows have the log Z of a plain sum in logarithms")
  func manyRows() throws {
    let test = Case(states: 2, rows: 100_000, starts: [0], spread: 2)
    let (kernel, _) = try test.kernel()
    var outputs = [Double](repeating: 0, count: kernel.outputCount)
    kernel.makeKernelEvaluator().outputs(at: test.position, into: &outputs)
    var log = (0..<test.states).map { test.initial[$0] * exponential(test.position[test.states]) }
    for t in 0..<test.rows {
      if t > 0 {
        log = (0..<test.states).map { j in
          logSumExp(
            (0..<test.states).map {
              log[$0] + test.transition[$0 * test.states + j]
                * exponential(test.position[test.states + 1])
            })
        }
      }
      for j in 0..<test.states { log[j] += test.offsets[j][t] + test.position[j] }
    }
    let expected = logSumExp(log)
    #expect(abs(outputs[0] - expected) < 1e-11 * abs(expected), "\(outputs[0]) \(expected)")
    for t in stride(from: 0, to: test.rows, by: 997) {
      let total = (0..<test.states).reduce(0) { $0 + outputs[1 + $1 * test.rows + t] }
      #expect(abs(total - 1) < 1e-14)
    }
    #expect(kernel.graph.reachable(from: [kernel.roots.gradient]).count { $0 } < 80)
    let small = try Case(states: 2, rows: 10, starts: [0]).kernel().kernel
    #expect(kernel.graph.nodes.count == small.graph.nodes.count)
  }

  private func exponential(_ x: Double) -> Double { UnaryOp.exp.function(x) }

  private func logSumExp(_ terms: [Double]) -> Double {
    terms.dropFirst().reduce(terms[0]) { BinaryOp.logAddExp.function($0, $1) }
  }
}
