// `bayes benchmark`: what one gradient of a model costs.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesLanguage
import CommandLineKit
import Glibc

/// The settings of `benchmark`.
struct BenchmarkSettings: Sendable, Equatable {
  var input = ModelInput()
  var gradients = 100_000
  var repeats = 5
}

/// `benchmark`.
func benchmarkCommand(_ host: Host) -> Command<BenchmarkSettings> {
  Command(
    "benchmark", summary: "Measure what one log density with its gradient costs.",
    defaults: BenchmarkSettings(),
    arguments: [
      host.modelArgument(\.input.model),
      .option(
        "gradients", \.gradients, must: .within(1...1_000_000_000),
        help: "Evaluations in each measurement."),
      .option(
        "repeats", \.repeats, must: .within(1...1000), help: "Measurements; the median is printed."),
      .repeatable("data", \.input.data, placeholder: "FILE", help: dataHelp),
      .list("columns", \.input.columns, placeholder: "A,B", help: columnsHelp),
    ],
    examples: [
      CommandExample(
        "\(host.program) benchmark\(host.model) --gradients 1000000", "Nanoseconds per gradient")
    ])
}

/// Runs `benchmark`: CPU time on one thread, at positions that differ a little.
func runBenchmark(_ model: some Model, _ settings: BenchmarkSettings) throws -> ExitCode {
  let kernel = try compiled(model, settings.input).kernel
  let evaluator = kernel.makeKernelEvaluator()
  // Memory by address, as samplers hold it: an array would be retained and released at every call.
  let count = max(kernel.dimension, 1)
  let position = UnsafeMutablePointer<Double>.allocate(capacity: count)
  let gradient = UnsafeMutablePointer<Double>.allocate(capacity: count)
  defer {
    position.deallocate()
    gradient.deallocate()
  }
  for i in 0..<count { (position + i).initialize(to: i % 2 == 0 ? 0.1 : -0.1) }
  gradient.initialize(repeating: 0, count: count)
  var checksum = 0.0
  var nanoseconds: [Double] = []
  for _ in 0..<settings.repeats {
    let start = processSeconds()
    for evaluation in 0..<settings.gradients {
      position[0] = 0.1 + 1e-9 * Double(evaluation)
      checksum += try evaluator.logDensity(at: position, gradient: gradient)
    }
    nanoseconds.append((processSeconds() - start) * 1e9 / Double(settings.gradients))
  }
  nanoseconds.sort()
  try StandardStream.output.write(
    jsonText(
      [
        "ns_per_gradient": JSONValue(.number(nanoseconds[nanoseconds.count / 2])),
        "ns_per_gradient_least": JSONValue(.number(nanoseconds[0])),
        "dimension": .integer(kernel.dimension),
        "estimated_ns": JSONValue(.number(kernel.estimatedCost)),
        "mean_log_density": JSONValue(
          .number(checksum / Double(settings.gradients * settings.repeats))),
        "rewrites": .strings(kernel.rewrites),
      ], indented: true))
  return .success
}

/// CPU seconds of the process.
private func processSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
