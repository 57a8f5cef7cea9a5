// What `calibrate` prints as text.

import BayesCalibration
import BayesNumerics

extension MeasuredRows {
  /// Whether nothing speaks against perfect calibration at the 5 % level: the simulated test of the first error and, where
  /// there is one, Spiegelhalter's.
  var isCalibrated: Bool {
    measures.errors[0].errors.expected.pValue >= 0.05
      && (measures.spiegelhalter?.pValue ?? 1) >= 0.05
  }
}

extension CalibrationReport {
  /// The columns of measures, with their titles.
  var columns: [(title: String, rows: MeasuredRows)] {
    var columns = [("Before", before)]
    if let after {
      let title =
        switch trial {
        case .folds(let count): "After (\(count) folds)"
        case .file, .rest: "After"
        }
      columns.append((title, after))
    }
    if let sameRows { columns.append(("After (same rows)", sameRows)) }
    return columns
  }
}

/// Everything that `calibrate` prints.
func calibrationText(_ report: CalibrationReport, _ settings: CalibrateSettings) -> String {
  var text = dataText(report, settings)
  if let comparison = report.comparison { text += "\n" + comparisonText(comparison) }
  if let record = report.record { text += "\n" + mapText(record, report) }
  text += "\n" + scoresText(report) + "\n" + errorsText(report)
  text += "\n" + reliabilityDrawing(report) + "\n" + verdict(report)
  if let groups = report.groups { text += "\n" + groupText(groups) }
  return text + "\n" + definitions(report)
}

private func dataText(_ report: CalibrationReport, _ settings: CalibrateSettings) -> String {
  let rows = report.rows
  let layout = rows.layout
  let what =
    switch layout.kind {
    case .logit: "the log odds of label 1 in column \(layout.columns[0])"
    case .probability: "the probability of label 1 in column \(layout.columns[0])"
    case .logits: "logits of \(layout.columns.count) classes"
    case .probabilities: "probabilities of \(layout.columns.count) classes"
    }
  var text = "\(settings.scores): labels in column \(rows.label), \(what).\n"
  if layout.kind.isMulticlass {
    let right = report.before.table.bins.reduce(0) { $0 + $1.frequency * Double($1.count) }
    text +=
      "\(rows.count) rows measured; the top label is right in \(percentage(right / Double(rows.count))) of them.\n"
  } else {
    let ones = rows.labels.count { $0 == 1 }
    text +=
      "\(rows.count) rows measured, \(ones) of label 1 (\(percentage(Double(ones) / Double(rows.count)))).\n"
  }
  switch report.trial {
  case .file(let path): text += "Fitted to \(report.fittedRows) rows; measured on \(path).\n"
  case .rest(let count):
    text += "Fitted to the first \(count) rows; measured on the \(rows.count) after them.\n"
  case .folds: break
  }
  return text
}

private func percentage(_ x: Double) -> String { "\(formatted(100 * x, significant: 4)) %" }

/// Five significant digits, and a dash for what is not finite.
func measureText(_ x: Double?) -> String {
  guard let x, x.isFinite else { return "—" }
  return x != 0 && abs(x) < 1e-4 ? formatted(x, significant: 3) : fixed(x, decimals: 5)
}

private func within(_ band: Band?) -> String {
  guard let band else { return "—" }
  return
    "\(measureText(band.interval.lowerBound)) to \(measureText(band.interval.upperBound))"
}

private func pText(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, decimals: 3) }

private func comparisonText(_ comparison: MethodComparison) -> String {
  var rows = [
    [
      "Method", "Parameters", "NLL", "s.e.", "Excess", "s.e.", "Brier", "s.e.",
      "ECE of \(comparison.event.name)", "s.e.",
    ]
  ]
  var problems = ""
  for entry in comparison.entries {
    let mark =
      entry.method == comparison.chosen
      ? " *" : entry.isWithinOneStandardError ? " ." : ""
    rows.append(
      [entry.method.name + mark, entry.parameterCount.map { "\($0)" } ?? "rows"]
        + [entry.likelihood, entry.excess, entry.brier, entry.expectedError].flatMap {
          [measureText($0?.mean), measureText($0?.standardError)]
        })
    if let failure = entry.failures.first {
      problems +=
        "\(entry.method.name) could not be fitted in \(entry.failures.count) of \(comparison.folds) folds: "
        + "\(failure.reason).\n"
    }
    if entry.impossibleRows > 0 {
      problems +=
        "\(entry.method.name) gave probability 0 to the label of \(entry.impossibleRows) "
        + "\(entry.impossibleRows == 1 ? "row" : "rows"): its NLL is infinite.\n"
    }
  }
  return "Methods on held-out rows, \(comparison.folds) folds of \(comparison.rows) rows "
    + "(* chosen, . within one standard error of the smallest NLL):\n\n" + abTable(rows) + "\n"
    + problems + "Chosen: \(comparison.rule).\n"
}

private func mapText(_ record: CalibrationRecord, _ report: CalibrationReport) -> String {
  var text = "Map: \(record.map.method.name), \(record.map.method.summary)"
  text += "; fitted to \(record.rows) rows.\n"
  let numbers = parameterRows(record.map)
  if !numbers.isEmpty { text += abTable(numbers) }
  return text
}

/// The numbers of a map that mean something to a reader.
private func parameterRows(_ map: FittedMap) -> [[String]] {
  func number(_ x: Double) -> String { formatted(x, significant: 8) }
  switch map {
  case .temperature(let map):
    return [
      [
        "  T", number(map.temperature),
        map.standardError.map { "standard error \(formatted($0, significant: 5))" } ?? "",
      ],
      [
        "  1/T", number(map.inverse),
        map.inverseStandardError.map { "standard error \(formatted($0, significant: 5))" } ?? "",
      ],
    ]
  case .bayesianTemperature(let map):
    let interval = map.interval()
    return [
      ["  T", "posterior mean \(number(map.mean))"],
      ["", "sd \(formatted(map.standardDeviation, significant: 5))"],
      [
        "",
        "95 % \(formatted(interval.lowerBound, significant: 5)) to \(formatted(interval.upperBound, significant: 5))",
      ],
      [
        "",
        "prior log T ~ Normal(\(formatted(map.prior.location, significant: 4)), "
          + "\(formatted(map.prior.scale, significant: 4)))",
      ],
    ]
  case .platt(let map):
    return [
      [
        "  slope", number(map.slope),
        "standard error \(formatted(map.standardErrors.slope, significant: 5))",
      ],
      [
        "  intercept", number(map.intercept),
        "standard error \(formatted(map.standardErrors.intercept, significant: 5))",
      ],
    ]
  case .beta(let map):
    return [["  a", number(map.a)], ["  b", number(map.b)], ["  c", number(map.c)]]
  case .ensembleTemperature(let map):
    return [
      ["  T", number(map.temperature)], ["  weight of tempered scores", number(map.tempered)],
      ["  weight of unchanged scores", number(map.unchanged)],
      ["  weight of equal probabilities", number(map.uniform)],
    ]
  case .isotonic(let map): return [["  thresholds", "\(map.thresholds.count)"]]
  case .histogram(let map): return [["  bins", "\(map.values.count)"]]
  case .affine(let map):
    guard let shrinkage = map.shrinkage else { return [] }
    func short(_ x: Double) -> String { formatted(x, significant: 3) }
    return [
      ["  prior sd of weights around 1/T, relative", short(shrinkage.weights)],
      ["  prior sd of intercepts around 0", short(shrinkage.intercepts)],
    ]
  default: return []
  }
}

private func scoresText(_ report: CalibrationReport) -> String {
  let columns = report.columns
  let isBinary = !report.rows.layout.kind.isMulticlass
  var rows = [["Scores"] + columns.map(\.title)]
  func add(_ name: String, _ value: (CalibrationMeasures) -> String) {
    rows.append([name] + columns.map { value($0.rows.measures) })
  }
  add("NLL, nats") { measureText($0.negativeLogLikelihood) }
  add("  95 % bootstrap") { within($0.likelihoodBand) }
  add(isBinary ? "Brier score" : "Brier score, all classes") { measureText($0.brier) }
  add("  95 % bootstrap") { within($0.brierBand) }
  add("  reliability") { measureText($0.decomposition.reliability) }
  add("  resolution") { measureText($0.decomposition.resolution) }
  add("  uncertainty") { measureText($0.decomposition.uncertainty) }
  if isBinary {
    add("Calibration slope") { measures in
      measures.line.map {
        "\(fixed($0.slope, decimals: 4)) ± \(fixed($0.slopeError, decimals: 4))"
      } ?? "—"
    }
    add("Calibration intercept") { measures in
      measures.line.map {
        "\(fixed($0.intercept, decimals: 4)) ± \(fixed($0.interceptError, decimals: 4))"
      } ?? "—"
    }
  }
  add("Mean bias") { measureText($0.meanBias) }
  add("Sharpness") { measureText($0.sharpness) }
  add("Spiegelhalter's z") { measures in
    measures.spiegelhalter.map {
      "\(fixed($0.z, decimals: 2)), p \(pText($0.pValue))"
    } ?? "—"
  }
  return abTable(rows)
}

private func errorsText(_ report: CalibrationReport) -> String {
  var rows = [
    ["Calibration errors", "Value", "95 % bootstrap", "Perfect", "95 % of perfect", "p"]
  ]
  func add(_ title: String, _ assessment: AssessedErrors.Assessment) {
    rows.append([
      "  " + title, measureText(assessment.value), within(assessment.bootstrap),
      measureText(assessment.perfect.mean), within(assessment.perfect), pText(assessment.pValue),
    ])
  }
  let columns = report.columns
  for index in columns[0].rows.measures.errors.indices {
    let first = columns[0].rows.measures.errors[index]
    rows.append(["ECE of \(first.event.name), \(first.errors.table.binning.name)"] + blanks)
    for (title, measured) in columns {
      add(title, measured.measures.errors[index].errors.expected)
    }
  }
  let main = columns[0].rows.measures.errors[0]
  rows.append(["Largest gap of a bin (maximum error), \(main.event.name)"] + blanks)
  for (title, measured) in columns { add(title, measured.measures.errors[0].errors.maximum) }
  rows.append(["Debiased squared L2 error, \(main.event.name)"] + blanks)
  for (title, measured) in columns {
    add(title, measured.measures.errors[0].errors.debiasedSquared)
  }
  rows.append(["Smooth ECE, \(main.event.name), fewer replicates"] + blanks)
  for (title, measured) in columns { add(title, measured.measures.smooth) }
  if columns[0].rows.measures.classwiseError != nil {
    rows.append(["Classwise ECE, mean over classes"] + blanks)
    for (title, measured) in columns {
      rows.append(
        ["  " + title, measureText(measured.measures.classwiseError), "", "", "", ""])
    }
  }
  return abTable(rows)
}

private let blanks = ["", "", "", "", ""]

private func verdict(_ report: CalibrationReport) -> String {
  var text = sentence("Before", report.before)
  if let after = report.after {
    text += sentence("After, on rows the map was not fitted to", after)
    let gain =
      report.before.measures.negativeLogLikelihood - after.measures.negativeLogLikelihood
    if gain.isFinite, gain <= 0 {
      text += "The map does not lower the NLL of held-out rows: keep the scores as they are.\n"
    }
  } else if report.comparison != nil {
    text += "No method is better than the scores as they are: nothing was fitted.\n"
  }
  if report.sameRows != nil {
    text +=
      "\"Same rows\" are those that the map was fitted to, which flatters it; the folds do not.\n"
  }
  return text
}

private func sentence(_ title: String, _ measured: MeasuredRows) -> String {
  let error = measured.measures.errors[0].errors.expected
  let band = error.perfect.interval
  var text =
    "\(title): ECE \(fixed(error.value, decimals: 4)), where a perfectly calibrated model of \(measured.measures.rows) rows "
    + "shows \(fixed(band.lowerBound, decimals: 4)) to \(fixed(band.upperBound, decimals: 4)); p \(pText(error.pValue)): "
  if measured.isCalibrated {
    text += "nothing speaks against these probabilities."
  } else if error.pValue >= 0.05, let z = measured.measures.spiegelhalter {
    text +=
      "as it should be, but Spiegelhalter's test (p \(pText(z.pValue))) speaks against these probabilities."
  } else {
    text += "these probabilities are not calibrated."
    if let line = measured.measures.line, abs(line.slope - 1) > 2 * line.slopeError {
      text +=
        line.slope < 0
        ? " The slope is negative: the scores point the wrong way."
        : line.slope < 1
          ? " The slope is below 1: they are too extreme."
          : " The slope is above 1: they are too timid."
    }
  }
  return text + "\n"
}

private func definitions(_ report: CalibrationReport) -> String {
  let isBinary = !report.rows.layout.kind.isMulticlass
  return """
    What the numbers are:
      NLL             mean of -log of the probability given to the label that came, in nats
      Brier score     \(isBinary ? "mean of (p - y)²" : "mean over rows of the sum over classes of (p - y)²")
      reliability     Σ n_b/n (mean forecast - frequency)², over the bins of the first ECE; 0 is best
      resolution      Σ n_b/n (frequency - base rate)²; uncertainty: base rate (1 - base rate)\
    \(isBinary ? "" : ", both of the event that the top label is right")
      slope, intercept  logistic regression of y on the logit: 1 and 0 are best; ± standard error
      Mean bias       mean probability - frequency; sharpness: the variance of the probabilities
      Spiegelhalter   z of (Brier score - its expectation) under perfect calibration; p of |z|
      ECE             Σ n_b/n |mean forecast - frequency|; the first bin includes 0
      Smooth ECE      mean |forecast - frequency| after smoothing both by a kernel as wide as the error itself; no bins
      Perfect         the same error if every event came with just the probability given: mean, and the middle 95 %
                      of the simulations; p: the share of them with an error at least as large
      95 % bootstrap  of resampled rows: its spread, not its place, is to be read

    """
}
