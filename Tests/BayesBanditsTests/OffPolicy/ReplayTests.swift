// Replay of policies that learn: what the rounds kept must be like.

import BayesBandits
import BayesNumerics
import Testing

/// A log of two arms that pay .3 and .6, chosen with these probabilities.
private func log(_ propensities: [Double], rows: Int, seed: UInt64) -> ChoiceList {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  return ChoiceList(
    arms: ["A", "B"],
    choices: (0..<rows).map { i in
      let arm = stream.categorical(propensities)!
      let reward = stream.uniform() < [0.3, 0.6][arm] ? 1.0 : 0
      return LoggedChoice(arm: arm, reward: reward, propensity: propensities[arm], line: i + 2)
    })
}

@Suite struct ReplayTests {
  @Test(
    "A policy of fixed probabilities earns its value, from a uniform log and from another one",
    arguments: [[0.5, 0.5], [0.8, 0.2]])
  func fixed(propensities: [Double]) throws {
    let outcome = try replay(
      log(propensities, rows: 20_000, seed: 3), seed: 1,
      choose: { _, stream in stream.uniform() < 0.25 ? 0 : 1 }, update: { _, _ in })
    let smallest = propensities.min()!
    #expect(abs(Double(outcome.roundCount) - 20_000 * smallest) < 4 * 70)
    let value = 0.25 * 0.3 + 0.75 * 0.6
    #expect(abs(outcome.meanReward! - value) < 4 * outcome.standardError!)
    #expect(abs(Double(outcome.pulls[0]) / Double(outcome.roundCount) - 0.25) < 0.03)
  }

  @Test("A policy that learns sees the rewards of its own rounds and nothing else")
  func learning() throws {
    var (plays, wins) = ([0.0, 0.0], [0.0, 0.0])
    let outcome = try replay(
      log([0.5, 0.5], rows: 4000, seed: 4), seed: 1,
      choose: { count, _ in
        #expect(count == 2)
        if let unplayed = plays.firstIndex(of: 0) { return unplayed }
        return wins[0] / plays[0] > wins[1] / plays[1] ? 0 : 1
      },
      update: { arm, reward in
        plays[arm] += 1
        wins[arm] += reward
      })
    #expect(outcome.pulls.map(Double.init) == plays)
    #expect(outcome.roundCount == outcome.pulls.reduce(0, +))
    #expect(abs(outcome.meanReward! * Double(outcome.roundCount) - wins[0] - wins[1]) < 1e-9)
    #expect(outcome.path.map(\.rounds).starts(with: [1, 2, 5, 10, 20, 50, 100]))
    #expect(outcome.path.last?.rounds == outcome.roundCount)
    #expect(outcome.pulls[1] > outcome.pulls[0])
  }

  @Test("A policy of the catalogue learns which arm is better", arguments: ["thompson", "ucb1"])
  func catalogue(name: String) throws {
    let rows = log([0.5, 0.5], rows: 6000, seed: 8)
    let kind = try rewardKind(of: rows)
    #expect(kind == .bernoulli)
    let outcome = try replay(rows, seed: 2) { armCount in
      let task = BanditTask(armCount: armCount, rewards: kind)
      return try contender(name, for: task).policy(for: task)
    }
    #expect(outcome.roundCount > 2500 && outcome.pulls[1] > 4 * outcome.pulls[0])
    #expect(outcome.meanReward! > 0.5)
  }

  @Test("The same seed gives the same rounds; a log without rows is refused") func seeds() throws {
    func run(_ seed: UInt64) throws -> ReplayOutcome {
      try replay(
        log([0.7, 0.3], rows: 500, seed: 5), seed: seed,
        choose: { $1.uniform() < 0.5 ? 0 : 1 }, update: { _, _ in })
    }
    #expect(try run(1) == run(1))
    #expect(try run(1) != run(2))
    #expect(throws: OffPolicyError.noRows(pending: 0, training: 0)) {
      try replay(
        ChoiceList(arms: ["A"], choices: []), seed: 1, choose: { _, _ in 0 }, update: { _, _ in })
    }
  }
}
