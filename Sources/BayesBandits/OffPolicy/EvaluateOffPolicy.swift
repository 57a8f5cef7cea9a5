// Off-policy evaluation: what a policy would have earned, from the log of another one.

import BayesCore
import BayesNumerics
import Glibc

/// Evaluates a policy on the log of another one, by all methods of ``OffPolicyMethod``.
///
/// With the weights w_i = π(a_i)/p_i of the rows and the reward model q:
/// ```
/// ips        mean of w r
/// snips      Σ w r / Σ w
/// direct     mean of Σ_a π(a) q(a)
/// dr         mean of Σ_a π(a) q(a) + w (r − q(a_i))
/// switch-dr  the same with w (r − q) only where w ≤ τ
/// replay     mean reward of the rows kept, a row being kept with probability w / max w
/// ```
/// All rest on the propensities being those with which the choices were made, and on every arm that the
/// policy chooses having been possible. Replay of a uniform log keeps just the rows in which the policy
/// agrees; of another log it is rejection sampling, which keeps few rows.
///
/// Complexity: the log is read twice, three times for a policy that is a function. Memory: sums for each arm and fold, 4096 blocks, and at most 8 MiB
/// of weights, whatever the number of rows.
///
/// References: Horvitz, Thompson 1952, doi 10.1080/01621459.1952.10483446; Li, Chu, Langford, Wang 2011,
/// "Unbiased offline evaluation of contextual-bandit-based news article recommendation algorithms", doi
/// 10.1145/1935826.1935878; Dudík, Erhan, Langford, Li 2014, "Doubly robust policy evaluation and
/// optimization", doi 10.1214/14-STS500; Swaminathan, Joachims 2015, "The self-normalized estimator for
/// counterfactual learning", NeurIPS 28; Wang, Agarwal, Dudík 2017, "Optimal and adaptive
/// off-policy evaluation in contextual bandits", ICML 34.
///
/// - Throws: `OffPolicyError`, and what is wrong with the log.
/// - Precondition: settings in range: folds and replicates at least 1, a share from 0 to below 1, a
///   positive τ, a confidence between 0 and 1, prior counts that are not negative.
public func evaluateOffPolicy(
  _ log: some ChoiceLog, _ settings: OffPolicySettings
) throws -> OffPolicyEvaluation {
  precondition(settings.folds >= 1 && settings.replicates >= 1, "at least one")
  precondition((0..<1).contains(settings.trainingShare), "a share below one")
  precondition(settings.switchThreshold > 0, "a positive threshold")
  precondition(settings.confidence > 0 && settings.confidence < 1, "a probability")
  precondition(settings.priorReward ?? 0 >= 0 && settings.priorCount >= 0, "prior counts")
  guard case .computed(let policy) = settings.policy else { return try evaluation(log, settings) }
  var own = settings
  own.policy = .logged
  return try evaluation(try ComputedLog(log, policy), own)
}

private func evaluation(
  _ log: some ChoiceLog, _ settings: OffPolicySettings
) throws -> OffPolicyEvaluation {
  var survey = LogSurvey(settings)
  try log.read { survey.add($0) }
  guard survey.rowCount > 0 else {
    throw OffPolicyError.noRows(pending: log.pendingCount, training: survey.trainingCount)
  }
  let order = settings.arms == nil ? armOrder(log.arms) : Array(log.arms.indices)
  let target = try ResolvedPolicy(settings.policy, survey, arms: log.arms, order: order)
  var sums = EvaluationSums(settings, target, survey)
  try log.read { try sums.add($0) }
  guard sums.seen == survey.rowCount + survey.trainingCount else { throw OffPolicyError.changed }
  return sums.evaluation(arms: log.arms, order: order, pending: log.pendingCount)
}

extension OffPolicySettings {
  /// Whether a row, counted from 0, is for the reward model and the greedy policy alone.
  ///
  /// Multiples of the golden ratio modulo 1 spread the training rows evenly over the log.
  func isTraining(row: Int) -> Bool {
    guard trainingShare > 0 else { return false }
    let position = Double(row) * 0.618_033_988_749_894_9
    return position - position.rounded(.down) < trainingShare
  }

  /// The folds in use: none where training rows are set apart.
  var usedFolds: Int { trainingShare > 0 ? 1 : folds }
}

/// What the first reading of a log finds.
struct LogSurvey {
  private let settings: OffPolicySettings
  private(set) var model: RewardModel
  private(set) var rowCount = 0
  private(set) var trainingCount = 0
  private(set) var smallest: [Double] = []
  private(set) var largestPropensity = 0.0
  private(set) var rewards = Double.infinity...Double.infinity
  private(set) var largestLoggedWeight = 0.0
  private(set) var hasTarget = true
  private(set) var hasTargets = true
  /// Of the rows to evaluate, whether each reward is 0 or 1.
  private(set) var isBinary = true

  init(_ settings: OffPolicySettings) {
    self.settings = settings
    model = RewardModel(
      prior: (settings.priorReward, settings.priorCount), folds: settings.usedFolds)
  }

  mutating func add(_ row: borrowing LoggedChoice) {
    let index = rowCount + trainingCount
    let isTraining = settings.isTraining(row: index)
    if isTraining || settings.trainingShare == 0 {
      model.add(arm: row.arm, reward: row.reward, fold: index % settings.usedFolds)
    }
    if isTraining {
      trainingCount += 1
      return
    }
    rewards =
      rowCount == 0
      ? row.reward...row.reward
      : min(rewards.lowerBound, row.reward)...max(rewards.upperBound, row.reward)
    rowCount += 1
    while smallest.count <= row.arm { smallest.append(.infinity) }
    smallest[row.arm] = min(smallest[row.arm], row.propensity)
    largestPropensity = max(largestPropensity, row.propensity)
    if row.reward != 0 && row.reward != 1 { isBinary = false }
    if row.targets.isEmpty { hasTargets = false }
    let target = row.target ?? (row.targets.isEmpty ? nil : row.targets[row.arm])
    if let target {
      largestLoggedWeight = max(largestLoggedWeight, target / row.propensity)
    } else {
      hasTarget = false
    }
  }

  /// The smallest and the largest propensity.
  var propensities: ClosedRange<Double> { (smallest.min() ?? 1)...largestPropensity }
}

/// The policy's probabilities and the reward model's predictions, by fold.
struct ResolvedPolicy {
  /// By fold, then arm; `nil` where rows have their own.
  let probabilities: [[Double]]?
  /// By fold, then arm.
  let estimates: [[Double]]
  /// The reward that the model expects of the policy, by fold; `nil` where it differs by row.
  private let expected: [Double]?
  /// The largest weight that a row of the log can have.
  let largestWeight: Double
  /// Whether the reward model can be used: the probabilities of all arms are known.
  let hasAllArms: Bool

  init(
    _ policy: TargetPolicy, _ survey: LogSurvey, arms: [String], order: [Int]
  ) throws {
    let estimates = (0..<survey.model.folds).map {
      survey.model.estimates(fold: $0, arms: arms.count)
    }
    self.estimates = estimates
    if policy == .logged {
      guard survey.hasTarget else { throw OffPolicyError.noTargetColumn }
      probabilities = nil
      expected = nil
      largestWeight = survey.largestLoggedWeight
      hasAllArms = survey.hasTargets
      return
    }
    let all = try estimates.map {
      try policy.probabilities(arms: arms, estimates: $0, order: order)!
    }
    probabilities = all
    expected = zip(all, estimates).map(expectation)
    hasAllArms = true
    largestWeight = all.reduce(0) { largest, fold in
      zip(fold, survey.smallest).reduce(largest) { max($0, $1.0 / $1.1) }
    }
  }

  /// The policy's probability of a row's own choice.
  func probability(_ row: borrowing LoggedChoice, fold: Int) -> Double {
    if let probabilities { return probabilities[fold][row.arm] }
    return row.target ?? row.targets[row.arm]
  }

  /// The reward that the model expects of the policy in a row.
  func directValue(_ row: borrowing LoggedChoice, fold: Int) -> Double {
    expected?[fold] ?? expectation(row.targets, estimates[fold])
  }
}

/// Σ_a π(a) q(a).
private func expectation(_ probabilities: [Double], _ estimates: [Double]) -> Double {
  var sum = 0.0
  for (probability, estimate) in zip(probabilities, estimates) { sum += probability * estimate }
  return sum
}
