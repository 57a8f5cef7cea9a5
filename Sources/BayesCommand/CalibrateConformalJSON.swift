// What `calibrate conformal` prints as JSON.

import BayesCalibration
import BayesCore

/// The report as one object.
func conformalJSON(
  _ report: ConformalReport, _ settings: CalibrateConformalSettings
) throws -> JSONValue {
  let record = report.record
  let isPooled = record.group == nil && !record.isByClass
  let quantile = isPooled ? report.parts[0].quantile : nil
  let (isOverallTooLow, namesTooLow) = try report.tooLow()
  return [
    "version": JSONValue(.string(version)), "file": JSONValue(.string(settings.scores)),
    "label": JSONValue(.string(record.label)), "columns": .strings(record.columns),
    "method": JSONValue(.string(record.method.rawValue)),
    "score": JSONValue(.string(scoreName(record))),
    "level": number(record.level),
    "split": settings.test.map { JSONValue(.string($0)) }
      ?? JSONValue(.string((settings.split ?? .random).rawValue)),
    "seed": JSONValue(.string("\(settings.seed)")), "skipped": .integer(report.skipped),
    "rows": .integer(report.fittedRows),
    "rank": quantile.map { .integer($0.rank) } ?? nil, "threshold": number(quantile?.value),
    "test_rows": .integer(report.rows), "covered": .integer(report.covered),
    "coverage_band": pair(report.band.coverage),
    "coverage_band_probability": number(report.band.probability),
    "too_low": JSONValue(.bool(isOverallTooLow || !namesTooLow.isEmpty)),
    "too_low_parts": .strings(namesTooLow),
    "sizes": report.sizes.map { .numbers($0.map(Double.init)) } ?? nil,
    "empty": report.sizes.map { .integer($0[0]) } ?? nil,
    "classes": JSONValue(.array(record.group == nil ? classes(report) : [])),
    "groups": JSONValue(.array(record.group == nil ? [] : report.parts.map(group))),
    "as_given": report.given.map { given in
      [
        "covered": .integer(given.covered), "coverage": number(given.coverage),
        "interval": pair(given.interval), "mean_width": number(given.meanWidth),
        "mean_interval_score": number(given.meanScore),
      ]
    } ?? nil,
    "mean_width": number(report.mean(\.meanWidth)),
    "mean_interval_score": number(report.mean(\.meanIntervalScore)),
  ]
}

private func scoreName(_ record: ConformalRecord) -> String {
  switch record.rule {
  case .sets(let groups): groups.rules[0].score.name
  case .intervals: record.method == .residual ? "absolute residual" : "quantiles (CQR)"
  }
}

private func classes(_ report: ConformalReport) -> [JSONValue] {
  guard case .sets(let groups) = report.record.rule, let sets = report.parts[0].sets else {
    return []
  }
  let rule = groups.rules[0]
  return sets.classes.map { coverage in
    let own = rule.isByClass ? rule.quantiles[coverage.label] : nil
    return [
      "name": JSONValue(.string(report.record.classes[coverage.label])),
      "rows": .integer(coverage.rows), "covered": .integer(coverage.covered),
      "coverage": number(coverage.coverage), "fit_rows": own.map { .integer($0.rows) } ?? nil,
      "threshold": number(own?.value),
      "coverage_band": coverage.band.map { pair($0.coverage) } ?? nil,
    ]
  }
}

private func group(_ part: ConformalPart) -> JSONValue {
  [
    "name": JSONValue(.string(part.name)), "fit_rows": .integer(part.quantile.rows),
    "rank": .integer(part.quantile.rank), "threshold": number(part.quantile.value),
    "rows": .integer(part.rows), "covered": .integer(part.covered),
    "coverage_band": pair(part.band.coverage), "mean_size": number(part.sets?.meanSize),
    "mean_width": number(part.intervals?.meanWidth),
    "mean_interval_score": number(part.intervals?.meanIntervalScore),
  ]
}
