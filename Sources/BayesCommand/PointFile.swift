// The point of `density --at`: by parameter name as for `--init`, or as unconstrained coordinates.

import BayesCore
import BayesEngine

/// The unconstrained position that a file of JSON describes.
///
/// - Throws: `DataError` and `EngineError`, which name the file and say what the model expects.
func readPoint(
  at path: String, isUnconstrained: Bool, of compiled: CompiledModel
) throws -> [Double] {
  let content = try parseJSON(path: path)
  return isUnconstrained
    ? try coordinates(content, path: path, compiled)
    : try position(content, path: path, compiled)
}

private func position(
  _ content: JSONValue, path: String, _ compiled: CompiledModel
) throws -> [Double] {
  let values = try dataSet(from: content, path: path)
  let names = compiled.traced.parameters.map(\.variable.name)
  do {
    return try compiled.position(of: values)
  } catch EngineError.missingParameters(let missing) {
    throw error(
      content, path: path,
      "the point has no value for \(missing.map { "`\($0)`" }.joined(separator: ", "))",
      hint: "a density needs all parameters: \(names.joined(separator: ", "))")
  }
}

private func coordinates(
  _ content: JSONValue, path: String, _ compiled: CompiledModel
) throws -> [Double] {
  guard content.array != nil,
    case .numbers(let shape, let values) = try dataValue(
      from: content, name: "the point", path: path), shape.count == 1
  else {
    throw error(
      content, path: path, "found \(content.summary) where an array of numbers was expected",
      hint: "without --unconstrained, the point is an object of values by name")
  }
  let traced = compiled.traced
  if values.count != traced.dimension {
    let parts = traced.parameters.map { "\($0.variable.name) (\($0.unconstrainedCount))" }
    throw error(
      content, path: path,
      "the point has \(count(values.count, "number")); the model has "
        + count(traced.dimension, "unconstrained coordinate"),
      hint: "in this order: \(parts.joined(separator: ", "))")
  }
  if let index = values.firstIndex(where: { !$0.isFinite }) {
    throw error(
      content.array?[index] ?? content, path: path,
      "coordinate \(index + 1) is \(values[index])", hint: "coordinates are finite numbers")
  }
  return values
}

private func count(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

private func error(
  _ value: JSONValue, path: String, _ message: String, hint: String
) -> DataError {
  .invalid(
    DataPlace(path: path, line: value.line, column: value.column), message: message, hint: hint)
}
