// `bayes bandit`: simulates policies against each other.

import BayesBandits
import BayesCore
import BayesEngine
import BayesNumerics
import BayesReport
import CommandLineKit
import Glibc

/// What `bandit` prints.
enum SimulationFormat: String, CaseIterable, ArgumentValue { case table, json, csv }

/// The settings of `bandit`.
struct BanditSimulateSettings: Sendable, Equatable {
  var input = ModelInput()
  var arms: [String] = []
  var environment = "bernoulli"
  var truth: String?
  var policies = ["thompson", "epsilon-greedy:0.1", "ucb1"]
  var rounds = 10_000
  var replicates = 1000
  var batch = 1
  var delay = 0
  var drift: String?
  var costs: [String] = []
  var seed: UInt64?
  var threads: Int?
  var format = SimulationFormat.table
  var plot: String?
  var quiet = false
  var belief = BeliefSettings()
}

/// `bandit`.
func banditSimulateCommand(_ host: Host) -> Command<BanditSimulateSettings> {
  Command(
    "bandit", summary: "Simulate bandit policies against each other.",
    discussion:
      "Plays every policy through the same replicates of a world and prints its mean cumulative regret: "
      + "what playing the best arm would have brought more, on average. The same seed gives the same "
      + "result, whatever the number of threads.\n\nWith MODEL, a declared bandit, each replicate's world is a draw from the "
      + "model's priors (contexts: standard normals and uniform positions), and the policy thompson draws from the model's own posterior.",
    defaults: BanditSimulateSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .list(
        "arms", \.arms, placeholder: "MEAN,…",
        help: "The arms' mean rewards; with --truth, linear or logistic, their number."),
      .list(
        "policies", \.policies, placeholder: "NAME,…",
        help: "Policies from the list below, parameters after colons, by position or by name: "
          + "epsilon-greedy:0.05 or thompson-beta:a=2:b=5."),
      .option(
        "rounds", \.rounds, must: .within(1...1_000_000_000), help: "Rounds of each replicate."),
      .option("replicates", \.replicates, must: .within(1...1_000_000), help: "Replicates."),
      .option(
        "environment", \.environment, placeholder: "KIND",
        help: "What rewards are: bernoulli, gaussian:DEVIATION, poisson; with contexts of length N "
          + "linear:N:DEVIATION or logistic:N."),
      .option(
        "truth", \.truth, placeholder: "PRIOR",
        help:
          "Draw the means anew for every replicate, so that the mean is a Bayes regret: uniform, "
          + "beta:A:B, normal:MEAN:DEVIATION or gamma:SHAPE:RATE."),
      .option(
        "drift", \.drift, placeholder: "KIND",
        help:
          "Let the means change: walk:DEVIATION of a step after each round, or abrupt:ROUNDS, after "
          + "which each arm takes over the mean of the one before it. Not with contexts, nor with a model."
      ),
      .list(
        "costs", \.costs, placeholder: "COST,…",
        help:
          "What a play of each arm costs, which counts against its rewards: regret is net of costs."
      ),
      .option(
        "batch", \.batch, must: .within(1...1_000_000_000),
        help: "Rewards are learned after every so many rounds."),
      .option(
        "delay", \.delay, must: .within(0...1_000_000_000),
        help: "A reward is learned so many rounds late."),
      .option("seed", \.seed, help: "Key of all random numbers; without, one is drawn."),
      .option(
        "threads", \.threads, must: .within(1...1024), help: "Replicates that run at the same time."
      ),
      .option("format", \.format, help: "What standard output gets."),
      .option(
        "plot", \.plot, placeholder: "FILE", help: "Write the regret curves with their bands, .svg."
      ),
      .flag("quiet", \.quiet, short: "q", help: "No progress and no notes on standard error."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
    ]
      + beliefArguments(
        method: \.belief.method, refresh: \.belief.refresh, draws: \.belief.draws),
    examples: [
      CommandExample(
        "bayes bandit --arms 0.3,0.5,0.7,0.4,0.6 --plot regret.svg",
        "Three policies and their curves"),
      CommandExample(
        "bayes bandit models/bandits/click_through.swift --rounds 1000", "A declared bandit"),
      CommandExample(
        "bayes bandit --arms 5 --truth uniform --policies thompson,kl-ucb,bayes-ucb --delay 100",
        "The Bayes regret when rewards are late"),
      CommandExample(
        "bayes bandit --arms 0.4,0.5,0.6 --drift abrupt:2500 --policies "
          + "thompson,thompson-window:1000,ucb-discounted:0.995", "A world that changes"),
    ],
    lists: [
      HelpList(
        "POLICIES",
        policyCatalogue.map { entry in
          (entry.name, entry.summary + "." + parametersText(entry))
        })
    ])
}

private func parametersText(_ entry: PolicyEntry) -> String {
  let parameters = entry.parameters.map { "\($0.name) (\($0.defaultText))" }
  return parameters.isEmpty ? "" : " Parameters: " + parameters.joined(separator: ", ") + "."
}

/// Runs `bandit` on the arms of the command line.
func runBanditSimulate(_ settings: BanditSimulateSettings) throws -> ExitCode {
  let environment: Environment
  let contenders: [Contender]
  do {
    environment = try simulatedEnvironment(settings)
    let names = try uniqueNames(settings.policies)
    let task = environment.task(horizon: settings.rounds)
    contenders = try names.map { try contender($0, for: task) }
  } catch let error as PolicyError {
    throw UsageError("\(error)", hint: hint(for: error), command: banditName)
  }
  return try simulateAndReport(environment, contenders, settings)
}

let banditName = "bayes bandit"

func hint(for error: PolicyError) -> String? {
  if case .unknownPolicy = error { return "\(banditName) --help lists all" }
  return nil
}

func uniqueNames(_ names: [String]) throws -> [String] {
  guard !names.isEmpty else {
    throw UsageError("--policies names no policy", command: banditName)
  }
  let names = names.map {
    String($0.drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
  }
  var seen: Set<String> = []
  for name in names where !seen.insert(name).inserted {
    throw UsageError("--policies has '\(name)' twice", command: banditName)
  }
  return names
}

/// Simulates and writes what was asked for: all that `bandit` does once world and policies are known.
func simulateAndReport(
  _ environment: Environment, _ contenders: [Contender], _ settings: BanditSimulateSettings
) throws -> ExitCode {
  let seed = settings.seed ?? randomSeed()
  if !settings.quiet, settings.seed == nil { note("seed \(seed)") }
  var simulation = try BanditSimulation(
    environment, rounds: settings.rounds, replicates: settings.replicates, seed: seed,
    threads: settings.threads)
  simulation.feedback = Feedback(batch: settings.batch, delay: settings.delay)
  let plotted = try settings.plot.map { path in
    guard path.hasSuffix(".svg") else {
      throw UsageError("--plot writes .svg, not '\(path)'", command: banditName)
    }
    // Found out before, not after the work.
    try checkWritable(path)
    return path
  }
  Interrupt.install()
  let start = seconds()
  let progress = SimulationProgress()
  let total = settings.replicates
  let result = try withProgressLine(isQuiet: settings.quiet) { _, seconds in
    let finished = progress.finished
    let line = "simulating  \(finished) of \(total) replicates"
    guard finished > 0 else { return line }
    let left = seconds / Double(finished) * Double(total - finished)
    return line + "  \(Int(left.rounded(.up))) s left"
  } _: { [simulation] in
    try simulation.run(contenders, progress: progress, isCancelled: { Interrupt.isRequested })
  }
  if result.replicates > 0 {
    var failure: (any Error)?
    if let plotted {
      do { try writeFile(regretPlot(result).svg(), to: plotted) } catch { failure = error }
    }
    switch settings.format {
    case .table: try StandardStream.output.write(simulationText(result))
    case .json: try StandardStream.output.write(jsonText(simulationJSON(result), indented: true))
    case .csv: try StandardStream.output.write(simulationCSV(result))
    }
    if let failure { throw failure }
  }
  if !settings.quiet, result.replicates > 0 {
    let plays = Double(result.replicates) * Double(settings.rounds) * Double(contenders.count)
    let wall = seconds() - start
    note("\(formatted(plays, significant: 4)) rounds in \(fixed(wall, decimals: 1)) s.")
  }
  guard result.replicates < settings.replicates else { return .success }
  note(
    result.replicates == 0
      ? "Interrupted before the first replicate ended: no results."
      : "Interrupted: the results are those of \(result.replicates) replicates.")
  return .interrupted
}
