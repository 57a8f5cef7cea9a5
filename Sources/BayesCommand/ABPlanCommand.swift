// `bayes ab plan`: sample size, power and assurance of a test of fixed size.

import BayesCore
import BayesExperiments
import BayesNumerics
import CommandLineKit
import Glibc

/// What is planned for.
enum PlanMetric: String, Sendable, CaseIterable, ArgumentValue { case binomial, poisson, normal }

/// The settings of `ab plan`.
struct PlanSettings: Sendable, Equatable {
  var metric = PlanMetric.binomial
  var baseline: Double?
  var effect: Double?
  var relative: Double?
  var sd: Double?
  var treatmentSD: Double?
  var power = 0.8
  var alpha = 0.05
  var isOneSided = false
  var ratio = 1.0
  var units: Double?
  var effectSD: Double?
  var format = OutputFormat.table
}

/// `ab plan`.
let abPlanCommand = Command(
  "ab plan", summary: "Plan an A/B test of fixed size: units needed, power, assurance.",
  discussion:
    "The sizes are those of a test that is looked at once, at the end. Rates are compared by their own variances "
    + "(unpooled), with the common variance under no effect (pooled), or on the arcsine scale.",
  defaults: PlanSettings(), arguments: planArguments,
  examples: [
    CommandExample("bayes ab plan --baseline 0.05 --effect 0.01", "From 5 % to 6 %"),
    CommandExample(
      "bayes ab plan --baseline 0.05 --relative 0.1 --units 20000 --effect-sd 0.003",
      "Power of 20 000 units a variant, and the assurance if the effect is uncertain"),
    CommandExample("bayes ab plan --metric normal --effect 0.5 --sd 4", "Means"),
    CommandExample(
      "bayes ab plan --metric poisson --baseline 2 --relative 0.05", "Rates of events"),
  ])

private let planArguments: [Argument<PlanSettings>] = [
  .option("metric", \.metric, help: "What is measured for each unit."),
  .option(
    "baseline", \.baseline, must: .above(0),
    help: "The control's success rate, or its events for each unit of exposure."),
  .option("effect", \.effect, help: "The effect to find: treatment minus control."),
  .option(
    "relative", \.relative, help: "The effect as a share of the baseline, instead of --effect."),
  .option("sd", \.sd, must: .above(0), help: "The standard deviation of a unit (normal)."),
  .option(
    "treatment-sd", \.treatmentSD, must: .above(0),
    help: "That of the treatment, where it is another (normal)."),
  .option("power", \.power, must: .between(0, 1), help: "The probability to find the effect."),
  .option("alpha", \.alpha, must: .between(0, 1), help: "The level of the test."),
  .flag("one-sided", \.isOneSided, help: "Test the direction of the effect only."),
  .option(
    "ratio", \.ratio, must: .above(0), help: "Units of the treatment for each unit of the control."),
  .option(
    "units", \.units, must: .atLeast(1),
    help:
      "Report power and assurance at this many units in the control, instead of the size needed."),
  .option(
    "effect-sd", \.effectSD, must: .above(0),
    help:
      "How uncertain the effect is, a standard deviation: gives the assurance, the power averaged over it."
  ),
  .option("format", \.format, help: "What standard output gets."),
]

/// One row of the plan.
private struct PlanRow {
  let name: String
  let exact: Double
  let control: Double
  let treatment: Double
  let power: Double
  let assurance: Double?
}

/// Runs `ab plan`.
func runABPlan(_ settings: PlanSettings) throws -> ExitCode {
  let rows: [PlanRow]
  do {
    rows = try comparisons(settings).map { name, comparison in
      let test = try FixedTest(
        comparison, alpha: settings.alpha, isTwoSided: !settings.isOneSided,
        ratio: settings.ratio)
      let exact = settings.units ?? test.controlSize(power: settings.power)
      let isExposure = settings.metric == .poisson
      let control = isExposure || settings.units != nil ? exact : exact.rounded(.up)
      let treatment =
        isExposure ? exact * settings.ratio : (exact * settings.ratio).rounded(.up)
      return PlanRow(
        name: name, exact: exact, control: control, treatment: treatment,
        power: test.power(controlSize: control),
        assurance: try settings.effectSD.map {
          try test.assurance(controlSize: control, effectSD: $0)
        })
    }
  } catch let error as ExperimentError {
    throw UsageError("\(error)", command: "bayes ab plan")
  }
  switch settings.format {
  case .table: try StandardStream.output.write(planText(settings, rows))
  case .json: try StandardStream.output.write(jsonText(planJSON(rows), indented: true))
  }
  return .success
}

/// What is compared, with the name of each method.
private func comparisons(
  _ settings: PlanSettings
) throws -> [(String, FixedTest.Comparison)] {
  func fail(_ problem: String, _ hint: String? = nil) -> UsageError {
    UsageError(problem, hint: hint, command: "bayes ab plan")
  }
  let least = settings.isOneSided ? settings.alpha : settings.alpha / 2
  if settings.units == nil, settings.power <= least {
    throw fail(
      "--power \(abNumber(settings.power)) is what no units at all would give: a test of level "
        + "\(abNumber(settings.alpha)) has \(abNumber(least)) without any effect",
      "a power of 0.8 is usual")
  }
  if settings.effect != nil, settings.relative != nil {
    throw fail("--effect and --relative say the same thing; give one of them")
  }
  guard settings.effect != nil || settings.relative != nil else {
    throw fail("the effect to find is missing", "--effect 0.01, or --relative 0.1 of the baseline")
  }
  let isNormal = settings.metric == .normal
  if settings.baseline == nil, !isNormal || settings.relative != nil {
    throw fail("--baseline is missing: the control's rate or mean")
  }
  if isNormal != (settings.sd != nil) {
    throw fail(
      isNormal ? "--sd is missing: a unit's standard deviation" : "--sd goes with --metric normal")
  }
  if settings.treatmentSD != nil, !isNormal {
    throw fail("--treatment-sd goes with --metric normal")
  }
  let baseline = settings.baseline ?? 0
  let effect = settings.effect ?? settings.relative! * baseline
  switch settings.metric {
  case .binomial:
    return FixedTest.ProportionMethod.allCases.map {
      ($0.rawValue, .proportions(control: baseline, treatment: baseline + effect, $0))
    }
  case .poisson: return [("rates", .rates(control: baseline, treatment: baseline + effect))]
  case .normal:
    return [
      (
        "means",
        .means(
          difference: effect, controlSD: settings.sd!,
          treatmentSD: settings.treatmentSD ?? settings.sd!)
      )
    ]
  }
}

private func planText(_ settings: PlanSettings, _ rows: [PlanRow]) -> String {
  let unit = settings.metric == .poisson ? "exposure" : "units"
  var table = [["Method", "Control \(unit)", "Treatment \(unit)", "Power"]]
  if settings.effectSD != nil { table[0].append("Assurance") }
  func size(_ x: Double) -> String {
    settings.metric == .poisson ? fixed(x, decimals: 3) : fixed(x, decimals: 0)
  }
  for row in rows {
    table.append(
      [row.name, size(row.control), size(row.treatment), fixed(row.power, decimals: 4)]
        + (row.assurance.map { [fixed($0, decimals: 4)] } ?? []))
  }
  var text = abTable(table) + "\n"
  text +=
    "Power: the probability of a significant difference (level \(abNumber(settings.alpha)), "
    + "\(settings.isOneSided ? "one" : "two")-sided) in the direction of the effect, if the effect is as stated.\n"
  if let sd = settings.effectSD {
    text +=
      "Assurance: that probability averaged over effects ~ N(the stated one, \(abNumber(sd))²): what to expect before the "
      + "test, when the effect is not known.\n"
  }
  return text
    + "For one look at the end. A test that is looked at more often needs a rule for that: bayes ab peek, bayes ab monitor.\n"
}

private func planJSON(_ rows: [PlanRow]) -> JSONValue {
  [
    "version": JSONValue(.string(version)),
    "methods": JSONValue(
      .array(
        rows.map { row in
          [
            "name": JSONValue(.string(row.name)),
            "control_size_exact": JSONValue(.number(row.exact)),
            "control_size": JSONValue(.number(row.control)),
            "treatment_size": JSONValue(.number(row.treatment)),
            "power": JSONValue(.number(row.power)),
            "assurance": row.assurance.map { JSONValue(.number($0)) } ?? nil,
          ]
        })),
  ]
}
