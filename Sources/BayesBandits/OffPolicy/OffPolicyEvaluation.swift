// The result of off-policy evaluation: estimates, intervals, and how far to trust them.

/// How an estimate is made from a log.
public enum OffPolicyMethod: String, Sendable, CaseIterable {
  /// Rejection sampling: rows are kept so that those left are as if the policy had made the choices.
  case replay
  /// Inverse propensity scores: the mean of w r.
  case inversePropensity = "ips"
  /// Self-normalised inverse propensity scores: Σ w r / Σ w.
  case selfNormalised = "snips"
  /// The reward model alone: the mean of Σ_a π(a) q(a).
  case direct
  /// The reward model corrected by weighted residuals: direct + mean of w (r − q).
  case doublyRobust = "dr"
  /// Doubly robust, but the residual of a row counts only where its weight is at most τ.
  case switchDoublyRobust = "switch-dr"
}

/// How an interval is made.
public enum IntervalMethod: String, Sendable, CaseIterable {
  /// Estimate ± z standard errors.
  case normal
  /// Percentiles of the bootstrap over blocks of rows.
  case bootstrap
  /// The empirical Bernstein bound: holds for any number of rows, and is wide.
  case bernstein
  /// Beta posterior of a rate with Jeffreys' prior, for replay with rewards of 0 and 1.
  case jeffreys
}

/// What a method says of the policy.
public struct OffPolicyEstimate: Sendable, Equatable {
  /// The method.
  public var method: OffPolicyMethod
  /// The policy's mean reward; `nil` where the log does not tell, see `note`.
  public var value: Double?
  /// Its standard error.
  public var standardError: Double?
  /// The ends of the confidence interval.
  public var interval: ClosedRange<Double>?
  /// How the interval was made.
  public var intervalMethod: IntervalMethod?
  /// The rows that the estimate is worth: (Σ w)²/Σ w² of the weights it uses, or for replay the rows
  /// kept; `nil` for the direct method, which has no weights.
  public var effectiveSampleSize: Double?
  /// Why there is no value, or what is to be known about it.
  public var note: String?
}

/// The weights w = π(a)/p(a) of the rows.
public struct WeightSummary: Sendable, Equatable {
  /// Their mean, 1 in expectation.
  public var mean = 0.0
  /// The largest one.
  public var largest = 0.0
  /// The line that it stands on.
  public var largestLine = 0
  /// The propensity of that row.
  public var largestPropensity = 1.0
  /// Kish's effective sample size (Σ w)²/Σ w².
  public var effectiveSampleSize = 0.0
  /// The standard error of their mean.
  public var standardError = 0.0
  /// Pareto's k of their tail; `nil` where they have none.
  public var paretoShape: Double?
  /// The largest k with which estimates are reliable.
  public var paretoThreshold = 0.7
  /// The rows whose weight is above the τ of switch-DR.
  public var aboveSwitch = 0
}

/// All that a log says about a policy.
public struct OffPolicyEvaluation: Sendable, Equatable {
  /// The estimates in the order of ``OffPolicyMethod``.
  public var estimates: [OffPolicyEstimate] = []
  /// Rows evaluated.
  public var rowCount = 0
  /// Rows that only the reward model and the greedy policy were made from.
  public var trainingCount = 0
  /// Rows left out for want of a reward.
  public var pendingCount = 0
  /// The arms' labels in the order of ``armOrder(_:)``.
  public var arms: [String] = []
  /// The policy's probability of each of the arms, or `nil` where it differs by row.
  public var probabilities: [Double]?
  /// The mean reward of the log itself, which is the logging policy's value.
  public var loggedMean = 0.0
  /// The smallest and the largest reward.
  public var rewards = 0.0...0.0
  /// The smallest and the largest propensity.
  public var propensities = 1.0...1.0
  /// The weights.
  public var weights = WeightSummary()
  /// What is to be warned of.
  public var warnings: [OffPolicyWarning] = []

  /// Whether all propensities are the same.
  public var isPropensityConstant: Bool {
    propensities.upperBound - propensities.lowerBound <= 1e-9 * propensities.upperBound
  }

  /// Whether the logging policy chose uniformly: all propensities are 1/K with K arms.
  public var isLogUniform: Bool {
    isPropensityConstant && abs(propensities.upperBound * Double(arms.count) - 1) <= 1e-6
  }

  /// The estimate of a method.
  public subscript(method: OffPolicyMethod) -> OffPolicyEstimate? {
    estimates.first { $0.method == method }
  }
}

/// Something that makes estimates doubtful, and what to do about it.
public struct OffPolicyWarning: Sendable, Equatable {
  /// What it is about.
  public enum Kind: String, Sendable, CaseIterable {
    /// Pareto's k is above the threshold.
    case heavyTail = "heavy_tail"
    /// The weights are worth few rows.
    case fewEffectiveRows = "few_effective_rows"
    /// One row has much of the weight.
    case oneRow = "one_row"
    /// An estimate that no reward could give.
    case impossibleValue = "impossible_value"
    /// The mean of the weights is not 1.
    case meanWeight = "mean_weight"
    /// The policy chooses arms that the log does not have.
    case noSupport = "no_support"
    /// The reward model alone and the one corrected by weighted residuals are far apart.
    case biasedModel = "biased_model"
    /// The policy was learnt from the rows that it is evaluated on.
    case sameRows = "same_rows"
    /// Rewards are missing.
    case pendingRewards = "pending_rewards"
  }

  /// What it is about.
  public var kind: Kind
  /// What was found, one sentence without full stop.
  public var message: String
  /// What to do, one sentence without full stop.
  public var suggestion: String
}
