// What `bandit evaluate --format json` prints.

import BayesBandits
import BayesCore

private func text(_ value: String?) -> JSONValue { value.map { JSONValue(.string($0)) } ?? nil }

/// The object of `bandit evaluate --format json`.
func evaluationJSON(
  _ result: OffPolicyEvaluation, _ settings: BanditEvaluateSettings
) -> JSONValue {
  let weights = result.weights
  return [
    "log": text(settings.log), "rows": .integer(result.rowCount),
    "training_rows": .integer(result.trainingCount),
    "rows_without_reward": .integer(result.pendingCount), "arms": .strings(result.arms),
    "logged_mean_reward": number(result.loggedMean),
    "uniform_log": JSONValue(.bool(result.isLogUniform)),
    "propensities": .numbers([result.propensities.lowerBound, result.propensities.upperBound]),
    "policy": text(settings.policy ?? settings.targetColumn ?? settings.targetPrefix),
    "probabilities": result.probabilities.map { .numbers($0) } ?? nil,
    "estimates": JSONValue(.array(result.estimates.map(estimateJSON))),
    "confidence": number(settings.confidence),
    "weights": [
      "mean": number(weights.mean), "standard_error": number(weights.standardError),
      "largest": number(weights.largest), "largest_line": .integer(weights.largestLine),
      "largest_propensity": number(weights.largestPropensity),
      "effective_sample_size": number(weights.effectiveSampleSize),
      "pareto_k": number(weights.paretoShape),
      "pareto_threshold": number(weights.paretoThreshold),
      "above_switch": .integer(weights.aboveSwitch),
    ],
    "reward_model": [
      "prior_reward": number(settings.priorReward), "prior_count": number(settings.priorCount),
      "folds": .integer(settings.folds), "split": number(settings.split),
    ],
    "switch": number(settings.switchThreshold), "seed": .integer(settings.seed),
    "warnings": JSONValue(
      .array(
        result.warnings.map {
          [
            "kind": text($0.kind.rawValue), "message": text($0.message),
            "suggestion": text($0.suggestion),
          ]
        })),
    "version": text(version),
  ]
}

private func estimateJSON(_ estimate: OffPolicyEstimate) -> JSONValue {
  [
    "method": text(estimate.method.rawValue), "value": number(estimate.value),
    "standard_error": number(estimate.standardError),
    "interval": estimate.interval.map { .numbers([$0.lowerBound, $0.upperBound]) } ?? nil,
    "interval_method": text(estimate.intervalMethod?.rawValue),
    "effective_sample_size": number(estimate.effectiveSampleSize), "note": text(estimate.note),
  ]
}
