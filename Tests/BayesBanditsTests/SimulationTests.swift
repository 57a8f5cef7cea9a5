// Simulations: determinism, feedback, costs, changes, and what is refused.

import BayesNumerics
import Synchronization
import Testing

@testable import BayesBandits

/// Plays arms in turn and notes how many choices had been made when each reward was learned.
private struct Recorder: Policy {
  final class Notes: Sendable {
    let learnedAt = Mutex<[Int]>([])
  }
  let armCount = 3
  let notes: Notes
  var choices = 0

  init(_ notes: Notes) { self.notes = notes }

  mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    defer { choices += 1 }
    return choices % armCount
  }

  mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    let choices = choices
    notes.learnedAt.withLock {
      // Rewards come in the order of choices.
      #expect(arm == $0.count % 3)
      $0.append(choices)
    }
  }
}

@Suite("Simulation")
struct SimulationTests {
  private let environment = try! Environment(truth: .means(referenceMeans))

  private func run(
    _ names: [String], in environment: Environment, rounds: Int = 300, replicates: Int = 40,
    seed: UInt64 = 1, threads: Int = 1, feedback: Feedback = Feedback()
  ) throws -> SimulationResult {
    var simulation = try BanditSimulation(
      environment, rounds: rounds, replicates: replicates, seed: seed, threads: threads)
    simulation.feedback = feedback
    var task = environment.task(horizon: rounds)
    task.truth = .means([])
    return try simulation.run(names.map { try contender($0, for: task) })
  }

  @Test("The number of threads does not show in the result")
  func threads() throws {
    let names = ["thompson", "ucb1", "exp3", "softmax"]
    let one = try run(names, in: environment, threads: 1)
    let four = try run(names, in: environment, threads: 4)
    #expect(one.policies == four.policies)
  }

  @Test("A policy's result does not depend on which others take part")
  func independence() throws {
    let alone = try run(["ucb1"], in: environment)
    let together = try run(["thompson", "ucb1"], in: environment)
    #expect(alone.policies[0].points == together.policies[1].points)
    #expect(try run(["ucb1"], in: environment, seed: 2).policies[0] != alone.policies[0])
  }

  @Test(
    "A reward is learned at the first batch end at least the delay after its round",
    arguments: [(1, 0), (1, 7), (10, 0), (10, 7), (4, 100)])
  func feedback(_ batch: Int, _ delay: Int) throws {
    let notes = Recorder.Notes()
    var simulation = try BanditSimulation(
      Environment(truth: .means([0.2, 0.5, 0.8])), rounds: 60, replicates: 1, seed: 1, threads: 1)
    simulation.feedback = Feedback(batch: batch, delay: delay)
    _ = try simulation.run([Contender("recorder") { _ in Recorder(notes) }])
    let learnedAt = notes.learnedAt.withLock { $0 }
    let expected = (1...60).map { round in (round + delay + batch - 1) / batch * batch }
      .filter { $0 <= 60 }
    #expect(learnedAt == expected)
  }

  @Test(
    "Every policy learns under delays and batches, and no worse than by chance",
    arguments: policyCatalogue.map(\.name).filter { $0 != "random" })
  func everyPolicyIsDelayed(_ name: String) throws {
    let isContextual = ["lin-ucb", "thompson-linear", "thompson-logistic"].contains(name)
    let environment = try Environment(
      truth: isContextual
        ? .contextual(dimension: 3, armCount: 4) : .means([0.1, 0.2, 0.3, 0.9]))
    let result = try run(
      [name, "random"], in: environment, rounds: 400, replicates: 8,
      feedback: Feedback(batch: 10, delay: 20))
    let points = result.policies.map { $0.points[$0.points.count - 1].regret }
    let error = try #require(points[1].standardError)
    #expect(points[0].mean < points[1].mean - 2 * error, "\(points)")
  }

  @Test(
    "Costs move every policy to the arm of the largest net reward",
    arguments: [
      "thompson", "epsilon-greedy", "softmax:0.1", "ucb1:0.3", "ucb-tuned", "kl-ucb", "bayes-ucb",
      "imed", "moss", "explore-then-commit:40", "successive-halving:200", "oracle",
      "thompson-gaussian:0.5", "thompson-nig:0.5:1:1:0.1", "thompson-window:500", "exp3:0.1",
    ])
  func costs(_ name: String) throws {
    // Without costs the last arm is best, with them the first is, by 0.3.
    let environment = try Environment(
      truth: .means([0.6, 0.5, 0.8]), costs: [0, 0.4, 0.5])
    let result = try run([name], in: environment, rounds: 700, replicates: 5)
    let pulls = result.policies[0].pulls.map(\.mean)
    #expect(pulls[0] > 350, "\(pulls)")
    #expect(abs(pulls.reduce(0, +) - 700) < 1e-9)
  }

  @Test("The regret of random play is exact: gaps times rounds, costs included")
  func randomRegret() throws {
    let environment = try Environment(truth: .means([0.6, 0.5, 0.8]), costs: [0, 0.1, 0.5])
    let result = try run(["random"], in: environment, rounds: 300, replicates: 400)
    let last = try #require(result.policies[0].points.last)
    let expected = 300.0 * (0 + 0.2 + 0.3) / 3
    #expect(abs(last.regret.mean - expected) < 4 * (last.regret.standardError ?? 0))
    #expect(abs(last.bestArmShare.mean - 1.0 / 3) < 4 * (last.bestArmShare.standardError ?? 0))
  }

  @Test("The oracle has no regret, with and without contexts", arguments: [true, false])
  func oracle(_ isContextual: Bool) throws {
    let environment = try Environment(
      truth: isContextual ? .contextual(dimension: 4, armCount: 3) : .means([0.2, 0.7]))
    let result = try run(["oracle"], in: environment)
    #expect(
      result.policies[0].points.allSatisfy { $0.regret.mean == 0 && $0.bestArmShare.mean == 1 })
    if !isContextual {
      // The only arm that is played is the best so far.
      #expect(result.policies[0].points.allSatisfy { $0.identified?.mean == 1 })
    }
  }

  @Test("The oracle has no regret where the best arm changes, and the others are as without it")
  func changingOracle() throws {
    let worlds = [
      try Environment(
        truth: .means([0.2, 0.7, 0.4]), change: .abrupt(every: 20), costs: [0, 0.1, 0.4]),
      try Environment(
        rewards: .poisson, truth: .means([1, 2]), change: .drift(deviation: 0.3)),
      try Environment(truth: .declared(try DeclaredTruth(try BanditModel(Offers())))),
    ]
    for world in worlds {
      let simulation = try BanditSimulation(world, rounds: 200, replicates: 5, seed: 3, threads: 1)
      let task = world.task(horizon: 200)
      let result = try simulation.run(try ["oracle", "ucb1"].map { try contender($0, for: task) })
      let alone = try simulation.run([try contender("ucb1", for: task)])
      #expect(
        result.policies[0].points.allSatisfy { $0.regret.mean == 0 && $0.bestArmShare.mean == 1 })
      #expect(result.policies[1].points == alone.policies[0].points)
    }
    #expect(throws: PolicyError.self) {
      try contender("oracle", for: BanditTask(armCount: 2))
    }
  }

  @Test(
    "In a declared bandit's worlds regressions on contexts have an intercept",
    arguments: ["lin-ucb", "thompson-linear"])
  func intercept(_ name: String) throws {
    // Arms differ by their levels alone: without a constant nothing can be learnt.
    let world = try Environment(truth: .declared(try DeclaredTruth(try BanditModel(Offers()))))
    let task = world.task(horizon: 400)
    #expect(task.hasIntercept)
    let simulation = try BanditSimulation(world, rounds: 400, replicates: 20, seed: 1, threads: 2)
    let result = try simulation.run(try [name, "random"].map { try contender($0, for: task) })
    let regret = result.policies.map { $0.points[$0.points.count - 1].regret.mean }
    #expect(regret[0] < 0.3 * regret[1], "\(regret)")
    let plain = try Environment(
      rewards: .gaussian(deviation: 1), truth: .contextual(dimension: 2, armCount: 3))
    #expect(!plain.task(horizon: nil).hasIntercept)
  }

  @Test("With contexts there is no best arm to be found")
  func noBestArm() throws {
    let world = try Environment(truth: .contextual(dimension: 2, armCount: 3))
    let result = try run(["ucb1"], in: world)
    #expect(result.policies[0].points.allSatisfy { $0.identified == nil })
  }

  @Test("A spread that is rounding is none")
  func rounding() {
    let constant = Estimate([2, 2 + 4e-16, 2, 2 - 4e-16])
    #expect(constant.standardError == 0)
    let nothing = Estimate([1e-14, -3e-14, 2e-14], size: 100)
    #expect(nothing.mean == 0 && nothing.standardError == 0)
    #expect(Estimate([1, 1 + 1e-9]).standardError.map { $0 > 0 } == true)
  }

  @Test("Worlds whose numbers would not stay numbers are refused")
  func hugeWorlds() throws {
    typealias Kind = BanditTask.Rewards
    let worlds: [(Kind, Environment.Truth, Environment.Change)] = [
      (.gaussian(deviation: 1), .means([1, 2]), .drift(deviation: 1e308)),
      (.gaussian(deviation: 1), .means([1, 1e200]), .never),
      (.gaussian(deviation: 1e200), .means([1, 2]), .never),
      (
        .gaussian(deviation: 1), .drawn(from: .normal(mean: 0, deviation: 1e200), armCount: 2),
        .never
      ),
      (.poisson, .drawn(from: .gamma(shape: 1, rate: 1e-300), armCount: 2), .never),
      (.poisson, .means([1, 2]), .drift(deviation: 1e300)),
      (.bernoulli, .means([0.1, 0.2]), .drift(deviation: 1e308)),
      (.gaussian(deviation: 1), .contextual(dimension: 1_000_000_000, armCount: 2), .never),
      (.gaussian(deviation: 1), .contextual(dimension: 1000, armCount: 100_000), .never),
    ]
    for (rewards, truth, change) in worlds {
      #expect(throws: PolicyError.self, "\(truth)") {
        try Environment(rewards: rewards, truth: truth, change: change)
      }
    }
    let largest = try Environment(
      rewards: .gaussian(deviation: 1), truth: .means([1, 2]), change: .drift(deviation: 1e100))
    let result = try run(["random"], in: largest, replicates: 3)
    #expect(result.policies[0].points.allSatisfy { $0.regret.mean.isFinite })
    for name in ["thompson-linear:prior=1e200", "thompson-nig:beta=1e200", "softmax:1e-200"] {
      #expect(throws: PolicyError.self) {
        try contender(name, for: BanditTask(armCount: 2, contextSize: 2))
      }
    }
    #expect(EXP3.gamma(horizon: 100, armCount: 1) == 1)
  }

  @Test("After an abrupt change, forgetting policies lose less than the one that remembers all")
  func changes() throws {
    let environment = try Environment(
      truth: .means([0.1, 0.9]), change: .abrupt(every: 500))
    let result = try run(
      [
        "thompson", "thompson-window:100", "thompson-discounted:0.98", "ucb-window:100",
        "ucb-discounted:0.98",
      ],
      in: environment, rounds: 1500, replicates: 5)
    let regrets = result.policies.map { $0.points[$0.points.count - 1].regret.mean }
    for forgetting in regrets.dropFirst() { #expect(forgetting < 0.8 * regrets[0], "\(regrets)") }
    #expect(result.laiRobbins == nil)
  }

  @Test("Drifting rates stay between 0 and 1: no regret exceeds 1 a round")
  func drift() throws {
    let environment = try Environment(
      truth: .means([0.5, 0.5]), change: .drift(deviation: 0.2))
    let result = try run(["random"], in: environment)
    let last = try #require(result.policies[0].points.last)
    #expect(last.quantiles.allSatisfy { $0 >= 0 && $0 <= 300 })
    #expect(last.regret.mean > 30)
  }

  @Test(
    "Rewards of each kind have the means they should",
    arguments: [
      (BanditTask.Rewards.bernoulli, [0.3, 0.6]), (.gaussian(deviation: 2), [-1, 3]),
      (.poisson, [0.5, 40]),
    ])
  func rewardMeans(_ rewards: BanditTask.Rewards, _ means: [Double]) throws {
    final class Sums: Sendable { let value = Mutex([(0.0, 0.0), (0.0, 0.0)]) }
    struct Turns: Policy {
      let armCount = 2
      let sums: Sums
      var turn = 0
      mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
        turn += 1
        return turn % 2
      }
      mutating func update(arm: Int, reward: Double, context: Span<Double>) {
        sums.value.withLock { $0[arm] = ($0[arm].0 + 1, $0[arm].1 + reward) }
      }
    }
    let sums = Sums()
    let simulation = try BanditSimulation(
      Environment(rewards: rewards, truth: .means(means)), rounds: 4000, replicates: 1, seed: 5,
      threads: 1)
    _ = try simulation.run([Contender("turns") { _ in Turns(sums: sums) }])
    let deviation: (Double) -> Double = { mean in
      switch rewards {
      case .bernoulli: (mean * (1 - mean)).squareRoot()
      case .gaussian(let deviation): deviation
      case .poisson: mean.squareRoot()
      }
    }
    let found = sums.value.withLock { $0 }
    for arm in 0..<2 {
      let error = deviation(means[arm]) / found[arm].0.squareRoot()
      #expect(abs(found[arm].1 / found[arm].0 - means[arm]) < 4 * error)
    }
  }

  @Test("An interruption keeps the replicates that had ended")
  func interruption() throws {
    final class Counter: Sendable { let value = Mutex(0) }
    let counter = Counter()
    let simulation = try BanditSimulation(
      environment, rounds: 100, replicates: 50, seed: 1, threads: 1)
    let task = environment.task(horizon: 100)
    let result = try simulation.run(
      [contender("ucb1", for: task)],
      isCancelled: {
        counter.value.withLock {
          $0 += 1
          return $0 > 20
        }
      })
    #expect(result.replicates == 10)
    let whole = try BanditSimulation(environment, rounds: 100, replicates: 10, seed: 1, threads: 1)
      .run([contender("ucb1", for: task)])
    #expect(result.policies == whole.policies)
  }

  @Test("Reported rounds are ten a decade, with whole powers of ten and the last")
  func checkpoints() {
    let rounds = BanditSimulation.logarithmicCheckpoints(rounds: 12_345)
    #expect(Set([1, 10, 100, 1000, 10_000, 12_345]).isSubset(of: rounds))
    #expect(zip(rounds, rounds.dropFirst()).allSatisfy { $0 < $1 })
    #expect(BanditSimulation.logarithmicCheckpoints(rounds: 1) == [1])
  }

  @Test(
    "Lai–Robbins constants",
    arguments: [
      (referenceMeans, 9.46479515507383), ([0.2, 0.25], 7.14070814958052),
      ([0.9, 0.8], 2.25209969852453),
    ])
  func laiRobbins(_ means: [Double], _ expected: Double) {
    let found = laiRobbinsConstant(means: means, divergence: .bernoulli)
    #expect(abs(found - expected) < 1e-12 * expected)
  }

  @Test("Lai–Robbins with costs: an arm that could never pay for itself adds nothing")
  func laiRobbinsCosts() {
    // Arm 1 would need a mean of 1.1; arm 2 one of 0.6, its gap being 0.2.
    let found = laiRobbinsConstant(
      means: [0.5, 0.9, 0.4], divergence: .bernoulli, costs: [0, 0.6, 0.1])
    #expect(abs(found - 0.2 / Divergence.bernoulli.value(0.4, 0.6)) < 1e-12)
  }

  @Test("Worlds that cannot be are refused")
  func refusals() {
    func refused(_ make: () throws -> Environment) -> Bool {
      do { _ = try make() } catch is PolicyError { return true } catch { return false }
      return false
    }
    #expect(refused { try Environment(truth: .means([0.5])) })
    #expect(refused { try Environment(truth: .means([0.5, 1.5])) })
    #expect(refused { try Environment(truth: .means([0.5, .nan])) })
    #expect(refused { try Environment(rewards: .poisson, truth: .means([-1, 2])) })
    #expect(refused { try Environment(rewards: .gaussian(deviation: 0), truth: .means([0, 1])) })
    #expect(refused { try Environment(truth: .means([0.5, 0.6]), costs: [1]) })
    #expect(refused { try Environment(truth: .means([0.5, 0.6]), costs: [1, -1]) })
    #expect(refused { try Environment(truth: .means([0.5, 0.6]), change: .abrupt(every: 0)) })
    #expect(refused { try Environment(truth: .drawn(from: .beta(0, 1), armCount: 2)) })
    #expect(
      refused {
        try Environment(truth: .drawn(from: .normal(mean: 0, deviation: 1), armCount: 2))
      })
    #expect(
      refused { try Environment(rewards: .poisson, truth: .contextual(dimension: 1, armCount: 2)) })
    #expect(throws: PolicyError.self) {
      try BanditSimulation(environment, rounds: 0, replicates: 1, seed: 1)
    }
  }
}
