// What the state asks of a model: a belief that can be kept, and who it is.

public import BayesCore

/// What is believed about the arms, in a form that outlives a process.
public protocol StoredBelief: Sendable {
  /// Learns a reward.
  ///
  /// - Throws: what is wrong with a reward that the model cannot have.
  mutating func observe(arm: Int, reward: Double, context: [Double]) throws
  /// The posterior mean reward of each arm.
  func means(context: [Double]) throws -> [Double]
  /// The probability of each of some arms to be the best among them; in the order of `arms`.
  func probabilitiesOfBest(context: [Double], among arms: [Int]) throws -> [Double]
  /// The same, each arm's mean being less by its cost; in the order of `arms`.
  ///
  /// - Parameter costs: what a choice costs, by arm, in the unit of rewards.
  func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double]
  /// All that was learnt, as the model's `restore` takes it.
  var state: [Double] { get }
  /// How it learns, why so, and what went wrong with it, in words; `nil` where there is nothing to say.
  var explanation: String? { get }
}

extension StoredBelief {
  /// Nothing to say.
  public var explanation: String? { nil }

  /// Where costs are all the same, as without them; else an error, of a belief that does not know of costs.
  ///
  /// - Throws: `StateError.noCosts`.
  public func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double] {
    let own = arms.map { costs[$0] }
    guard own.allSatisfy({ $0 == own[0] }) else { throw StateError.noCosts }
    return try probabilitiesOfBest(context: context, among: arms)
  }
}

/// Which rewards a model can have.
public struct RewardSupport: Sendable, Equatable {
  /// The smallest one, or `nil`.
  public var lower: Double?
  /// The largest one, or `nil`.
  public var upper: Double?
  /// Whether they are whole numbers.
  public var isWhole: Bool

  /// Rewards in a range.
  public init(lower: Double? = nil, upper: Double? = nil, isWhole: Bool = false) {
    self.lower = lower
    self.upper = upper
    self.isWhole = isWhole
  }

  /// 0 or 1.
  public static let binary = RewardSupport(lower: 0, upper: 1, isWhole: true)
  /// 0, 1, 2, …
  public static let count = RewardSupport(lower: 0, isWhole: true)
  /// Any number.
  public static let real = RewardSupport()

  /// Whether a reward is one of them.
  public func contains(_ reward: Double) -> Bool {
    reward.isFinite && reward >= lower ?? reward && reward <= upper ?? reward
      && (!isWhole || reward == reward.rounded())
  }

  /// The rewards in words.
  public var description: String {
    if self == .binary { return "0 or 1" }
    let kind = isWhole ? "whole numbers" : "numbers"
    switch (lower, upper) {
    case (nil, nil): return "finite \(kind)"
    case (let lower?, nil): return "\(kind) from \(lower)"
    case (nil, let upper?): return "\(kind) up to \(upper)"
    case (let lower?, let upper?): return "\(kind) from \(lower) to \(upper)"
    }
  }
}

/// A model as a state uses it: who it is, and how its belief is made.
public struct StoredModel<Belief: StoredBelief>: Sendable {
  /// Who it is.
  public var identity: ModelIdentity
  /// The arms of a new state.
  public var arms: [String]
  /// The names of the values of a context; empty without contexts.
  public var context: [String]
  /// For each value of a context the axis of which it is a position, counted from 0; `nil` for a number.
  public var contextAxes: [Dimension?]
  /// Which rewards there can be.
  public var rewards: RewardSupport
  /// Whether `make` takes no other arms than `arms`.
  public var armsAreFixed: Bool
  /// The belief before any reward, for arms of these labels.
  public var make: @Sendable (_ arms: [String]) throws -> Belief
  /// The belief whose `state` was this.
  public var restore: @Sendable (_ arms: [String], _ state: [Double]) throws -> Belief

  /// A model and how its belief is made.
  ///
  /// - Precondition: there is an arm, and no label occurs twice; an axis or `nil` for each value of a context.
  public init(
    identity: ModelIdentity, arms: [String], context: [String] = [],
    contextAxes: [Dimension?]? = nil,
    rewards: RewardSupport = .real, armsAreFixed: Bool = false,
    make: @escaping @Sendable (_ arms: [String]) throws -> Belief,
    restore: @escaping @Sendable (_ arms: [String], _ state: [Double]) throws -> Belief
  ) {
    precondition(!arms.isEmpty && Set(arms).count == arms.count, "arms with labels of their own")
    precondition(contextAxes?.count ?? context.count == context.count, "an axis for each value")
    self.identity = identity
    self.arms = arms
    self.context = context
    self.contextAxes = contextAxes ?? context.map { _ in nil }
    self.rewards = rewards
    self.armsAreFixed = armsAreFixed
    self.make = make
    self.restore = restore
  }
}
