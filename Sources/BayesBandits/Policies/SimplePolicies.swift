// Yardsticks and schedules: random, oracle, explore-then-commit, successive halving.

public import BayesNumerics
internal import Glibc

/// Plays every arm with equal probability.
public struct RandomPolicy: PropensityPolicy {
  /// The number of arms.
  public let armCount: Int

  /// A policy for `armCount` arms.
  public init(armCount: Int) {
    precondition(armCount > 0, "at least one arm")
    self.armCount = armCount
  }

  /// Any arm.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    min(armCount - 1, Int(stream.uniform() * Double(armCount)))
  }

  /// Learns nothing.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {}

  /// Equal parts.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    Array(repeating: 1 / Double(armCount), count: armCount)
  }
}

/// Knows the truth and plays the best arm: regret 0.
public struct Oracle: PropensityPolicy {
  /// The number of arms.
  public let armCount: Int
  /// The length of contexts.
  public let contextSize: Int
  private let truth: BanditTask.Truth
  private let costs: [Double]

  /// A policy for a task whose truth is told.
  ///
  /// - Precondition: `task.truth` is told: not `nil`, not `shown`. With costs, contexts must have linear rewards.
  public init(_ task: BanditTask) {
    guard let truth = task.truth, truth != .shown else {
      preconditionFailure("the oracle must be told the truth")
    }
    armCount = task.armCount
    contextSize = task.contextSize
    self.truth = truth
    isLogistic = task.rewards == .bernoulli
    costs = task.costs.isEmpty ? Array(repeating: 0, count: task.armCount) : task.costs
  }
  private let isLogistic: Bool

  /// The best arm.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    best(context)
  }

  /// Learns nothing.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {}

  /// One for the best arm.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    certain(best(context), of: armCount)
  }

  private func best(_ context: Span<Double>) -> Int {
    var (best, largest) = (0, -Double.infinity)
    for arm in 0..<armCount {
      let value = mean(arm, context) - costs[arm]
      if value > largest { (best, largest) = (arm, value) }
    }
    return best
  }

  private func mean(_ arm: Int, _ context: Span<Double>) -> Double {
    switch truth {
    case .means(let means): return means[arm]
    case .coefficients(let coefficients):
      var product = 0.0
      for k in 0..<contextSize { product += context[k] * coefficients[arm * contextSize + k] }
      return isLogistic ? logistic(product) : product
    case .shown: preconditionFailure("the oracle is told the truth")
    }
  }
}

/// The oracle of simulations: in every round it is shown the best arm of the world as it is then.
struct ShownOracle: Policy {
  let armCount: Int

  mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    preconditionFailure("only a simulation shows the best arm")
  }

  mutating func update(arm: Int, reward: Double, context: Span<Double>) {}
}

/// Plays each arm in turn for some rounds and then the one of the largest mean for ever.
///
/// The means are those of all rewards there are when the commitment is due: with delayed feedback of fewer.
///
/// Reference: Lattimore, Szepesvári 2020, "Bandit algorithms", chapter 6, doi 10.1017/9781108571401.
public struct ExploreThenCommit: PropensityPolicy {
  private let plays: Int
  private var records: ArmRecords
  private var commitment: Int?

  /// A policy for `armCount` arms.
  ///
  /// - Parameter plays: of each arm, before the commitment.
  public init(plays: Int, armCount: Int, costs: [Double] = []) {
    precondition(plays > 0, "at least one play of each arm")
    self.plays = plays
    records = ArmRecords(armCount: armCount, costs: costs)
  }

  /// The plays of each arm that suit a horizon when gaps are not known: `(T/K)^(2/3) (ln T)^(1/3)`.
  public static func plays(horizon: Int, armCount: Int) -> Int {
    let rounds = Double(max(2, horizon))
    return max(1, Int(pow(rounds / Double(armCount), 2.0 / 3) * cbrt(log(rounds))))
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The next arm in turn, or the arm committed to.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    if let commitment { return commitment }
    let round = records.plays
    if round < plays * armCount {
      records.countChoice()
      return round % armCount
    }
    var best = LargestScore()
    for arm in 0..<armCount { best.offer(arm, records.value(arm), using: &stream) }
    commitment = best.arm
    return best.arm
  }

  /// Adds the reward to the arm's record, which matters before the commitment only.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// One for the next arm.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    if let commitment { return certain(commitment, of: armCount) }
    let round = records.plays
    if round < plays * armCount { return certain(round % armCount, of: armCount) }
    return tieProbabilities((0..<armCount).map { records.value($0) })
  }
}

/// Successive halving: finds the best arm with a fixed number of rounds, giving up the worse half of the arms
/// after each of ⌈log₂ K⌉ equal phases; the last arm is played for ever.
///
/// Reference: Karnin, Koren, Somekh 2013, "Almost optimal exploration in multi-armed bandits", ICML. Rewards of
/// earlier phases count, too.
public struct SuccessiveHalving: Policy {
  private let perPhase: Double
  private var records: ArmRecords
  private var survivors: [Int]
  private var turn = 0
  private var playsLeft: Int

  /// A policy for `armCount` arms.
  ///
  /// - Parameter budget: the rounds of all phases together.
  public init(budget: Int, armCount: Int, costs: [Double] = []) {
    precondition(budget > 0, "a positive budget")
    let phases = log2(Double(max(2, armCount))).rounded(.up)
    perPhase = Double(budget) / phases
    records = ArmRecords(armCount: armCount, costs: costs)
    survivors = Array(0..<armCount)
    playsLeft = 0
    playsLeft = phaseLength
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The arms that have not been given up.
  public var candidates: [Int] { survivors }

  private var phaseLength: Int {
    survivors.count * max(1, Int(perPhase / Double(survivors.count)))
  }

  /// The survivors in turn.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    if survivors.count == 1 { return survivors[0] }
    if playsLeft == 0 {
      let ranked = survivors.sorted {
        (records.value($0), -$0) > (records.value($1), -$1)
      }
      survivors = ranked.prefix((survivors.count + 1) / 2).sorted()
      turn = 0
      if survivors.count == 1 { return survivors[0] }
      playsLeft = phaseLength
    }
    playsLeft -= 1
    defer { turn = (turn + 1) % survivors.count }
    return survivors[turn]
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }
}
