// What a bandit policy is: two verbs.

public import BayesNumerics

/// A rule that chooses arms and learns from their rewards.
///
/// Arms are numbered from 0. A policy is a value: a copy of it learns by itself. What it knows of the
/// problem before the first round (number of arms, costs, horizon) its initialiser takes.
///
/// The two verbs need not alternate: with batched or delayed feedback several choices precede the
/// rewards of the first. A policy therefore counts its choices in `choose` and its rewards in `update`.
///
/// ```swift
/// struct RoundRobin: Policy {
///   let armCount: Int
///   var next = 0
///   mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
///     defer { next = (next + 1) % armCount }
///     return next
///   }
///   mutating func update(arm: Int, reward: Double, context: Span<Double>) {}
/// }
/// ```
public protocol Policy: Sendable {
  /// The number of arms.
  var armCount: Int { get }
  /// The length of the contexts it reads, 0 for a policy that does not look at them.
  var contextSize: Int { get }

  /// The arm to play in the next round, in 0..<`armCount`.
  ///
  /// - Parameters:
  ///   - context: what is known about this round, the same for all arms; any length if `contextSize` is 0.
  ///   - stream: all the randomness that the choice may use.
  mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int

  /// Learns the reward of an arm that was chosen before.
  ///
  /// - Parameters:
  ///   - reward: what was gained, before any cost of the arm.
  ///   - context: the context of the round in which the arm was chosen.
  mutating func update(arm: Int, reward: Double, context: Span<Double>)
}

extension Policy {
  /// No contexts.
  public var contextSize: Int { 0 }
}

/// A policy that can tell how probable each choice is.
///
/// These are the propensities that logs need for off-policy evaluation.
public protocol PropensityPolicy: Policy {
  /// The probability of each arm to be chosen by `choose` in the state as it is; they sum to 1.
  ///
  /// Exact, or by quadrature to 1e-10, never by simulation.
  func choiceProbabilities(context: Span<Double>) throws -> [Double]
}

extension Policy {
  /// Chooses without a context.
  public mutating func choose(using stream: inout RandomStream) -> Int {
    choose(context: Span(), using: &stream)
  }

  /// Learns a reward without a context.
  public mutating func update(arm: Int, reward: Double) {
    update(arm: arm, reward: reward, context: Span())
  }
}

extension PropensityPolicy {
  /// The probability of each arm to be chosen, without a context.
  public func choiceProbabilities() throws -> [Double] {
    try choiceProbabilities(context: Span())
  }
}
