// `bayes ab monitor`: reads a test that may be looked at at any time, from looks or from raw rows in order.

import BayesCore
import BayesExperiments
import BayesNumerics
import CommandLineKit
import Glibc

/// The settings of `ab monitor`.
struct MonitorSettings: Sendable, Equatable {
  var file = ""
  var metric = ABMetric.binomial
  var columns = ABColumns()
  var look = "look"
  var every: Int?
  var control: String?
  var sigma: Double?
  var tau: Double?
  var planned: Double?
  var alpha = 0.05
  var format = OutputFormat.table
}

/// `ab monitor`.
let abMonitorCommand = Command(
  "ab monitor", summary: "Read an A/B test that may be looked at and stopped at any time.",
  discussion:
    "Mixture sequential probability ratio test and the confidence sequence that is its inversion. The file has either a "
    + "column `look` and rows of running totals, one for each look and variant (columns as for bayes ab: successes, trials; "
    + "mean, sd, units; count, exposure; for revenue conversions, units, sum, sum_sq: sum of the amounts and of their "
    + "squares), or a row for each unit in the order of time, columns `variant` and `value`.\n\n"
    + "With more than two variants each is compared with the control at its share of alpha (Bonferroni).",
  defaults: MonitorSettings(), arguments: monitorArguments,
  examples: [
    CommandExample("bayes ab monitor looks.csv", "Running totals of successes and trials"),
    CommandExample(
      "bayes ab monitor units.csv --metric normal --planned 2000 --every 500",
      "Raw rows, a look at every 500"),
  ])

private let monitorArguments: [Argument<MonitorSettings>] = [
  .positional("FILE", \.file, help: "Looks or raw rows, .csv, in the order of time."),
  .option("metric", \.metric, help: "What is measured for each unit."),
  .option("look", \.look, placeholder: "COLUMN", help: "The column that numbers the looks."),
  .option(
    "variant", \.columns.variant, placeholder: "COLUMN", help: "The column that names the variant."),
  .option(
    "value", \.columns.value, placeholder: "COLUMN", help: "With raw rows, the column of values."),
  .option(
    "every", \.every, placeholder: "ROWS", must: .atLeast(1),
    help: "With raw rows, look every that many rows; without, 20 times."),
  .option(
    "control", \.control, placeholder: "NAME",
    help: "The variant to compare with; without, the first."),
  .option(
    "sigma", \.sigma, must: .above(0),
    help: "The known standard deviation of a unit; without, variances are estimated."),
  .option(
    "tau", \.tau, must: .above(0),
    help:
      "The typical size of an effect, the standard deviation of the mixture, instead of --planned."),
  .option(
    "planned", \.planned, must: .atLeast(1),
    help:
      "Units in each variant at which the test shall be sharpest; chosen before the test (5000)."),
  .option("alpha", \.alpha, must: .between(0, 1), help: "The error of all looks together."),
  .option("format", \.format, help: "What standard output gets."),
]

/// Runs `ab monitor`.
func runABMonitor(_ settings: MonitorSettings) throws -> ExitCode {
  if settings.tau != nil, settings.planned != nil {
    throw UsageError(
      "--tau and --planned say the same thing in two ways; give one of them",
      command: "bayes ab monitor")
  }
  let table = try LookTable(settings)
  let (names, looks) = try table.read()
  let others = names.indices.filter { $0 != table.controlPosition(names) }
  let control = table.controlPosition(names)
  let mixture: SequentialTest.Mixture =
    settings.tau.map { .effect(variance: $0 * $0) } ?? .plannedUnits(settings.planned ?? 5000)
  let test = try SequentialTest(
    alpha: settings.alpha / Double(others.count), mixture: mixture)
  let comparisons = others.map { k in
    MonitoredComparison(
      name: names[k], control: names[control],
      readings: test.read(looks.compactMap { $0.look(control, k, sigma: settings.sigma) }))
  }
  for comparison in comparisons where comparison.readings.isEmpty {
    throw Failure(
      "error: no look has two variants with a variance: \(comparison.control) and \(comparison.name)",
      .data)
  }
  switch settings.format {
  case .table:
    try StandardStream.output.write(monitorText(settings, test, comparisons))
  case .json:
    try StandardStream.output.write(jsonText(monitorJSON(test, comparisons), indented: true))
  }
  return .success
}

/// A variant beside the control, look by look.
struct MonitoredComparison {
  let name: String
  let control: String
  let readings: [SequentialReading]
}

private func monitorText(
  _ settings: MonitorSettings, _ test: SequentialTest, _ comparisons: [MonitoredComparison]
) -> String {
  var text = ""
  let coverage = formatted(100 * (1 - test.alpha), significant: 4)
  for comparison in comparisons {
    var rows = [
      [
        "\(comparison.name) - \(comparison.control)", "Difference",
        "\(coverage) % confidence sequence", "Likelihood ratio", "Always-valid p",
      ]
    ]
    for reading in comparison.readings {
      let units =
        "\(fixed(reading.look.control.units, decimals: 0)) + \(fixed(reading.look.treatment.units, decimals: 0))"
      rows.append([
        units, abNumber(reading.look.difference), abInterval(reading.interval),
        abNumber(exp(min(700, reading.logLikelihoodRatio))), abProbability(reading.pValue),
      ])
    }
    text += abTable(rows) + "\n"
    if let first = comparison.readings.first(where: \.isRejected) {
      let better = first.look.difference > 0 ? "larger" : "smaller"
      text +=
        "Decided at \(fixed(first.look.control.units, decimals: 0)) + \(fixed(first.look.treatment.units, decimals: 0)) units: "
        + "\(comparison.name) is \(better) than \(comparison.control) (p at most \(abNumber(test.alpha))).\n\n"
    } else {
      text += "Not decided. Looking on costs nothing.\n\n"
    }
  }
  let tuning =
    settings.tau.map { "effects ~ N(0, \(abNumber($0))²)" }
    ?? "sharpest at \(fixed(settings.planned ?? 5000, decimals: 0)) units in each variant"
  let variance =
    settings.sigma.map { "a known standard deviation of \(abNumber($0))" }
    ?? "estimated variances (asymptotic: do not begin to look before some dozens of units)"
  return text + """
    What the numbers are (mixture: \(tuning); \(variance)):
      confidence sequence  all its intervals together, over all looks, hold the true difference with probability \(coverage) %
      likelihood ratio     of effects spread by the mixture against no effect; decided at \(abNumber(1 / test.alpha)) or more
      always-valid p       the least inverse of it so far: below \(abNumber(test.alpha)) at any look with probability at most \(abNumber(test.alpha)), if there is no effect

    """
}

private func monitorJSON(
  _ test: SequentialTest, _ comparisons: [MonitoredComparison]
) -> JSONValue {
  func number(_ x: Double) -> JSONValue { x.isFinite ? JSONValue(.number(x)) : nil }
  return [
    "version": JSONValue(.string(version)), "alpha_each": number(test.alpha),
    "comparisons": JSONValue(
      .array(
        comparisons.map { comparison in
          [
            "variant": JSONValue(.string(comparison.name)),
            "control": JSONValue(.string(comparison.control)),
            "decided": JSONValue(.bool(comparison.readings.last?.isRejected ?? false)),
            "looks": JSONValue(
              .array(
                comparison.readings.map { reading in
                  [
                    "control_units": number(reading.look.control.units),
                    "variant_units": number(reading.look.treatment.units),
                    "difference": number(reading.look.difference),
                    "interval": .numbers([
                      reading.interval.lowerBound, reading.interval.upperBound,
                    ]),
                    "log_likelihood_ratio": number(reading.logLikelihoodRatio),
                    "p_value": number(reading.pValue),
                    "rejected": JSONValue(.bool(reading.isRejected)),
                  ]
                })),
          ]
        })),
  ]
}
