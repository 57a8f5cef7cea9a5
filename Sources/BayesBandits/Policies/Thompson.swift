// Thompson sampling for conjugate posteriors.

public import BayesNumerics

/// Plays the arm that is best in one draw from the posterior.
///
/// With `forgetting` the posterior is that of the rewards that are remembered: discounted or
/// sliding-window Thompson sampling.
///
/// References: Thompson 1933, "On the likelihood that one unknown probability exceeds another in view of the
/// evidence of two samples", Biometrika 25, doi 10.1093/biomet/25.3-4.285; Chapelle, Li 2011, "An empirical
/// evaluation of Thompson sampling", NIPS; discounted: Raj, Kalyani 2017, arXiv:1707.09727; window: Trovò,
/// Paladino, Restelli, Gatti 2020, JAIR 68, doi 10.1613/jair.1.11407.
public struct Thompson<Arms: ConjugateArms>: PropensityPolicy {
  private var arms: Arms
  private var records: ArmRecords
  private var drawn: [Double]
  private let hasCosts: Bool

  /// A policy for as many arms as `arms` has beliefs about.
  public init(
    _ arms: Arms, armCount: Int, costs: [Double] = [], forgetting: Forgetting = .never
  ) {
    self.arms = arms
    records = ArmRecords(armCount: armCount, costs: costs, forgetting: forgetting)
    drawn = Array(repeating: 0, count: armCount)
    hasCosts = costs.contains { $0 != 0 }
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The best arm of a draw.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    records.countChoice()
    if hasCosts {
      drawn.withUnsafeMutableBufferPointer { arms.drawMeans(into: $0, using: &stream) }
      for arm in 0..<drawn.count { drawn[arm] -= records.costs[arm] }
    } else {
      drawn.withUnsafeMutableBufferPointer { arms.drawRanks(into: $0, using: &stream) }
    }
    var best = LargestScore()
    for arm in 0..<drawn.count { best.offer(arm, drawn[arm], using: &stream) }
    return best.arm
  }

  /// Updates the posterior.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
    if case .never = records.forgetting {
      arms.believe(records.arms[arm], of: arm)
    } else {
      for other in 0..<records.count { arms.believe(records.arms[other], of: other) }
    }
  }

  /// The posterior of each arm's mean.
  public var posteriors: [ArmPosterior] { (0..<armCount).map { arms.posterior(of: $0) } }

  /// The probability of each arm to be the best.
  public func choiceProbabilities(context: Span<Double>) throws -> [Double] {
    try probabilitiesOfBest(of: posteriors, costs: hasCosts ? records.costs : [])
  }
}
