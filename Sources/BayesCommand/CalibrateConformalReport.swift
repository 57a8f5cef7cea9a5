// What `calibrate conformal` finds: thresholds of all rows or of groups, and what their sets or intervals hold.

import BayesCalibration
import BayesCore
import BayesNumerics
import CommandLineKit

/// What is measured of all rows, or of one group.
struct ConformalPart: Sendable {
  enum Coverage: Sendable {
    case sets(SetCoverage)
    case intervals(IntervalCoverage)
  }
  /// The group; empty for all rows.
  var name: String
  /// The threshold; of sets with a threshold for each class, that of class 0.
  var quantile: ConformalQuantile
  var coverage: Coverage

  var rows: Int {
    switch coverage {
    case .sets(let coverage): coverage.rows
    case .intervals(let coverage): coverage.rows
    }
  }
  var covered: Int {
    switch coverage {
    case .sets(let coverage): coverage.covered
    case .intervals(let coverage): coverage.covered
    }
  }
  var band: CoverageBand {
    switch coverage {
    case .sets(let coverage): coverage.band
    case .intervals(let coverage): coverage.band
    }
  }
  var sets: SetCoverage? { if case .sets(let coverage) = coverage { coverage } else { nil } }
  var intervals: IntervalCoverage? {
    if case .intervals(let coverage) = coverage { coverage } else { nil }
  }
}

/// Everything that `calibrate conformal` reports.
struct ConformalReport: Sendable {
  /// The thresholds, as they are stored.
  var record: ConformalRecord
  /// How many rows gave them.
  var fittedRows: Int
  /// Rows that were left out for an empty cell.
  var skipped = 0
  /// All rows measured, or those of each group.
  var parts: [ConformalPart]
  /// The rows covered altogether, beside what thresholds of the parts allow.
  var band: CoverageBand
  /// The intervals as they were given.
  var given: ForecastAssessment.Level?

  var rows: Int { parts.reduce(0) { $0 + $1.rows } }
  var covered: Int { parts.reduce(0) { $0 + $1.covered } }

  /// The numbers of sets by size, from 0; `nil` for intervals.
  var sizes: [Int]? {
    guard let first = parts[0].sets else { return nil }
    return parts.dropFirst().compactMap(\.sets).reduce(first.sizes) { sums, sets in
      zip(sums, sets.sizes).map(+)
    }
  }

  /// The mean over rows of what intervals have; `nil` for sets, or where an interval is the whole line.
  func mean(_ value: (IntervalCoverage) -> Double?) -> Double? {
    var sum = 0.0
    for part in parts {
      guard let intervals = part.intervals, let mean = value(intervals) else { return nil }
      sum += mean * Double(part.rows)
    }
    return sum / Double(rows)
  }

  /// The parts, or the classes with thresholds of their own, that hold too few, by bands which right thresholds leave in 5 %
  /// of all evaluations, however many parts there are; and whether all rows together do.
  func tooLow() throws -> (isOverall: Bool, names: [String]) {
    let isOverall = covered < band.counts.lowerBound
    var candidates: [(name: String, quantile: ConformalQuantile, rows: Int, covered: Int)] = []
    if case .sets(let groups) = record.rule, groups.rules[0].isByClass {
      candidates = (parts[0].sets?.classes ?? []).map {
        (record.classes[$0.label], groups.rules[0].quantiles[$0.label], $0.rows, $0.covered)
      }
    } else if record.group != nil {
      candidates = parts.map { ($0.name, $0.quantile, $0.rows, $0.covered) }
    }
    candidates.removeAll { $0.rows == 0 }
    let names = try candidates.filter {
      let band = try CoverageBand(
        $0.quantile, testRows: $0.rows, probability: 1 - 0.05 / Double(candidates.count))
      return $0.covered < band.counts.lowerBound
    }.map(\.name)
    return (isOverall, names)
  }
}

/// Calibrates and measures.
///
/// - Throws: `CalibrationError`, `DataError`, `UsageError`.
func conformalReport(_ settings: CalibrateConformalSettings) throws -> ConformalReport {
  let all = try readConformalRows(settings.scores, settings)
  let (fitted, measured): (ConformalRows, ConformalRows)
  if let path = settings.test {
    (fitted, measured) = (all, try readConformalRows(path, settings, like: all))
  } else {
    let rows = try conformalSplit(all, settings)
    (fitted, measured) = (all.rows(rows.fitted), all.rows(rows.measured))
  }
  let skipped = all.skipped + (settings.test == nil ? 0 : measured.skipped)
  let known = Set(fitted.grouping.names)
  if let name = measured.grouping.names.first(where: { !known.contains($0) }) {
    throw Failure(
      "\(settings.test ?? settings.scores): error: none of the rows that give thresholds is of group \(name)\n"
        + "  hint: more --fit-rows, or --split random", .data)
  }
  switch (fitted.content, measured.content) {
  case (.classes(let own, let layout), .classes(let others, _)):
    let groups = try ConformalGroups(
      calibratedOn: own, groups: fitted.grouping, score: settings.conformalScore,
      level: settings.level, isByClass: settings.isByClass, seed: settings.seed)
    let coverages = try groups.assess(others, groups: measured.grouping)
    let parts = try zip(measured.grouping.names, coverages).map { name, coverage in
      ConformalPart(
        name: name, quantile: try rule(groups, name).quantile, coverage: .sets(coverage))
    }
    return ConformalReport(
      record: try ConformalRecord(
        rule: .sets(groups), scores: layout.kind, columns: layout.columns, label: fitted.label,
        classes: layout.classes, group: settings.columns.group),
      fittedRows: fitted.count, skipped: skipped, parts: parts,
      band: parts.count == 1
        ? parts[0].band : try CoverageBand(parts.map { ($0.quantile, $0.rows) }))
  case (
    .numbers(let y, let lower, let upper, let columns), .numbers(let z, let low, let high, _)
  ):
    let groups = try ConformalGroups(
      outcomes: y, lower: lower, upper: upper, groups: fitted.grouping, level: settings.level)
    let coverages = try groups.assess(
      outcomes: z, lower: low, upper: high, groups: measured.grouping)
    let parts = try zip(measured.grouping.names, coverages).map { name, coverage in
      ConformalPart(
        name: name, quantile: try rule(groups, name).quantile, coverage: .intervals(coverage))
    }
    return ConformalReport(
      record: try ConformalRecord(
        rule: .intervals(groups), scores: nil, columns: columns, label: fitted.label, classes: [],
        group: settings.columns.group),
      fittedRows: fitted.count, skipped: skipped, parts: parts,
      band: try CoverageBand(parts.map { ($0.quantile, $0.rows) }),
      given: try high.map {
        try ForecastAssessment.Level(level: settings.level, outcomes: z, lower: low, upper: $0)
      })
  default:
    throw CalibrationError.invalidSetting("both files have classes, or both have numbers")
  }
}

/// The rule of a group, which is known to be there.
private func rule<Rule>(_ groups: ConformalGroups<Rule>, _ name: String) throws -> Rule {
  guard let rule = groups[name] else {
    throw CalibrationError.invalidSetting("the group \(name) has no threshold")
  }
  return rule
}

extension CalibrateConformalSettings {
  /// The score of classes with its settings.
  var conformalScore: ConformalScore {
    switch score ?? .lac {
    case .lac: .threshold
    case .aps: .adaptive()
    case .raps: .regularised(weight: rapsPenalty ?? 0.01, freeRank: rapsRank ?? 5)
    }
  }
}
