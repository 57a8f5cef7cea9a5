// Worlds to simulate policies in.

internal import Glibc

/// A world with several arms: what their rewards are like, and whether it stays as it is.
public struct Environment: Sendable, Equatable {
  /// Where the arms' mean rewards come from.
  public enum Truth: Sendable, Equatable {
    /// These, in every replicate.
    case means([Double])
    /// Drawn anew for every replicate, which makes the mean regret a Bayes regret.
    case drawn(from: ArmPosterior, armCount: Int)
    /// Contexts x of independent standard normals; an arm's mean is x·θ with normal rewards and
    /// `logistic(x·θ)` with Bernoulli rewards, its coefficients θ ~ N(0, I/dimension) drawn anew for every replicate.
    case contextual(dimension: Int, armCount: Int)
    /// Drawn from a declared bandit's priors, anew for every replicate; rewards are those of the model.
    case declared(DeclaredTruth)
  }

  /// How the world changes while it is played.
  public enum Change: Sendable, Equatable {
    /// It does not.
    case never
    /// After every so many rounds each arm takes over the mean of the one before it.
    case abrupt(every: Int)
    /// Each mean makes a normal step of this deviation after each round; those of rates and counts are
    /// reflected at the ends of their range.
    case drift(deviation: Double)
  }

  /// What rewards look like.
  public let rewards: BanditTask.Rewards
  /// Where the means come from.
  public let truth: Truth
  /// Whether they stay.
  public let change: Change
  /// What a play of each arm costs; none if empty.
  public let costs: [Double]

  /// A world.
  ///
  /// - Throws: `PolicyError` for fewer than two arms, means that the rewards cannot have, a number of costs that is
  ///   not that of the arms, contexts with Poisson rewards or with changes.
  public init(
    rewards: BanditTask.Rewards = .bernoulli, truth: Truth, change: Change = .never,
    costs: [Double] = []
  ) throws {
    self.rewards = rewards
    self.truth = truth
    self.change = change
    self.costs = costs
    try check()
  }

  /// The number of arms.
  public var armCount: Int {
    switch truth {
    case .means(let means): means.count
    case .drawn(_, let count), .contextual(_, let count): count
    case .declared(let truth): truth.armCount
    }
  }

  /// What a declared bandit calls its arms.
  public var armLabels: [String]? {
    if case .declared(let truth) = truth { truth.model.declaration.arms.labels } else { nil }
  }

  /// The length of contexts.
  public var contextSize: Int {
    switch truth {
    case .contextual(let dimension, _): dimension
    case .declared(let truth): truth.contextSize
    case .means, .drawn: 0
    }
  }

  /// What policies may know of it, and that the oracle is shown the best arm.
  public func task(horizon: Int?) -> BanditTask {
    BanditTask(
      armCount: armCount, rewards: rewards, costs: costs, contextSize: contextSize,
      hasIntercept: contextSize > 0 && isDeclared, horizon: horizon, truth: .shown)
  }

  /// Whether it is drawn from a declared bandit's priors.
  private var isDeclared: Bool { if case .declared = truth { true } else { false } }

  private func check() throws {
    func require(_ holds: Bool, _ name: String, _ value: String, _ expected: String) throws {
      if !holds { throw PolicyError.invalid(name: name, value: value, expected: expected) }
    }
    try require(armCount >= 2, "the number of arms", "\(armCount)", "2 or more: there is no choice")
    if case .gaussian(let deviation) = rewards {
      try require(
        Self.deviations.contains(deviation), "the deviation of rewards", "\(deviation)",
        "a number from 1e-100 to 1e100")
    }
    switch truth {
    case .means(let means):
      for mean in means {
        try require(Self.isMean(mean, of: rewards), "an arm's mean", "\(mean)", rewards.meanRange)
      }
    case .drawn(let prior, _):
      try require(prior.isValid, "the prior of the arms", "\(prior)", "a distribution")
      try require(
        Self.isSupported(prior, by: rewards), "the prior of the arms", "\(prior)",
        "one of means that are each \(rewards.meanRange)")
    case .declared:
      try require(change == .never, "a change", "set", "possible with a declared model")
    case .contextual(let dimension, _):
      try require(
        (1...10_000).contains(dimension), "the length of contexts", "\(dimension)",
        "from 1 to 10000")
      try require(
        armCount <= 1_000_000 / dimension, "the number of arms", "\(armCount)",
        "at most \(1_000_000 / dimension) with contexts of \(dimension) numbers")
      if case .gaussian(let deviation) = rewards {
        try require(
          (1e-9...1e9).contains(deviation), "the deviation of rewards with contexts",
          "\(deviation)", "a number from 1e-9 to 1e9")
      }
      try require(rewards != .poisson, "rewards with contexts", "counts", "0 and 1 or normal")
      try require(change == .never, "a change", "set", "possible with contexts")
    }
    switch change {
    case .never: break
    case .abrupt(let rounds):
      try require(rounds >= 1, "the rounds between changes", "\(rounds)", "1 or more")
    case .drift(let deviation):
      let most = rewards.largestMean
      try require(
        deviation > 0 && deviation <= most, "the deviation of a drift", "\(deviation)",
        "a positive number of at most \(most == 1 ? "1" : most == 1e9 ? "1e9" : "1e100")")
    }
    try require(
      costs.isEmpty || costs.count == armCount, "the number of costs", "\(costs.count)",
      "that of the arms, \(armCount)")
    for cost in costs {
      try require(cost.isFinite && cost >= 0, "a cost", "\(cost)", "0 or more")
    }
  }

  private static func isMean(_ mean: Double, of rewards: BanditTask.Rewards) -> Bool {
    switch rewards {
    case .bernoulli: mean >= 0 && mean <= 1
    case .gaussian: abs(mean) <= rewards.largestMean
    case .poisson: mean >= 0 && mean <= rewards.largestMean
    }
  }

  /// Deviations whose squares are numbers.
  private static let deviations = 1e-100...1e100

  private static func isSupported(_ prior: ArmPosterior, by rewards: BanditTask.Rewards) -> Bool {
    switch (rewards, prior) {
    case (.bernoulli, .beta), (.poisson, .beta): true
    case (.gaussian, _), (.poisson, .gamma): prior.reach <= rewards.largestMean
    default: false
    }
  }
}

extension ArmPosterior {
  /// No draw is further from 0, but for one in 1e16.
  fileprivate var reach: Double {
    switch self {
    case .beta: 1
    case .gamma(let shape, let rate): (shape + 40 + 40 * shape.squareRoot()) / rate
    case .normal(let mean, let deviation): abs(mean) + 10 * deviation
    case .studentT(let degrees, let location, let scale):
      abs(location) + scale * pow(1e17, 1 + 1 / degrees)
    }
  }
}

extension BanditTask.Rewards {
  /// The largest mean that a world can have.
  var largestMean: Double {
    switch self {
    case .bernoulli: 1
    case .gaussian: 1e100
    case .poisson: 1e9
    }
  }

  /// Which means there are, in words.
  var meanRange: String {
    switch self {
    case .bernoulli: "a probability between 0 and 1"
    case .gaussian: "a number from -1e100 to 1e100"
    case .poisson: "a number from 0 to 1e9"
    }
  }
}
