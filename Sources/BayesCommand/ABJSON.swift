// The object of `ab --format json`.

import BayesCore
import BayesExperiments

private func array(_ values: [JSONValue]) -> JSONValue { JSONValue(.array(values)) }
private func text(_ value: String) -> JSONValue { JSONValue(.string(value)) }

/// The object of `ab --format json`.
func abJSON(_ result: ExperimentResult, _ input: ABInput, _ warnings: [String]) -> JSONValue {
  let experiment = result.experiment
  let names = result.variants.map(\.variant.name)
  return [
    "version": text(version), "metric": text(experiment.metric.rawValue),
    "prior": text(experiment.prior.description), "control": text(names[experiment.control]),
    "less_is_better": JSONValue(.bool(experiment.isLessBetter)), "mass": number(experiment.mass),
    "method": "quadrature and closed forms",
    "variants": array(result.variants.map(variantJSON)),
    "decision": decisionJSON(
      result.decision, names, isWithheld: result.sampleRatio?.isMismatch ?? false),
    "loss_threshold": number(result.lossThreshold), "rope": number(result.equivalence),
    "prior_sensitivity": array(
      result.sensitivity.map { row in
        [
          "label": text(row.label), "prior": text(row.prior.description),
          "probability_best": .numbers(row.best.probabilities),
          "expected_loss": array(row.best.expectedLosses.map(number)),
          "decision": decisionJSON(row.decision, names),
        ]
      }),
    "robust": JSONValue(.bool(result.isRobust)),
    "sample_ratio": result.sampleRatio.map { test in
      [
        "observed": .numbers(test.observed), "expected": .numbers(test.expected),
        "statistic": number(test.statistic), "p_value": number(test.pValue),
        "method": text(test.method.rawValue), "mismatch": JSONValue(.bool(test.isMismatch)),
      ]
    } ?? nil,
    "cuped": input.adjustment.map { adjustment in
      [
        "slope": number(adjustment.slope),
        "variance_reduction": number(adjustment.varianceReduction),
        "covariate_means": .numbers(adjustment.covariateMeans),
      ]
    } ?? nil,
    "warnings": .strings(warnings),
    "note":
      "Stopping when a posterior threshold is crossed has the false-positive rate of peeking at p values.",
  ]
}

private func variantJSON(_ arm: VariantResult) -> JSONValue {
  [
    "name": text(arm.variant.name), "units": number(arm.variant.data.units),
    "observed_mean": number(arm.variant.data.observedMean), "posterior": text(arm.posterior.name),
    "mean": number(arm.posterior.mean), "sd": number(arm.posterior.marginal.standardDeviation),
    "interval": pair(arm.interval), "hdi": pair(arm.shortestInterval),
    "probability_best": number(arm.probabilityBest), "expected_loss": number(arm.expectedLoss),
    "comparison": arm.comparison.map { comparison in
      [
        "probability_better": number(comparison.probabilityBetter),
        "difference": contrastJSON(comparison.difference),
        "lift": comparison.lift.map(contrastJSON) ?? nil,
        "rope": [
          "inside": number(comparison.equivalence.inside),
          "below": number(comparison.equivalence.below),
          "above": number(comparison.equivalence.above),
        ],
      ]
    } ?? nil,
  ]
}

private func contrastJSON(_ contrast: Contrast) -> JSONValue {
  [
    "mean": number(contrast.posterior.mean), "sd": number(contrast.posterior.standardDeviation),
    "median": number(contrast.median), "interval": pair(contrast.interval),
    "hdi": pair(contrast.shortestInterval),
  ]
}

/// - Parameter isWithheld: whether the data are not to be trusted.
private func decisionJSON(
  _ decision: Decision, _ names: [String], isWithheld: Bool = false
) -> JSONValue {
  var action: JSONValue = "continue"
  if case .choose = decision.action { action = "choose" }
  if isWithheld { action = "none" }
  return [
    "action": action, "candidate": text(names[decision.candidate]),
    "best": .strings(decision.best.map { names[$0] }),
    "expected_loss": number(decision.expectedLoss),
  ]
}
