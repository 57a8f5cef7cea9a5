// `sample`: bind, compile, sample with progress, and hand over to the reports.

import BayesCore
import BayesDiagnostics
import BayesEngine
import BayesInference
import BayesLanguage
import CommandLineKit

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

/// Samples, with a progress line.
private func sampled(
  _ compiled: CompiledModel, _ settings: SampleSettings, seed: UInt64, initialValues: DataSet?
) throws -> Fit {
  let progress = SamplerProgress(chains: settings.chains)
  return try withProgressLine(isQuiet: settings.quiet) { width, seconds in
    let chains = progress.snapshot().map {
      ChainProgress(
        iterations: $0.iterations, total: settings.warmup + settings.draws,
        warmup: settings.warmup, divergences: $0.divergences)
    }
    return progressLine(chains, seconds: seconds, width: width)
  } _: {
    try compiled.sample(
      settings: settings.samplerSettings(seed: seed), initialValues: initialValues,
      relabels: settings.relabel == .auto, progress: progress,
      isCancelled: { Interrupt.isRequested })
  }
}
