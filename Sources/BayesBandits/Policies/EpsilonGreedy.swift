// ε-greedy and softmax: mostly the arm of the largest mean.

public import BayesNumerics
internal import Glibc

/// Explores with probability ε, all arms alike; else plays the arm of the largest mean.
///
/// References: Sutton, Barto 2018, "Reinforcement learning", 2nd edition, section 2.2; decaying:
/// Auer, Cesa-Bianchi, Fischer 2002, figure 3, doi 10.1023/A:1013689704352.
public struct EpsilonGreedy: PropensityPolicy {
  /// How probable exploration is.
  public enum Rate: Sendable, Equatable {
    /// The same in each round.
    case constant(Double)
    /// `min(1, c·K/t)` in round t with K arms.
    case decaying(c: Double)
  }

  /// What is believed of an arm before its first reward.
  public enum Start: String, Sendable, CaseIterable {
    /// Each arm is played once, in order, before anything else.
    case sweep
    /// A mean of 0.
    case zero
  }

  private let rate: Rate
  private let start: Start
  private var records: ArmRecords

  /// A policy for `armCount` arms.
  public init(_ rate: Rate, start: Start = .sweep, armCount: Int, costs: [Double] = []) {
    switch rate {
    case .constant(let epsilon): precondition(epsilon >= 0 && epsilon <= 1, "ε in [0, 1]")
    case .decaying(let c): precondition(c >= 0, "c is not negative")
    }
    self.rate = rate
    self.start = start
    records = ArmRecords(armCount: armCount, costs: costs)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  private var epsilon: Double {
    switch rate {
    case .constant(let epsilon): epsilon
    case .decaying(let c): Swift.min(1, c * Double(armCount) / Double(records.plays + 1))
    }
  }

  /// An arm's mean less its cost; infinite for one that a sweep has chosen and that has no reward yet.
  @inline(__always)
  private func value(_ arm: Int) -> Double {
    start == .sweep && records.arms[arm].pulls == 0 ? .infinity : records.value(arm)
  }

  /// A random arm, or the best so far.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    if start == .sweep, let arm = records.nextOfSweep() {
      records.countChoice()
      return arm
    }
    let epsilon = epsilon
    records.countChoice()
    // One uniform says whether to explore and, conditionally on that, which arm.
    let u = stream.uniform()
    if u < epsilon {
      return Swift.min(armCount - 1, Int(u / epsilon * Double(armCount)))
    }
    let sweeps = start == .sweep
    return records.withArms { arms, costs in
      var best = LargestScore()
      for arm in 0..<arms.count {
        let isUnseen = sweeps && arms[arm].pulls == 0
        best.offer(arm, isUnseen ? .infinity : arms[arm].mean - costs[arm], using: &stream)
      }
      return best.arm
    }
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// ε in equal parts, and the rest for the best so far.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    if start == .sweep, let arm = records.dueInSweep { return certain(arm, of: armCount) }
    let epsilon = epsilon
    return tieProbabilities((0..<armCount).map(value)).map {
      epsilon / Double(armCount) + (1 - epsilon) * $0
    }
  }
}

/// Softmax, or Boltzmann exploration: plays an arm with probability proportional to `exp(m/τ)`.
///
/// Each arm is played once first, in order; one whose reward is late after that counts with mean 0.
///
/// Reference: Sutton, Barto 1998, "Reinforcement learning", section 2.3.
public struct Softmax: PropensityPolicy {
  private let temperature: Double
  private var records: ArmRecords
  private var weights: [Double]

  /// A policy for `armCount` arms.
  ///
  /// - Parameter temperature: τ, in units of reward.
  public init(temperature: Double, armCount: Int, costs: [Double] = []) {
    precondition(temperature > 0, "a positive temperature")
    self.temperature = temperature
    records = ArmRecords(armCount: armCount, costs: costs)
    weights = Array(repeating: 0, count: armCount)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// A draw in proportion to the weights.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    records.countChoice()
    if let arm = records.nextOfSweep() { return arm }
    var best = -Double.infinity
    for arm in 0..<records.count { best = Swift.max(best, records.value(arm)) }
    var total = 0.0
    for arm in 0..<records.count {
      let weight = exp((records.value(arm) - best) / temperature)
      weights[arm] = weight
      total += weight
    }
    var target = stream.uniform() * total
    for arm in 0..<weights.count {
      target -= weights[arm]
      if target < 0 { return arm }
    }
    return weights.count - 1
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// The weights, normalised.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    if let arm = records.dueInSweep { return certain(arm, of: armCount) }
    let values = (0..<armCount).map { records.value($0) / temperature }
    let total = logSumExp(values)
    return values.map { exp($0 - total) }
  }
}
