// Beliefs by sampling: they agree with the closed form where there is one, and with quadrature elsewhere.

import BayesCore
import BayesGraph
import BayesLanguage
import BayesNumerics
import Testing

@testable import BayesBandits

private func belief(
  _ model: some Bandit, _ method: BeliefOptions.Method, refreshEvery: Int? = nil, draws: Int = 1000
) throws -> any ArmBelief {
  var options = BeliefOptions(seed: 5)
  options.method = method
  options.refreshEvery = refreshEvery
  options.draws = draws
  return try BanditModel(model).belief(options)
}

/// A belief that cannot learn.
private struct Forgetful: ArmBelief {
  let armCount = 3
  let contextSize = 0
  let observationCount = 0
  let explanation = "learns nothing"
  var state: [Double] { [] }
  func observe(arm: Int, reward: Double, context: [Double]) throws {
    throw BeliefError.noPosterior("no memory left")
  }
  func drawMeans(context: [Double], using stream: inout RandomStream) throws -> [Double] {
    [0, 0, 0]
  }
  func means(context: [Double]) throws -> [Double] { [0, 0, 0] }
  func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double] { [1, 0, 0] }
  mutating func restore(_ state: [Double]) throws {}
}

@Suite("Beliefs by sampling")
struct SampledBeliefTests {
  /// Three successes of three, two of three, none of one after Beta(1, 2).
  private let rounds: [(arm: Int, reward: Double)] = [
    (0, 1), (0, 0), (0, 0), (0, 1), (0, 0), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 0), (1, 0),
    (2, 1), (2, 0),
  ]

  /// P(best) of Beta(3, 5), Beta(6, 4), Beta(2, 3), by SciPy's quadrature.
  private let best = [0.11868446311170772, 0.6907705297798173, 0.19054500710847458]

  @Test(
    "Choice frequencies are the exact probabilities of being best, whatever keeps the posterior",
    arguments: [BeliefOptions.Method.exact, .nuts])
  func probabilities(_ method: BeliefOptions.Method) throws {
    var belief = try belief(ClickThrough(), method, refreshEvery: rounds.count, draws: 8000)
    for (arm, reward) in rounds { try belief.observe(arm: arm, reward: reward, context: []) }
    let found = try belief.probabilitiesOfBest(context: [], among: [0, 1, 2], costs: [])
    #expect(abs(found.reduce(0, +) - 1) < 1e-12)
    // In closed form by quadrature; draws of two chains are worth at least a quarter of independent ones.
    for (p, expected) in zip(found, best) {
      let error = (expected * (1 - expected) / 2000).squareRoot()
      #expect(abs(p - expected) < (method == .exact ? 1e-10 : 4 * error), "\(p) for \(expected)")
    }
    var counts = [0.0, 0, 0]
    var random = RandomStream(seed: 2, chain: 0, purpose: .simulation, iteration: 0)
    for _ in 0..<20_000 {
      let means = try belief.drawMeans(context: [], using: &random)
      counts[means.indices.max { means[$0] < means[$1] }!] += 1
    }
    for (count, expected) in zip(counts, best) {
      let error = (expected * (1 - expected) / (method == .exact ? 20_000 : 2000)).squareRoot()
      #expect(abs(count / 20_000 - expected) < 4 * error)
    }
    let costly = try belief.probabilitiesOfBest(
      context: [], among: [0, 1, 2], costs: [0, 10, 0])
    #expect(costly[1] < 0.001)
    let two = try belief.probabilitiesOfBest(context: [], among: [2, 0], costs: [])
    #expect(two.count == 2 && abs(two[0] + two[1] - 1) < 1e-12)
  }

  @Test("A belief that fails makes its replicate a failed one, and a policy's draws are its own")
  func failures() throws {
    let environment = try Environment(truth: .means([0.2, 0.5, 0.6]))
    let simulation = try BanditSimulation(
      environment, rounds: 6, replicates: 3, seed: 1, threads: 1)
    let sampled = try belief(ClickThrough(), .laplace, refreshEvery: 3, draws: 100)
    let result = try simulation.run([
      Contender("broken") { _ in BeliefPolicy(Forgetful()) },
      Contender("whole") { _ in BeliefPolicy(sampled) },
    ])
    #expect(result.policies.map(\.failedReplicates) == [3, 0])
    #expect(result.policies[0].failure == "no memory left")
    #expect(result.policies[1].failure == nil)
    func after(_ seed: UInt64) throws -> [Double] {
      var policy = BeliefPolicy(sampled)
      var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
      _ = policy.choose(using: &stream)
      for arm in 0..<3 { policy.update(arm: arm, reward: 1) }
      return try policy.belief.means(context: [])
    }
    #expect(try after(1) == after(1))
    #expect(try after(1) != after(2))
  }

  @Test("Means by NUTS are those of the closed form, contexts and positions included")
  func regression() throws {
    var exact = try belief(Lines(), .exact)
    var sampled = try belief(Lines(), .nuts, refreshEvery: 60, draws: 4000)
    var random = RandomStream(seed: 3, chain: 0, purpose: .simulation, iteration: 0)
    for round in 0..<60 {
      let context = [random.normal(), random.normal(), Double(round % 2)]
      let y = 1 + context[0] - 0.5 * context[1] + random.normal() * 0.5
      try exact.observe(arm: round % 3 == 0 ? 1 : 0, reward: y, context: context)
      try sampled.observe(arm: round % 3 == 0 ? 1 : 0, reward: y, context: context)
    }
    for context in [[0.0, 0, 0], [1, -1, 1], [0.2, 2, 0]] {
      // Standard errors of these means are below .01.
      for (a, b) in zip(try exact.means(context: context), try sampled.means(context: context)) {
        #expect(abs(a - b) < 0.03, "\(a) \(b)")
      }
    }
  }

  @Test("A hierarchy of log odds pools: an arm without rewards moves with the others")
  func hierarchy() throws {
    var belief = try belief(Hierarchy(), .automatic, refreshEvery: 120)
    #expect(belief.explanation.contains("NUTS, 1000 draws, renewed every 120 rewards"))
    #expect(belief.explanation.contains("`tau ~ HalfNormal`"))
    let before = try belief.means(context: [0])
    for round in 0..<120 {
      try belief.observe(arm: round % 3, reward: round % 4 == 0 ? 0 : 1, context: [0])
    }
    let after = try belief.means(context: [0])
    #expect(after[3] > before[3] + 0.15)
    let late = try belief.means(context: [2])
    #expect(zip(late, after).allSatisfy { $0 > $1 })
    #expect(throws: BeliefError.self) { try belief.observe(arm: 0, reward: 2, context: [0]) }
  }

  @Test("Laplace's approximation agrees with NUTS where data are many")
  func laplace() throws {
    var normal = try belief(ClickThrough(), .laplace, refreshEvery: 600, draws: 4000)
    var exact = try belief(ClickThrough(), .exact)
    for round in 0..<600 {
      let (arm, reward) = (round % 3, round % 7 < 3 + round % 3 ? 1.0 : 0)
      try normal.observe(arm: arm, reward: reward, context: [])
      try exact.observe(arm: arm, reward: reward, context: [])
    }
    for (a, b) in zip(try normal.means(context: []), try exact.means(context: [])) {
      #expect(abs(a - b) < 0.005)
    }
    #expect(normal.explanation.hasPrefix("Laplace's normal approximation"))
  }

  @Test("The posterior is renewed on the schedule, and the same after a restart")
  func schedule() throws {
    var kept = try belief(ClickThrough(), .nuts, refreshEvery: 4, draws: 100)
    let prior = try kept.means(context: [])
    for _ in 0..<3 { try kept.observe(arm: 0, reward: 1, context: []) }
    #expect(try kept.means(context: []) == prior)
    try kept.observe(arm: 0, reward: 1, context: [])
    #expect(try kept.means(context: []) != prior)
    var restored = try belief(ClickThrough(), .nuts, refreshEvery: 4, draws: 100)
    try restored.restore(kept.state)
    #expect(restored.observationCount == 4)
    #expect(restored.state == kept.state)
    #expect(try restored.means(context: []) == kept.means(context: []))
    #expect(throws: BeliefError.foreignState) { try restored.restore([7, 1]) }
    var wrong = kept.state
    wrong[wrong.count - 1] = 0.5
    #expect(throws: BeliefError.foreignState) { try restored.restore(wrong) }
  }
}

@Suite("Rows of a graph at once")
struct RowBatchTests {
  @Test("A graph over columns has the values that it has row by row")
  func values() throws {
    // Positions: three coefficients, then x of two elements, then y.
    let row = GraphBuilder()
    let beta = row.position(offset: 0, shape: .vector(3))
    let x = row.position(offset: 3, shape: .vector(2))
    let y = row.position(offset: 5, shape: .scalar)
    let design = row.concatenate([row.constant(1).filled(.vector(1)), x])
    let matrix = row.data([1, 2, 3, 4, 5, 6], shape: .matrix(2, 3))
    let terms: [Tensor] = [
      design.dot(beta), matrix.times(vector: design).reduced(.logSumExp),
      x.outer(beta).transposed.reduced(.maximum), design.cumulativeSum(reversed: true).sum,
      row.select(x.element(0), y, x.element(1)) * beta.element(2),
      x.gathered([1, 0, 1, 1]).scattered([0, 1, 1, 0], shape: .vector(2)).dot(x),
      logSumExp([y, beta.element(0)]), x.exponential.outer(x).times(matrix: matrix).sum,
      beta.squared.sum.filled(.vector(2)).dot(x),
    ]
    let total = terms.reduce(row.constant(0), +)
    let columns: [Int: [Double]] = [3: [0.5, -1, 0], 4: [2, 0.25, 1], 5: [-1, 3, 0.5]]
    let builder = GraphBuilder()
    var batch = RowBatch(into: builder, from: row.graph, columns: columns, rows: 3)
    let column = try batch.column(total.id)
    let coefficients = [0.3, -0.7, 1.1]
    let values = Interpreter(builder.graph).values(of: [column.id], at: coefficients)[0]
    for k in 0..<3 {
      let position = coefficients + [3, 4, 5].map { columns[$0]![k] }
      let expected = Interpreter(row.graph).values(of: [total.id], at: position)[0][0]
      #expect(abs(values[k] - expected) < 1e-12 * max(1, abs(expected)))
    }
  }
}
