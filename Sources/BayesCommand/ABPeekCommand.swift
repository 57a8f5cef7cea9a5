// `bayes ab peek`: simulates looking at a test while it runs.

import BayesCore
import BayesEngine
import BayesExperiments
import BayesNumerics
import CommandLineKit

/// What the simulated units give.
enum PeekOutcome: String, Sendable, CaseIterable, ArgumentValue { case normal, binomial }

/// Where the simulated looks are.
enum PeekSpacing: String, Sendable, CaseIterable, ArgumentValue { case equal, log }

/// The settings of `ab peek`.
struct PeekSettings: Sendable, Equatable {
  var metric = PeekOutcome.binomial
  var baseline = 0.05
  var sd = 1.0
  var effect = 0.0
  var units = 10_000
  var looks = ["1", "2", "5", "10", "20", "50", "100"]
  var spacing = PeekSpacing.equal
  var rules = ["fixed", "z", "posterior:0.95", "posterior:0.975", "msprt", "cs:5000"]
  var alpha = 0.05
  var replicates = 10_000
  var seed: UInt64?
  var threads: Int?
  var format = OutputFormat.table
}

/// `ab peek`.
let abPeekCommand = Command(
  "ab peek", summary: "Simulate looking at an A/B test while it runs: how often it fools you.",
  discussion:
    "Simulates tests of two variants with an effect (none by default), looks at each several times, stops as a rule says, "
    + "and counts winners: with no effect these are false positives, with an effect this is the power. All rules see the "
    + "same data.\n\n"
    + "Rules: fixed (z test at the last look only), z (z test at every look), posterior:P (stop when P(better) is at least "
    + "P or at most 1-P), msprt:V (mixture sequential probability ratio test, effects ~ N(0, V); without V, the square of "
    + "a tenth of a unit's standard deviation), cs:N (confidence sequence, sharpest at N units in each variant).",
  defaults: PeekSettings(), arguments: peekArguments,
  examples: [
    CommandExample("bayes ab peek --seed 1", "False positives of two equal variants of 5 %"),
    CommandExample(
      "bayes ab peek --baseline 0.05 --effect 0.01 --rules fixed,msprt,cs:5000 --seed 1", "Power"),
    CommandExample(
      "bayes ab peek --metric normal --rules z --looks 1,2,5,10,16,50,100,1000 --seed 1",
      "The inflation of a z test by looks"),
  ])

private let peekArguments: [Argument<PeekSettings>] = [
  .option("metric", \.metric, help: "What the units give."),
  .option(
    "baseline", \.baseline, must: .between(0, 1), help: "The control's success rate (binomial)."),
  .option("sd", \.sd, must: .above(0), help: "The known standard deviation of a unit (normal)."),
  .option("effect", \.effect, help: "Treatment minus control."),
  .option(
    "units", \.units, must: .within(1...1_000_000_000),
    help: "Units in each variant at the last look."),
  .list(
    "looks", \.looks, placeholder: "1,2,5", help: "Numbers of looks (default: 1,2,5,10,20,50,100)."),
  .option(
    "spacing", \.spacing, help: "Looks at equal steps, or at equal ratios from a hundredth on."),
  .list(
    "rules", \.rules, placeholder: "z,cs:5000",
    help: "Stopping rules (default: fixed,z,posterior:0.95,posterior:0.975,msprt,cs:5000)."),
  .option("alpha", \.alpha, must: .between(0, 1), help: "The level of tests and sequences."),
  .option(
    "replicates", \.replicates, must: .within(1...100_000_000), help: "Simulated tests."),
  .option("seed", \.seed, help: "Key of all random numbers; without, one is drawn."),
  .option(
    "threads", \.threads, must: .within(1...1024),
    help: "Threads to run on; the result does not depend on them."),
  .option("format", \.format, help: "What standard output gets."),
]

/// Runs `ab peek`.
func runABPeek(_ settings: PeekSettings) throws -> ExitCode {
  let outcome: PeekingStudy.Outcome =
    switch settings.metric {
    case .normal: .normal(sd: settings.sd)
    case .binomial: .binomial(rate: settings.baseline)
    }
  let unitVariance =
    switch settings.metric {
    case .normal: settings.sd * settings.sd
    case .binomial: settings.baseline * (1 - settings.baseline)
    }
  var study = PeekingStudy(
    outcome, rules: try settings.rules.map { try stoppingRule($0, unitVariance) })
  study.effect = settings.effect
  study.units = settings.units
  study.looks = try settings.looks.map { word in
    guard let looks = Int(word), looks >= 1 else {
      throw UsageError(
        "--looks expects whole numbers of at least 1, found '\(word)'", command: "bayes ab peek")
    }
    return looks
  }
  study.spacing = settings.spacing == .equal ? .equal : .log
  study.alpha = settings.alpha
  study.replicates = settings.replicates
  study.seed = settings.seed ?? randomSeed()
  if let threads = settings.threads { study.threads = threads }
  let rates: [PeekingStudy.Rate]
  do { rates = try study.run() } catch let error as ExperimentError {
    throw UsageError("\(error)", command: "bayes ab peek")
  }
  switch settings.format {
  case .table: try StandardStream.output.write(peekText(study, rates))
  case .json:
    try StandardStream.output.write(jsonText(peekJSON(study, rates), indented: true))
  }
  return .success
}

/// A rule as the command line has it.
private func stoppingRule(_ word: String, _ unitVariance: Double) throws -> StoppingRule {
  let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
  let value = parts.count == 2 ? Double(argument: parts[1]) : nil
  switch (parts.first, parts.count, value) {
  case ("z", 1, _): return .zTest
  case ("fixed", 1, _): return .fixed
  case ("posterior", 2, let value?): return .posterior(threshold: value)
  case ("msprt", 1, _): return .mixture(effectVariance: 0.01 * unitVariance)
  case ("msprt", 2, let value?): return .mixture(effectVariance: value)
  case ("cs", 2, let value?): return .confidenceSequence(plannedUnits: value)
  default:
    throw UsageError(
      "--rules expects fixed, z, posterior:P, msprt, msprt:V and cs:N with commas between, found '\(word)'",
      hint: "for example --rules z,posterior:0.95,cs:5000", command: "bayes ab peek")
  }
}

private func percent(_ x: Double) -> String { fixed(100 * x, decimals: 2) }

private func peekText(_ study: PeekingStudy, _ rates: [PeekingStudy.Rate]) -> String {
  var rows = [["Looks"] + study.rules.map(\.name)]
  var lengths = rows
  for looks in study.looks {
    let own = rates.filter { $0.looks == looks }
    rows.append(
      ["\(looks)"] + own.map { "\(percent($0.share)) ± \(percent($0.standardError))" })
    lengths.append(["\(looks)"] + own.map { fixed($0.meanUnits, decimals: 0) })
  }
  let isNull = study.effect == 0
  let what =
    switch study.outcome {
    case .normal(let sd): "normal values of known standard deviation \(abNumber(sd))"
    case .binomial(let rate): "successes, control \(abNumber(rate))"
    }
  return """
    \(isNull ? "False positives" : "Power"), % of \(study.replicates) simulated tests that stopped with a winner, ± Monte Carlo standard error
    (\(what), effect \(abNumber(study.effect)), \(study.units) units in each variant at the last look, \(study.spacing.rawValue) spacing, level \(abNumber(study.alpha)), seed \(study.seed))

    \(abTable(rows))
    Units in each variant when the test ended, on average:

    \(abTable(lengths))
    \(peekNote)

    """
}

private let peekNote = """
  fixed        z test at the last look only: valid
  z            z test at every look: false positives grow with the looks
  posterior:P  stop when P(better) is at least P or at most 1 - P: the same inflation; a posterior is right about the data,
               but a rule that waits for it to cross a threshold has the false positives of peeking at p values
  msprt, cs    valid at every look, however many; the price is power at a fixed size
  """

private func peekJSON(_ study: PeekingStudy, _ rates: [PeekingStudy.Rate]) -> JSONValue {
  var outcome: JSONValue
  switch study.outcome {
  case .normal(let sd): outcome = ["kind": "normal", "sd": JSONValue(.number(sd))]
  case .binomial(let rate): outcome = ["kind": "binomial", "rate": JSONValue(.number(rate))]
  }
  return [
    "version": JSONValue(.string(version)), "outcome": outcome,
    "effect": JSONValue(.number(study.effect)), "units": .integer(study.units),
    "spacing": JSONValue(.string(study.spacing.rawValue)),
    "alpha": JSONValue(.number(study.alpha)), "replicates": .integer(study.replicates),
    "seed": .integer(study.seed),
    "rates": JSONValue(
      .array(
        rates.map { rate in
          [
            "rule": JSONValue(.string(rate.rule.name)), "looks": .integer(rate.looks),
            "stopped": JSONValue(.number(rate.share)),
            "standard_error": JSONValue(.number(rate.standardError)),
            "mean_units": JSONValue(.number(rate.meanUnits)),
          ]
        })),
  ]
}
