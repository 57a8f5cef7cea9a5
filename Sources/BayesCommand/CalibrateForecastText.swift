// What `calibrate forecast` prints, as text and as JSON.

import BayesCalibration
import BayesCore
import BayesNumerics

private func levelText(_ level: Double) -> String { "\(formatted(100 * level, significant: 4)) %" }

/// Everything that `calibrate forecast` prints.
func forecastText(_ report: ForecastReport, _ settings: CalibrateForecastSettings) -> String {
  var text = report.heading + "\n\n" + scoreTable(report, settings) + "\n"
  if let constant = report.constant {
    text +=
      "All values are \(formatted(constant, significant: 6)): there is nothing to forecast, and neither coverage nor skill nor a test says "
      + "anything of a method.\n"
  }
  for note in report.notes { text += note + "\n" }
  if report.constant == nil { text += coverageText(report, settings) }
  text += differenceText(report, isOwn: settings.actual != nil)
  return text + "\n" + definitions(report, settings)
}

/// The levels whose coverage is shown: of intervals alone that of theirs.
private func shownLevels(
  _ report: ForecastReport, _ settings: CalibrateForecastSettings
) -> [Double] {
  report.entries.allSatisfy { $0.interval != nil } ? [settings.mainLevel] : settings.levels
}

private func scoreTable(_ report: ForecastReport, _ settings: CalibrateForecastSettings) -> String {
  let title = levelText(settings.mainLevel)
  let levels = shownLevels(report, settings)
  // Intervals alone have no errors, no CRPS and no transforms.
  let hasDistributions = report.entries.contains { $0.interval == nil }
  var heading = [settings.actual == nil ? "Method" : "Forecast"]
  if hasDistributions { heading += ["MAE", "RMSE", "Bias", "CRPS", "Skill"] }
  heading += levels.map(levelText) + ["Width of \(title)", "Score of \(title)"]
  if hasDistributions {
    heading.append(
      settings.horizon == 1 || settings.actual != nil ? "p of PIT" : "p of PIT, 1 step")
  }
  var rows = [heading]
  for entry in report.entries {
    var cells = [entry.name]
    if hasDistributions {
      let all = entry.assessment
      let skill = report.constant == nil ? entry.skill.map { fixed($0, decimals: 3) } : nil
      cells += [
        abNumber(all?.meanAbsoluteError), abNumber(all?.rootMeanSquaredError),
        abNumber(all?.bias), abNumber(all?.meanCRPS), skill ?? "—",
      ]
    }
    cells += levels.map { level in
      guard report.constant == nil, let found = entry.level(level) else { return "—" }
      let isOutside = report.isIndependent && !found.band.counts.contains(found.covered)
      return fixed(found.coverage, decimals: 3) + (isOutside ? "*" : "")
    }
    let main = entry.level(settings.mainLevel)
    cells += [abNumber(main?.meanWidth), abNumber(main?.meanScore)]
    if hasDistributions {
      let p = report.constant == nil ? entry.uniformity.map { pText($0.pValue) } : nil
      cells.append(p ?? "—")
    }
    rows.append(cells)
  }
  return abTable(rows)
}

/// Where coverage must lie, or why nothing can be said.
private func coverageText(
  _ report: ForecastReport, _ settings: CalibrateForecastSettings
) -> String {
  let levels = shownLevels(report, settings)
  var text =
    "\(levels.map(levelText).joined(separator: ", ")): the share of values inside \(levels.count == 1 ? "the" : "central") intervals. "
  guard report.isIndependent else {
    return text
      + "Forecasts more than one step ahead share errors, so that no band is given for \(levels.count == 1 ? "this share" : "these shares").\n"
  }
  let found = levels.compactMap { level in report.entries.compactMap { $0.level(level) }.first }
  guard let first = found.first else { return "" }
  text +=
    "Of \(first.count) \(settings.actual == nil ? "" : "independent ")values, intervals that are right hold, 95 % of the time (binomial), "
  text += found.map {
    "\(fixed($0.band.shares.lowerBound, decimals: 3)) to \(fixed($0.band.shares.upperBound, decimals: 3)) at \(levelText($0.level))"
  }.joined(separator: ", ")
  let isMarked = report.entries.contains { entry in
    levels.contains { entry.level($0).map { !$0.band.counts.contains($0.covered) } ?? false }
  }
  return text + (isMarked ? "; * is outside.\n" : ".\n")
}

/// Mean differences of CRPS, with their errors.
private func differenceText(_ report: ForecastReport, isOwn: Bool) -> String {
  guard let first = report.entries.first, report.constant == nil else { return "" }
  let differences = report.entries.compactMap { entry in
    entry.difference.map { (entry.name, $0) }
  }
  guard let lag = differences.map(\.1.lag).max() else { return "" }
  return "\n"
    + abTable(
      [["CRPS less that of \(first.name)", "Difference", "s.e.", "95 %"]]
        + differences.map { name, difference in
          [
            name, abNumber(difference.mean), abNumber(difference.standardError),
            difference.interval.map(abInterval) ?? "—",
          ]
        })
    + "Means of paired differences, \(differences[0].1.count) pairs; s.e. by Newey and West with \(lag) lags, since neighbouring \(isOwn ? "rows may be" : "windows are") alike; "
    + "below 0 is better than \(first.name).\n"
}

private func definitions(
  _ report: ForecastReport, _ settings: CalibrateForecastSettings
) -> String {
  let main = settings.mainLevel
  var text = ""
  if let first = report.entries.first(where: { $0.assessment != nil }) {
    text +=
      "MAE: mean |value - median|. CRPS: mean continuous ranked probability score, in the unit of the values"
    if report.entries.count > 1 { text += "; skill: 1 - CRPS over that of \(first.name)" }
    text += ". "
  }
  text +=
    "Score of \(levelText(main)): mean interval score, width + \(formatted(2 / (1 - main), significant: 4)) times the distance of a "
    + "value outside; less is better."
  if report.entries.contains(where: { $0.uniformity != nil }) {
    text +=
      " p of PIT: whether the probabilities below what came"
      + (settings.horizon > 1 ? ", one step ahead," : "")
      + " are uniform (they are if forecasts are calibrated\(settings.actual == nil ? "" : " and rows independent")), by the simultaneous bands of "
      + "their distribution function."
  } else if !report.isIndependent, report.entries.contains(where: { $0.assessment != nil }) {
    text += " No p of PIT: errors of forecasts several steps ahead are not independent."
  }
  if let draws = report.entries.first(where: { $0.name.hasSuffix("draws") })?.assessment {
    text +=
      " The CRPS of draws is that of their own distribution, a little above that of the one behind them"
      + (draws.meanFairCRPS.map { " (unbiased: \(abNumber($0)))" } ?? "") + "."
  }
  return text + "\n"
}

/// The report as one object.
func forecastJSON(
  _ report: ForecastReport, _ settings: CalibrateForecastSettings
) throws -> JSONValue {
  func level(_ level: ForecastAssessment.Level, isIndependent: Bool) -> JSONValue {
    [
      "level": number(level.level), "coverage": number(level.coverage),
      "interval": isIndependent ? pair(level.interval) : nil,
      "band": isIndependent ? pair(level.band.shares) : nil,
      "mean_width": number(level.meanWidth), "interval_score": number(level.meanScore),
    ]
  }
  func assessment(_ assessment: ForecastAssessment?, isIndependent: Bool) -> JSONValue {
    guard let assessment else { return nil }
    return [
      "values": .integer(assessment.count), "mae": number(assessment.meanAbsoluteError),
      "rmse": number(assessment.rootMeanSquaredError), "bias": number(assessment.bias),
      "crps": number(assessment.meanCRPS), "fair_crps": number(assessment.meanFairCRPS),
      "levels": JSONValue(
        .array(assessment.levels.map { level($0, isIndependent: isIndependent) })),
      "pit": .numbers(assessment.transforms),
    ]
  }
  func entry(_ entry: ForecastEntry) -> JSONValue {
    [
      "method": JSONValue(.string(entry.name)), "windows": .integer(entry.windows),
      "failures": .integer(entry.failures),
      "overall": assessment(entry.assessment, isIndependent: report.isIndependent),
      "interval": entry.interval.map { level($0, isIndependent: report.isIndependent) } ?? nil,
      // Windows that do not overlap share no error at one number of steps ahead.
      "by_horizon": JSONValue(
        .array(
          entry.byHorizon.enumerated().map { assessment($1, isIndependent: settings.step > $0) })),
      "skill": number(entry.skill), "pit_p_value": number(entry.uniformity?.pValue),
      "crps_difference": entry.difference.map { difference in
        [
          "mean": number(difference.mean), "standard_error": number(difference.standardError),
          "interval": difference.interval.map(pair) ?? nil, "pairs": .integer(difference.count),
          "lags": .integer(difference.lag),
        ]
      } ?? nil,
    ]
  }
  let isOwn = settings.actual != nil
  return [
    "version": JSONValue(.string(version)), "file": JSONValue(.string(settings.series)),
    "actual": settings.actual.map { JSONValue(.string($0)) } ?? nil,
    "training": isOwn ? nil : .integer(settings.training),
    "sliding": isOwn ? nil : JSONValue(.bool(settings.isSliding)),
    "horizon": .integer(settings.horizon), "step": isOwn ? nil : .integer(settings.step),
    "constant": number(report.constant), "notes": .strings(report.notes),
    "methods": JSONValue(.array(report.entries.map(entry))),
  ]
}
