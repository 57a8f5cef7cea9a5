// What off-policy evaluation can be told.

/// Settings of an evaluation.
public struct OffPolicySettings: Sendable, Equatable {
  /// The policy to evaluate.
  public var policy: TargetPolicy
  /// All arms in the order of a listed policy; `nil` to take those of the log.
  public var arms: [String]?
  /// α of the reward model q = (s + α)/(n + β); `nil` for β times the mean reward of the rows that the model is
  /// made from, which fits rewards of any size.
  public var priorReward: Double?
  /// β of the reward model: how many rows the prior is worth for each arm.
  public var priorCount = 10.0
  /// Folds of cross-fitting; 1 for a reward model made from the rows that it corrects.
  public var folds = 1
  /// The share of the rows that reward model and greedy policy are made from, the others being
  /// evaluated; 0 to use all rows for both.
  public var trainingShare = 0.0
  /// τ of switch-DR, positive.
  public var switchThreshold = 10.0
  /// The probability of the intervals.
  public var confidence = 0.95
  /// How intervals are made; `nil` for normal ones, and bootstrap where a normal one leaves the range
  /// of the rewards.
  public var interval: IntervalMethod?
  /// Replicates of the bootstrap.
  public var replicates = 2000
  /// The key of random numbers: replay and bootstrap.
  public var seed: UInt64

  /// The settings of an evaluation.
  public init(policy: TargetPolicy, seed: UInt64 = 1) {
    self.policy = policy
    self.seed = seed
  }
}
