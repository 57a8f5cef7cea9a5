// Which arm is best when the leader is not: draws from the conditional posterior.

internal import BayesNumerics
internal import Glibc

/// Draws the best of several independent arms, also on the condition that it is not a certain one.
///
/// A condition that is rarely met is not waited for. Let `z` be one draw of all arms on a scale that grows with the means
/// (log odds for rates, logarithms for counts) and `I` the leader. For any λ_j ≥ 0
///
/// ```
/// f(z)·1{some z_j > z_I}  ≤  f(z) Σ_j exp(λ_j (z_j − z_I))
/// ```
///
/// and the right side is a mixture, over j, of products of distributions of the same families with shifted
/// parameters and of known masses M_j(λ_j). So: choose j in proportion to M_j, draw from the
/// shifted distributions, accept with probability left over right. With λ_j that
/// minimises M_j (Chernoff's choice) the probability of acceptance falls only as one over the distance of the arms in
/// standard deviations, not exponentially; any λ_j gives the exact law.
///
/// Rates and counts whose arms have different costs, and Student t posteriors, cannot be tilted so: after some vain
/// draws the challenger is drawn from computed probabilities, some milliseconds each.
struct ChallengerSampler: Sendable {
  private var posteriors: [ArmPosterior]
  private let costs: [Double]
  private let hasCosts: Bool
  private var drawn: [Double]
  private var lambdas: [Double]
  private var masses: [Double]

  init(_ posteriors: [ArmPosterior], costs: [Double]) {
    self.posteriors = posteriors
    self.costs = costs.isEmpty ? posteriors.map { _ in 0 } : costs
    hasCosts = Set(self.costs).count > 1
    drawn = posteriors.map { _ in 0 }
    lambdas = drawn
    masses = drawn
  }

  mutating func setPosterior(_ posterior: ArmPosterior, of arm: Int) {
    posteriors[arm] = posterior
  }

  func probabilitiesOfBest() throws -> [Double] {
    try BayesBandits.probabilitiesOfBest(of: posteriors, costs: hasCosts ? costs : [])
  }

  /// The best arm of one draw of all.
  mutating func drawBest(using stream: inout RandomStream) -> Int {
    for arm in 0..<posteriors.count { drawn[arm] = draw(arm, using: &stream) }
    return bestDrawn(using: &stream)
  }

  /// The best arm of one draw of all, on the condition that it is not the leader.
  ///
  /// - Precondition: there are two arms at least.
  mutating func drawChallenger(to leader: Int, using stream: inout RandomStream) -> Int {
    // Where the condition is often met, waiting for it is the fastest way to the same law.
    for _ in 0..<4 {
      let best = drawBest(using: &stream)
      if best != leader { return best }
    }
    if let best = tiltedChallenger(to: leader, using: &stream) { return best }
    return computedChallenger(to: leader, using: &stream)
  }

  private func bestDrawn(using stream: inout RandomStream) -> Int {
    var best = LargestScore()
    for arm in 0..<drawn.count { best.offer(arm, drawn[arm], using: &stream) }
    return best.arm
  }

  /// One draw on the scale of tilting, or less its cost where arms have different ones.
  private func draw(_ arm: Int, using stream: inout RandomStream) -> Double {
    let posterior = posteriors[arm]
    if hasCosts { return posterior.draw(using: &stream) - costs[arm] }
    return posterior.drawScaled(using: &stream)
  }

  /// Draws by tilting; `nil` where these posteriors cannot be tilted, or not well.
  private mutating func tiltedChallenger(
    to leader: Int, using stream: inout RandomStream
  ) -> Int? {
    let count = posteriors.count
    var largest = -Double.infinity
    for arm in 0..<count where arm != leader {
      guard
        let tilt = posteriors[leader].tilt(
          towards: posteriors[arm], offset: costs[leader] - costs[arm], hasCosts: hasCosts)
      else { return nil }
      lambdas[arm] = tilt.lambda
      masses[arm] = tilt.logMass
      largest = max(largest, tilt.logMass)
    }
    var total = 0.0
    for arm in 0..<count where arm != leader {
      masses[arm] = exp(masses[arm] - largest)
      total += masses[arm]
    }
    for _ in 0..<10_000 {
      var target = stream.uniform() * total
      var rival = leader == count - 1 ? count - 2 : count - 1
      for arm in 0..<count where arm != leader {
        target -= masses[arm]
        if target < 0 {
          rival = arm
          break
        }
      }
      let lambda = lambdas[rival]
      for arm in 0..<count {
        let tilt = arm == leader ? -lambda : arm == rival ? lambda : 0
        drawn[arm] = posteriors[arm].tilted(by: tilt).drawScaled(using: &stream) - costs[arm]
      }
      var bound = 0.0
      var isMet = false
      for arm in 0..<count where arm != leader {
        let lead = drawn[arm] - drawn[leader]
        if lead > 0 { isMet = true }
        bound += exp(lambdas[arm] * lead)
      }
      if isMet, stream.uniform() * bound < 1 { return bestDrawn(using: &stream) }
    }
    return nil
  }

  /// Draws in proportion to computed probabilities; after many vain draws where they cannot be computed.
  private mutating func computedChallenger(
    to leader: Int, using stream: inout RandomStream
  ) -> Int {
    for _ in 0..<64 {
      let best = drawBest(using: &stream)
      if best != leader { return best }
    }
    var probabilities = (try? probabilitiesOfBest()) ?? []
    if leader < probabilities.count { probabilities[leader] = 0 }
    if let arm = stream.categorical(probabilities) { return arm }
    // Not even numbers hold what chance another arm has: the one of the largest mean is next.
    var best = LargestScore()
    for arm in posteriors.indices where arm != leader {
      best.offer(arm, posteriors[arm].mean - costs[arm], using: &stream)
    }
    return best.arm
  }
}

extension ArmPosterior {
  /// One draw on a scale that grows with the mean: log odds, logarithm, or the mean itself.
  func drawScaled(using stream: inout RandomStream) -> Double {
    switch self {
    case .beta(let a, let b): stream.logGamma(shape: a) - stream.logGamma(shape: b)
    case .gamma(let shape, let rate): stream.logGamma(shape: shape) - log(rate)
    case .normal, .studentT: draw(using: &stream)
    }
  }

  /// The distribution with density proportional to this one's times `exp(λ z)`, z on the scale of `drawScaled`.
  func tilted(by lambda: Double) -> ArmPosterior {
    switch self {
    case .beta(let a, let b): .beta(a + lambda, b - lambda)
    case .gamma(let shape, let rate): .gamma(shape: shape + lambda, rate: rate)
    case .normal(let mean, let deviation):
      .normal(mean: mean + lambda * deviation * deviation, deviation: deviation)
    case .studentT: self
    }
  }

  /// About the λ ≥ 0 that minimises `M(λ) = E exp(λ (z' − z + offset))`, where z is drawn from this posterior and
  /// z' from the other's, and log M there.
  ///
  /// `nil` for a Student t, which has no such mean, and for rates and counts whose costs differ.
  fileprivate func tilt(
    towards other: ArmPosterior, offset: Double, hasCosts: Bool
  ) -> (lambda: Double, logMass: Double)? {
    switch (self, other) {
    case (.normal(let m, let s), .normal(let n, let r)):
      let variance = s * s + r * r
      let lambda = max(0, (m - n - offset) / variance)
      return (lambda, lambda * (n - m + offset) + 0.5 * lambda * lambda * variance)
    case (.beta(let a, let b), .beta(let c, let d)) where !hasCosts:
      let lambda = minimum(below: min(a, d)) {
        (
          digamma(b + $0) - digamma(a - $0) + digamma(c + $0) - digamma(d - $0),
          trigamma(b + $0) + trigamma(a - $0) + trigamma(c + $0) + trigamma(d - $0)
        )
      }
      return (
        lambda,
        logGamma(a - lambda) - logGamma(a) + logGamma(b + lambda) - logGamma(b)
          + logGamma(c + lambda) - logGamma(c) + logGamma(d - lambda) - logGamma(d)
      )
    case (.gamma(let a, let rate), .gamma(let c, let otherRate)) where !hasCosts:
      let lambda = minimum(below: a) {
        (
          log(rate) - digamma(a - $0) + digamma(c + $0) - log(otherRate),
          trigamma(a - $0) + trigamma(c + $0)
        )
      }
      return (
        lambda,
        logGamma(a - lambda) - logGamma(a) + logGamma(c + lambda) - logGamma(c)
          + lambda * (log(rate) - log(otherRate))
      )
    default: return nil
    }
  }
}

/// About where a convex function of λ in [0, limit) is smallest, by a few of Newton's steps from 0.
private func minimum(
  below limit: Double, derivatives: (Double) -> (first: Double, second: Double)
) -> Double {
  var lambda = 0.0
  for _ in 0..<4 {
    let (first, second) = derivatives(lambda)
    let next = lambda - first / second
    // Half of the way to a limit that the step would pass.
    lambda = next >= limit ? 0.5 * (lambda + limit) : max(0, next)
    if abs(first) < 0.1 * second.squareRoot() { break }
  }
  return lambda
}
