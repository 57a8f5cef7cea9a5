// What `calibrate` prints as text.

import BayesCalibration
import BayesNumerics

extension MeasuredRows {
  /// Whether nothing speaks against perfect calibration at the 5 % level: neither the simulated test of the first error nor, where
  /// there is one, Spiegelhalter's; the smaller p-value of two counts twice (Bonferroni).
  var isCalibrated: Bool { jointPValue >= 0.05 }

  var jointPValue: Double {
    let p = measures.errors[0].errors.expected.pValue
    guard let other = measures.spiegelhalter?.pValue else { return p }
    return Swift.min(1, 2 * Swift.min(p, other))
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
  if let record = report.record { text += "\n" + mapText(record) }
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
  switch report.trial {
  case .file(let path): text += "Fitted to \(report.fittedRows) rows of it, measured on \(path).\n"
  case .rest(let count):
    text += "Fitted to the first \(count) rows, measured on those after them.\n"
  case .folds: break
  }
  if layout.kind.isMulticlass {
    let right = report.before.table.bins.reduce(0) { $0 + $1.frequency * Double($1.count) }
    text +=
      "\(rows.count) rows measured; the top label is right in \(percentage(right / Double(rows.count))) of them.\n"
  } else {
    let ones = rows.labels.count { $0 == 1 }
    text +=
      "\(rows.count) rows measured, \(ones) of label 1 (\(percentage(Double(ones) / Double(rows.count)))).\n"
  }
  return text + treatmentText(rows)
}

/// What was done with cells that could not be taken as they are, and what looks wrong with the others.
private func treatmentText(_ rows: ScoredRows) -> String {
  var text = ""
  let (treated, clip) = (rows.treated, formatted(rows.layout.treatment.clip, significant: 3))
  if let count = treated.sampledFrom {
    text += "They are a random sample of the file's \(count) rows.\n"
  }
  if treated.skipped > 0 {
    text += "Left out for empty cells: \(counted(treated.skipped, "row")).\n"
  }
  if treated.clipped > 0 {
    text +=
      "Moved away from 0 or 1 to \(clip) or 1 - \(clip): \(counted(treated.clipped, "cell")) (--clip).\n"
  }
  if case .multiclass(let predictions) = rows.predictions {
    let present = Set(predictions.labels)
    let absent = rows.layout.classes.indices.filter { !present.contains($0) }
    if !absent.isEmpty {
      text +=
        "No row has the label \(absent.map { rows.layout.classes[$0] }.joined(separator: ", ")).\n"
    }
  }
  if rows.logitsLookLikeProbabilities {
    text +=
      "All scores lie between 0 and 1: if they are probabilities, name them by --probability or --probabilities.\n"
  }
  return text
}

private func percentage(_ x: Double) -> String { "\(formatted(100 * x, significant: 4)) %" }

private func verdict(_ report: CalibrationReport) -> String {
  var text = sentence("Before", report.before)
  if let after = report.after {
    text += sentence("After, on rows the map was not fitted to", after)
    let gain =
      report.before.measures.negativeLogLikelihood - after.measures.negativeLogLikelihood
    if gain.isFinite, gain <= 0 {
      text += "The map does not lower the NLL of held-out rows: keep the scores as they are.\n"
    }
    if report.comparison != nil, case .folds = report.trial {
      text +=
        "The method was chosen on the same folds, which flatters \"After\" a little; --test FILE would not.\n"
    }
  } else if let comparison = report.comparison {
    text +=
      comparison.chosen == nil
      ? "No method can be compared: each gave probability 0 to a label that came, or could not be fitted.\n"
      : "The scores stay as they are: no method is better by more than one standard error.\n"
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
    + "shows \(fixed(band.lowerBound, decimals: 4)) to \(fixed(band.upperBound, decimals: 4)) (p \(pText(error)))"
  if let z = measured.measures.spiegelhalter {
    text += "; Spiegelhalter's test p \(pText(z.pValue))"
  }
  if measured.isCalibrated { return text + ": nothing speaks against these probabilities.\n" }
  text += ": these probabilities are not calibrated."
  if error.pValue >= 0.05 { text += " Not the gaps of bins tell so but the Brier score." }
  if let line = measured.measures.line, abs(line.slope - 1) > 2 * line.slopeError {
    text +=
      line.slope < 0
      ? " The slope is negative: the scores point the wrong way."
      : line.slope < 1
        ? " The slope is below 1: they are too extreme."
        : " The slope is above 1: they are too timid."
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
      resolution      Σ n_b/n (frequency - base rate)²; uncertainty: base rate (1 - base rate)
      within bins     variance less covariance inside of bins: reliability - resolution + uncertainty + this is the score\
    \(isBinary ? "" : "\n                  of the event that the top label is right, (p - right)²")
      slope, intercept  logistic regression of \(isBinary ? "y on its" : "whether the top label is right on its") \
    log odds: 1 and 0 are best; ± standard error
      Mean bias       mean probability - frequency; sharpness: the variance of the probabilities
      Spiegelhalter   z of (Brier score - its expectation) under perfect calibration; p of |z|
      ECE             Σ n_b/n |mean forecast - frequency|; the first bin includes 0
      Smooth ECE      mean |forecast - frequency| after smoothing both by a kernel as wide as the error itself; no bins
      Perfect         the same error if every event came with just the probability given: mean, and the middle 95 %
                      of the simulations; p: the share of them with an error at least as large, "<" where none had
      95 % bootstrap  of resampled rows: its spread, not its place, is to be read

    """
}
