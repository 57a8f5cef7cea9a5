// `sample`: bind, compile, sample with progress, and hand over to the reports.

import BayesCore
import BayesDiagnostics
import BayesEngine
import BayesInference
import BayesLanguage
import CommandLineKit
import Glibc
import Synchronization

/// A finished run with what its reports need beside the fit.
struct SampleResult: Sendable {
  let fit: Fit
  let settings: SampleSettings
  let compiled: CompiledModel
  /// Seconds of compiling the model's file, by `bayes` before this process.
  let compileModelSeconds: Double
  /// Wall seconds, compiling the model's file included.
  let totalSeconds: Double
  /// CPU seconds of this process and its children.
  let cpuSeconds: Double

  var seed: UInt64 { fit.settings.seed }
}

/// Runs `sample` on a model.
///
/// Results reach standard output whatever happens to the files of `--output`, and the other way round:
/// the first failure decides the exit code.
func runSample(_ model: some Model, _ settings: SampleSettings, start: Double) throws -> ExitCode {
  if settings.labelDraws, settings.output == nil {
    throw UsageError(
      "--label-draws needs a folder to write to", hint: "name one with --output",
      command: "bayes sample")
  }
  let compiled = try compiled(model, settings.input, isQuiet: settings.quiet)
  if !settings.quiet, settings.labelDraws, compiled.traced.latents.isEmpty {
    note("warning: --label-draws has no effect: the model has no discrete unknown")
  }
  let seed = settings.seed ?? randomSeed()
  if !settings.quiet, settings.seed == nil { note("seed \(seed)") }
  let initialValues = try settings.initialValues.map { try readJSON($0) }
  let files = try settings.output.map {
    try SampleFiles(folder: $0, model: compiled.traced.name)
  }
  Interrupt.install()
  let fit = try sampled(compiled, settings, seed: seed, initialValues: initialValues)
  let compileSeconds = environment(modelSecondsVariable).flatMap(Double.init) ?? 0
  let result = SampleResult(
    fit: fit, settings: settings, compiled: compiled, compileModelSeconds: compileSeconds,
    totalSeconds: compileSeconds + seconds() - start, cpuSeconds: cpuSeconds())
  var failure: (any Error)?
  do { try files?.write(result) } catch { failure = error }
  switch settings.format {
  case .table: try StandardStream.output.write(reportText(result))
  case .json: try StandardStream.output.write(jsonText(reportJSON(result), indented: true))
  }
  if let failure { throw failure }
  if !settings.quiet { note(timesLine(result)) }
  if fit.run.isInterrupted {
    note("Interrupted: the results are those of \(fit.draws.drawCount) draws per chain.")
    if let folder = settings.output, fit.draws.drawCount == 0 {
      note("Without draws, nothing was written to \(folder).")
    }
    return .interrupted
  }
  let isFlawed =
    fit.advice.contains { $0.severity >= .warning } || !compiled.traced.warnings.isEmpty
  if settings.strict, isFlawed { return .strict }
  return .success
}

/// Samples, with the progress line on a second thread where somebody can see it.
private func sampled(
  _ compiled: CompiledModel, _ settings: SampleSettings, seed: UInt64, initialValues: DataSet?
) throws -> Fit {
  let run: @Sendable (SamplerProgress?) throws -> Fit = { progress in
    try compiled.sample(
      settings: settings.samplerSettings(seed: seed), initialValues: initialValues,
      relabels: settings.relabel == .auto, progress: progress,
      isCancelled: { Interrupt.isRequested })
  }
  guard !settings.quiet, Terminal.isInteractive(.error) else { return try run(nil) }
  let progress = SamplerProgress(chains: settings.chains)
  let isDone = SharedFlag()
  let fits: [Fit?] = try parallelMap(count: 2, threads: 2) { task in
    guard task == 0 else {
      showProgress(progress, settings, until: isDone)
      return nil
    }
    defer { isDone.value.store(true, ordering: .relaxed) }
    return try run(progress)
  }
  return fits[0]!
}

/// A flag that threads share.
private final class SharedFlag: Sendable {
  let value = Atomic<Bool>(false)
}

/// Shows the progress line ten times a second.
private func showProgress(
  _ progress: SamplerProgress, _ settings: SampleSettings, until isDone: SharedFlag
) {
  var display = ProgressDisplay(isQuiet: settings.quiet)
  let start = seconds()
  var ticks = 0
  while !isDone.value.load(ordering: .relaxed) {
    usleep(10_000)
    ticks += 1
    guard ticks % 10 == 0 else { continue }
    let chains = progress.snapshot().map {
      ChainProgress(
        iterations: $0.iterations, total: settings.warmup + settings.draws,
        warmup: settings.warmup, divergences: $0.divergences)
    }
    display.show(chains, seconds: seconds() - start)
  }
  display.clear()
}

/// Wall seconds from some fixed moment.
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// CPU seconds of this process and the children it waited for.
func cpuSeconds() -> Double {
  [RUSAGE_SELF, RUSAGE_CHILDREN].map { __rusage_who_t($0.rawValue) }.reduce(0) { sum, who in
    var usage = rusage()
    getrusage(who, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(sum) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
    }
  }
}
