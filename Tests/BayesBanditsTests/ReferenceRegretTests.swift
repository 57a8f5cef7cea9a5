// Simulated regrets against the reference table; diagnostics/bandits/run does the whole table with more replicates.

import BayesBandits
import BayesNumerics
import Testing

@Suite("Regret of the reference policies")
struct ReferenceRegretTests {
  @Test(
    "Mean regret after 100 and 1 000 rounds is the reference's within 4 joint standard errors",
    arguments: referencePolicies)
  func table(_ reference: ReferencePolicy) throws {
    let environment = try Environment(truth: .means(referenceMeans))
    // The horizon that MOSS is told is the table's; the rest of its rounds is not played here.
    let contender = try contender(reference.name, for: environment.task(horizon: 10_000))
    let replicates = 60
    var regrets: [Int: [Double]] = [:]
    for replicate in 0..<replicates {
      for (round, regret) in regretPath(
        contender.policy(for: environment.task(horizon: 10_000)), rounds: [100, 1000],
        replicate: replicate)
      { regrets[round, default: []].append(regret) }
    }
    for (round, mean, error) in reference.regrets.dropLast() {
      let values = try #require(regrets[round])
      let found = values.reduce(0, +) / Double(replicates)
      let squares = values.reduce(0) { $0 + ($1 - found) * ($1 - found) }
      let foundError = (squares / Double(replicates - 1) / Double(replicates)).squareRoot()
      let joint = (error * error + foundError * foundError).squareRoot()
      #expect(abs(found - mean) < 4 * joint, "round \(round): \(found) ± \(foundError)")
    }
  }

  /// Regret at some rounds, played through the protocol alone, as a user's program would.
  private func regretPath(
    _ start: any Policy, rounds: [Int], replicate: Int
  ) -> [(Int, Double)] {
    var policy = start
    var choices = RandomStream(seed: 4, chain: replicate, purpose: .test, iteration: 0)
    var rewards = RandomStream(seed: 4, chain: replicate, purpose: .test, iteration: 1)
    var regret = 0.0
    var path: [(Int, Double)] = []
    for round in 1...rounds[rounds.count - 1] {
      let arm = policy.choose(using: &choices)
      regret += 0.7 - referenceMeans[arm]
      policy.update(arm: arm, reward: rewards.uniform() < referenceMeans[arm] ? 1 : 0)
      if rounds.contains(round) { path.append((round, regret)) }
    }
    return path
  }
}
