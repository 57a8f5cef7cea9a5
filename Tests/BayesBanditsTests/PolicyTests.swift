// Single policies: probabilities against frequencies, divergences, challengers, names.

import BayesNumerics
import Glibc
import Testing

@testable import BayesBandits

/// How often each arm is chosen from one state.
private func frequencies(_ policy: some Policy, _ count: Int) -> [Double] {
  var stream = RandomStream(seed: 21, chain: 0, purpose: .test, iteration: 0)
  var counts = Array(repeating: 0.0, count: policy.armCount)
  for _ in 0..<count {
    var copy = policy
    counts[copy.choose(using: &stream)] += 1
  }
  return counts.map { $0 / Double(count) }
}

private func expectFrequencies(
  _ policy: some PropensityPolicy, count: Int = 20_000,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let found = frequencies(policy, count)
  let expected = try policy.choiceProbabilities()
  #expect(abs(expected.reduce(0, +) - 1) < 1e-12, sourceLocation: sourceLocation)
  for (a, b) in zip(found, expected) {
    let error = (b * (1 - b) / Double(count)).squareRoot()
    #expect(
      abs(a - b) <= 4.5 * error + 1e-12, "\(found), \(expected)", sourceLocation: sourceLocation)
  }
}

/// Rewards by arm.
private func taught<P: Policy>(_ policy: P, _ rewards: [[Double]]) -> P {
  var policy = policy
  for (arm, rewards) in rewards.enumerated() {
    for reward in rewards { policy.update(arm: arm, reward: reward) }
  }
  return policy
}

private let binary: [[Double]] = [[1, 0, 0], [1, 1, 0, 1], [0, 1], [1, 1, 0, 0, 1]]
private let counts: [[Double]] = [[1, 0, 2], [3, 1, 0, 1], [0, 4], [1, 1, 0, 0, 1]]

@Suite("Policies")
struct PolicyTests {
  @Test(
    "Choices come with the probabilities that a policy states",
    arguments: [
      "thompson", "thompson-beta:0.3:0.6", "thompson-gaussian:0.5", "thompson-nig:0.5:1:1:0.25",
      "thompson-gamma", "thompson-discounted:0.9", "thompson-window:6", "top-two:0.3",
      "epsilon-greedy:0.3", "epsilon-greedy-zero:0.3", "epsilon-decay:0.5", "softmax:0.2", "ucb1",
      "kl-ucb", "bayes-ucb", "imed", "exp3:0.2", "random", "moss-anytime", "explore-then-commit:2",
    ], [[], [0.1, 0.4, 0, 0.2]])
  func probabilities(_ name: String, _ costs: [Double]) throws {
    let task = BanditTask(armCount: 4, costs: costs, horizon: 100)
    let policy = try #require(
      contender(name, for: task).policy(for: task) as? any PropensityPolicy)
    func check(_ policy: some PropensityPolicy) throws {
      try expectFrequencies(taught(policy, binary), count: 6000)
    }
    try check(policy)
  }

  @Test("Poisson and Gaussian Thompson choose with the probability to be best")
  func otherRewards() throws {
    try expectFrequencies(taught(Thompson(GammaArms(armCount: 4), armCount: 4), counts))
    try expectFrequencies(
      taught(TopTwoThompson(GammaArms(armCount: 4), armCount: 4), counts))
    try expectFrequencies(
      taught(TopTwoThompson(GaussianArms(armCount: 4), armCount: 4), counts))
    try expectFrequencies(
      taught(
        TopTwoThompson(GaussianArms(armCount: 4), armCount: 4, costs: [0, 0.5, 0.1, 0]), counts))
  }

  @Test("Means that rewards cannot have are infinitely far away")
  func impossibleMeans() {
    #expect(Divergence.bernoulli.value(1, 1.1) == .infinity)
    #expect(Divergence.bernoulli.value(0.5, -0.1) == .infinity)
    #expect(Divergence.bernoulli.value(1, 1) == 0)
    #expect(Divergence.poisson.value(2, -1) == .infinity)
    #expect(Divergence.poisson.value(0, 3) == 3)
  }

  @Test("IMED never plays an arm that could not repay its cost even with successes alone")
  func dearArm() throws {
    for name in ["imed", "kl-ucb", "kl-ucb-plus"] {
      let task = BanditTask(armCount: 2, costs: [0.1, 0.5], horizon: 100)
      var policy = try contender(name, for: task).policy(for: task)
      // Whatever the second arm pays, the first is better.
      for _ in 0..<49 { policy.update(arm: 0, reward: 1) }
      for _ in 0..<3 { policy.update(arm: 1, reward: 1) }
      var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: 0)
      for _ in 0..<20 { #expect(policy.choose(using: &stream) == 0, "\(name)") }
    }
  }

  @Test("The mean of successes alone is exactly 1, however many they are")
  func exactMean() throws {
    var record = ArmRecord()
    for _ in 0..<5000 {
      record.add(1)
      #expect(record.mean == 1 && record.variance == 0)
    }
  }

  @Test("A deviation keeps its digits beside a mean that is huge", arguments: [0, 1e9, -3e12])
  func hugeMean(origin: Double) throws {
    var arms = NormalInverseGammaArms(mean: origin, armCount: 1)
    var record = ArmRecord()
    for reward in [0.5, 2.5, 1, -1, 4, 3.25] { record.add(origin + reward) }
    // Σ (x − mean)² with mean 1.708333….
    #expect(abs(record.squares - 17.552_083_333_333_332) < 1e-3 * (origin == 0 ? 1e-9 : 1))
    record.remove(origin + 0.5)
    #expect(abs(record.squares - 15.8) < 1e-3)
    arms.believe(record, of: 0)
    guard case .studentT(let degrees, _, let scale) = arms.posterior(of: 0) else { return }
    // β = 1 + 15.8/2 + 5/6/2·1.95², over κ α = 6·3.5.
    #expect(degrees == 7)
    #expect(abs(scale * scale - (1 + 7.9 + 1.95 * 1.95 * 5 / 12) / 21) < 1e-3)
  }

  @Test("Sums of equal rewards in any order make arms that tie")
  func ties() throws {
    let policy = taught(
      IndexPolicy(UCB1(), armCount: 3), [[1, 0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 1, 1, 1], [0]])
    let probabilities = try policy.choiceProbabilities()
    #expect(probabilities[0] == probabilities[1])
  }

  @Test(
    "The upper mean is the root of the divergence, and never below the mean",
    arguments: [
      Divergence.bernoulli, .gaussian(variance: 2), .poisson,
    ])
  func upperMeans(_ divergence: Divergence) {
    for p in [0, 1e-9, 0.01, 0.3, 0.5, 0.9, 0.999999, 1] {
      for level in [0, 1e-12, 1e-6, 0.01, 0.5, 3, 40] {
        let q = divergence.upperMean(p, level: level)
        #expect(q >= p && q <= divergence.largestMean)
        if q < 1 - 1e-13 || divergence != .bernoulli {
          let found = divergence.value(p, q)
          // Near p the divergence is a square: the mean is then what has full digits.
          #expect(abs(found - level) <= 1e-9 * level + 1e-15, "p \(p), level \(level): \(found)")
        }
      }
    }
  }

  @Test("A challenger to a leader beyond doubt comes at once, with the right probabilities")
  func challengers() throws {
    // Arm 2 is best but for 1e-8; who comes second is nearly even between arms 0 and 1.
    let arms: [[Double]] = [
      Array(repeating: 0, count: 40) + Array(repeating: 1, count: 22),
      Array(repeating: 0, count: 41) + Array(repeating: 1, count: 22),
      Array(repeating: 0, count: 4) + Array(repeating: 1, count: 60),
      Array(repeating: 0, count: 60) + Array(repeating: 1, count: 4),
    ]
    let beta = taught(TopTwoThompson(BetaArms(armCount: 4), armCount: 4), arms)
    try expectFrequencies(beta, count: 4000)
    let gaussian = taught(
      TopTwoThompson(GaussianArms(deviation: 0.5, armCount: 4), armCount: 4), arms)
    try expectFrequencies(gaussian, count: 4000)
    let gamma = taught(
      TopTwoThompson(GammaArms(armCount: 4), armCount: 4), arms.map { $0.map { 5 * $0 } })
    try expectFrequencies(gamma, count: 4000)
  }

  @Test("Successive halving ends with the best arm")
  func halving() {
    var policy = SuccessiveHalving(budget: 320, armCount: 8)
    var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: 0)
    for _ in 0..<330 {
      let arm = policy.choose(using: &stream)
      policy.update(arm: arm, reward: Double(arm) / 8)
    }
    #expect(policy.candidates == [7])
  }

  @Test("EXP3 divides a late reward by the probability of its own choice")
  func lateRewards() throws {
    var prompt = EXP3(gamma: 0.2, armCount: 2)
    var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: 0)
    var chosen: [Int] = []
    var late = prompt
    for _ in 0..<6 { chosen.append(late.choose(using: &stream)) }
    for arm in chosen { late.update(arm: arm, reward: 1) }
    // All six choices were made with probability 1/2: each adds γ/K · 1/(1/2) to its arm's gain.
    let first = Double(chosen.count { $0 == 0 })
    let (a, b) = (0.2 * first, 0.2 * (6 - first))
    let expected = 0.8 / (1 + exp(b - a)) + 0.1
    #expect(try abs(late.choiceProbabilities()[0] - expected) < 1e-12)
    prompt.update(arm: 0, reward: 1)
    #expect(try prompt.choiceProbabilities()[0] > 0.5)
  }

  @Test("Every name makes a policy, and every mistake in a name is told")
  func names() throws {
    for entry in policyCatalogue {
      let task = BanditTask(armCount: 3, contextSize: 2, horizon: 50, truth: .means([0, 0.5, 1]))
      #expect(try contender(entry.name, for: task).policy(for: task).armCount == 3)
    }
    func message(_ name: String, _ task: BanditTask = BanditTask(armCount: 2)) -> String {
      do { _ = try contender(name, for: task) } catch { return "\(error)" }
      return "none"
    }
    #expect(message("thomson") == "unknown policy 'thomson'; did you mean 'thompson'?")
    #expect(message("xyzzy") == "unknown policy 'xyzzy'")
    #expect(
      message("epsilon-greedy:2") == "epsilon of epsilon-greedy is '2', not a number from 0 to 1")
    #expect(
      message("ucb1:scale=0") == "scale of ucb1 is '0', not a number above 0, from 1e-9 to 1e9")
    #expect(message("ucb-tuned:1").contains("ucb-tuned"))
    #expect(message("ucb1:width=1") == "parameter 'width' of ucb1 is not known, not one of scale")
    #expect(message("thompson-beta:a=1:a=2").contains("twice"))
    #expect(message("thompson-window:1.5").contains("a whole number from 1"))
    #expect(message("lin-ucb") == "lin-ucb needs contexts")
    #expect(
      message("ucb-v", BanditTask(armCount: 2, rewards: .poisson))
        == "ucb-v needs rewards between 0 and 1")
    #expect(message("oracle").contains("needs a simulated world"))
    #expect(message("thompson-beta:a=0.5") == "none")
  }
}
