// A compiled model file as a program that samples itself.

import BayesCore
public import BayesLanguage
import CommandLineKit
import Glibc

extension Model where Self: Sendable & SendableMetatype {
  /// Runs `sample`, `em`, `density`, `compile`, `sbc` or `benchmark` on this model, as the command line asks.
  ///
  /// With `@main` on the model, its executable is a program; `bayes sample model.swift` compiles the
  /// file and runs it.
  public static func main() {
    let start = seconds()
    setenv("OPENBLAS_NUM_THREADS", "1", 0)
    let isUnderBayes = environment(modelSecondsVariable) != nil
    let path = CommandLine.arguments.first ?? "model"
    let host: Host = isUnderBayes ? .bayes : .model
    let tool = Tool(
      name: isUnderBayes ? "bayes" : path.split(separator: "/").last.map(String.init) ?? path,
      version: version, summary: "Sample the model \(Self.self).",
      commands: [
        Subcommand(sampleCommand(host), orFail: { try runSample(Self(), $0, start: start) }),
        Subcommand(emCommand(host), orFail: { try runEM(Self(), $0) }),
        Subcommand(densityCommand(host), orFail: { try runDensity(Self(), $0) }),
        Subcommand(compileCommand(host), orFail: { try runCompile(Self(), $0) }),
        Subcommand(calibrationCommand(host), orFail: { try runCalibration(Self(), $0) }),
        Subcommand(benchmarkCommand(host), orFail: { try runBenchmark(Self(), $0) }),
      ], closestName: { closestName(to: $0, among: $1) })
    let words = Array(CommandLine.arguments.dropFirst())
    if words.first == "bandit" {
      StandardStream.prepare()
      note(
        "error: \(Self.self) is a Model, not a Bandit\n  hint: declare `struct \(Self.self): Bandit` with an "
          + "`@Action(over: \\Self.arm) var shown: Choice`, and one `@Observed` number that a round brings"
      )
      exit(ExitCode.data.rawValue)
    }
    exit(tool.run(words).rawValue)
  }
}
