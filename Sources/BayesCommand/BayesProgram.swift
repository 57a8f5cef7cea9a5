// The `bayes` program: its commands, and how a model's file becomes a running program.

import BayesCore
import CommandLineKit
import Glibc

/// This version of the engine.
let version = "0.1.0"

/// How the seconds of compiling the model's file reach the model's process.
let modelSecondsVariable = "BAYES_MODEL_SECONDS"

/// Runs the `bayes` program on the words of the command line and ends the process.
public func runBayes() -> Never {
  exit(bayesTool(CommandLine.arguments).run(Array(CommandLine.arguments.dropFirst())).rawValue)
}

/// The program for a command line, which a model's process is handed on to.
func bayesTool(_ words: [String]) -> Tool {
  @Sendable func hand(_ input: ModelInput) throws -> ExitCode {
    try runModel(at: input.model, words: Array(words.dropFirst()))
  }
  return Tool(
    name: "bayes", version: version,
    summary: "Bayesian inference: write a model in Swift, get a diagnosed posterior.",
    commands: [
      Subcommand(sampleCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(emCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(summaryCommand, orFail: runSummary),
      Subcommand(densityCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(compileCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(calibrationCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(benchmarkCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(
        banditSimulateCommand(.bayes),
        orFail: { try $0.input.model == nil ? runBanditSimulate($0) : hand($0.input) }),
      Subcommand(calibrateCommand, orFail: runCalibrate),
      Subcommand(calibrateApplyCommand, orFail: runCalibrateApply),
      Subcommand(calibrateForecastCommand, orFail: runCalibrateForecast),
      Subcommand(calibrateConformalCommand, orFail: runCalibrateConformal),
      Subcommand(calibrateConformalApplyCommand, orFail: runCalibrateConformalApply),
      Subcommand(abCommand, orFail: runAB),
      Subcommand(abPeekCommand, orFail: runABPeek),
      Subcommand(abPlanCommand, orFail: runABPlan),
      Subcommand(abMonitorCommand, orFail: runABMonitor),
      Subcommand(newCommand, orFail: runNew),
      Subcommand(banditChooseCommand(.bayes), orFail: { try hand($0.input) }),
      Subcommand(
        banditUpdateCommand(.bayes),
        orFail: { try $0.input.model == nil ? runBanditUpdate($0) : hand($0.input) }),
      Subcommand(banditArmsCommand, orFail: runBanditArms),
      Subcommand(banditExportCommand, orFail: runBanditExport),
      Subcommand(banditEvaluateCommand, orFail: runBanditEvaluate),
    ],
    examples: [
      CommandExample("bayes sample models/eight_schools.swift", "Sample a model"),
      CommandExample("bayes new coin", "Write a model to start from"),
      CommandExample("bayes sample --help", "All settings of the sampler"),
    ], closestName: { closestName(to: $0, among: $1) })
}

/// Compiles the model's file unless that was done before, and becomes its process.
private func runModel(at path: String?, words: [String]) throws -> ExitCode {
  guard let path else {
    throw UsageError(
      "MODEL is missing: the model's file", hint: "for example models/eight_schools.swift",
      command: "bayes \(words.first ?? "sample")")
  }
  let start = seconds()
  let executable = try compiledModel(at: path)
  setenv(modelSecondsVariable, "\(seconds() - start)", 1)
  setenv("OPENBLAS_NUM_THREADS", "1", 0)
  var arguments = ([executable] + words).map { strdup($0) }
  arguments.append(nil)
  execv(executable, arguments)
  throw Failure(
    "error: the compiled model cannot be run: \(String(cString: strerror(errno)))", .software)
}
