// Expected regret of the first rounds, exactly, by dynamic programming over what a policy can have seen.

import BayesBandits
import BayesNumerics
import Testing

/// A policy with its expected regrets after 1, 2, 3, 4, 5, 6, 8 and 10 rounds.
struct ExactRegret: Sendable, CustomTestStringConvertible {
  let name: String
  let regrets: [Double]
  var testDescription: String { name }
}

private let rounds = [1, 2, 3, 4, 5, 6, 8, 10]

private let table = [
  ExactRegret(
    name: "thompson",
    regrets: [
      0.2, 0.393333333333, 0.580380952381, 0.761560831444, 0.937315252319, 1.108094308764,
      1.436457400813, 1.749777221753,
    ]),
  ExactRegret(
    name: "ucb1",
    regrets: [0.4, 0.6, 0.6, 0.9, 1.0, 1.153458333333, 1.465820000000, 1.802368288333]),
  ExactRegret(
    name: "epsilon-greedy",
    regrets: [0.4, 0.6, 0.6, 0.9, 1.0, 1.158112500000, 1.455730259809, 1.730176143371]),
  ExactRegret(
    name: "kl-ucb",
    regrets: [0.4, 0.6, 0.6, 0.9, 1.0, 1.153458333333, 1.438490049190, 1.694459310707]),
  ExactRegret(
    name: "bayes-ucb",
    regrets: [
      0.2, 0.375, 0.5375, 0.6879, 0.832033333333, 0.972335, 1.245988331000, 1.513985838350,
    ]),
]

/// Successes and plays of each arm.
private typealias State = [UInt8]

@Suite("Exact expected regret")
struct ExactRegretTests {
  @Test("Ten rounds by dynamic programming give the reference to its 12 digits", arguments: table)
  func programming(_ expected: ExactRegret) throws {
    let environment = try Environment(truth: .means(referenceMeans))
    let task = environment.task(horizon: 10)
    let policy = try #require(
      contender(expected.name, for: task).policy(for: task) as? any PropensityPolicy)
    var cache: [State: [Double]] = [:]
    var states: [State: Double] = [State(repeating: 0, count: 10): 1]
    var regret = 0.0
    var found: [Double] = []
    for _ in 1...10 {
      var next: [State: Double] = [:]
      for (state, weight) in states {
        let choices = try probabilities(expected.name, policy, state, &cache)
        for arm in 0..<5 where choices[arm] > 0 {
          let share = weight * choices[arm]
          regret += share * (0.7 - referenceMeans[arm])
          var played = state
          played[2 * arm + 1] += 1
          next[played, default: 0] += share * (1 - referenceMeans[arm])
          played[2 * arm] += 1
          next[played, default: 0] += share * referenceMeans[arm]
        }
      }
      states = next
      found.append(regret)
    }
    for (round, value) in zip(rounds, expected.regrets) {
      #expect(abs(found[round - 1] - value) < 1e-10, "round \(round): \(found[round - 1])")
    }
  }

  /// The choice probabilities in a state, which are those of its sorted form once every arm was played.
  private func probabilities(
    _ name: String, _ policy: any PropensityPolicy, _ state: State,
    _ cache: inout [State: [Double]]
  ) throws -> [Double] {
    let pairs = (0..<5).map { (state[2 * $0], state[2 * $0 + 1]) }
    let isSymmetric = name == "thompson" || name == "bayes-ucb" || pairs.allSatisfy { $0.1 > 0 }
    let order = isSymmetric ? (0..<5).sorted { pairs[$0] < pairs[$1] } : Array(0..<5)
    let key = order.flatMap { [pairs[$0].0, pairs[$0].1] }
    if cache[key] == nil {
      cache[key] =
        name == "thompson"
        ? uniformBest(key) : try told(policy, key).choiceProbabilities(context: Span())
    }
    let sorted = try #require(cache[key])
    var result = Array(repeating: 0.0, count: 5)
    for (place, arm) in order.enumerated() { result[arm] = sorted[place] }
    return result
  }

  @Test("Thompson's own probabilities are those that dynamic programming takes")
  func thompsonProbabilities() throws {
    let task = BanditTask(armCount: 5)
    let policy = try #require(
      contender("thompson", for: task).policy(for: task) as? any PropensityPolicy)
    for state: State in [
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 2, 3, 1, 4],
      [0, 4, 5, 5, 0, 0, 0, 0, 0, 0],
    ] {
      let found = try told(policy, state).choiceProbabilities(context: Span())
      for (a, b) in zip(found, uniformBest(state)) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test("Simulation gives the exact expectation within 4 standard errors", arguments: table)
  func simulation(_ expected: ExactRegret) throws {
    let environment = try Environment(truth: .means(referenceMeans))
    var simulation = try BanditSimulation(
      environment, rounds: 10, replicates: 3000, seed: 3, threads: 1)
    simulation.checkpoints = rounds
    let result = try simulation.run([
      contender(expected.name, for: environment.task(horizon: 10))
    ])
    for (point, value) in zip(result.policies[0].points, expected.regrets) {
      let error = try #require(point.regret.standardError)
      #expect(
        abs(point.regret.mean - value) < 4 * error + 1e-9,
        "round \(point.round): \(point.regret.mean) ± \(error)")
    }
  }
}

/// A policy that has seen what the state says.
private func told(_ policy: any PropensityPolicy, _ state: State) -> any PropensityPolicy {
  var policy = policy
  for arm in 0..<5 {
    for play in 0..<state[2 * arm + 1] {
      policy.update(arm: arm, reward: play < state[2 * arm] ? 1 : 0)
    }
  }
  return policy
}

/// P(best) for uniform priors: the integrand is a polynomial of degree below 24, which 12 Gauss–Legendre nodes
/// integrate exactly.
private func uniformBest(_ state: State) -> [Double] {
  var result = Array(repeating: 0.0, count: 5)
  for (node, weight) in legendre12 {
    for (x, w) in [(0.5 * (1 + node), weight), (0.5 * (1 - node), weight)] {
      let values = (0..<5).map { arm -> (Double, Double) in
        polynomials(Int(state[2 * arm]), Int(state[2 * arm + 1]), x)
      }
      for arm in 0..<5 {
        var product = values[arm].0 * w * 0.5
        for other in 0..<5 where other != arm { product *= values[other].1 }
        result[arm] += product
      }
    }
  }
  return result
}

/// Density and distribution function of Beta(1 + s, 1 + n − s) by binomial sums.
private func polynomials(_ s: Int, _ n: Int, _ x: Double) -> (Double, Double) {
  func term(_ n: Int, _ k: Int) -> Double {
    var value = 1.0
    for i in 0..<k { value *= Double(n - i) / Double(i + 1) * x }
    for _ in 0..<(n - k) { value *= 1 - x }
    return value
  }
  return (Double(n + 1) * term(n, s), (s + 1...n + 1).reduce(0) { $0 + term(n + 1, $1) })
}

/// The positive nodes and their weights (Abramowitz and Stegun, table 25.4).
private let legendre12: [(Double, Double)] = [
  (0.125233408511469, 0.249147045813403), (0.367831498998180, 0.233492536538355),
  (0.587317954286617, 0.203167426723066), (0.769902674194305, 0.160078328543346),
  (0.904117256370475, 0.106939325995318), (0.981560634246719, 0.047175336386512),
]
