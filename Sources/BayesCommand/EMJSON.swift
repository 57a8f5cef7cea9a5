// What `em` writes for programs: JSON, and the responsibilities as CSV.

import BayesCore
import BayesEngine
import BayesInference
import BayesReport

private func array(_ values: [JSONValue]) -> JSONValue { JSONValue(.array(values)) }
private func text(_ value: String) -> JSONValue { JSONValue(.string(value)) }

/// The object of `em --format json`.
func emJSON(_ fit: EMFit) -> JSONValue {
  [
    "model": text(fit.model), "version": text(version), "seed": .integer(fit.seed),
    "method": text(fit.isMAP ? "map" : "maximum likelihood"),
    "covariance": text(fit.covariance.rawValue),
    "estimates": array(
      fit.estimates.map { estimate in
        [
          "name": text(estimate.variable.name),
          "shape": .numbers(estimate.variable.dimensions.map { Double($0.size) }),
          "elements": .strings(estimate.variable.elementNames),
          "values": .numbers(estimate.values),
          "standard_errors": array(estimate.standardErrors.map(number)),
        ]
      }),
    "no_standard_errors": fit.errorNote.map(text) ?? nil,
    "log_likelihood": number(fit.logLikelihood), "log_posterior": number(fit.logPosterior),
    "parameters": .integer(fit.parameterCount), "rows": number(fit.rowCount),
    "bic": number(fit.bic), "aic": number(fit.aic), "icl": number(fit.icl),
    "labels": labelsJSON(fit.labels), "m_step": .strings(fit.updates),
    "iterations": .integer(fit.best.iterations), "path": .numbers(fit.best.path),
    "seconds_per_iteration": number(fit.seconds.perIteration),
    "restarts": [
      "count": .integer(fit.run.restarts.count), "reached_best": .integer(fit.run.reachedBest),
      "converged": .integer(fit.run.converged), "singular": .integer(fit.run.singular),
      "failed": .integer(fit.run.failed),
      "objectives": array(
        fit.run.restarts.map { $0.isConverged ? number($0.objective) : nil }),
    ],
    "converged": JSONValue(.bool(fit.best.isConverged)), "warnings": .strings(emWarnings(fit)),
    "seconds": [
      "compile": number(fit.seconds.compile), "restarts": number(fit.seconds.restarts),
      "after": number(fit.seconds.after),
    ],
  ]
}

/// The object of a comparison: a list of models.
func comparisonJSON(_ rows: [EMComparisonRow]) -> JSONValue {
  func best(_ criterion: KeyPath<EMFit, Double>) -> JSONValue {
    bestRow(rows, criterion).map {
      [
        "components": $0.candidate.components.map { .integer($0) } ?? nil,
        "covariance": text($0.candidate.covariance.rawValue),
      ]
    } ?? nil
  }
  return [
    "best_by_bic": best(\.bic), "best_by_icl": best(\.iclOrInfinity),
    "models": array(
      rows.map { row in
        [
          "components": row.candidate.components.map { .integer($0) } ?? nil,
          "covariance": text(row.candidate.covariance.rawValue),
          "log_likelihood": number(row.fit?.logLikelihood),
          "parameters": row.fit.map { .integer($0.parameterCount) } ?? nil,
          "bic": number(row.fit?.bic), "icl": number(row.fit?.icl),
          "reached_best": row.fit.map { .integer($0.run.reachedBest) } ?? nil,
          "singular": row.fit.map { .integer($0.run.singular) } ?? nil,
          "failure": row.failure.map(text) ?? nil,
          "warnings": .strings(row.fit?.notes ?? []),
        ]
      }),
  ]
}

/// The labels of all discrete unknowns; those over one axis share its rows.
func responsibilitiesCSV(_ fit: EMFit) -> String {
  fit.labels.map(labelsCSV).joined(separator: "\n")
}
