// `bayes bandit evaluate` of a policy that learns: replay, the one method that can.

import BayesBandits
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit

/// Whether a policy's text names one that learns.
func isLearning(_ policy: String) -> Bool {
  policyCatalogue.contains { $0.name == policy.prefix { $0 != ":" } }
}

/// Runs a learning policy over the log, and shows what it earned.
func runBanditReplay(
  _ policy: String, _ log: CSVChoiceLog, _ settings: BanditEvaluateSettings
) throws -> ExitCode {
  let rewards = try rewardKind(of: log)
  let outcome: ReplayOutcome
  do {
    outcome = try replay(log, seed: settings.seed) { armCount in
      let task = BanditTask(armCount: armCount, rewards: rewards)
      return try contender(policy, for: task).policy(for: task)
    }
  } catch let error as PolicyError {
    throw UsageError(
      "--policy: \(error)", hint: "bayes bandit --help lists the parameters",
      command: "bayes bandit evaluate")
  }
  switch settings.format {
  case .table: try StandardStream.output.write(replayText(policy, outcome, log.arms, settings))
  case .json:
    try StandardStream.output.write(
      jsonText(replayJSON(policy, outcome, log.arms, settings), indented: true))
  }
  return settings.strict && outcome.roundCount < fewRounds ? .strict : .success
}

/// Fewer rounds than these are warned of.
private let fewRounds = 100

private func replayText(
  _ policy: String, _ outcome: ReplayOutcome, _ arms: [String], _ settings: BanditEvaluateSettings
) -> String {
  let interval = outcome.interval(
    confidence: settings.confidence, replicates: settings.replicates)
  let ends = interval?.ends
  func percent(_ share: Double) -> String { formatted(100 * share, significant: 4) + "%" }
  let outside = (1 - settings.confidence) / 2
  let table = SummaryTable(
    columns: [
      .init("Estimate", .estimate), .init("Std. error", .standardError),
      .init(percent(outside), .estimate), .init(percent(1 - outside), .estimate),
      .init("Rounds", .count),
    ],
    rows: [
      SummaryRow(
        name: "replay",
        cells: [
          outcome.meanReward, outcome.standardError, ends?.lowerBound, ends?.upperBound,
          Double(outcome.roundCount),
        ])
    ])
  let pulls = armOrder(arms).map { "\(arms[$0]) \(outcome.pulls[$0])" }.joined(separator: ", ")
  let path = outcome.path.map { "\($0.rounds): \(formatted($0.meanReward, significant: 3))" }
    .joined(separator: ", ")
  var text =
    "Log: \(outcome.rowCount) rows, \(arms.count) arms.\n"
    + "Policy: \(policy), which learns as it goes: it plays the rows in which the log did what it "
    + "chose.\n\n\(table.render())\n"
    + (outcome.roundCount == 0 ? "" : "Choices: \(pulls).\nMean reward by rounds: \(path).\n")
    + (interval.map { "Interval: \($0.method.rawValue).\n" } ?? "")
    + "Other estimates need probabilities of a policy that does not learn.\n"
  if outcome.roundCount < fewRounds {
    text +=
      "\nWarning: \(outcome.roundCount == 0 ? "none" : "\(outcome.roundCount)") of \(outcome.rowCount) rows could be played.\n  Rows are "
      + "kept with probability p_min/p; a log in which no propensity is tiny keeps more.\n"
  } else {
    text += "No problems found.\n"
  }
  return text
}

private func replayJSON(
  _ policy: String, _ outcome: ReplayOutcome, _ arms: [String], _ settings: BanditEvaluateSettings
) -> JSONValue {
  let order = armOrder(arms)
  let interval = outcome.interval(
    confidence: settings.confidence, replicates: settings.replicates)
  return [
    "log": JSONValue(.string(settings.log)), "rows": .integer(outcome.rowCount),
    "policy": JSONValue(.string(policy)), "method": "replay",
    "rounds": .integer(outcome.roundCount), "value": number(outcome.meanReward),
    "standard_error": number(outcome.standardError),
    "interval": interval.map { .numbers([$0.ends.lowerBound, $0.ends.upperBound]) } ?? nil,
    "interval_method": interval.map { JSONValue(.string($0.method.rawValue)) } ?? nil,
    "confidence": number(settings.confidence), "arms": .strings(order.map { arms[$0] }),
    "choices": .numbers(order.map { Double(outcome.pulls[$0]) }),
    "path": JSONValue(
      .array(
        outcome.path.map {
          ["rounds": .integer($0.rounds), "mean_reward": JSONValue(.number($0.meanReward))]
        })),
    "seed": .integer(settings.seed), "version": JSONValue(.string(version)),
  ]
}
