// Upper confidence bounds: UCB1, UCB-tuned, UCB-V, MOSS.

internal import Glibc

/// UCB1: `m + scale·√(2 ln(t−1)/n)`, where `t−1` rounds have been played.
///
/// Reference: Auer, Cesa-Bianchi, Fischer 2002, "Finite-time analysis of the multiarmed bandit problem",
/// Machine Learning 47, doi 10.1023/A:1013689704352, figure 1.
public struct UCB1: ArmIndex {
  private let scale: Double
  private let logarithm = LogarithmTable.shared
  private var radius = 0.0

  /// - Parameter scale: the width of the rewards' range, or of what is believed to be one.
  public init(scale: Double = 1) {
    precondition(scale > 0, "a positive scale")
    self.scale = scale
  }

  /// The logarithm of the rounds.
  public mutating func begin(plays: Double, arms: Int) {
    radius = scale * (2 * logarithm(plays)).squareRoot()
  }

  /// Mean and radius.
  public func index(of arm: ArmRecord, above least: Double) -> Double {
    boundOrInfinity(arm, arm.mean + radius * arm.inverseRootPulls)
  }
}

/// UCB-tuned: `m + √(ln(t−1)/n · min(¼, s² + √(2 ln(t−1)/n)))`, for rewards in [0, 1].
///
/// Reference: Auer, Cesa-Bianchi, Fischer 2002, section 4, doi 10.1023/A:1013689704352.
public struct UCBTuned: ArmIndex {
  private let logarithm = LogarithmTable.shared
  private var logPlays = 0.0

  /// The policy has no parameter.
  public init() {}

  /// The logarithm of the rounds.
  public mutating func begin(plays: Double, arms: Int) { logPlays = logarithm(plays) }

  /// Mean and radius.
  public func index(of arm: ArmRecord, above least: Double) -> Double {
    let ratio = logPlays * arm.inversePulls
    let spread = Swift.min(0.25, arm.variance + (2 * ratio).squareRoot())
    return boundOrInfinity(arm, arm.mean + (ratio * spread).squareRoot())
  }
}

/// UCB-V: `m + √(2 s² ln(t−1)/n) + 3 ln(t−1)/n`, for rewards in [0, 1] (ζ = c = 1).
///
/// Reference: Audibert, Munos, Szepesvári 2009, "Exploration–exploitation tradeoff using variance
/// estimates in multi-armed bandits", Theoretical Computer Science 410, doi 10.1016/j.tcs.2009.01.016.
public struct UCBV: ArmIndex {
  private let logarithm = LogarithmTable.shared
  private var logPlays = 0.0

  /// The policy has no parameter.
  public init() {}

  /// The logarithm of the rounds.
  public mutating func begin(plays: Double, arms: Int) { logPlays = logarithm(plays) }

  /// Mean and radius.
  public func index(of arm: ArmRecord, above least: Double) -> Double {
    let ratio = logPlays * arm.inversePulls
    return boundOrInfinity(arm, arm.mean + (2 * arm.variance * ratio).squareRoot() + 3 * ratio)
  }
}

/// MOSS: `m + scale·√(max(0, ln(T/(K n)))/n)` with a known horizon T; anytime, with t in its place.
///
/// References: Audibert, Bubeck 2009, "Minimax policies for adversarial and stochastic bandits", COLT;
/// anytime: Degenne, Perchet 2016, "Anytime optimal algorithms in stochastic multi-armed bandits", ICML
/// (with α = 0).
public struct MOSS: ArmIndex {
  private let horizon: Double?
  private let scale: Double
  private var perArm = 1.0

  /// - Parameters:
  ///   - horizon: the number of rounds there will be; `nil` to use those played so far.
  ///   - scale: the width of the rewards' range.
  public init(horizon: Int?, scale: Double = 1) {
    precondition(horizon.map { $0 > 0 } ?? true, "a positive horizon")
    precondition(scale > 0, "a positive scale")
    self.horizon = horizon.map(Double.init)
    self.scale = scale
  }

  /// The rounds for each arm.
  public mutating func begin(plays: Double, arms: Int) {
    perArm = (horizon ?? plays + 1) / Double(arms)
  }

  /// Mean and radius.
  public func index(of arm: ArmRecord, above least: Double) -> Double {
    let excess = perArm * arm.inversePulls
    guard excess > 1 else { return arm.mean }
    return boundOrInfinity(arm, arm.mean + scale * (log(excess) * arm.inversePulls).squareRoot())
  }
}

/// The index, or infinity for an arm without rewards.
@inline(__always)
private func boundOrInfinity(_ arm: ArmRecord, _ index: Double) -> Double {
  arm.pulls > 0 ? index : .infinity
}
