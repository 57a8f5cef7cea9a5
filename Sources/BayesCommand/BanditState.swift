// What the commands do that keep a bandit's state.

import BayesBandits
import BayesCore
import BayesNumerics
import BayesReport
import CommandLineKit

/// Runs `bandit choose` with a model; the state is made where there is none.
func runBanditChoose(
  _ model: StoredModel<some StoredBelief>, _ settings: BanditChooseSettings
) throws -> ExitCode {
  let context = try settings.context.enumerated().map { place, word in
    try contextValue(word, place, model)
  }
  let costs = try settings.costs.map { word in
    guard let cost = Double(argument: word) else {
      throw UsageError(
        "--costs expects numbers with commas, found '\(word)'", command: "bayes bandit choose")
    }
    return cost
  }
  if !costs.isEmpty, settings.policy == .uniform {
    throw UsageError(
      "--costs and --policy uniform do not go together", hint: "uniform looks at no reward",
      command: "bayes bandit choose")
  }
  let store = try BanditStore(
    path: try statePath(settings.state, "choose"), model: model)
  for line in try armNotes(store.ledger, model.arms) { note(line) }
  let base = ChoiceRule.Base(rawValue: settings.policy.rawValue)!
  let choice = try store.choose(
    ChoiceRule(base, exploration: settings.exploration, costs: costs), context: context,
    seed: settings.seed)
  let explanation = try store.belief().explanation
  if let explanation { note("belief: \(explanation)") }
  switch settings.format {
  case .table:
    try StandardStream.output.write(
      "Choice \(choice.id): \(choice.label), with probability "
        + "\(formatted(choice.propensity, significant: 4)) (\(choice.policy)).\n")
  case .json:
    try StandardStream.output.write(
      jsonText(
        [
          "choice": .integer(choice.id), "arm": JSONValue(.string(choice.label)),
          "propensity": JSONValue(.number(choice.propensity)),
          "policy": JSONValue(.string(choice.policy)),
          "context": contextJSON(choice.context, model.contextAxes),
          "belief": explanation.map { JSONValue(.string($0)) } ?? nil,
        ]) + "\n")
  }
  return .success
}

/// A number of `--context`; of an axis a label, or a position from 1.
private func contextValue(
  _ word: String, _ place: Int, _ model: StoredModel<some StoredBelief>
) throws -> Double {
  let order = model.context.isEmpty ? nil : "in this order: \(model.context.joined(separator: ","))"
  func mistake(_ problem: String, _ hint: String?) -> UsageError {
    UsageError(problem, hint: hint, command: "bayes bandit choose")
  }
  if model.contextAxes.indices.contains(place), let axis = model.contextAxes[place] {
    if let position = axis.labels?.firstIndex(of: word) { return Double(position) }
    if let number = Int(word), (1...max(1, axis.size)).contains(number) {
      return Double(number - 1)
    }
    let labels = axis.labels ?? []
    let list = labels.prefix(20).joined(separator: ", ") + (labels.count > 20 ? ", …" : "")
    throw mistake(
      "--context: '\(word)' is no \(model.context[place]), which is "
        + (labels.isEmpty ? "" : "one of \(list), or ") + "a position from 1 to \(axis.size)",
      closestName(to: word, among: labels).map { "did you mean '\($0)'?" } ?? order)
  }
  guard let value = Double(argument: word) else {
    throw mistake("--context expects numbers with commas, found '\(word)'", order)
  }
  return value
}

/// A context as people write it: labels of positions, or their numbers from 1.
private func contextJSON(_ values: [Double], _ axes: [Dimension?]) -> JSONValue {
  JSONValue(
    .array(
      zip(values, axes).map { value, axis in
        guard let axis else { return JSONValue(.number(value)) }
        return axis.labels == nil
          ? .integer(Int(value) + 1) : JSONValue(.string(axis.label(Int(value))))
      }))
}

/// What the arms of a model's file and those of a state do not share; the state's are the ones that count. Arms that
/// were added to the state were meant to be.
private func armNotes(_ ledger: BanditLedger, _ declared: [String]) throws -> [String] {
  let stored = try ledger.armUse()
  let all = Set(stored.map(\.label))
  let missing = declared.filter { !all.contains($0) }
  let extra = stored.filter { !$0.isRetired && !$0.isAdded && !declared.contains($0.label) }.map(
    \.label)
  func text(_ arms: [String]) -> String {
    (arms.count == 1 ? "the arm " : "the arms ") + arms.joined(separator: ", ")
  }
  let command = "bayes bandit arms --state \(ledger.path)"
  return
    (missing.isEmpty
    ? []
    : [
      "note: the model has \(text(missing)), the state has not, and does not choose it; to add: \(command) --add "
        + missing[0]
    ])
    + (extra.isEmpty
      ? []
      : [
        "note: the state has \(text(extra)), the model has not; to stop choosing it: \(command) --retire "
          + extra[0]
      ])
}

/// Runs `bandit update` with a model, which learns from the reward at once.
func runBanditUpdate(
  _ model: StoredModel<some StoredBelief>, _ settings: BanditUpdateSettings
) throws -> ExitCode {
  let (id, reward) = try given(settings)
  let path = try statePath(settings.state, "update")
  // A state that is not there is not made: it cannot have the choice.
  let ledger = try BanditLedger(path: path)
  guard ledger.model.fingerprint == model.identity.fingerprint else {
    throw StateError.otherModel(path: path, found: ledger.model, given: model.identity)
  }
  if settings.isCorrection { return try show(try ledger.correct(reward, choice: id), settings) }
  let store = try BanditStore(path: path, model: model)
  let recorded = try store.reward(reward, choice: id)
  if let explanation = try store.belief().explanation { note("belief: \(explanation)") }
  return try show(recorded, settings)
}

/// Runs `bandit update` without a model.
func runBanditUpdate(_ settings: BanditUpdateSettings) throws -> ExitCode {
  let (id, reward) = try given(settings)
  let ledger = try BanditLedger(path: try statePath(settings.state, "update"))
  let recorded =
    try settings.isCorrection
    ? ledger.correct(reward, choice: id) : ledger.reward(reward, choice: id)
  return try show(recorded, settings)
}

private func given(_ settings: BanditUpdateSettings) throws -> (choice: Int, reward: Double) {
  guard let choice = settings.choice, let reward = settings.reward else {
    throw UsageError(
      "--\(settings.choice == nil ? "choice" : "reward") is missing",
      hint: "for example --choice 17 --reward 1", command: "bayes bandit update")
  }
  return (choice, reward)
}

private func show(_ reward: StoredReward, _ settings: BanditUpdateSettings) throws -> ExitCode {
  switch settings.format {
  case .table:
    try StandardStream.output.write(
      "Choice \(reward.choice), \(reward.label): reward "
        + "\(formatted(reward.reward, significant: 6)) is recorded.\n")
  case .json:
    try StandardStream.output.write(
      jsonText(
        [
          "choice": .integer(reward.choice), "arm": JSONValue(.string(reward.label)),
          "reward": JSONValue(.number(reward.reward)), "sequence": .integer(reward.sequence),
        ]) + "\n")
  }
  return .success
}

/// Runs `bandit arms`.
func runBanditArms(_ settings: BanditArmsSettings) throws -> ExitCode {
  let ledger = try BanditLedger(path: try statePath(settings.state, "arms"))
  try ledger.changeArms(
    adding: settings.add, restoring: settings.restore, retiring: settings.retire)
  if !settings.add.isEmpty {
    note(
      "note: \(settings.add.joined(separator: ", ")) can be chosen from now on, whatever arms the model's file names"
    )
  }
  if settings.isChecked {
    let findings = try ledger.check()
    if !findings.isEmpty {
      let rest = findings.count > 5 ? "; and \(findings.count - 5) more" : ""
      let first = findings.prefix(5).map {
        $0.split(separator: "\n").prefix(5).joined(separator: ", ")
      }
      throw StateError.damaged(path: ledger.path, reason: first.joined(separator: "; ") + rest)
    }
  }
  let arms = try ledger.arms()
  switch settings.format {
  case .table: try StandardStream.output.write(armsText(ledger, arms, settings))
  case .json:
    try StandardStream.output.write(jsonText(try armsJSON(ledger, arms), indented: true))
  }
  return .success
}

private func armsText(
  _ ledger: BanditLedger, _ arms: [StoredArm], _ settings: BanditArmsSettings
) -> String {
  let rewarded = arms.reduce(0) { $0 + $1.rewarded }
  let choices = arms.reduce(0) { $0 + $1.choices }
  let table = SummaryTable(
    columns: [.init("Choices", .count), .init("Rewards", .count), .init("Mean reward", .estimate)],
    rows: arms.map { arm in
      SummaryRow(
        name: arm.label + (arm.isRetired ? " (retired)" : ""),
        cells: [Double(arm.choices), Double(arm.rewarded), arm.meanReward])
    })
  return "Model \(ledger.model.name): \(choices) choices, \(rewarded) with reward.\n\n"
    + table.render() + (settings.isChecked ? "\nThe file is whole.\n" : "")
}

private func armsJSON(_ ledger: BanditLedger, _ arms: [StoredArm]) throws -> JSONValue {
  [
    "model": JSONValue(.string(ledger.model.name)),
    "fingerprint": JSONValue(.string(ledger.model.fingerprint)),
    "context": .strings(ledger.context), "choices": .integer(try ledger.choiceCount()),
    "rewards": .integer(try ledger.rewardCount()),
    "arms": JSONValue(
      .array(
        arms.map {
          [
            "label": JSONValue(.string($0.label)), "retired": JSONValue(.bool($0.isRetired)),
            "choices": .integer($0.choices), "rewards": .integer($0.rewarded),
            "mean_reward": $0.meanReward.map { JSONValue(.number($0)) } ?? nil,
          ]
        })),
  ]
}

/// Runs `bandit export`.
func runBanditExport(_ settings: BanditExportSettings) throws -> ExitCode {
  let ledger = try BanditLedger(path: try statePath(settings.state, "export"))
  let arms = try ledger.arms()
  let unchosen = arms.filter { $0.choices == 0 }.map(\.label)
  if !unchosen.isEmpty {
    note(
      "note: never chosen, and so not in the log: \(unchosen.joined(separator: ", ")); to have all arms in "
        + "bandit evaluate: --arms \(arms.map(\.label).joined(separator: ","))")
  }
  if let path = settings.output {
    let file = try OutputFile(creating: path)
    try ledger.export { row in
      file.append(row)
      try file.commit()
    }
    try file.close()
    return .success
  }
  var pending = ""
  try ledger.export { row in
    pending += row
    if pending.utf8.count >= 1 << 16 {
      try StandardStream.output.write(pending)
      pending = ""
    }
  }
  try StandardStream.output.write(pending)
  return .success
}

private func statePath(_ path: String?, _ command: String) throws -> String {
  if let path { return path }
  throw UsageError(
    "--state is missing: the state's file", hint: "for example --state arms.db",
    command: "bayes bandit \(command)")
}
