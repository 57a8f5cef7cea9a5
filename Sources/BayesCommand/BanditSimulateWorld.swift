// The world that the words of `bandit` describe.

import BayesBandits
import CommandLineKit

/// The environment of `--arms`, `--environment`, `--truth`, `--drift` and `--costs`.
///
/// - Throws: `UsageError` for words that cannot be read, `PolicyError` for a world that cannot be.
func simulatedEnvironment(_ settings: BanditSimulateSettings) throws -> Environment {
  guard !settings.arms.isEmpty else {
    throw UsageError(
      "--arms is missing: the arms' mean rewards", hint: "for example --arms 0.3,0.5,0.7",
      command: banditName)
  }
  let arms = try settings.arms.map { try number($0, in: "--arms", expecting: "a number") }
  let words = try Words(
    settings.environment, option: "--environment",
    kinds: ["bernoulli", "gaussian", "poisson", "linear", "logistic"])
  let rewards: BanditTask.Rewards
  var contextSize: Int?
  switch words.kind {
  case "gaussian":
    try words.takeNone(after: 1)
    rewards = .gaussian(deviation: try words.number(0, "the deviation", default: 1))
  case "linear":
    try words.takeNone(after: 2)
    contextSize = try words.count(0, "the length of contexts")
    rewards = .gaussian(deviation: try words.number(1, "the deviation", default: 1))
  case "logistic":
    try words.takeNone(after: 1)
    contextSize = try words.count(0, "the length of contexts")
    rewards = .bernoulli
  default:
    try words.takeNone(after: 0)
    rewards = words.kind == "poisson" ? .poisson : .bernoulli
  }
  let truth: Environment.Truth
  if let contextSize {
    if settings.truth != nil {
      throw UsageError(
        "--truth and --environment \(words.kind) do not go together",
        hint: "coefficients are always drawn anew", command: banditName)
    }
    if settings.drift != nil {
      throw UsageError(
        "--drift does not go with contexts",
        hint:
          "--environment \(words.kind) has coefficients that stay; changing worlds are bernoulli, gaussian and poisson",
        command: banditName)
    }
    truth = .contextual(
      dimension: contextSize, armCount: try armCount(arms, because: words.kind))
  } else if let prior = settings.truth {
    truth = .drawn(from: try truthPrior(prior), armCount: try armCount(arms, because: "--truth"))
  } else {
    if arms.count == 1 {
      throw UsageError(
        "--arms has one arm, which leaves no choice",
        hint:
          "give two or more mean rewards; a number of arms goes with --truth, linear or logistic",
        command: banditName)
    }
    truth = .means(arms)
  }
  return try Environment(
    rewards: rewards, truth: truth, change: try change(settings.drift),
    costs: try simulatedCosts(settings))
}

/// The numbers of `--costs`.
func simulatedCosts(_ settings: BanditSimulateSettings) throws -> [Double] {
  try settings.costs.map { try number($0, in: "--costs", expecting: "a number") }
}

private func change(_ text: String?) throws -> Environment.Change {
  guard let text else { return .never }
  let words = try Words(text, option: "--drift", kinds: ["walk", "abrupt"])
  try words.takeNone(after: 1)
  return words.kind == "walk"
    ? .drift(deviation: try words.number(0, "the deviation"))
    : .abrupt(every: try words.count(0, "the number of rounds"))
}

private func truthPrior(_ text: String) throws -> ArmPosterior {
  let words = try Words(text, option: "--truth", kinds: ["uniform", "beta", "normal", "gamma"])
  try words.takeNone(after: words.kind == "uniform" ? 0 : 2)
  switch words.kind {
  case "uniform": return .beta(1, 1)
  case "beta": return .beta(try words.number(0, "a"), try words.number(1, "b"))
  case "normal":
    return .normal(
      mean: try words.number(0, "the mean"), deviation: try words.number(1, "the deviation"))
  default:
    return .gamma(
      shape: try words.number(0, "the shape"), rate: try words.number(1, "the rate"))
  }
}

private func armCount(_ arms: [Double], because reason: String) throws -> Int {
  guard arms.count == 1, let count = Int(exactly: arms[0]), (2...100_000).contains(count) else {
    throw UsageError(
      "--arms must be one whole number of arms, 2 or more, with \(reason)", command: banditName)
  }
  return count
}

private func number(_ text: String, in option: String, expecting: String) throws -> Double {
  guard let value = Double(argument: text) else {
    throw UsageError("\(option) expects \(expecting), not '\(text)'", command: banditName)
  }
  return value
}

/// `kind:value:value`.
private struct Words {
  let kind: String
  private let option: String
  private let values: [String]

  init(_ text: String, option: String, kinds: [String]) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard kinds.contains(parts[0]) else {
      throw UsageError(
        "\(option) has no kind '\(parts[0])'", hint: "there are \(kinds.joined(separator: ", "))",
        command: banditName)
    }
    kind = parts[0]
    values = Array(parts.dropFirst())
    self.option = option
  }

  func takeNone(after count: Int) throws {
    guard values.count > count else { return }
    throw UsageError(
      "\(option) \(kind) takes \(count == 0 ? "no value" : "at most \(count)"), "
        + "not '\(values.joined(separator: ":"))'", command: banditName)
  }

  func number(_ position: Int, _ name: String, default other: Double? = nil) throws -> Double {
    guard position < values.count else {
      if let other { return other }
      throw UsageError("\(option) \(kind) needs \(name) after a colon", command: banditName)
    }
    guard let value = Double(argument: values[position]) else {
      throw UsageError(
        "\(name) of \(option) \(kind) is not a number: '\(values[position])'", command: banditName)
    }
    return value
  }

  func count(_ position: Int, _ name: String) throws -> Int {
    let value = try number(position, name)
    guard let count = Int(exactly: value), count >= 1 else {
      throw UsageError(
        "\(name) of \(option) \(kind) is not a whole number of 1 or more: '\(values[position])'",
        command: banditName)
    }
    return count
  }
}
