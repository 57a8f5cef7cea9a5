// How a choice is made from a belief: always by drawing from probabilities that are known.

import BayesNumerics

/// A policy of production: probabilities of the arms from a belief.
///
/// The arm is drawn from the very probabilities that are recorded, so that the recorded propensity is
/// exact even where the belief's own probabilities are estimates.
public struct ChoiceRule: Sendable, Equatable {
  /// The probabilities before exploration.
  public enum Base: String, Sendable, CaseIterable {
    /// Thompson sampling: each arm's probability to be the best.
    case thompson
    /// The arm of the highest mean; equal ones in equal parts.
    case greedy
    /// All arms alike.
    case uniform
  }

  /// The probabilities before exploration.
  public var base: Base
  /// The share of choices that are uniform, from 0 to 1: with K arms in use no propensity is below this / K.
  public var exploration: Double
  /// What a choice of each of the state's arms costs, retired ones included, in the unit of rewards: what counts is
  /// the mean reward less this. Empty for nothing.
  public var costs: [Double]

  /// A policy.
  ///
  /// - Precondition: the exploration is from 0 to 1.
  public init(_ base: Base = .thompson, exploration: Double = 0, costs: [Double] = []) {
    precondition((0...1).contains(exploration), "a share")
    self.base = base
    self.exploration = exploration
    self.costs = costs
  }

  /// What is recorded with a choice: `thompson`, `greedy+0.1`, `thompson-costs`.
  public var name: String {
    base.rawValue + (costs.isEmpty ? "" : "-costs")
      + (exploration > 0 ? "+\(shortestDescription(exploration))" : "")
  }

  /// Checks the costs against the state's arms.
  ///
  /// - Throws: `StateError.wrongCosts`, `.invalidCost`.
  func checkCosts(_ arms: [String]) throws {
    if costs.isEmpty { return }
    guard costs.count == arms.count else {
      throw StateError.wrongCosts(given: costs.count, arms: arms)
    }
    if let cost = costs.first(where: { !$0.isFinite }) { throw StateError.invalidCost(cost) }
  }

  /// The probabilities of the arms in use.
  ///
  /// - Throws: `StateError.invalidProbabilities`, and what the belief throws.
  func probabilities(
    _ belief: some StoredBelief, context: [Double], among arms: [Int]
  ) throws -> [Double] {
    let share = 1 / Double(arms.count)
    let base: [Double] =
      switch self.base {
      case .uniform: arms.map { _ in share }
      case .thompson where costs.isEmpty:
        try belief.probabilitiesOfBest(context: context, among: arms)
      case .thompson:
        try belief.probabilitiesOfBest(context: context, among: arms, costs: costs)
      case .greedy: try greedy(belief.means(context: context), arms)
      }
    let sum = base.reduce(0, +)
    guard base.count == arms.count, base.allSatisfy({ $0.isFinite && $0 >= 0 }), sum > 0 else {
      throw StateError.invalidProbabilities("\(base)")
    }
    return base.map { (1 - exploration) * $0 / sum + exploration * share }
  }

  private func greedy(_ means: [Double], _ arms: [Int]) throws -> [Double] {
    let own = arms.map { means[$0] - (costs.isEmpty ? 0 : costs[$0]) }
    guard let best = own.max(), own.allSatisfy(\.isFinite) else {
      throw StateError.invalidProbabilities("means \(own)")
    }
    return own.map { $0 == best ? 1 : 0 }
  }
}

/// What a policy of your own may know of a round.
public struct ChoiceRound<Belief: StoredBelief> {
  /// What was known of the round.
  public let context: [Double]
  /// The labels of the arms in use.
  public let arms: [String]
  /// Their positions, by which the belief knows them.
  public let positions: [Int]
  /// What the model believes after all rewards recorded so far.
  public let belief: Belief
}

/// A position drawn from probabilities; never one of probability 0.
func drawn(_ probabilities: [Double], using stream: inout RandomStream) -> Int {
  var rest = stream.uniform() * probabilities.reduce(0, +)
  for (position, probability) in probabilities.enumerated() where probability > 0 {
    rest -= probability
    if rest < 0 { return position }
  }
  return probabilities.lastIndex { $0 > 0 }!
}
