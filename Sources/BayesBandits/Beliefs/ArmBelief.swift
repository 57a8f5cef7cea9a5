// What is believed about the arms of a bandit, and learnt reward by reward.

public import BayesNumerics

/// What is believed about the mean rewards of arms.
///
/// Arms count from 0. A context is one number for each of the declaration's, in its order.
public protocol ArmBelief: Sendable {
  /// The number of arms.
  var armCount: Int { get }
  /// The length of a context; 0 without contexts.
  var contextSize: Int { get }
  /// How many rewards have been learnt.
  var observationCount: Int { get }
  /// How rewards are learnt, and why so, in words.
  var explanation: String { get }

  /// Learns a reward.
  ///
  /// - Throws: `BeliefError` for a reward that the model cannot have, an arm or a context that it does not have;
  ///   nothing is learnt then.
  mutating func observe(arm: Int, reward: Double, context: [Double]) throws

  /// The mean reward of each arm under one draw from the posterior.
  func drawMeans(context: [Double], using stream: inout RandomStream) throws -> [Double]

  /// The posterior mean of the mean reward of each arm.
  func means(context: [Double]) throws -> [Double]

  /// For each of some arms the probability that its mean reward, less its cost, is the highest of them: the
  /// probabilities with which Thompson sampling chooses.
  ///
  /// - Parameter costs: what a round costs, by arm; empty for nothing.
  func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double]

  /// Everything learnt, to be kept between processes.
  var state: [Double] { get }

  /// Takes over what another instance of the same model had learnt.
  ///
  /// - Throws: `BeliefError.foreignState` where the numbers are of another model.
  mutating func restore(_ state: [Double]) throws
}

/// What a belief cannot take.
public enum BeliefError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A reward that the model's distribution does not have, and which it has, in words.
  case impossibleReward(Double, expected: String)
  /// An arm's position that is none of the model's `count` arms.
  case unknownArm(Int, count: Int)
  /// A context of another length than the model's.
  case wrongContext(found: Int, expected: Int)
  /// A context whose number at this position, from 0, is infinite or none.
  case contextNotFinite(position: Int)
  /// A context under which no reward is possible, and which are, in words.
  case impossibleContext(expected: String)
  /// A context whose number at this position, from 0, is no position on an axis of this size.
  case contextOutside(position: Int, size: Int)
  /// Numbers that another model's belief had written.
  case foreignState
  /// The posterior could not be found.
  case noPosterior(String)

  /// What is wrong, and what is expected, in words.
  public var description: String {
    switch self {
    case .impossibleReward(let reward, let expected):
      "the reward is \(shortestDescription(reward)); expected \(expected)"
    case .unknownArm(let arm, let count):
      "there is no arm \(arm + 1); the model has \(count)"
    case .wrongContext(let found, let expected):
      "the context has \(found) \(found == 1 ? "number" : "numbers"); expected \(expected)"
    case .contextNotFinite(let position):
      "number \(position + 1) of the context is not finite"
    case .impossibleContext(let expected):
      "the model cannot have this context; expected \(expected)"
    case .contextOutside(let position, let size):
      "number \(position + 1) of the context is no position from 0 to \(size - 1)"
    case .foreignState:
      "the saved state is not of this model; start with a new one, or use the model that wrote it"
    case .noPosterior(let reason): reason
    }
  }
}

extension ArmBelief {
  /// Checks what a round names.
  func check(arm: Int, context: [Double]) throws {
    guard (0..<armCount).contains(arm) else {
      throw BeliefError.unknownArm(arm, count: armCount)
    }
    try check(context: context)
  }

  func check(context: [Double]) throws {
    guard context.count == contextSize else {
      throw BeliefError.wrongContext(found: context.count, expected: contextSize)
    }
    if let bad = context.firstIndex(where: { !$0.isFinite }) {
      throw BeliefError.contextNotFinite(position: bad)
    }
  }
}
