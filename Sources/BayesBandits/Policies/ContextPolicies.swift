// Policies that look at contexts: LinUCB, linear and logistic Thompson sampling.

public import BayesNumerics
internal import Glibc

/// LinUCB with coefficients of its own for each arm: plays the arm of the largest
/// `x·θ + α √(xᵀ (ridge·I + Σ x xᵀ)⁻¹ x)`.
///
/// Reference: Li, Chu, Langford, Schapire 2010, "A contextual-bandit approach to personalized news article
/// recommendation", WWW, doi 10.1145/1772690.1772758, algorithm 1.
public struct LinUCB: PropensityPolicy {
  private let alpha: Double
  private var arms: LinearArms
  private let costs: [Double]

  /// A policy for `armCount` arms and contexts of `contextSize` numbers.
  ///
  /// - Parameters:
  ///   - alpha: the width of the bound.
  ///   - ridge: the weight of a prior around 0.
  public init(
    alpha: Double = 1, ridge: Double = 1, armCount: Int, contextSize: Int, costs: [Double] = []
  ) {
    precondition(alpha >= 0, "α is not negative")
    self.alpha = alpha
    arms = LinearArms(armCount: armCount, dimension: contextSize, ridge: ridge)
    self.costs = checkedCosts(costs, armCount)
  }

  /// The number of arms.
  public var armCount: Int { arms.armCount }
  /// The length of contexts.
  public var contextSize: Int { arms.dimension }

  /// The arm of the largest bound.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    var best = LargestScore()
    for arm in 0..<armCount { best.offer(arm, bound(arm, context), using: &stream) }
    return best.arm
  }

  /// Adds the reward to the arm's regression.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    arms.learn(arm, context) { mean, variance in (1, (reward - mean) / (1 + variance)) }
  }

  /// One for the arm of the largest bound, in equal parts where there are several.
  public func choiceProbabilities(context: Span<Double>) -> [Double] {
    var bounds: [Double] = []
    for arm in 0..<armCount { bounds.append(bound(arm, context)) }
    return tieProbabilities(bounds)
  }

  private func bound(_ arm: Int, _ context: Span<Double>) -> Double {
    let (mean, variance) = arms.prediction(arm, context)
    return mean + alpha * variance.squareRoot() - costs[arm]
  }
}

/// Thompson sampling with a Bayesian linear regression for each arm: rewards `x·θ + N(0, σ²)`, θ ~ N(0, τ² I).
///
/// Arms are independent, so that drawing each `x·θ` from its normal distribution is drawing θ.
///
/// Reference: Agrawal, Goyal 2013, "Thompson sampling for contextual bandits with linear payoffs", ICML; the
/// variance is the posterior's own, not inflated as in its proof.
public struct LinearThompson: PropensityPolicy {
  private let deviation: Double
  private var arms: LinearArms
  private let costs: [Double]

  /// A policy for `armCount` arms and contexts of `contextSize` numbers.
  ///
  /// - Parameters:
  ///   - deviation: σ of rewards around their mean.
  ///   - prior: τ of the coefficients.
  public init(
    deviation: Double = 1, prior: Double = 1, armCount: Int, contextSize: Int,
    costs: [Double] = []
  ) {
    precondition(deviation > 0 && prior > 0, "positive deviations")
    self.deviation = deviation
    arms = LinearArms(
      armCount: armCount, dimension: contextSize,
      ridge: deviation * deviation / (prior * prior))
    self.costs = checkedCosts(costs, armCount)
  }

  /// The number of arms.
  public var armCount: Int { arms.armCount }
  /// The length of contexts.
  public var contextSize: Int { arms.dimension }

  /// The best arm of a draw.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    var best = LargestScore()
    for arm in 0..<armCount {
      let (mean, variance) = arms.prediction(arm, context)
      let drawn = mean + deviation * variance.squareRoot() * stream.normal()
      best.offer(arm, drawn - costs[arm], using: &stream)
    }
    return best.arm
  }

  /// Adds the reward to the arm's regression.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    arms.learn(arm, context) { mean, variance in (1, (reward - mean) / (1 + variance)) }
  }

  /// The posterior mean and covariance (row by row) of an arm's coefficients.
  public func posterior(of arm: Int) -> (mean: [Double], covariance: [Double]) {
    (arms.coefficients(of: arm), arms.inverse(of: arm).map { $0 * deviation * deviation })
  }

  /// The probability of each arm to be the best in this context.
  public func choiceProbabilities(context: Span<Double>) throws -> [Double] {
    var posteriors: [ArmPosterior] = []
    for arm in 0..<armCount {
      let (mean, variance) = arms.prediction(arm, context)
      posteriors.append(.normal(mean: mean, deviation: deviation * variance.squareRoot()))
    }
    return try probabilitiesOfBest(of: posteriors, costs: costs)
  }
}

/// Thompson sampling for rewards of 0 and 1 with a logistic regression for each arm, θ ~ N(0, τ² I), by an online
/// Laplace approximation with full covariance.
///
/// After each reward the posterior is replaced by the normal distribution around its mode with the curvature
/// there. Reward and prior meet in the single number x·θ, so that the mode is the root of one equation:
/// `s = m + v (y − logistic(s))` with m = x·θ and v = xᵀVx.
///
/// Reference: Chapelle, Li 2011, "An empirical evaluation of Thompson sampling", NIPS, algorithm 3, which keeps
/// the diagonal of the covariance only.
public struct LogisticThompson: PropensityPolicy {
  private var arms: LinearArms
  private let costs: [Double]

  /// A policy for `armCount` arms and contexts of `contextSize` numbers.
  ///
  /// - Parameter prior: τ of the coefficients.
  public init(prior: Double = 1, armCount: Int, contextSize: Int, costs: [Double] = []) {
    precondition(prior > 0, "a positive deviation")
    arms = LinearArms(armCount: armCount, dimension: contextSize, ridge: 1 / (prior * prior))
    self.costs = checkedCosts(costs, armCount)
    hasCosts = self.costs.contains { $0 != 0 }
  }
  private let hasCosts: Bool

  /// The number of arms.
  public var armCount: Int { arms.armCount }
  /// The length of contexts.
  public var contextSize: Int { arms.dimension }

  /// The best arm of a draw.
  public mutating func choose(context: Span<Double>, using stream: inout RandomStream) -> Int {
    var best = LargestScore()
    for arm in 0..<armCount {
      let (mean, variance) = arms.prediction(arm, context)
      let logOdds = mean + variance.squareRoot() * stream.normal()
      best.offer(arm, hasCosts ? logistic(logOdds) - costs[arm] : logOdds, using: &stream)
    }
    return best.arm
  }

  /// Moves the arm's coefficients to the new mode.
  public mutating func update(arm: Int, reward: Double, context: Span<Double>) {
    arms.learn(arm, context) { mean, variance in
      var score = mean
      // The equation is monotone; Newton's step is halved into the bracket where it would leave it.
      var (low, high) = (mean - variance, mean + variance)
      for _ in 0..<50 {
        let rate = logistic(score)
        let excess = score - mean - variance * (reward - rate)
        if excess > 0 { high = score } else { low = score }
        let next = score - excess / (1 + variance * rate * (1 - rate))
        let isInside = next > low && next < high
        let step = (isInside ? next : 0.5 * (low + high)) - score
        score += step
        if abs(step) <= 1e-14 * max(1, abs(score)) { break }
      }
      let rate = logistic(score)
      // θ moves along V x by y − logistic(s), and V loses the curvature of the reward.
      return (rate * (1 - rate), reward - rate)
    }
  }

  /// The mode and the covariance (row by row) of an arm's coefficients.
  public func posterior(of arm: Int) -> (mode: [Double], covariance: [Double]) {
    (arms.coefficients(of: arm), arms.inverse(of: arm))
  }

  /// The probability of each arm to be the best in this context.
  ///
  /// - Throws: `PolicyError` where arms have costs: they are not on the scale of log odds.
  public func choiceProbabilities(context: Span<Double>) throws -> [Double] {
    if hasCosts {
      throw PolicyError.unsuitable(
        policy: "logistic Thompson sampling", reason: "has no exact probabilities with costs")
    }
    var posteriors: [ArmPosterior] = []
    for arm in 0..<armCount {
      let (mean, variance) = arms.prediction(arm, context)
      posteriors.append(.normal(mean: mean, deviation: variance.squareRoot()))
    }
    return try probabilitiesOfBest(of: posteriors)
  }
}

/// One cost per arm.
private func checkedCosts(_ costs: [Double], _ armCount: Int) -> [Double] {
  precondition(costs.isEmpty || costs.count == armCount, "one cost per arm")
  return costs.isEmpty ? Array(repeating: 0, count: armCount) : costs
}
