// What a model's executable does: `density` and `compile`, and how a model meets its data.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage
import CommandLineKit

/// Reads the data and compiles the model.
func compiled(_ model: some Model, _ input: ModelInput) throws -> CompiledModel {
  let data = try input.read(needed: nil)
  do {
    return try CompiledModel(model, data: data)
  } catch let error as ModelError {
    let hint = input.missingFilesHint.map { "\n" + $0 } ?? ""
    throw Failure("\(error)\(hint)", .data)
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
  let content = try parseJSON(path: path)
  let position: [Double]
  if settings.isUnconstrained {
    guard
      case .numbers(let shape, let values) = try dataValue(
        from: content, name: "the point", path: path), shape.count == 1
    else {
      throw DataError.invalid(
        DataPlace(path: path, line: content.line, column: content.column),
        message: "found \(content.summary) where an array of numbers was expected",
        hint: "without --unconstrained, the point is an object of values by name")
    }
    position = values
  } else {
    position = try compiled.position(of: try dataSet(from: content, path: path))
  }
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
