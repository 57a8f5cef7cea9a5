// The policy to evaluate: which probabilities it gives to the arms.

import BayesCore

/// A policy of your own, as a function of what is known of a row.
///
/// ```swift
/// let mine = RowPolicy("older ones get B") { context, arms in
///   arms.map { ($0 == "B") == (context[0] > 40) ? 1 : 0 }
/// }
/// ```
public struct RowPolicy: Sendable, Equatable {
  /// What results call it; two of one name count as equal.
  public let name: String
  /// The probability of each arm, in the order of the labels.
  let probabilities: @Sendable (_ context: [Double], _ arms: [String]) throws -> [Double]

  /// A policy with a name.
  ///
  /// - Parameter probabilities: from a row's ``LoggedChoice/context`` and the labels of all arms to the probability of
  ///   each.
  public init(
    _ name: String,
    probabilities:
      @escaping @Sendable (_ context: [Double], _ arms: [String]) throws -> [Double]
  ) {
    self.name = name
    self.probabilities = probabilities
  }

  /// Whether both have one name.
  public static func == (a: RowPolicy, b: RowPolicy) -> Bool { a.name == b.name }
}

/// A policy that does not learn while it is evaluated.
public enum TargetPolicy: Sendable, Equatable {
  /// All arms with the same probability.
  case uniform
  /// Probabilities by label; an arm that is not named has none.
  case fixed([String: Double])
  /// Probabilities in the order of ``armOrder(_:)``, or of the arms where they are given.
  case listed([Double])
  /// The arm with the highest estimated reward in the rows that the reward model was made from.
  case greedy
  /// The log says it: the probability of the logged choice, or of all arms.
  case logged
  /// A function says it, row by row.
  case computed(RowPolicy)

  /// The probabilities of all arms by index, or `nil` where each row has its own.
  ///
  /// - Parameters:
  ///   - estimates: the estimated reward of each arm.
  ///   - order: positions of the arms in the order of a list.
  /// - Throws: `OffPolicyError`.
  func probabilities(
    arms: [String], estimates: [Double], order: [Int]
  ) throws -> [Double]? {
    var result = [Double](repeating: 0, count: arms.count)
    switch self {
    case .logged, .computed: return nil
    case .uniform: return result.map { _ in 1 / Double(arms.count) }
    case .greedy:
      let best = estimates.indices.max { estimates[$0] < estimates[$1] }
      if let best { result[best] = 1 }
      return result
    case .fixed(let byLabel):
      for (label, probability) in byLabel.sorted(by: { $0.key < $1.key }) {
        guard let index = arms.firstIndex(of: label) else {
          throw OffPolicyError.unknownArm(label, closest: likelyArm(label, arms))
        }
        result[index] = probability
      }
    case .listed(let list):
      guard list.count == arms.count else {
        throw OffPolicyError.wrongCount(given: list.count, arms: order.map { arms[$0] })
      }
      for (position, probability) in zip(order, list) { result[position] = probability }
    }
    let sum = result.reduce(0, +)
    guard result.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(sum - 1) <= 1e-6 else {
      throw OffPolicyError.notADistribution(sum: sum)
    }
    return result
  }
}
