// From sums over a log to estimates with intervals.

import BayesNumerics
import Glibc

extension EvaluationSums {
  /// The result of the two readings.
  func evaluation(arms: [String], order: [Int], pending: Int) -> OffPolicyEvaluation {
    var result = OffPolicyEvaluation()
    result.rowCount = survey.rowCount
    result.trainingCount = survey.trainingCount
    result.pendingCount = pending
    result.arms = order.map { arms[$0] }
    result.probabilities = target.probabilities.map { folds in
      order.map { arm in folds.reduce(0) { $0 + $1[arm] } / Double(folds.count) }
    }
    result.loggedMean = rewards.mean
    result.rewards = survey.rewards
    result.propensities = survey.propensities
    result.weights = weightSummary
    result.estimates = [
      replay(), weightedEstimate(.inversePropensity, weighted), selfNormalised(),
      directEstimate(), weightedEstimate(.doublyRobust, robust),
      weightedEstimate(
        .switchDoublyRobust, switched, modelVariance: modelVariance(uncorrectedMass)),
    ]
    setBootstrapIntervals(&result.estimates)
    result.warnings = warnings(for: result, arms: arms)
    return result
  }

  private var weightSummary: WeightSummary {
    WeightSummary(
      mean: weights.mean, largest: max(0, largest.weight), largestLine: largest.line,
      largestPropensity: largest.propensity, effectiveSampleSize: effectiveSampleSize ?? 0,
      standardError: weights.standardError, paretoShape: tail.shape(),
      paretoThreshold: paretoThreshold, aboveSwitch: aboveSwitch)
  }

  /// Reliable up to min(1 − 1/log10 n, 0.7), which for few rows would be negative.
  private var paretoThreshold: Double {
    max(0, min(1 - 1 / log10(max(10, weights.count)), 0.7))
  }

  /// (Σ w)²/Σ w², or `nil` where all weights are zero.
  private var effectiveSampleSize: Double? {
    let sum = weights.mean * weights.count
    return squares.one > 0 ? sum * sum / squares.one : nil
  }

  private var noWeight: String { "no row has a choice that the policy would make" }

  private func replay() -> OffPolicyEstimate {
    var estimate = OffPolicyEstimate(method: .replay)
    estimate.effectiveSampleSize = replayed.count
    guard replayed.count > 0 else {
      estimate.note =
        squares.one > 0
        ? "rejection sampling keeps no row: the largest weight is too large" : noWeight
      return estimate
    }
    estimate.value = replayed.mean
    // Rewards that are all equal tell nothing of their variance.
    estimate.standardError = replayed.range > 0 ? replayed.standardError : nil
    if survey.isBinary {
      estimate.interval = jeffreysInterval(replayed, confidence: settings.confidence)
      estimate.intervalMethod = .jeffreys
    } else if let error = estimate.standardError {
      setNormal(&estimate, error)
    }
    return estimate
  }

  /// The mean of rows' contributions.
  ///
  /// - Parameter modelVariance: the variance that the reward model adds where no residual corrects it.
  private func weightedEstimate(
    _ method: OffPolicyMethod, _ contributions: RunningMoments, modelVariance: Double = 0
  ) -> OffPolicyEstimate {
    var estimate = OffPolicyEstimate(method: method)
    guard contributions.count > 0 else {
      estimate.note = "needs the policy's probabilities of all arms"
      return estimate
    }
    guard let size = effectiveSampleSize else {
      estimate.note = noWeight
      return estimate
    }
    estimate.value = contributions.mean
    estimate.effectiveSampleSize =
      method == .switchDoublyRobust
      ? (kept.square > 0 ? kept.weight * kept.weight / kept.square : 0) : size
    guard contributions.count > 1 else { return estimate }
    let error = contributions.standardError
    estimate.standardError = (error * error + modelVariance).squareRoot()
    setInterval(&estimate, modelVariance == 0 ? contributions : nil)
    return estimate
  }

  /// The ratio's standard error by the delta method: √Σ w²(r − v)² / Σ w.
  private func selfNormalised() -> OffPolicyEstimate {
    var estimate = OffPolicyEstimate(method: .selfNormalised)
    guard let size = effectiveSampleSize else {
      estimate.note = noWeight
      return estimate
    }
    let value = weighted.mean / weights.mean
    estimate.value = value
    estimate.effectiveSampleSize = size
    guard weights.count > 1 else { return estimate }
    let residuals = squares.rewards - 2 * value * squares.reward + value * value * squares.one
    estimate.standardError = max(0, residuals).squareRoot() / (weights.mean * weights.count)
    setInterval(&estimate, nil)
    return estimate
  }

  /// The direct estimate; its standard error is that of the reward model and says nothing of its bias.
  private func directEstimate() -> OffPolicyEstimate {
    var estimate = OffPolicyEstimate(method: .direct)
    guard direct.count > 0 else {
      estimate.note = "needs the policy's probabilities of all arms"
      return estimate
    }
    estimate.value = direct.mean
    let variance = direct.variance / direct.count + modelVariance(policyMass)
    estimate.standardError = variance.squareRoot()
    setNormal(&estimate, variance.squareRoot())
    return estimate
  }

  /// Σ π(a) over the rows whose residual switch-DR leaves out, estimated by their weights, and at most the
  /// policy's own.
  private var uncorrectedMass: [Double] {
    zip(switchedMass, policyMass).map { min($0, $1) }
  }

  /// The variance of Σ_a m_a q(a), with the policy's mean probabilities m from their sums over rows.
  private func modelVariance(_ mass: [Double]) -> Double {
    guard mass.contains(where: { $0 > 0 }) else { return 0 }
    var variance = 0.0
    for (mass, own) in zip(mass, survey.model.variances(arms: mass.count)) {
      let share = mass / weights.count
      variance += share * share * own
    }
    return variance
  }

  /// Sets the interval, or only its method where that is the bootstrap.
  ///
  /// - Parameter contributions: what the estimate is the mean of; `nil` where it has more than their variance.
  private func setInterval(_ estimate: inout OffPolicyEstimate, _ contributions: RunningMoments?) {
    let hasModelVariance = contributions == nil && estimate.method == .switchDoublyRobust
    switch settings.interval {
    case .bernstein where contributions != nil: setBernstein(&estimate, contributions!)
    case .bernstein:
      setNormal(&estimate, estimate.standardError!)
      estimate.note = "the interval is a normal one: Bernstein's bound is for plain means"
    case .bootstrap where hasModelVariance:
      setNormal(&estimate, estimate.standardError!)
      estimate.note =
        "the interval is a normal one: the bootstrap of rows leaves out the reward model's variance"
    case .bootstrap: estimate.intervalMethod = .bootstrap
    case nil:
      setNormal(&estimate, estimate.standardError!)
      let range = survey.rewards
      if contributions != nil || estimate.method == .selfNormalised,
        let interval = estimate.interval, range.contains(estimate.value!),
        !range.contains(interval.lowerBound) || !range.contains(interval.upperBound)
      {
        estimate.intervalMethod = .bootstrap
      }
    default: setNormal(&estimate, estimate.standardError!)
    }
  }

  private func setNormal(_ estimate: inout OffPolicyEstimate, _ error: Double) {
    let half = normalQuantile((1 + settings.confidence) / 2) * error
    estimate.interval = (estimate.value! - half)...(estimate.value! + half)
    estimate.intervalMethod = .normal
  }

  private func setBootstrapIntervals(_ estimates: inout [OffPolicyEstimate]) {
    guard estimates.contains(where: { $0.intervalMethod == .bootstrap }) else { return }
    let replicates = blocks.replicates(settings.replicates, seed: settings.seed)
    for i in estimates.indices where estimates[i].intervalMethod == .bootstrap {
      let values = replicates.compactMap { $0.estimate(estimates[i].method) }
      estimates[i].interval = percentileInterval(values, confidence: settings.confidence)
    }
  }

  /// ```
  /// √(2 V ln(4/δ) / n) + 7 R ln(4/δ) / (3 (n − 1))
  /// ```
  /// with the range R of the contributions in the log, so that it holds if none larger was possible.
  ///
  /// Reference: Maurer, Pontil 2009, "Empirical Bernstein bounds and sample variance penalization",
  /// COLT 22, theorem 4, on both sides.
  private func setBernstein(_ estimate: inout OffPolicyEstimate, _ contributions: RunningMoments) {
    let (n, scale) = (contributions.count, log(4 / (1 - settings.confidence)))
    let half =
      (2 * contributions.variance * scale / n).squareRoot()
      + 7 * contributions.range * scale / (3 * (n - 1))
    estimate.interval = (estimate.value! - half)...(estimate.value! + half)
    estimate.intervalMethod = .bernstein
  }
}
