// What a model's executable does: `density` and `compile`, and how a model meets its data.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage
import CommandLineKit

/// Reads the data and compiles the model; what looks like a slip in the data is noted on standard error.
func compiled(
  _ model: some Model, _ input: ModelInput, isQuiet: Bool = false
) throws -> CompiledModel {
  let names = DataNames(of: model)
  let data = try input.read(needed: names.needed, gapped: names.gapped)
  let hints = names.hints(for: data)
  do {
    let compiled = try CompiledModel(model, data: data)
    if !isQuiet {
      for hint in hints + emptyData(compiled.traced) { note("warning: \(hint)") }
      for warning in compiled.traced.warnings { note("\(warning)") }
    }
    return compiled
  } catch let error as ModelError {
    let hint = input.missingFilesHint.map { "\n" + $0 } ?? ""
    throw Failure("\(error)\(hint)", .data)
  }
}

/// Observed data without rows, a sentence each; the size 0 was stated, or it would be a mistake.
private func emptyData(_ model: TracedModel) -> [String] {
  model.data.filter { data in data.isObserved && data.dimensions.contains { $0.size == 0 } }.map {
    "`\($0.name)` has no rows (\($0.origin.description())): nothing is learnt from it"
  }
}

/// Runs `density`.
func runDensity(_ model: some Model, _ settings: DensitySettings) throws -> ExitCode {
  guard let path = settings.point else {
    throw UsageError(
      "--at is missing", hint: "name a file with the point: --at point.json",
      command: "bayes density")
  }
  let compiled = try compiled(model, settings.input)
  let position = try readPoint(at: path, isUnconstrained: settings.isUnconstrained, of: compiled)
  let value = try compiled.density(at: position)
  try StandardStream.output.write(
    jsonText(
      [
        "log_density": JSONValue(.number(value.logDensity)),
        "log_density_unconstrained": JSONValue(.number(value.logDensityUnconstrained)),
        "gradient": .numbers(value.gradient),
      ], indented: true))
  return .success
}

/// Runs `compile`.
func runCompile(_ model: some Model, _ settings: CompileSettings) throws -> ExitCode {
  let compiled = try compiled(model, settings.input)
  if settings.isChecked { return try runCheck(compiled) }
  let kernel = compiled.kernel
  note(backendLine(kernel.backend))
  for rewrite in kernel.rewrites { note("  \(rewrite)") }
  switch settings.emission {
  case .graph:
    let roots = kernel.roots
    try StandardStream.output.write(
      describe(
        kernel.graph,
        roots: [
          ("value", roots.value), ("gradient", roots.gradient), ("outputs", roots.outputs),
        ]))
  case .c: try StandardStream.output.write(kernel.source)
  }
  return .success
}

/// What evaluates the density, in words.
func backendLine(_ backend: Kernel.Backend) -> String {
  switch backend {
  case .native(let isCached): "Kernel: native code" + (isCached ? ", from the cache." : ".")
  case .interpreter(let reason): "Kernel: the interpreter, which is slow (\(reason))."
  }
}
