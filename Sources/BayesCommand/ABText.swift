// What `ab` prints as text: tables, the definition of every number, the decision, and warnings.

import BayesExperiments
import BayesNumerics

/// A number as the tables of `ab` show it: five significant digits.
func abNumber(_ x: Double?) -> String {
  guard let x, x.isFinite else { return "—" }
  if x != 0, abs(x) < 1e-4 || abs(x) >= 1e7 { return formatted(x, significant: 4) }
  return formatted(x, significant: 5)
}

/// A probability: four decimals, more where it is close to 0 or 1.
func abProbability(_ p: Double) -> String {
  if p > 0, p < 1e-4 { return formatted(p, significant: 3) }
  if p < 1, p > 0.9999 { return "1 - \(formatted(1 - p, significant: 2))" }
  return fixed(p, decimals: 4)
}

func abInterval(_ range: ClosedRange<Double>) -> String {
  "\(abNumber(range.lowerBound)) to \(abNumber(range.upperBound))"
}

/// A table with a left-aligned first column and right-aligned others.
func abTable(_ rows: [[String]]) -> String {
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    var line = ""
    for (column, text) in row.enumerated() {
      let space = String(repeating: " ", count: widths[column] - text.count)
      line += column == 0 ? text + space : "  " + space + text
    }
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}

/// 0 for what is rounding beside the width of an interval.
private func rounded(_ x: Double, beside range: ClosedRange<Double>) -> Double {
  abs(x) < 1e-9 * (range.upperBound - range.lowerBound) ? 0 : x
}

private func percent(_ x: Double) -> String { "\(formatted(100 * x, significant: 4)) %" }

private func observed(_ data: VariantData) -> String {
  switch data {
  case .binomial(let successes, let trials): "\(whole(successes))/\(whole(trials))"
  case .poisson(let count, let exposure): "\(whole(count)) in \(abNumber(exposure))"
  case .normal(let s): "\(abNumber(s.mean)), \(whole(s.count)) units"
  case .revenue(let units, let amounts):
    "\(abNumber(amounts.sum)) from \(whole(amounts.count))/\(whole(units))"
  }
}

private func whole(_ x: Double) -> String { fixed(x, decimals: 0) }

private func unitName(_ metric: Metric) -> String {
  switch metric {
  case .binomial: "success rate"
  case .poisson: "events for each unit of exposure"
  case .normal: "mean value"
  case .revenue: "revenue for each unit"
  }
}

/// Everything that `ab` prints.
func abText(_ result: ExperimentResult, _ input: ABInput, _ warnings: [String]) -> String {
  let experiment = result.experiment
  let mass = percent(experiment.mass)
  var text = ""
  var rows = [["Variant", "Observed", "Mean", "\(mass) interval", "P(best)", "Expected loss"]]
  for arm in result.variants {
    rows.append([
      arm.variant.name, observed(arm.variant.data), abNumber(arm.posterior.mean),
      abInterval(arm.interval), abProbability(arm.probabilityBest), abNumber(arm.expectedLoss),
    ])
  }
  text += abTable(rows) + "\n"
  let control = result.variants[experiment.control].variant.name
  rows = [
    ["Against \(control)", "P(better)", "Difference", "\(mass) interval", "\(mass) HDI", "P(ROPE)"]
  ]
  var lifts = [["", "E[lift]", "Median lift", "\(mass) interval", "\(mass) HDI"]]
  for arm in result.variants {
    guard let comparison = arm.comparison else { continue }
    let difference = comparison.difference
    rows.append([
      arm.variant.name, abProbability(comparison.probabilityBetter),
      abNumber(
        rounded(difference.posterior.mean ?? difference.median, beside: difference.interval)),
      abInterval(difference.interval),
      abInterval(difference.shortestInterval), abProbability(comparison.equivalence.inside),
    ])
    if let lift = comparison.lift {
      lifts.append([
        arm.variant.name, abNumber(lift.posterior.mean.map { rounded($0, beside: lift.interval) }),
        abNumber(rounded(lift.median, beside: lift.interval)),
        abInterval(lift.interval), abInterval(lift.shortestInterval),
      ])
    }
  }
  text += abTable(rows) + "\n"
  if lifts.count > 1 {
    lifts[0][0] = "Lift over \(control)"
    text += abTable(lifts)
    let hasMeans = result.variants.compactMap(\.comparison?.lift).allSatisfy {
      $0.posterior.mean != nil
    }
    text +=
      hasMeans
      ? "\n"
      : "No E[lift]: the control's mean may be close to 0, and a ratio to it has no expectation; read the median.\n\n"
  }
  let mismatch = sampleRatioWarning(result)
  if let mismatch { text += "Warning: \(mismatch)\n\n" }
  text += decisionText(result) + "\n" + sensitivityText(result) + "\n"
  if let adjustment = input.adjustment {
    text +=
      "CUPED: the covariate explains \(percent(adjustment.varianceReduction)) of the variance within variants, "
      + "as if there were \(formatted(1 / max(1e-12, 1 - adjustment.varianceReduction), significant: 3)) times the units; "
      + "slope \(abNumber(adjustment.slope)).\n"
  }
  text += sampleRatioText(result) + "\n" + definitions(result)
  for warning in warnings where warning != mismatch { text += "\nWarning: \(warning)\n" }
  return text + "\n" + abPeekingNote + "\n"
}

/// What `ab` says of looking early, always.
let abPeekingNote =
  "Stopping: these numbers are valid for data that were collected to a plan. Stopping as soon as P(best), or an expected\n"
  + "loss, or an interval crosses a threshold is peeking: with no difference at all, it finds a winner as often as peeking at\n"
  + "p values does (38 % of tests with 100 looks at the 5 % level; `bayes ab peek` simulates yours). To look whenever you\n"
  + "like, use `bayes ab monitor`; to plan the size, `bayes ab plan`."

private func decisionText(_ result: ExperimentResult) -> String {
  let decision = result.decision
  let names = result.variants.map(\.variant.name)
  let name = names[decision.candidate]
  let tied = decision.best.count > 1 ? choices(decision, names) : nil
  let loss = abNumber(decision.expectedLoss)
  let threshold = abNumber(result.lossThreshold)
  if result.sampleRatio?.isMismatch ?? false {
    return "Decision: none, see the warning.\n"
  }
  switch decision.action {
  case .choose:
    if let tied {
      return
        "Decision: \(tied), as you like; without a reason to change, \(name). The expected loss \(loss) is that of each, and "
        + "at most the threshold \(threshold).\n"
    }
    return
      "Decision: choose \(name). Its expected loss \(loss) is at most the threshold \(threshold).\n"
  case .continueTest:
    return
      "Decision: none yet. The least expected loss, that of \(tied ?? name), is \(loss), above the threshold \(threshold).\n"
  }
}

/// The variants with the least loss: one, or `A or B`.
private func choices(_ decision: Decision, _ names: [String]) -> String {
  decision.best.map { names[$0] }.joined(separator: " or ")
}

private func sensitivityText(_ result: ExperimentResult) -> String {
  let names = result.variants.map(\.variant.name)
  var rows = [["Prior"] + names.map { "P(\($0) best)" } + ["Least loss", "Decision"]]
  for row in result.sensitivity {
    let decision: String
    switch row.decision.action {
    case .choose: decision = choices(row.decision, names)
    case .continueTest: decision = "none"
    }
    let label =
      row.label == "the chosen prior"
      ? row.prior.description + " (chosen)" : "\(row.prior.description) (\(row.label))"
    rows.append(
      [label] + row.best.probabilities.map(abProbability)
        + [abNumber(row.decision.expectedLoss), decision])
  }
  return abTable(rows)
    + (result.isRobust
      ? "The decision is the same under all these priors.\n"
      : "The decision depends on the prior.\n")
}

private func sampleRatioText(_ result: ExperimentResult) -> String {
  guard let test = result.sampleRatio else {
    return "Sample ratio: not tested, since exposures are no numbers of units.\n"
  }
  let plan = result.experiment.plannedSplit == nil ? "equal shares" : "the planned split"
  return
    "Sample ratio: \(test.observed.map(whole).joined(separator: ", ")) units against \(plan), "
    + "p = \(abProbability(test.pValue)) (\(test.method.rawValue) test).\n"
}

private func definitions(_ result: ExperimentResult) -> String {
  let experiment = result.experiment
  let best = experiment.isLessBetter ? "smallest" : "largest"
  let loss = experiment.isLessBetter ? "this mean - best mean" : "best mean - this mean"
  let mass = percent(experiment.mass)
  let rope = abNumber(result.equivalence)
  return """
    What the numbers are (metric \(experiment.metric.rawValue): \(unitName(experiment.metric)); all exact, by quadrature):
      Mean            posterior mean of the variant's \(unitName(experiment.metric))
      interval        equal-tailed: the same probability lies below it and above it, \(mass) within
      HDI             the shortest interval that holds \(mass)
      P(best)         posterior probability that the variant has the \(best) mean of all
      Expected loss   E[\(loss)]: what choosing this variant costs on average
      P(better)       posterior probability that the mean is better than the control's
      P(ROPE)         posterior probability of a difference between -\(rope) and \(rope)
      lift            variant over control, minus 1

    """
}

/// The warning of a sample ratio mismatch, which takes the ground from under all else.
private func sampleRatioWarning(_ result: ExperimentResult) -> String? {
  guard let test = result.sampleRatio, test.isMismatch else { return nil }
  return
    "sample ratio mismatch: the units are not split as planned (p = \(abProbability(test.pValue))). Something in the "
    + "assignment or the logging is broken, and the comparison is not to be trusted until it is found. "
    + (result.experiment.plannedSplit == nil
      ? "If the plan was not equal shares, state it with --split." : "")
}

/// What is to be warned of.
func abWarnings(_ result: ExperimentResult, _ input: ABInput) -> [String] {
  var warnings: [String] = []
  if let mismatch = sampleRatioWarning(result) { warnings.append(mismatch) }
  if !result.isRobust {
    warnings.append("the decision depends on the prior: there are too few data to choose.")
  }
  if result.variants.contains(where: { $0.expectedLoss == nil }) {
    warnings.append("a posterior mean is infinite: there is no expected loss.")
  }
  for arm in result.variants {
    guard let comparison = arm.comparison, comparison.lift == nil else { continue }
    warnings.append(
      "no lift of \(arm.variant.name): the control's mean may be about 0 or negative, and a ratio to it means nothing."
    )
  }
  for arm in result.variants {
    if case .revenue(_, let amounts) = arm.variant.data, let excess = amounts.excessDispersion,
      excess > 2
    {
      warnings.append(
        "the amounts of \(arm.variant.name) vary \(formatted(excess, significant: 2)) times as much as the gamma model "
          + "expects: its intervals are too narrow. Compare with --metric normal on all units' values."
      )
    }
  }
  return warnings
}
