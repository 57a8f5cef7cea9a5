// What `bandit evaluate` prints: the table of estimates, the weights, and the warnings.

import BayesBandits
import BayesCore
import BayesNumerics
import BayesReport

/// Everything that `bandit evaluate` prints as text.
func evaluationText(
  _ result: OffPolicyEvaluation, _ settings: BanditEvaluateSettings
) -> String {
  let outside = (1 - settings.confidence) / 2
  let columns: [SummaryTable.Column] = [
    .init("Estimate", .estimate), .init("Std. error", .standardError),
    .init(percent(outside), .estimate), .init(percent(1 - outside), .estimate),
    .init("Effective rows", .count),
  ]
  let table = SummaryTable(
    columns: columns,
    rows: result.estimates.map { estimate in
      SummaryRow(
        name: estimate.method.rawValue,
        cells: [
          estimate.value, estimate.standardError, estimate.interval?.lowerBound,
          estimate.interval?.upperBound, estimate.effectiveSampleSize,
        ])
    })
  let lines =
    [logLine(result), policyLine(result, settings), ""].map { $0 + "\n" }.joined()
    + table.render() + "\n"
  let notes = [weightLine(result), replayLine(result), modelLine(settings), intervalLine(result)]
  let absent = result.estimates.compactMap { estimate in
    estimate.note.map {
      (estimate.value == nil ? "No " : "") + "\(estimate.method.rawValue): \($0)."
    }
  }
  // One suggestion for several warnings in a row stands below the last of them.
  let warnings = result.warnings.indices.map { i -> String in
    let (warning, next) = (result.warnings[i], result.warnings.dropFirst(i + 1).first)
    let suggestion = warning.suggestion
    return "\nWarning: \(warning.message).\n"
      + (next?.suggestion == suggestion
        ? "" : "  \(suggestion.prefix(1).uppercased())\(suggestion.dropFirst()).\n")
  }
  return lines + (notes + absent).map { $0 + "\n" }.joined()
    + (warnings.isEmpty ? "No problems found.\n" : warnings.joined())
}

private func percent(_ share: Double) -> String { formatted(100 * share, significant: 4) + "%" }

private func number(_ value: Double) -> String { formatted(value, significant: 4) }

private func logLine(_ result: OffPolicyEvaluation) -> String {
  let training =
    result.trainingCount > 0 ? " after \(result.trainingCount) to learn from" : ""
  let propensities =
    result.isPropensityConstant
    ? "all propensities \(number(result.propensities.lowerBound))"
    : "propensities from \(number(result.propensities.lowerBound)) to "
      + number(result.propensities.upperBound)
  return
    "Log: \(counted(result.rowCount, "row"))\(training), \(counted(result.arms.count, "arm")), "
    + "mean reward \(number(result.loggedMean)), \(propensities)."
}

private func policyLine(
  _ result: OffPolicyEvaluation, _ settings: BanditEvaluateSettings
) -> String {
  guard let probabilities = result.probabilities else {
    let place = settings.targetColumn.map { "column \($0)" } ?? "columns \(settings.targetPrefix!)…"
    return "Policy: the probabilities of \(place)."
  }
  if settings.policy == "uniform" {
    return "Policy: uniform, each arm with probability \(number(probabilities[0]))."
  }
  let chosen = zip(result.arms, probabilities).filter { $1 > 0 }.sorted { $0.1 > $1.1 }
  if settings.policy == "greedy", settings.folds > 1 {
    let list = chosen.prefix(8).map { "\($0) for \(percent($1)) of the rows" }
    return "Policy: greedy by the other folds, \(list.joined(separator: ", "))."
  }
  let list = chosen.prefix(8).map { "\($0) with probability \(number($1))" }
    .joined(separator: ", ")
  let source = settings.policy == "greedy" ? "greedy, " : ""
  return "Policy: \(source)\(list)\(chosen.count > 8 ? ", …" : "")."
}

private func weightLine(_ result: OffPolicyEvaluation) -> String {
  let weights = result.weights
  guard weights.largest > 0 else { return "Weights: all zero." }
  let shape =
    weights.paretoShape.map {
      ", Pareto k \(fixed($0, decimals: 2)) (reliable to \(fixed(weights.paretoThreshold, decimals: 2)))"
    } ?? ""
  return "Weights: mean \(number(weights.mean)), largest \(number(weights.largest)) (line "
    + "\(weights.largestLine), propensity \(number(weights.largestPropensity))), effective sample "
    + "size \(fixed(weights.effectiveSampleSize, decimals: 1))\(shape)."
}

private func replayLine(_ result: OffPolicyEvaluation) -> String {
  if result.isLogUniform {
    return "Replay: the log is uniform, rows in which the policy agrees are kept."
  }
  let missing =
    result.isPropensityConstant
    ? "Replay: all propensities are \(number(result.propensities.lowerBound)), which is not 1 in "
      + "\(result.arms.count) arms (--arms names those without rewards)"
    : "Replay: the log is not uniform"
  return missing + ", rows are kept with probability w / max w."
}

private func modelLine(_ settings: BanditEvaluateSettings) -> String {
  let rows =
    settings.split.map { "from \(percent($0)) of the rows" }
    ?? (settings.folds > 1 ? "cross-fitted in \(settings.folds) folds" : "from the same rows")
  let reward =
    settings.priorReward.map(number)
    ?? (settings.priorCount == 0 ? "0" : "\(number(settings.priorCount)) mean rewards")
  return
    "Reward model: (s + \(reward))/(n + \(number(settings.priorCount))) for "
    + "each arm, \(rows); switch-dr trusts it above weight \(number(settings.switchThreshold))."
}

private func intervalLine(_ result: OffPolicyEvaluation) -> String {
  let used = IntervalMethod.allCases.compactMap { method -> String? in
    let names = result.estimates.filter { $0.intervalMethod == method }.map(\.method.rawValue)
    return names.isEmpty ? nil : "\(method.rawValue) for \(names.joined(separator: ", "))"
  }
  return "Intervals: \(used.isEmpty ? "none" : used.joined(separator: "; "))."
}
