// Policies that play the arm with the largest index.

public import BayesNumerics

/// A formula that says how promising an arm is.
///
/// A formula is all that an index policy needs; `IndexPolicy` does the rest:
///
/// ```swift
/// struct Optimist: ArmIndex {
///   mutating func begin(plays: Double, arms: Int) {}
///   func index(of arm: ArmRecord, above least: Double) -> Double { arm.mean + arm.inversePulls }
/// }
/// var policy = IndexPolicy(Optimist(), armCount: 5)
/// ```
public protocol ArmIndex: Sendable {
  /// Whether each arm is played once, in order, before the first index is computed.
  var sweepsFirst: Bool { get }

  /// Computes what is common to all arms of a round.
  ///
  /// - Parameters:
  ///   - plays: rounds before this one; with forgetting, the weight of the rewards that are remembered.
  ///   - arms: the number of arms.
  mutating func begin(plays: Double, arms: Int)

  /// The index of an arm.
  ///
  /// - Parameter least: an index at or below this one need not be exact, only at most `least`; an arm with the
  ///   index `least` itself must be told.
  func index(of arm: ArmRecord, above least: Double) -> Double
}

extension ArmIndex {
  /// Each arm once first.
  public var sweepsFirst: Bool { true }
}

/// Plays the arm whose index, less its cost, is largest; of equal ones each with equal probability.
///
/// An arm whose reward is still outstanding after the first sweep has an infinite index. With
/// `forgetting`, UCB1 becomes discounted or sliding-window UCB.
///
/// Reference for forgetting: Garivier, Moulines 2011, "On upper-confidence bound policies for
/// switching bandit problems", ALT, doi 10.1007/978-3-642-24412-4_16.
public struct IndexPolicy<Index: ArmIndex>: PropensityPolicy {
  private var formula: Index
  private var records: ArmRecords

  /// A policy for `armCount` arms.
  ///
  /// - Parameter costs: what a play of each arm costs, in units of reward; none if empty.
  public init(
    _ formula: Index, armCount: Int, costs: [Double] = [], forgetting: Forgetting = .never
  ) {
    self.formula = formula
    records = ArmRecords(armCount: armCount, costs: costs, forgetting: forgetting)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The arm of the largest index.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    if formula.sweepsFirst, let arm = records.nextOfSweep() {
      records.countChoice()
      return arm
    }
    formula.begin(plays: records.remembered, arms: records.count)
    let formula = formula
    records.countChoice()
    return records.withArms { arms, costs in
      var best = LargestScore()
      for arm in 0..<arms.count {
        let cost = costs[arm]
        let index = formula.index(of: arms[arm], above: best.score + cost)
        best.offer(arm, index - cost, using: &stream)
      }
      return best.arm
    }
  }

  /// Adds the reward to the arm's record.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
  }

  /// One for the arm of the largest index, in equal parts where there are several.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    if formula.sweepsFirst, let arm = records.dueInSweep { return certain(arm, of: armCount) }
    var formula = formula
    formula.begin(plays: records.remembered, arms: records.count)
    return tieProbabilities(
      (0..<armCount).map {
        formula.index(of: records.arms[$0], above: -.infinity) - records.costs[$0]
      })
  }
}
