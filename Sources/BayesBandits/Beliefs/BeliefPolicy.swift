// Thompson sampling with any belief.

public import BayesNumerics

/// Thompson sampling: each round draws from the posterior, and plays the arm that is best under the draw.
///
/// Reference: Thompson 1933, "On the likelihood that one unknown probability exceeds another in view of the
/// evidence of two samples".
public struct BeliefPolicy: Policy {
  /// What it has learnt.
  public private(set) var belief: any ArmBelief
  /// The first error of the belief, after which it learns nothing more.
  public private(set) var failure: BeliefError?
  private let costs: [Double]
  private var hasSeed = false

  /// Thompson sampling by a belief.
  ///
  /// - Parameter costs: what a round costs, by arm; empty for nothing.
  public init(_ belief: any ArmBelief, costs: [Double] = []) {
    self.belief = belief
    self.costs = costs
  }

  /// The number of arms.
  public var armCount: Int { belief.armCount }
  /// The length of the belief's contexts.
  public var contextSize: Int { belief.contextSize }

  /// The best arm under one draw from the posterior; the first one where there is an error, which is noted.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    if !hasSeed { seed(using: &stream) }
    do {
      let means = try belief.drawMeans(context: array(context), using: &stream)
      return means.indices.max { worth(means, $0) < worth(means, $1) } ?? 0
    } catch {
      note(error)
      return 0
    }
  }

  /// Lets the belief learn the reward, unless it failed before.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    guard failure == nil else { return }
    do {
      try belief.observe(arm: arm, reward: reward, context: array(context))
    } catch {
      note(error)
    }
  }

  /// What went wrong: the failure, or why a sampled posterior could not be found anew the last time.
  var problem: String? { failure.map { "\($0)" } ?? (belief as? SampledBelief)?.failure }

  /// Gives a sampled belief a key of this policy's own, so that replicates of one belief do not share draws.
  private mutating func seed(using stream: inout RandomStream) {
    hasSeed = true
    guard var sampled = belief as? SampledBelief else { return }
    sampled.reseed(stream.next())
    belief = sampled
  }

  private func worth(_ means: [Double], _ arm: Int) -> Double {
    means[arm] - (costs.isEmpty ? 0 : costs[arm])
  }

  private mutating func note(_ error: any Error) {
    if failure == nil { failure = error as? BeliefError ?? .noPosterior("\(error)") }
  }

  private func array(_ context: Span<Double>) -> [Double] {
    (0..<contextSize).map { context[$0] }
  }
}
