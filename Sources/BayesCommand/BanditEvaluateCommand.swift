// `bayes bandit evaluate`: what a policy would have earned, from the log of another one.

import BayesBandits
import BayesCore
import CommandLineKit

/// The settings of `bandit evaluate`.
struct BanditEvaluateSettings: Sendable, Equatable {
  var log = ""
  var policy: String?
  var action = LogColumns().action
  var reward = LogColumns().reward
  var propensity = LogColumns().propensity
  var targetColumn: String?
  var targetPrefix: String?
  var arms: [String] = []
  var priorReward: Double?
  var priorCount = OffPolicySettings(policy: .uniform).priorCount
  var folds = 1
  var split: Double?
  var switchThreshold = 10.0
  var confidence = 0.95
  var interval = EvaluationInterval.auto
  var replicates = 2000
  var seed: UInt64 = 1
  var format = OutputFormat.table
  var strict = false
}

/// How intervals are made.
enum EvaluationInterval: String, CaseIterable, ArgumentValue {
  case auto, normal, bootstrap, bernstein
}

/// `bandit evaluate`.
let banditEvaluateCommand = Command(
  "bandit evaluate", summary: "Estimate what a policy would have earned, from the log of another.",
  discussion:
    "The log has a row for each choice: the arm, its reward, and the probability with which it was chosen. "
    + "Six estimates stand side by side: replay (rejection sampling), inverse propensity scores (ips), "
    + "the self-normalised ones (snips), a reward model alone (direct), doubly robust (dr), and dr that trusts the "
    + "model where weights are above a threshold (switch-dr). Below stand the weights and what is wrong "
    + "with them. The file is read twice as a stream; memory does not grow with it.",
  defaults: BanditEvaluateSettings(),
  arguments: [
    .option("log", \.log, placeholder: "FILE", help: "The log, .csv with a row of names."),
    .option(
      "policy", \.policy, placeholder: "POLICY",
      help: "What to evaluate: uniform; greedy, the arm that the log says is best; always:ARM; "
        + "fixed:P1,P2,… in the order of the arms, or fixed:ARM=P,ARM=P; or a policy that learns, as "
        + "bandit --policies has them, by replay alone: thompson, ucb1, epsilon-greedy:0.1."),
    .option("action", \.action, placeholder: "COLUMN", help: "The column of arms."),
    .option("reward", \.reward, placeholder: "COLUMN", help: "The column of rewards."),
    .option(
      "propensity", \.propensity, placeholder: "COLUMN",
      help: "The column of probabilities with which the choices were made."),
    .option(
      "target-column", \.targetColumn, placeholder: "COLUMN",
      help: "Instead of --policy: the policy's probability of each row's choice."),
    .option(
      "target-prefix", \.targetPrefix, placeholder: "PREFIX",
      help:
        "Instead of --policy: the policy's probabilities of all arms in each row are the columns "
        + "of this prefix and an arm's label."),
    .list(
      "arms", \.arms, placeholder: "A,B,…",
      help: "All arms; without, those of the log. A label that is none of them is an error."),
    .option(
      "prior-reward", \.priorReward, must: .atLeast(0),
      help:
        "The reward model is (s + this)/(n + prior count) for an arm of n rows and rewards s; without, the "
        + "prior count times the log's mean reward."),
    .option(
      "prior-count", \.priorCount, must: .atLeast(0),
      help: "How many rows the reward model's prior is worth, for each arm."),
    .option(
      "folds", \.folds, must: .within(1...1000),
      help:
        "Folds of cross-fitting: a row's reward model, and greedy policy, come from other folds."),
    .option(
      "split", \.split, must: .between(0, 1),
      help:
        "The share of rows that the reward model and the greedy policy are made from; the others "
        + "are evaluated."),
    .option(
      "switch", \.switchThreshold, placeholder: "TAU", must: .above(0),
      help: "The largest weight that switch-dr trusts."),
    .option(
      "confidence", \.confidence, must: .between(0, 1), help: "The probability of intervals."),
    .option(
      "interval", \.interval,
      help:
        "Intervals: normal, bootstrap over blocks of rows, or the empirical Bernstein bound; auto takes normal "
        + "ones, and bootstrap for ips, snips, dr and switch-dr where a normal one would leave the range of the "
        + "rewards and the estimate itself does not. Whatever is asked: replay has Jeffreys' interval for rewards of 0 "
        + "and 1, else a normal one; direct has a normal one; snips has no Bernstein bound, and switch-dr neither that "
        + "nor a bootstrap where a weight is above the threshold: theirs is then normal."),
    .option(
      "replicates", \.replicates, must: .within(100...1_000_000), help: "Bootstrap replicates."),
    .option("seed", \.seed, help: "Key of the random numbers of replay and bootstrap."),
    .option("format", \.format, help: "What standard output gets."),
    .flag("strict", \.strict, help: "Exit with 1 if there is anything to warn of."),
  ],
  examples: [
    CommandExample(
      "bayes bandit evaluate --log log.csv --policy uniform", "A log that bandit export wrote"),
    CommandExample(
      "bayes bandit evaluate --log log.csv --policy greedy --split 0.5",
      "The best arm of one half of the rows, evaluated on the other"),
    CommandExample(
      "bayes bandit evaluate --log obd.csv --action item_id --reward click "
        + "--propensity propensity_score --policy fixed:3=0.5,13=0.5",
      "Other names of columns, and two arms in turn"),
  ])

/// Runs `bandit evaluate`.
func runBanditEvaluate(_ settings: BanditEvaluateSettings) throws -> ExitCode {
  if settings.log.isEmpty {
    throw usage("--log is missing: the file of choices", "for example --log log.csv")
  }
  let learning = settings.policy.flatMap { isLearning($0) ? $0 : nil }
  if let learning { try refuseUnused(settings, by: learning) }
  let policy = try learning == nil ? targetPolicy(settings) : .uniform
  var options = OffPolicySettings(policy: policy, seed: settings.seed)
  options.arms = settings.arms.isEmpty ? nil : settings.arms
  options.priorReward = settings.priorReward
  options.priorCount = settings.priorCount
  options.folds = settings.folds
  options.trainingShare = settings.split ?? 0
  options.switchThreshold = settings.switchThreshold
  options.confidence = settings.confidence
  options.interval = IntervalMethod(rawValue: settings.interval.rawValue)
  options.replicates = settings.replicates
  if settings.split != nil, settings.folds > 1 {
    throw usage("--split and --folds exclude one another", "both keep a row out of its own model")
  }
  if let repeated = options.arms?.firstRepeated {
    throw usage("--arms names \(repeated) twice", "each arm once")
  }
  let columns = LogColumns(
    action: settings.action, reward: settings.reward, propensity: settings.propensity,
    target: settings.targetColumn, targetPrefix: settings.targetPrefix)
  let log = try CSVChoiceLog(path: settings.log, columns: columns, arms: options.arms)
  let result: OffPolicyEvaluation
  do {
    if let learning { return try runBanditReplay(learning, log, settings) }
    result = try evaluateOffPolicy(log, options)
  } catch let error as OffPolicyError {
    throw Failure("\(settings.log): error: \(error)", .data)
  }
  switch settings.format {
  case .table: try StandardStream.output.write(evaluationText(result, settings))
  case .json:
    try StandardStream.output.write(jsonText(evaluationJSON(result, settings), indented: true))
  }
  return settings.strict && !result.warnings.isEmpty ? .strict : .success
}

private func usage(_ problem: String, _ hint: String) -> UsageError {
  UsageError(problem, hint: hint, command: "bayes bandit evaluate")
}

/// Refuses the options that replay, the one method for a policy that learns, has no use for.
private func refuseUnused(_ settings: BanditEvaluateSettings, by policy: String) throws {
  let defaults = BanditEvaluateSettings()
  let unused: [(option: String, isGiven: Bool)] = [
    ("--target-column", settings.targetColumn != nil),
    ("--target-prefix", settings.targetPrefix != nil),
    ("--folds", settings.folds != defaults.folds), ("--split", settings.split != nil),
    ("--interval", settings.interval != defaults.interval),
  ]
  if let first = unused.first(where: \.isGiven) {
    throw usage(
      "\(first.option) and --policy \(policy) do not go together",
      "a policy that learns is evaluated by replay alone, which has no reward model and an interval of "
        + "its own")
  }
}

/// The policy that the command line names.
private func targetPolicy(_ settings: BanditEvaluateSettings) throws -> TargetPolicy {
  let given = [settings.policy, settings.targetColumn, settings.targetPrefix].compactMap { $0 }
  guard given.count == 1 else {
    throw usage(
      given.isEmpty
        ? "--policy is missing: what to evaluate"
        : "only one of --policy, --target-column and --target-prefix can say what to evaluate",
      "for example --policy uniform")
  }
  guard let text = settings.policy else { return .logged }
  let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    .map(String.init)
  let argument = parts.count > 1 ? parts[1] : ""
  switch (parts[0], argument.isEmpty) {
  case ("uniform", true): return .uniform
  case ("greedy", true): return .greedy
  case ("always", false): return .fixed([argument: 1])
  case ("fixed", false): return try fixedPolicy(argument, text)
  default:
    throw usage(
      "--policy expects uniform, greedy, always:ARM, fixed:P1,P2,… or a policy that learns, found "
        + "'\(text)'",
      closestName(
        to: parts[0],
        among: ["uniform", "greedy", "always", "fixed"] + policyCatalogue.map(\.name)
      )
      .map { "did you mean '\($0)'?" } ?? "a policy of your own: log its probabilities and name "
        + "their column with --target-column")
  }
}

private func fixedPolicy(_ argument: String, _ text: String) throws -> TargetPolicy {
  let items = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  func probability(_ word: String) throws -> Double {
    guard let value = Double(argument: word), (0...1).contains(value) else {
      throw usage("'\(word)' in --policy \(text) is no probability", "numbers from 0 to 1")
    }
    return value
  }
  guard argument.contains("=") else { return .listed(try items.map(probability)) }
  var byLabel: [String: Double] = [:]
  for item in items {
    guard let place = item.lastIndex(of: "=") else {
      throw usage("'\(item)' in --policy \(text) has no probability", "write it as ARM=P")
    }
    let label = String(item[..<place])
    let value = try probability(String(item[item.index(after: place)...]))
    if byLabel.updateValue(value, forKey: label) != nil {
      throw usage("--policy \(text) names \(label) twice", "each arm once")
    }
  }
  return .fixed(byLabel)
}

extension [String] {
  /// The first element that an earlier one equals.
  var firstRepeated: String? {
    var seen: Set<String> = []
    return first { !seen.insert($0).inserted }
  }
}
