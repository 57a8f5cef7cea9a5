// The part of `calibrate` about groups: their calibration, temperatures, and what fairness can hold.

import BayesCalibration
import BayesCore
import BayesNumerics

/// What is measured of groups.
struct GroupReport: Sendable {
  let column: String
  let calibration: GroupCalibration
  /// Criteria of fairness, for labels 0 and 1.
  let fairness: FairnessCriteria?

  /// The report of the rows' groups, where there are any.
  ///
  /// - Throws: `CalibrationError`.
  init?(_ rows: ScoredRows, column: String?, bins: Int, _ replication: Replication) throws {
    guard let column, let names = rows.groups else { return nil }
    self.column = column
    let groups = Grouping(names)
    switch rows.predictions {
    case .binary(let predictions):
      calibration = try GroupCalibration(
        predictions, groups: groups, binning: .equalWidth(bins), replication: replication)
      fairness = try FairnessCriteria(predictions, groups: groups)
    case .multiclass(let predictions):
      calibration = try GroupCalibration(
        predictions, groups: groups, binning: .equalWidth(bins), replication: replication)
      fairness = nil
    }
  }
}

private func interval(_ range: ClosedRange<Double>, decimals: Int = 3) -> String {
  "\(fixed(range.lowerBound, decimals: decimals)) to \(fixed(range.upperBound, decimals: decimals))"
}

/// The tables and sentences about groups.
func groupText(_ report: GroupReport) -> String {
  let calibration = report.calibration
  var rows = [
    [
      "Groups by \(report.column), \(calibration.event)", "Rows", "Rate", "95 %", "Mean forecast",
      "Bias", "95 %", "ECE", "95 % bootstrap", "95 % of perfect", "p",
    ]
  ]
  for row in calibration.rows {
    rows.append([
      row.name + (row.isBiased ? " *" : ""), "\(row.count)", fixed(row.baseRate, decimals: 3),
      interval(row.rateInterval), fixed(row.meanForecast, decimals: 3),
      fixed(row.bias, decimals: 3), interval(row.biasInterval), fixed(row.error.value, decimals: 3),
      interval(row.error.bootstrap.interval), interval(row.error.perfect.interval),
      pText(row.error),
    ])
  }
  var text = abTable(rows)
  if calibration.rows.contains(where: \.isBiased) {
    text +=
      "* the mean forecast is not the group's rate, at 95 % (posterior of the rate with Jeffreys' prior).\n"
  }
  let temperatures = calibration.temperatures
  rows = [["Temperature", "Group alone", "95 %", "Partially pooled", "95 %"]]
  for row in calibration.rows {
    rows.append([
      row.name, fixed(row.separate.median, decimals: 3), interval(row.separate.interval()),
      fixed(row.partial.median, decimals: 3), interval(row.partial.interval()),
    ])
  }
  rows.append([
    "all together", fixed(temperatures.together.median, decimals: 3),
    interval(temperatures.together.interval()), "", "",
  ])
  rows.append([
    "a new group", "", "", fixed(temperatures.newGroup.median, decimals: 3),
    interval(temperatures.newGroup.interval()),
  ])
  text += "\n" + abTable(rows)
  text +=
    "log T of a group ~ Normal(m, s): s is \(fixed(temperatures.spread, decimals: 3)) "
    + "(95 % \(interval(temperatures.spreadInterval))); medians and intervals of posteriors.\n"
  guard let fairness = report.fairness else { return text }
  rows = [
    [
      "At threshold \(formatted(fairness.threshold, significant: 4))", "Mean of y = 1",
      "Mean of y = 0", "Predictive value", "False positives", "False negatives",
    ]
  ]
  func share(_ share: FairnessCriteria.Share) -> String {
    share.value.map { "\(fixed($0, decimals: 3)) (\(interval(share.interval)))" } ?? "—"
  }
  for row in fairness.rows {
    rows.append([
      row.name, row.meanOfPositives.map { fixed($0, decimals: 3) } ?? "—",
      row.meanOfNegatives.map { fixed($0, decimals: 3) } ?? "—", share(row.predictiveValue),
      share(row.falsePositives), share(row.falseNegatives),
    ])
  }
  text += "\n" + abTable(rows) + "\n"
  return text + fairness.statement.joined(separator: "\n") + "\n"
}

/// The object about groups.
func groupJSON(_ report: GroupReport) -> JSONValue {
  func posterior(_ posterior: TemperaturePosterior) -> JSONValue {
    ["median": number(posterior.median), "interval": pair(posterior.interval())]
  }
  func share(_ share: FairnessCriteria.Share) -> JSONValue {
    ["value": number(share.value), "rows": .integer(share.count), "interval": pair(share.interval)]
  }
  let temperatures = report.calibration.temperatures
  return [
    "column": JSONValue(.string(report.column)),
    "event": JSONValue(.string(report.calibration.event)),
    "groups": JSONValue(
      .array(
        report.calibration.rows.map { row in
          [
            "name": JSONValue(.string(row.name)), "rows": .integer(row.count),
            "rate": number(row.baseRate), "rate_interval": pair(row.rateInterval),
            "mean_forecast": number(row.meanForecast), "bias": number(row.bias),
            "bias_interval": pair(row.biasInterval), "ece": number(row.error.value),
            "ece_p_value": number(row.error.pValue),
            "ece_bootstrap": pair(row.error.bootstrap.interval),
            "ece_perfect": pair(row.error.perfect.interval),
            "temperature_alone": posterior(row.separate),
            "temperature_pooled": posterior(row.partial),
          ]
        })),
    "temperature_together": posterior(temperatures.together),
    "temperature_new_group": posterior(temperatures.newGroup),
    "spread": number(temperatures.spread), "spread_interval": pair(temperatures.spreadInterval),
    "fairness": report.fairness.map { fairness in
      [
        "threshold": number(fairness.threshold),
        "equal_rates_p_value": number(fairness.equalRatesPValue),
        "groups": JSONValue(
          .array(
            fairness.rows.map { row in
              [
                "name": JSONValue(.string(row.name)),
                "mean_of_positives": number(row.meanOfPositives),
                "mean_of_negatives": number(row.meanOfNegatives),
                "predictive_value": share(row.predictiveValue),
                "false_positives": share(row.falsePositives),
                "false_negatives": share(row.falseNegatives),
              ]
            })),
        "statement": .strings(fairness.statement),
      ]
    } ?? nil,
  ]
}
