// EXP3: exponential weights, for rewards that an adversary may have chosen.

public import BayesNumerics
internal import Glibc

/// EXP3: plays an arm with probability `(1−γ)·exp(η Ĝₐ)/Σ + γ/K`, where Ĝₐ sums the arm's rewards over the
/// probability with which each was chosen, and η = γ/K.
///
/// Rewards less costs are brought to [0, 1] by the range of what can come. A reward is divided by the
/// probability of its own choice, however late it comes, as long as every reward comes, and those of one arm in
/// the order of its choices. A reward that never comes would leave the later ones of its arm with the probability of
/// the choice before theirs.
///
/// Reference: Auer, Cesa-Bianchi, Freund, Schapire 2002, "The nonstochastic multiarmed bandit problem", SIAM
/// J. Computing 32(1), doi 10.1137/S0097539701398375, figure 1 and corollary 3.2.
public struct EXP3: PropensityPolicy {
  private let gamma: Double
  private let costs: [Double]
  private let lowest, width: Double
  private var gains: [Double]
  private var probabilities: [Double]
  /// The probabilities of choices whose rewards are outstanding, by arm, oldest first.
  private var outstanding: [Pending]

  private struct Pending: Sendable {
    var values: [Double] = []
    var first = 0

    mutating func add(_ value: Double) {
      if 2 * first >= values.count {
        // At most as many numbers move as were taken since the last time.
        values.removeFirst(first)
        first = 0
      }
      values.append(value)
    }

    mutating func take() -> Double? {
      guard first < values.count else { return nil }
      defer { first += 1 }
      return values[first]
    }
  }

  /// A policy for `armCount` arms.
  ///
  /// - Parameters:
  ///   - gamma: the share of random plays, in (0, 1].
  ///   - costs: of each arm.
  public init(gamma: Double, armCount: Int, costs: [Double] = []) {
    precondition(gamma > 0 && gamma <= 1, "γ in (0, 1]")
    precondition(armCount > 0, "at least one arm")
    precondition(costs.isEmpty || costs.count == armCount, "one cost per arm")
    self.gamma = gamma
    self.costs = costs.isEmpty ? Array(repeating: 0, count: armCount) : costs
    lowest = -(self.costs.max() ?? 0)
    width = 1 - (self.costs.min() ?? 0) - lowest
    gains = Array(repeating: 0, count: armCount)
    probabilities = Array(repeating: 1 / Double(armCount), count: armCount)
    outstanding = Array(repeating: Pending(), count: armCount)
  }

  /// The γ that suits a horizon: `min(1, √(K ln K/((e−1) T)))`.
  public static func gamma(horizon: Int, armCount: Int) -> Double {
    // A single arm has nothing to explore, and ln K = 0.
    guard armCount > 1 else { return 1 }
    let arms = Double(armCount)
    return min(1, (arms * log(arms) / ((M_E - 1) * Double(horizon))).squareRoot())
  }

  /// The number of arms.
  public var armCount: Int { gains.count }

  /// A draw from the probabilities.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    var target = stream.uniform()
    var chosen = probabilities.count - 1
    for arm in 0..<probabilities.count {
      target -= probabilities[arm]
      if target < 0 {
        chosen = arm
        break
      }
    }
    outstanding[chosen].add(probabilities[chosen])
    return chosen
  }

  /// Adds the reward over its probability to the arm's gain.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    let probability = outstanding[arm].take() ?? probabilities[arm]
    let gain = (reward - costs[arm] - lowest) / width
    gains[arm] += gamma / Double(armCount) * gain / probability
    var largest = -Double.infinity
    for other in 0..<gains.count { largest = max(largest, gains[other]) }
    var total = 0.0
    for other in 0..<gains.count {
      probabilities[other] = exp(gains[other] - largest)
      total += probabilities[other]
    }
    for other in 0..<gains.count {
      probabilities[other] =
        (1 - gamma) * probabilities[other] / total + gamma / Double(armCount)
    }
  }

  /// The probabilities.
  public func choiceProbabilities(context: Span<Double>) -> [Double] { probabilities }
}
