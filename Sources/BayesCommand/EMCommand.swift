// `bayes em`: fit by maximum likelihood or MAP, one model or several of different sizes.

import BayesCore
import BayesEngine
import BayesInference
import BayesLanguage
import BayesReport
import CommandLineKit
import Glibc

/// The settings of `em`.
struct EMCommandSettings: Sendable, Equatable {
  var input = ModelInput()
  var restarts = 10
  var maxIterations = 1000
  var tolerance = 1e-8
  var isMAP = false
  var components: String?
  var covariance: [String] = []
  var weights: String?
  var start: String?
  var seed: UInt64?
  var threads: Int?
  var isPlain = false
  var wantsErrors = false
  var leavesOutErrors = false
  var responsibilities: String?
  var format = OutputFormat.table
  var strict = false
  var quiet = false
}

private func rule(_ name: String) -> ValueRule<Int> {
  let range = EMSettings.options.first { $0.name == name }!.range
  return .within(Int(range.lowerBound)...Int(range.upperBound))
}

/// `em`.
func emCommand(_ host: Host) -> Command<EMCommandSettings> {
  Command(
    "em", summary: "Fit a model by expectation maximisation.",
    discussion:
      "Finds the maximum of the likelihood, the discrete unknowns summed out, from several starts, and "
      + "prints estimates with standard errors, information criteria, and who belongs where. Priors count "
      + "with --map only.",
    defaults: EMCommandSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
      .option("restarts", \.restarts, must: rule("restarts"), help: "Independent starts."),
      .option(
        "max-iterations", \.maxIterations, must: rule("max-iterations"),
        help: "Most steps of a restart."),
      .option(
        "tolerance", \.tolerance, must: .within(0...1),
        help: "Relative change of the log-likelihood at convergence; at 0 all steps are made."),
      .flag("map", \.isMAP, help: "Add the priors' log density: maximum a posteriori."),
      .option(
        "components", \.components, placeholder: "1...9",
        help: "Compare numbers of components: a range 1...9, or a list 2,3,5."),
      .list(
        "covariance", \.covariance, placeholder: "FORM,…",
        help: "What the covariances of multivariate normal components may be: full, diagonal, "
          + "spherical or tied; several are compared."),
      .option(
        "weights", \.weights, placeholder: "COLUMN",
        help: "A column of the data that says how often each row counts."),
      .option(
        "start", \.start, placeholder: "FILE",
        help: "Values of all parameters, .json, to start the only restart from."),
      .option("seed", \.seed, help: "Key of all random numbers; without, one is drawn."),
      .option("threads", \.threads, must: rule("threads"), help: "Threads to run restarts on."),
      .flag("no-acceleration", \.isPlain, help: "Plain EM steps only, without extrapolation."),
      .flag(
        "standard-errors", \.wantsErrors, help: "Compute standard errors however long it takes."),
      .flag("no-standard-errors", \.leavesOutErrors, help: "Leave standard errors out."),
      .option(
        "responsibilities", \.responsibilities, placeholder: "FILE",
        help: "Write each row's most probable label and the probabilities of all labels, .csv."),
      .option("format", \.format, help: "What standard output gets."),
      .flag("strict", \.strict, help: "Exit with 1 if there is anything to warn of."),
      .flag("quiet", \.quiet, short: "q", help: "No progress and no notes on standard error."),
    ],
    examples: [
      CommandExample("\(host.program) em\(host.mixture)", "Fit with the data beside the model"),
      CommandExample(
        "\(host.program) em\(host.mixture) --components 1...9 --covariance full,tied",
        "How many components, and of which form"),
      CommandExample(
        "\(host.program) em\(host.mixture) --map --restarts 50 --responsibilities who.csv",
        "With the priors, many starts, and each row's component in a file"),
    ])
}

extension Host {
  /// A mixture's path in an example, with the space before it.
  fileprivate var mixture: String { self == .bayes ? " gaussian_mixture.swift" : "" }
}

/// Runs `em` on a model.
func runEM(_ model: some Model, _ settings: EMCommandSettings) throws -> ExitCode {
  let names = DataNames(of: model)
  let candidates = try emCandidates(settings, names)
  if settings.responsibilities != nil, names.labelAxes.isEmpty {
    throw Failure("error: the model has no @Latent, so that there are no responsibilities", .data)
  }
  let data = try settings.input.read(
    needed: names.needed.union(settings.weights.map { [$0] } ?? []), gapped: names.gapped)
  if !settings.quiet { for hint in names.hints(for: data) { note("warning: \(hint)") } }
  let seed = settings.seed ?? randomSeed()
  if !settings.quiet, settings.seed == nil { note("seed \(seed)") }
  var options = EMOptions(seed: seed)
  options.driver.restarts = settings.restarts
  options.driver.maxIterations = settings.maxIterations
  options.driver.tolerance = settings.tolerance
  options.driver.accelerates = !settings.isPlain
  if let threads = settings.threads { options.driver.threads = threads }
  options.usesPriors = settings.isMAP
  options.rowWeights = try settings.weights.map { try rowWeights($0, data) }
  options.start = try settings.start.map { try readJSON($0) }
  options.computesErrors = settings.wantsErrors ? true : settings.leavesOutErrors ? false : nil
  Interrupt.install()
  do {
    if candidates.count > 1 {
      return try runComparison(model, data, settings, options, candidates)
    }
    options.covariance = candidates[0].covariance
    if let count = candidates[0].components { options.axisSizes = candidates[0].sizes(count) }
    return try runSingle(model, data, settings, options)
  } catch let error as ModelError {
    let hint = settings.input.missingFilesHint.map { "\n" + $0 } ?? ""
    throw Failure("\(error)\(hint)", .data)
  } catch let error as EngineError {
    if let start = settings.start { throw emStartFailure(error, start) }
    throw error
  }
}

private func runSingle(
  _ model: some Model, _ data: DataSet, _ settings: EMCommandSettings, _ options: EMOptions
) throws -> ExitCode {
  let fit = try withEMProgress(settings) { progress in
    try fitEM(
      model, data: data, options: options, progress: progress,
      isCancelled: { Interrupt.isRequested })
  }
  try requireEffect(settings.covariance, fit)
  var failure: (any Error)?
  if let path = settings.responsibilities {
    do { try writeFile(responsibilitiesCSV(fit), to: path) } catch { failure = error }
  }
  switch settings.format {
  case .table: try StandardStream.output.write(emText(fit, isWeighted: settings.weights != nil))
  case .json: try StandardStream.output.write(jsonText(emJSON(fit), indented: true))
  }
  if let failure { throw failure }
  if !settings.quiet { note(emTimes(fit)) }
  if fit.run.isInterrupted {
    note("Interrupted: the results are those of the restarts that had begun.")
    return .interrupted
  }
  return settings.strict && !emWarnings(fit).isEmpty ? .strict : .success
}
