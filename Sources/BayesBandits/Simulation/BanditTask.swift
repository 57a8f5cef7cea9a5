// What a policy may be told about its problem before the first round.

/// What is known of a bandit problem before the first round.
public struct BanditTask: Sendable, Equatable {
  /// What rewards look like.
  public enum Rewards: Sendable, Equatable {
    /// 0 or 1; in a log also what is between.
    case bernoulli
    /// Measurements with normal noise of a known deviation.
    case gaussian(deviation: Double)
    /// Poisson counts.
    case poisson
  }

  /// What only the oracle is told.
  public enum Truth: Sendable, Equatable {
    /// The arms' mean rewards.
    case means([Double])
    /// Coefficients by arm, one arm after another; the mean grows with their product with the context.
    case coefficients([Double])
    /// A simulation shows it the best arm of each round, in a world that may change.
    case shown
  }

  /// The number of arms.
  public var armCount: Int
  /// What rewards look like.
  public var rewards: Rewards
  /// What a play of each arm costs; none if empty.
  public var costs: [Double]
  /// The length of the contexts; 0 without.
  public var contextSize: Int
  /// Whether arms differ without any context, so that the catalogue's regressions on contexts get a constant 1 beside
  /// them.
  public var hasIntercept: Bool
  /// How many rounds there will be, if that is known.
  public var horizon: Int?
  /// The truth, for the oracle; `nil` where nobody knows it.
  public var truth: Truth?

  /// A problem.
  public init(
    armCount: Int, rewards: Rewards = .bernoulli, costs: [Double] = [], contextSize: Int = 0,
    hasIntercept: Bool = false, horizon: Int? = nil, truth: Truth? = nil
  ) {
    self.armCount = armCount
    self.rewards = rewards
    self.costs = costs
    self.contextSize = contextSize
    self.hasIntercept = hasIntercept
    self.horizon = horizon
    self.truth = truth
  }

  /// The divergence that belongs to the rewards.
  public var divergence: Divergence {
    switch rewards {
    case .bernoulli: .bernoulli
    case .gaussian(let deviation): .gaussian(variance: deviation * deviation)
    case .poisson: .poisson
    }
  }
}
