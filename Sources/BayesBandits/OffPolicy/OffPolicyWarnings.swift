// When the estimates of an evaluation are not to be trusted.

import BayesNumerics

extension EvaluationSums {
  /// What is doubtful about an evaluation, the gravest first.
  func warnings(for result: OffPolicyEvaluation, arms: [String]) -> [OffPolicyWarning] {
    impossible(result) + support(result, arms) + weightWarnings(result) + modelWarnings(result)
      + rowWarnings(result)
  }

  private func impossible(_ result: OffPolicyEvaluation) -> [OffPolicyWarning] {
    let range = result.rewards
    guard range.lowerBound < range.upperBound else { return [] }
    return result.estimates.compactMap { estimate in
      guard let value = estimate.value, !range.contains(value) else { return nil }
      return OffPolicyWarning(
        kind: .impossibleValue,
        message:
          "\(estimate.method.rawValue) gives \(short(value)), outside the rewards of the log, "
          + "which are from \(short(range.lowerBound)) to \(short(range.upperBound)): the weights "
          + "are hopeless",
        suggestion: weightAdvice)
    }
  }

  private var weightAdvice: String {
    "the largest weight is \(short(largest.weight)), from a propensity of "
      + "\(short(largest.propensity)) on line \(largest.line); evaluate a policy closer to the "
      + "logging one, or log with a higher smallest propensity"
  }

  private func support(
    _ result: OffPolicyEvaluation, _ arms: [String]
  ) -> [OffPolicyWarning] {
    var missing: [(label: String, share: Double)] = []
    for (arm, mass) in policyMass.enumerated() where mass > 0 {
      let isLogged = arm < survey.smallest.count && survey.smallest[arm].isFinite
      if !isLogged { missing.append((arms[arm], mass / weights.count)) }
    }
    guard !missing.isEmpty else { return [] }
    let share = missing.reduce(0) { $0 + $1.share }
    let names = missing.prefix(5).map(\.label).joined(separator: ", ")
    return [
      OffPolicyWarning(
        kind: .noSupport,
        message: "the policy makes \(short(100 * share)) % of its choices among arms that the log "
          + "never chose: \(names)\(missing.count > 5 ? ", …" : "")",
        suggestion:
          "their rewards are unknown; only direct, dr and switch-dr put the prior's guess for them")
    ]
  }

  private func weightWarnings(_ result: OffPolicyEvaluation) -> [OffPolicyWarning] {
    let weights = result.weights
    guard weights.largest > 0 else { return [] }
    var warnings: [OffPolicyWarning] = []
    if let shape = weights.paretoShape, shape > weights.paretoThreshold {
      warnings.append(
        OffPolicyWarning(
          kind: .heavyTail,
          message: "Pareto k of the weights is \(fixed(shape, decimals: 2)), above "
            + "\(fixed(weights.paretoThreshold, decimals: 2)): their variance may not exist, and "
            + "standard errors and intervals of ips, snips and dr say too little",
          suggestion: weightAdvice))
    }
    let size = weights.effectiveSampleSize
    if size < 100 || size < 0.01 * self.weights.count {
      warnings.append(
        OffPolicyWarning(
          kind: .fewEffectiveRows,
          message: "the weights make \(result.rowCount) rows worth \(fixed(size, decimals: 1))",
          suggestion: weightAdvice))
    }
    let share = weights.largest / (weights.mean * self.weights.count)
    if share > 0.1 {
      warnings.append(
        OffPolicyWarning(
          kind: .oneRow,
          message: "one row, on line \(weights.largestLine), has \(short(100 * share)) % of all "
            + "weight",
          suggestion: weightAdvice))
    }
    let slack = max(4 * weights.standardError, 1e-6)
    if abs(weights.mean - 1) > slack, !warnings.contains(where: { $0.kind == .heavyTail }) {
      warnings.append(
        OffPolicyWarning(
          kind: .meanWeight,
          message: "the mean weight is \(short(weights.mean)) ± \(short(weights.standardError)), "
            + "where 1 is expected",
          suggestion: "the propensities are not those of the choices, or the policy chooses what "
            + "the log could not"))
    }
    return warnings
  }

  private func modelWarnings(_ result: OffPolicyEvaluation) -> [OffPolicyWarning] {
    guard let direct = result[.direct]?.value, let robust = result[.doublyRobust],
      let value = robust.value, let error = robust.standardError, error > 0,
      abs(direct - value) > 4 * error
    else { return [] }
    return [
      OffPolicyWarning(
        kind: .biasedModel,
        message: "direct gives \(short(direct)) and dr \(short(value)), "
          + "\(formatted(abs(direct - value) / error, significant: 2)) standard errors apart: the reward model "
          + "does not fit the log",
        suggestion: "do not read direct; its prior pulls arms of few rows: see --prior-reward and "
          + "--prior-count")
    ]
  }

  private func rowWarnings(_ result: OffPolicyEvaluation) -> [OffPolicyWarning] {
    var warnings: [OffPolicyWarning] = []
    if settings.policy == .greedy, settings.trainingShare == 0, settings.folds == 1 {
      warnings.append(
        OffPolicyWarning(
          kind: .sameRows,
          message: "the policy was learnt from the rows that it is evaluated on, which flatters it",
          suggestion: "learn it on a part of them: --split 0.5, or --folds 5"))
    }
    if result.pendingCount > 0 {
      warnings.append(
        OffPolicyWarning(
          kind: .pendingRewards,
          message: "\(result.pendingCount) rows without reward are left out",
          suggestion: "where rewards come late, rows that came early are those with rewards: "
            + "leave out the last period as a whole"))
    }
    return warnings
  }

  private func short(_ value: Double) -> String { formatted(value, significant: 4) }
}
