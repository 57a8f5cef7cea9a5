// What `calibrate conformal` prints as text.

import BayesCalibration
import BayesNumerics

private func percent(_ share: Double) -> String { "\(fixed(100 * share, decimals: 2)) %" }

private func percent(_ band: CoverageBand) -> String {
  "\(fixed(100 * band.coverage.lowerBound, decimals: 2)) to \(fixed(100 * band.coverage.upperBound, decimals: 2)) %"
}

private func levelText(_ level: Double) -> String { "\(formatted(100 * level, significant: 4)) %" }

/// Everything that `calibrate conformal` prints.
func conformalText(
  _ report: ConformalReport, _ settings: CalibrateConformalSettings
) throws -> String {
  let record = report.record
  var text = dataText(report, settings) + "\n"
  if let given = report.given { text += givenText(given) + "\n" }
  text += "Score: \(scoreText(record)); level \(levelText(record.level)).\n"
  if case .sets(let groups) = record.rule,
    case .regularised(_, let freeRank, _) = groups.rules[0].score, freeRank >= record.classes.count
  {
    text +=
      "Of \(record.classes.count) classes none has a rank beyond \(freeRank): this is aps; see --raps-rank.\n"
  }
  let isByClass = record.isByClass
  if record.group == nil, !isByClass { text += thresholdText(report.parts[0].quantile, record) }
  let share = Double(report.covered) / Double(report.rows)
  text +=
    "\(report.given == nil ? "Coverage" : "Conformalised"): \(report.covered) of \(report.rows) rows, \(percent(share)); 95 % of such draws give "
    + "\(percent(report.band)) (exact, beta-binomial\(record.group == nil && !isByClass ? "" : "s convolved")).\n"
  if let sizes = report.sizes { text += "\n" + sizesText(sizes, report.rows) }
  if let width = report.mean(\.meanWidth) {
    text += "Mean width of an interval \(abNumber(width))"
    if let score = report.mean(\.meanIntervalScore) {
      text += ", mean interval score \(abNumber(score))"
    }
    text += ".\n"
  }
  if let group = record.group {
    text += "\n" + groupTable(report, column: group)
  } else if let sets = report.parts[0].sets {
    text += "\n" + classTable(sets, record)
  }
  text += try warningText(report)
  if let path = settings.save {
    text +=
      "\n\(report.sizes == nil ? "Intervals" : "Sets") of new rows: bayes calibrate conformal-apply \(path) new.csv\n"
  }
  return text
}

/// What the columns are, and which rows did what.
private func dataText(_ report: ConformalReport, _ settings: CalibrateConformalSettings) -> String {
  let record = report.record
  let columns = record.columns
  let what =
    switch (record.scores, record.method) {
    case (.logit?, _): "the log odds of label 1 in column \(columns[0])"
    case (.probability?, _): "the probability of label 1 in column \(columns[0])"
    case (.logits?, _): "logits of \(columns.count) classes"
    case (.probabilities?, _): "probabilities of \(columns.count) classes"
    case (nil, .cqr): "lower and upper quantiles in columns \(columns[0]) and \(columns[1])"
    case (nil, _): "predictions in column \(columns[0])"
    }
  var text =
    "\(settings.scores): \(record.scores == nil ? "outcomes" : "labels") in column \(record.label), \(what)"
  if let group = record.group { text += ", groups in column \(group)" }
  text += ".\n"
  if report.skipped > 0 { text += "\(counted(report.skipped, "row")) with empty cells left out.\n" }
  if let path = settings.test {
    text +=
      "Thresholds from \(counted(report.fittedRows, "row")); measured on \(report.rows) of \(path).\n"
  } else if settings.split == .first {
    text +=
      "Thresholds from the first \(counted(report.fittedRows, "row")); measured on the \(report.rows) after them.\n"
  } else {
    text +=
      "Thresholds from \(counted(report.fittedRows, "row")) taken at random (seed \(settings.seed)); measured on the other \(report.rows). "
      + "--split first keeps the order.\n"
  }
  return text
}

/// How often the intervals as they were given hold the outcome.
private func givenText(_ given: ForecastAssessment.Level) -> String {
  var text =
    "As given: \(given.covered) of \(given.count) rows, \(percent(given.coverage)) (95 % interval "
    + "\(fixed(100 * given.interval.lowerBound, decimals: 2)) to \(fixed(100 * given.interval.upperBound, decimals: 2)) %, binomial). "
  text +=
    given.interval.contains(given.level)
    ? "\(levelText(given.level)) is possible." : "That is not \(levelText(given.level))."
  return text
    + "\nMean width of an interval \(abNumber(given.meanWidth)), mean interval score \(abNumber(given.meanScore)).\n"
}

/// The score and its definition.
private func scoreText(_ record: ConformalRecord) -> String {
  guard case .sets(let groups) = record.rule else {
    return record.method == .residual
      ? "absolute residual, |\(record.label) - \(record.columns[0])|"
      : "quantiles (CQR), max(\(record.columns[0]) - \(record.label), \(record.label) - \(record.columns[1]))"
  }
  return groups.rules[0].score.name
}

/// The threshold of all rows, and what it promises.
private func thresholdText(_ quantile: ConformalQuantile, _ record: ConformalRecord) -> String {
  let level = levelText(quantile.level)
  guard let value = quantile.value else {
    return
      "Threshold: none, \(counted(quantile.rows, "row")) \(quantile.rows == 1 ? "is" : "are") too few; everything is allowed. At this level at least "
      + "\(rowsNeeded(quantile.level)) rows are needed.\n"
  }
  var text =
    "Threshold: of \(quantile.rows) scores that of rank \(quantile.rank), \(scoreNumber(value, record))"
  if record.method == .lac {
    text += "; a set has the classes of probability \(formatted(1 - value, significant: 6)) or more"
  }
  return text
    + ".\nCoverage of new rows is at least \(level) on average, about \(percent(quantile.expectedCoverage)) where scores do not tie.\n"
}

/// A score; as a distance from 1 where it is a probability close to it.
private func scoreNumber(_ value: Double, _ record: ConformalRecord) -> String {
  guard record.method == .lac, value > 0.9999, value < 1 else {
    return formatted(value, significant: 6)
  }
  return "1 - \(formatted(1 - value, significant: 3))"
}

private func rowsNeeded(_ level: Double) -> String {
  (try? ConformalQuantile.rowsNeeded(level: level)).map { "\($0)" } ?? "more"
}

/// How large the sets are, and how many are empty.
private func sizesText(_ sizes: [Int], _ rows: Int) -> String {
  let total = sizes.enumerated().reduce(0) { $0 + $1.offset * $1.element }
  var text = "Mean size of a set \(fixed(Double(total) / Double(rows), decimals: 3)).\n"
  if sizes[0] > 0 {
    text +=
      "\(sizes[0]) \(sizes[0] == 1 ? "set is" : "sets are") empty, \(percent(Double(sizes[0]) / Double(rows))): no class looks likely enough "
      + "there, and these rows are never covered.\n"
  }
  return text
    + "\n"
    + abTable(
      [["Size", "Rows"]] + sizes.enumerated().filter { $0.element > 0 }.map { ["\($0)", "\($1)"] })
}

/// Groups with their thresholds and coverage.
private func groupTable(_ report: ConformalReport, column: String) -> String {
  let isSets = report.sizes != nil
  var rows = [
    [
      "Groups by \(column)", "Calibrated", "Threshold", "Measured", "Covered", "Coverage",
      "95 % of such draws", isSets ? "Mean size" : "Mean width",
    ]
  ]
  for part in report.parts {
    let isLow = part.covered < part.band.counts.lowerBound
    rows.append([
      part.name + (isLow ? " *" : ""), "\(part.quantile.rows)",
      thresholdCell(part.quantile, report.record),
      "\(part.rows)", "\(part.covered)", percent(Double(part.covered) / Double(part.rows)),
      percent(part.band),
      part.sets.map { fixed($0.meanSize, decimals: 3) } ?? abNumber(part.intervals?.meanWidth),
    ])
  }
  return abTable(rows) + footnote(report.parts.map(\.quantile), report.record.level)
    + (report.parts.contains { $0.covered < $0.band.counts.lowerBound }
      ? "* below the band of its group.\n" : "")
}

/// Classes with their coverage, and their thresholds where they have any of their own.
private func classTable(_ sets: SetCoverage, _ record: ConformalRecord) -> String {
  func share(_ coverage: SetCoverage.ClassCoverage) -> String {
    coverage.coverage.map(percent) ?? "—"
  }
  guard case .sets(let groups) = record.rule, groups.rules[0].isByClass else {
    return abTable(
      [["Class", "Rows", "Coverage"]]
        + sets.classes.map { [record.classes[$0.label], "\($0.rows)", share($0)] })
      + "The promise is about all rows together, not about each class: --by-class makes one about each.\n"
  }
  let quantiles = groups.rules[0].quantiles
  func isLow(_ coverage: SetCoverage.ClassCoverage) -> Bool {
    coverage.band.map { coverage.covered < $0.counts.lowerBound } ?? false
  }
  return abTable(
    [["Class", "Calibrated", "Threshold", "Measured", "Covered", "Coverage", "95 % of such draws"]]
      + sets.classes.map {
        [
          record.classes[$0.label] + (isLow($0) ? " *" : ""), "\(quantiles[$0.label].rows)",
          thresholdCell(quantiles[$0.label], record), "\($0.rows)", "\($0.covered)", share($0),
          $0.band.map(percent) ?? "—",
        ]
      })
    + footnote(quantiles, record.level)
    + (sets.classes.contains(where: isLow) ? "* below the band of its class.\n" : "")
}

private func thresholdCell(_ quantile: ConformalQuantile, _ record: ConformalRecord) -> String {
  quantile.value.map { scoreNumber($0, record) } ?? "none"
}

private func footnote(_ quantiles: [ConformalQuantile], _ level: Double) -> String {
  guard quantiles.contains(where: { $0.value == nil }) else { return "" }
  return
    "none: too few rows for a threshold, everything is allowed; at \(levelText(level)) at least "
    + "\(rowsNeeded(level)) rows are needed.\n"
}

private func warningText(_ report: ConformalReport) throws -> String {
  let (isOverall, names) = try report.tooLow()
  guard isOverall || !names.isEmpty else { return "" }
  let which = names.isEmpty ? "" : " of \(names.joined(separator: ", "))"
  return
    "\nWarning: coverage\(which) is too low for rows of the same kind: the rows measured differ from those of the threshold.\n"
}

extension ConformalRecord {
  /// Whether each class has a threshold of its own.
  var isByClass: Bool {
    if case .sets(let groups) = rule { groups.rules[0].isByClass } else { false }
  }
}
