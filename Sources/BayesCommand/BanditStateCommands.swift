// The tables of the commands that keep a bandit's state: choose, update, arms, export.

import CommandLineKit

private let stateHelp =
  "The state's file, an SQLite database; two more lie beside it while it is open."

/// The settings of `bandit choose`.
struct BanditChooseSettings: Sendable, Equatable {
  var input = ModelInput()
  var state: String?
  var context: [String] = []
  var policy = ChoicePolicyName.thompson
  var belief = BeliefSettings()
  var exploration = 0.0
  var costs: [String] = []
  var seed: UInt64?
  var format = OutputFormat.table
}

/// The policies of `bandit choose`.
enum ChoicePolicyName: String, CaseIterable, ArgumentValue { case thompson, greedy, uniform }

/// `bandit choose`.
func banditChooseCommand(_ host: Host) -> Command<BanditChooseSettings> {
  Command(
    "bandit choose", summary: "Choose an arm by what a declared bandit believes, and record it.",
    discussion:
      "Prints the choice's id, the arm and its propensity, the probability with which it was chosen. "
      + "When the command returns, the choice is on disk. The reward goes to bandit update with the "
      + "id, whenever it comes. The state is made by the first choice; any number of processes may "
      + "share it.",
    defaults: BanditChooseSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option("state", \.state, placeholder: "FILE", help: stateHelp),
      .list(
        "context", \.context, placeholder: "X,Y,…",
        help:
          "What is known of this round: the values of the model's contexts in their order; of an axis a label or "
          + "a position from 1. With a negative number first, --context=-1,2."),
      .option(
        "policy", \.policy,
        help: "Thompson sampling, the arm of the highest mean, or all arms alike."),
      .option(
        "explore", \.exploration, must: .within(0...1),
        help: "The share of choices that are uniform; keeps propensities away from 0."),
      .list(
        "costs", \.costs, placeholder: "COST,…",
        help:
          "What a choice of each arm costs, in the unit of rewards and the order of bandit arms: what counts is the mean "
          + "reward less this."),
      .option(
        "seed", \.seed, help: "Key of the draw, for tests; without, the system's randomness."),
      .option("format", \.format, help: "A line of text, or one JSON object."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
    ]
      + beliefArguments(
        method: \.belief.method, refresh: \.belief.refresh, draws: \.belief.draws),
    examples: [
      CommandExample(
        "\(host.program) bandit choose\(host.bandit) --state arms.db", "An arm by Thompson sampling"
      ),
      CommandExample(
        "\(host.program) bandit choose\(host.bandit) --state arms.db --explore 0.05 --format json",
        "For a script, with one choice in twenty uniform"),
    ])
}

/// The settings of `bandit update`.
struct BanditUpdateSettings: Sendable, Equatable {
  var input = ModelInput()
  var belief = BeliefSettings()
  var state: String?
  var choice: Int?
  var reward: Double?
  var isCorrection = false
  var format = OutputFormat.table
}

/// `bandit update`.
func banditUpdateCommand(_ host: Host) -> Command<BanditUpdateSettings> {
  Command(
    "bandit update", summary: "Record the reward of a choice, once.",
    discussion:
      "When the command returns, the reward is on disk. A reward for a choice that has one, or that "
      + "never was, is refused with exit code 65 and changes nothing. Without MODEL the reward is "
      + "recorded at once, and learnt from at the next choice.",
    defaults: BanditUpdateSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option("state", \.state, placeholder: "FILE", help: stateHelp),
      .option("choice", \.choice, placeholder: "ID", help: "The id that bandit choose printed."),
      .option("reward", \.reward, placeholder: "R", help: "What came of the choice."),
      .flag(
        "correct", \.isCorrection,
        help: "Replace a reward that was recorded by mistake; all that was learnt is computed anew."
      ),
      .option("format", \.format, help: "A line of text, or one JSON object."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
    ]
      + beliefArguments(
        method: \.belief.method, refresh: \.belief.refresh, draws: \.belief.draws),
    examples: [
      CommandExample(
        "\(host.program) bandit update --state arms.db --choice 17 --reward 1",
        "The reward of choice 17")
    ])
}

/// The settings of `bandit arms`.
struct BanditArmsSettings: Sendable, Equatable {
  var state: String?
  var add: [String] = []
  var retire: [String] = []
  var restore: [String] = []
  var isChecked = false
  var format = OutputFormat.table
}

/// `bandit arms`.
let banditArmsCommand = Command(
  "bandit arms", summary: "Show the arms of a state, add or retire some, check the file.",
  discussion:
    "An arm that is retired is not chosen any more; rewards of its earlier choices are still taken. An "
    + "arm that is added starts from its prior: what is believed of all arms is computed anew from the "
    + "rewards, at the next choice.",
  defaults: BanditArmsSettings(),
  arguments: [
    .option("state", \.state, placeholder: "FILE", help: stateHelp),
    .repeatable("add", \.add, placeholder: "LABEL", help: "Add an arm."),
    .repeatable("retire", \.retire, placeholder: "LABEL", help: "Take an arm out of use."),
    .repeatable("restore", \.restore, placeholder: "LABEL", help: "Bring a retired arm back."),
    .flag("check", \.isChecked, help: "Also check the whole file; exit with 65 if it is damaged."),
    .option("format", \.format, help: "A table, or one JSON object."),
  ],
  examples: [
    CommandExample("bayes bandit arms --state arms.db", "What came of each arm"),
    CommandExample("bayes bandit arms --state arms.db --add F --retire B", "One in, one out"),
    CommandExample("bayes bandit arms --state arms.db --check", "Whether the file is whole"),
  ])

/// The settings of `bandit export`.
struct BanditExportSettings: Sendable, Equatable {
  var state: String?
  var output: String?
}

/// `bandit export`.
let banditExportCommand = Command(
  "bandit export", summary: "Write a state's choices and rewards as CSV, for bandit evaluate.",
  defaults: BanditExportSettings(),
  arguments: [
    .option("state", \.state, placeholder: "FILE", help: stateHelp),
    .option(
      "output", \.output, placeholder: "FILE", help: "Where to; without, standard output."),
  ],
  examples: [
    CommandExample("bayes bandit export --state arms.db > log.csv", "All choices so far"),
    CommandExample(
      "bayes bandit evaluate --log log.csv --policy greedy --folds 5", "What to do with it"),
  ])

extension Host {
  /// A bandit's path in an example, with the space before it.
  fileprivate var bandit: String { self == .bayes ? " click_through.swift" : "" }
}
