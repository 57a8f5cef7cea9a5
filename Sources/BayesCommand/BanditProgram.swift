// A compiled bandit file as a program: simulate, choose, update.

import BayesBandits
import BayesCore
import BayesEngine
public import BayesLanguage
import BayesNumerics
import CommandLineKit
import Glibc

extension Bandit where Self: Sendable & SendableMetatype {
  /// Runs `bandit`, `bandit choose` or `bandit update` on this bandit, as the command line asks.
  ///
  /// With `@main` on the bandit, its executable is a program; `bayes bandit model.swift` compiles the file
  /// and runs it.
  public static func main() {
    setenv("OPENBLAS_NUM_THREADS", "1", 0)
    let isUnderBayes = environment(modelSecondsVariable) != nil
    let path = CommandLine.arguments.first ?? "bandit"
    let host: Host = isUnderBayes ? .bayes : .model
    let tool = Tool(
      name: isUnderBayes ? "bayes" : path.split(separator: "/").last.map(String.init) ?? path,
      version: version, summary: "Simulate the bandit \(Self.self), or choose by what it believes.",
      commands: [
        Subcommand(banditSimulateCommand(host), orFail: { try runBanditSimulate(Self(), $0) }),
        Subcommand(
          banditChooseCommand(host),
          orFail: { try runBanditChoose(try storedModel(Self(), $0.input, $0.belief), $0) }),
        Subcommand(
          banditUpdateCommand(host),
          orFail: { try runBanditUpdate(try storedModel(Self(), $0.input, $0.belief), $0) }),
      ], closestName: { closestName(to: $0, among: $1) })
    let words = Array(CommandLine.arguments.dropFirst())
    if let first = words.first,
      ["sample", "em", "density", "compile", "sbc", "benchmark"].contains(first)
    {
      StandardStream.prepare()
      note(
        "error: \(Self.self) is a bandit, which says what one round brings, and has no data of its own to "
          + "\(first)\n  hint: bayes bandit simulates it; for a table of rounds write a Model with "
          + "`@Given(over: \\Self.row, in: \\Self.arm) var shown: Indices`")
      exit(ExitCode.data.rawValue)
    }
    exit(tool.run(words).rawValue)
  }
}

/// Reads what the model takes as given.
private func banditData(_ model: some Bandit, _ input: ModelInput) throws -> DataSet {
  let names = DataNames(of: model)
  return try input.read(needed: names.needed, gapped: names.gapped)
}

private func storedModel<M: Bandit & Sendable>(
  _ model: M, _ input: ModelInput, _ belief: BeliefSettings
) throws -> StoredModel<KeptBelief> {
  try StoredModel(model, data: try banditData(model, input), options: belief.options(seed: 1))
}

/// How long a simulation takes whose posterior is sampled again and again; `nil` for less than a few minutes.
///
/// - Parameter eachSeconds: what the first posterior took.
private func samplingNote(
  _ settings: BanditSimulateSettings, _ options: BeliefOptions, eachSeconds: Double
) -> String? {
  var (rewards, posteriors) = (0, 1.0)
  if let every = options.refreshEvery {
    posteriors += Double(settings.rounds / every)
  } else {
    while rewards < settings.rounds {
      rewards += max(1, rewards / 10)
      posteriors += 1
    }
  }
  let hours =
    posteriors * Double(settings.replicates) * eachSeconds
    / Double(settings.threads ?? availableProcessors()) / 3600
  guard hours > 0.1 else { return nil }
  return
    "note: thompson finds its posterior about \(Int(posteriors)) times in each of \(settings.replicates) replicates: "
    + "about \(formatted(hours, significant: 2)) hours at least; --rounds 200 --replicates 20 is a start, "
}

/// What makes posteriors quicker: the approximation around the mode, for a model that has one already before any reward.
private func quickerBelief(
  _ bandit: BanditModel, _ options: BeliefOptions, rounds: Int
) -> String {
  var laplace = options
  laplace.method = .laplace
  return options.method != .laplace && (try? bandit.belief(laplace)) != nil
    ? "--belief laplace is quicker"
    : "--refresh \(max(1, rounds / 10)) finds it less often, --belief-draws 200 with fewer draws"
}

/// Runs `bandit` on worlds drawn from a declared bandit.
func runBanditSimulate(_ model: some Bandit, _ settings: BanditSimulateSettings) throws -> ExitCode
{
  func refused(_ option: String) -> UsageError {
    UsageError(
      "\(option) and a model do not go together", hint: "the model says what arms and rewards are",
      command: banditName)
  }
  if !settings.arms.isEmpty { throw refused("--arms") }
  if settings.truth != nil { throw refused("--truth") }
  if settings.drift != nil { throw refused("--drift") }
  if settings.environment != BanditSimulateSettings().environment { throw refused("--environment") }
  let bandit = try BanditModel(model, data: try banditData(model, settings.input))
  let truth = try DeclaredTruth(bandit)
  do {
    let environment = try Environment(
      rewards: truth.rewards, truth: .declared(truth), costs: try simulatedCosts(settings))
    let task = environment.task(horizon: settings.rounds)
    let options = settings.belief.options(seed: settings.seed ?? 1)
    let start = seconds()
    let (thompson, explanation) = try bandit.thompson("thompson", options: options)
    let names = try uniqueNames(settings.policies)
    if !settings.quiet {
      note("thompson: \(explanation)")
      if names.contains("thompson"),
        explanation.hasPrefix("NUTS") || explanation.hasPrefix("Laplace"),
        let warning = samplingNote(settings, options, eachSeconds: seconds() - start)
      {
        note(warning + quickerBelief(bandit, options, rounds: settings.rounds))
      }
    }
    let contenders = try names.map { name in
      name == "thompson" ? thompson : try contender(name, for: task)
    }
    return try simulateAndReport(environment, contenders, settings)
  } catch let error as PolicyError {
    throw UsageError("\(error)", hint: hint(for: error), command: banditName)
  }
}
