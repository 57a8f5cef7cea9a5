// Top-two Thompson sampling, for finding the best arm fast.

public import BayesNumerics

/// Top-two Thompson sampling: the best arm of a posterior draw with probability β, else the best arm of a draw
/// in which another one is best.
///
/// That second draw is not repeated until another arm wins, which takes for ever once the posterior is
/// sure of the leader: `ChallengerSampler` draws from the conditional distribution.
///
/// Reference: Russo 2020, "Simple Bayesian algorithms for best-arm identification", Operations Research
/// 68(6), doi 10.1287/opre.2019.1911.
public struct TopTwoThompson<Arms: ConjugateArms>: PropensityPolicy {
  private var arms: Arms
  private var records: ArmRecords
  private let beta: Double
  private var sampler: ChallengerSampler

  /// A policy for as many arms as `arms` has beliefs about.
  ///
  /// - Parameter beta: the probability to play the leader.
  public init(_ arms: Arms, beta: Double = 0.5, armCount: Int, costs: [Double] = []) {
    precondition(beta >= 0 && beta <= 1, "β in [0, 1]")
    self.arms = arms
    self.beta = beta
    records = ArmRecords(armCount: armCount, costs: costs)
    sampler = ChallengerSampler((0..<armCount).map { arms.posterior(of: $0) }, costs: costs)
  }

  /// The number of arms.
  public var armCount: Int { records.count }

  /// The leader or its challenger.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    records.countChoice()
    let leader = sampler.drawBest(using: &stream)
    if armCount == 1 || stream.uniform() < beta { return leader }
    return sampler.drawChallenger(to: leader, using: &stream)
  }

  /// Updates the posterior.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    records.add(reward, to: arm)
    arms.believe(records.arms[arm], of: arm)
    sampler.setPosterior(arms.posterior(of: arm), of: arm)
  }

  /// `β α_i + (1 − β) Σ_{j≠i} α_j α_i/(1 − α_j)`, where α is the probability to be best.
  public func choiceProbabilities(context: Span<Double>) throws -> [Double] {
    let best = try sampler.probabilitiesOfBest()
    return best.indices.map { arm in
      var challenges = 0.0
      for leader in best.indices where leader != arm && best[leader] > 0 {
        let others = best.indices.reduce(0) { $1 == leader ? $0 : $0 + best[$1] }
        // A leader beyond doubt: how the others share the rest is not told by zeros.
        if others > 0 { challenges += best[leader] * best[arm] / others }
      }
      return beta * best[arm] + (1 - beta) * challenges
    }
  }
}
