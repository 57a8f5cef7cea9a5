// What tracing one round of a bandit yields.

public import BayesCore
public import BayesGraph

/// What a bandit declares: its arms, what is known before a choice, and what is seen after it.
public struct BanditDeclaration: Sendable {
  /// The model type's name.
  public let model: String
  /// What the action is called in logs.
  public let action: String
  /// The axis of the arms.
  public let arms: Dimension
  /// In the order of declaration.
  public let contexts: [ContextDeclaration]
  /// What the reward is called in logs.
  public let reward: String

  /// The numbers that make a context, one after another.
  public var contextSize: Int { contexts.reduce(0) { $0 + $1.count } }
}

/// A declared context.
public struct ContextDeclaration: Sendable {
  /// What it is called in logs.
  public let name: String
  /// The axis of a vector; empty for a number and for a position.
  public let dimensions: [Dimension]
  /// The axis of a position.
  public let target: Dimension?

  /// How many numbers it is.
  public var count: Int { dimensions.first?.size ?? 1 }

  /// The names of its numbers: `hour`, `x[age]`, `x[1]`.
  public var columns: [String] {
    guard let axis = dimensions.first else { return [name] }
    return (0..<axis.size).map { "\(name)[\(axis.labels?[$0] ?? "\($0 + 1)")]" }
  }
}

/// One round, traced for one arm and given positions of the contexts that are positions.
///
/// The graph's position vector holds the parameters, then the numbers of all contexts in the order of
/// declaration (those that are positions included, which nothing reads), then what is observed.
public struct TracedRound: Sendable {
  public let graph: Graph
  /// Parameters, as constrained elements or as unconstrained coordinates.
  public let parameters: Range<Int>
  public let contexts: Range<Int>
  public let observed: Int
  /// Priors, and factors that read nothing of the round.
  public let priors: [TracedStatement]
  /// The statements about what is observed, and factors that read something of the round.
  public let terms: [TracedStatement]
  /// The mean reward given parameters and context; a scalar node.
  public let reward: NodeID
  /// Where the reward is the mean of what is observed; otherwise a `@Derived` quantity states it.
  public let isRewardObserved: Bool
  /// Unknowns as values, where parameters are constrained elements; otherwise empty.
  public let values: [SimulatedParameter]
  /// The priors run forwards, where parameters are constrained elements.
  public let priorSimulation: TracedSimulation?
  /// The model, where parameters are unconstrained coordinates; its density is that of the round as well.
  public let model: TracedModel?
}
