// The object of `calibrate --format json`.

import BayesCalibration
import BayesCore

private func text(_ value: String) -> JSONValue { JSONValue(.string(value)) }
private func array(_ values: [JSONValue]) -> JSONValue { JSONValue(.array(values)) }

private func band(_ band: Band?) -> JSONValue {
  guard let band else { return nil }
  return [
    "mean": number(band.mean), "sd": number(band.standardDeviation),
    "interval": array([number(band.interval.lowerBound), number(band.interval.upperBound)]),
  ]
}

/// The object of `calibrate --format json`.
func calibrationJSON(_ report: CalibrationReport, _ settings: CalibrateSettings) -> JSONValue {
  let layout = report.rows.layout
  let trial: JSONValue =
    switch report.trial {
    case .folds(let count): ["folds": .integer(count)]
    case .file(let path): ["file": text(path)]
    case .rest(let count): ["after_row": .integer(count)]
    }
  return [
    "version": text(version), "file": text(settings.scores), "label": text(report.rows.label),
    "scores": text(layout.kind.rawValue), "columns": .strings(layout.columns),
    "classes": .strings(layout.classes), "rows": .integer(report.rows.count),
    "fitted_rows": .integer(report.fittedRows), "measured_on": trial,
    "clip": number(layout.treatment.clip), "clipped": .integer(report.rows.treated.clipped),
    "skipped_rows": .integer(report.rows.treated.skipped),
    "sampled_from": report.rows.treated.sampledFrom.map { .integer($0) } ?? nil,
    "seed": .integer(settings.seed), "bins": .integer(settings.bins),
    "replicates": .integer(settings.bootstrap),
    "comparison": report.comparison.map(comparisonJSON) ?? nil,
    "map": report.record?.json ?? nil,
    "temperature": report.record.map { temperatureJSON($0.map) } ?? nil,
    "before": measuresJSON(report.before),
    "after": report.after.map(measuresJSON) ?? nil,
    "groups": report.groups.map(groupJSON) ?? nil,
    "after_same_rows": report.sameRows.map(measuresJSON) ?? nil,
  ]
}

/// What is known of a temperature, where the map is one.
private func temperatureJSON(_ map: FittedMap) -> JSONValue {
  switch map {
  case .temperature(let map):
    return ["estimate": number(map.temperature), "standard_error": number(map.standardError)]
  case .bayesianTemperature(let map):
    let interval = map.interval()
    return [
      "mean": number(map.mean), "sd": number(map.standardDeviation),
      "interval": array([number(interval.lowerBound), number(interval.upperBound)]),
    ]
  default: return nil
  }
}

private func measuresJSON(_ measured: MeasuredRows) -> JSONValue {
  let measures = measured.measures
  let parts = measures.decomposition
  return [
    "rows": .integer(measures.rows), "nll": number(measures.negativeLogLikelihood),
    "nll_bootstrap": band(measures.likelihoodBand), "brier": number(measures.brier),
    "brier_bootstrap": band(measures.brierBand),
    "brier_reliability": number(parts.reliability), "brier_resolution": number(parts.resolution),
    "brier_uncertainty": number(parts.uncertainty), "brier_main_event": number(parts.score),
    "brier_within_bins": number(parts.withinBinVariance - parts.withinBinCovariance),
    "joint_p_value": number(measured.jointPValue),
    "slope": number(measures.line?.slope), "slope_error": number(measures.line?.slopeError),
    "intercept": number(measures.line?.intercept),
    "intercept_error": number(measures.line?.interceptError),
    "intercept_at_slope_one": number(measures.line?.interceptAtSlopeOne),
    "line_problem": measures.lineProblem.map(text) ?? nil,
    "mean_bias": number(measures.meanBias), "sharpness": number(measures.sharpness),
    "spiegelhalter_z": number(measures.spiegelhalter?.z),
    "spiegelhalter_p": number(measures.spiegelhalter?.pValue),
    "classwise_ece": number(measures.classwise.first?.value),
    "classwise_errors": array(
      measures.classwise.map { assessment in
        [
          "definition": text(assessment.name), "value": number(assessment.value),
          "perfect": band(assessment.perfect), "p_value": number(assessment.pValue),
          "bootstrap": band(assessment.bootstrap), "replicates": .integer(assessment.replicates),
        ]
      }),
    "smooth_ece": [
      "value": number(measures.smooth.value), "perfect": band(measures.smooth.perfect),
      "p_value": number(measures.smooth.pValue), "bootstrap": band(measures.smooth.bootstrap),
      "replicates": .integer(measures.smooth.replicates),
    ],
    "calibrated": JSONValue(.bool(measured.isCalibrated)),
    "errors": array(
      measures.errors.flatMap { item in
        [
          ("ece", item.errors.expected), ("maximum_error", item.errors.maximum),
          ("debiased_squared_error", item.errors.debiasedSquared),
        ].map { name, assessment in
          [
            "event": text(item.event.name), "measure": text(name),
            "definition": text(assessment.name), "value": number(assessment.value),
            "perfect": band(assessment.perfect), "p_value": number(assessment.pValue),
            "bootstrap": band(assessment.bootstrap),
          ]
        }
      }),
    "reliability_diagram": array(
      measured.table.bins.map { bin in
        let band = bin.consistencyBand()
        return [
          "bin": .integer(bin.index), "rows": .integer(bin.count),
          "mean_forecast": number(bin.meanForecast), "frequency": number(bin.frequency),
          "consistency_band": array([number(band.lowerBound), number(band.upperBound)]),
        ]
      }),
  ]
}

private func comparisonJSON(_ comparison: MethodComparison) -> JSONValue {
  func estimate(_ value: MethodComparison.Estimate?) -> JSONValue {
    guard let value else { return nil }
    return ["mean": number(value.mean), "standard_error": number(value.standardError)]
  }
  return [
    "folds": .integer(comparison.folds), "chosen": comparison.chosen.map { text($0.name) } ?? nil,
    "best": comparison.best.map { text($0.name) } ?? nil, "rule": text(comparison.rule),
    "methods": array(
      comparison.entries.map { entry in
        [
          "method": text(entry.method.name),
          "parameters": entry.parameterCount.map { .integer($0) } ?? nil,
          "nll": estimate(entry.likelihood), "excess_nll": estimate(entry.excess),
          "brier": estimate(entry.brier), "ece": estimate(entry.expectedError),
          "ece_perfect": estimate(entry.perfectError),
          "impossible_rows": .integer(entry.impossibleRows),
          "failures": .strings(entry.failures.map { "fold \($0.fold + 1): \($0.reason)" }),
        ]
      }),
  ]
}
