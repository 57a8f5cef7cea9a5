// Replay of policies that learn: what the rounds kept must be like.

import BayesNumerics
import Testing

@testable import BayesBandits

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

/// A log of four arms, chosen alike.
private func fourArms(rows: Int, seed: UInt64) -> ChoiceList {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  return ChoiceList(
    arms: ["A", "B", "C", "D"],
    choices: (0..<rows).map { i in
      let arm = Int(4 * stream.uniform())
      let reward = stream.uniform() < [0.3, 0.5, 0.7, 0.4][arm] ? 1.0 : 0
      return LoggedChoice(arm: arm, reward: reward, propensity: 0.25, line: i + 2)
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

  @Test(
    "Rows that are not kept leave no trace: explore-then-commit plays each arm as often as it says")
  func explorations() throws {
    let outcome = try replay(fourArms(rows: 20_000, seed: 6), seed: 1) {
      ExploreThenCommit(plays: 10, armCount: $0)
    }
    let committed = outcome.pulls.max()!
    #expect(outcome.pulls.filter { $0 != committed } == [10, 10, 10])
    #expect(committed == outcome.roundCount - 30)
  }

  @Test(
    "A policy that counts its rounds earns in replay what it earns when it is simulated",
    arguments: ["epsilon-decay:20", "exp3:0.2", "ucb1"])
  func simulated(name: String) throws {
    let (rounds, replicates) = (200, 100)
    let environment = try Environment(truth: .means([0.3, 0.5, 0.7, 0.4]))
    let task = environment.task(horizon: rounds)
    let simulation = try BanditSimulation(
      environment, rounds: rounds, replicates: 800, seed: 9, threads: 1)
    let result = try simulation.run([try contender(name, for: task)])
    let regret = result.policies[0].points.last!.regret
    var moments = RunningMoments()
    for replicate in 0..<replicates {
      var lost = 0.0
      var kept = 0
      // One row in four is kept; the first rounds of each log are what is compared.
      let log = fourArms(rows: 1400, seed: UInt64(100 + replicate))
      var policy: (any Policy) = try contender(name, for: task).policy(for: task)
      var before = policy
      _ = try replay(
        log, seed: UInt64(replicate),
        choose: { _, stream in
          before = policy
          return policy.choose(using: &stream)
        },
        update: { arm, reward in
          policy.update(arm: arm, reward: reward)
          if kept < rounds { lost += 0.7 - [0.3, 0.5, 0.7, 0.4][arm] }
          kept += 1
        }, undo: { policy = before })
      #expect(kept >= rounds)
      moments.add(lost)
    }
    let variance = moments.variance / moments.count + regret.standardError! * regret.standardError!
    #expect(abs(moments.mean - regret.mean) < 4 * variance.squareRoot())
  }

  @Test("Rewards of a log are told from their values, and every policy for them is taken")
  func kinds() throws {
    func kind(_ rewards: [Double]) throws -> BanditTask.Rewards {
      try rewardKind(
        of: ChoiceList(
          arms: ["A", "B"],
          choices: rewards.enumerated().map {
            LoggedChoice(arm: $0 % 2, reward: $1, propensity: 0.5, line: $0 + 2)
          }))
    }
    #expect(try kind([0, 1, 1, 0]) == .bernoulli)
    #expect(try kind([0, 0.25, 1, 0.5]) == .bernoulli)
    #expect(try kind([0, 1, 3, 2, 1, 0, 4]) == .poisson)
    #expect(try kind([-1, 1]) == .gaussian(deviation: 2.0.squareRoot()))
    for rewards in [[0, 0, 250, 0, 100], [0.5, 1.5]] {
      guard case .gaussian = try kind(rewards) else {
        Issue.record("\(rewards)")
        continue
      }
    }
    for (name, rewards) in [("thompson-gamma", [0.0, 1, 3, 2]), ("ucb-v", [0, 0.25, 1])] {
      _ = try contender(name, for: BanditTask(armCount: 2, rewards: kind(rewards)))
    }
  }

  @Test("An interval never leaves the range of the rewards, and is Jeffreys' for 0 and 1")
  func intervals() throws {
    func outcome(_ rewards: [Double]) throws -> ReplayOutcome {
      try replay(
        ChoiceList(
          arms: ["A"],
          choices: rewards.enumerated().map {
            LoggedChoice(arm: 0, reward: $1, propensity: 1, line: $0 + 2)
          }), seed: 1, choose: { _, _ in 0 }, update: { _, _ in })
    }
    let zeros = [Double](repeating: 0, count: 99)
    let rare = try #require(try outcome(zeros + [1]).interval(confidence: 0.95))
    #expect(rare.method == .jeffreys)
    // qbeta(c(.025, .975), 1.5, 99.5)
    #expect(abs(rare.ends.lowerBound - betaQuantile(0.025, 1.5, 99.5)) < 1e-12)
    #expect(abs(rare.ends.upperBound - betaQuantile(0.975, 1.5, 99.5)) < 1e-12)
    let none = try #require(try outcome(zeros).interval(confidence: 0.95))
    #expect(none.ends.lowerBound == 0 && none.ends.upperBound > 0)
    let heavy = try #require(try outcome(zeros + [10]).interval(confidence: 0.95))
    #expect(heavy.method == .bootstrap && heavy.ends.lowerBound >= 0 && heavy.ends.upperBound <= 10)
    let even = try outcome((0..<100).map { Double($0 % 5) })
    let normal = try #require(even.interval(confidence: 0.95))
    #expect(normal.method == .normal)
    let half = 1.959963984540054 * even.standardError!
    #expect(abs(normal.ends.upperBound - even.meanReward! - half) < 1e-12)
    #expect(try outcome([2, 2, 2]).interval(confidence: 0.9) == nil)
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
