// Points of the parameter space: from constrained values to positions, and what is wrong with one.

public import BayesCore
import BayesGraph
public import BayesInference
import BayesLanguage
import BayesNumerics

extension CompiledModel {
  /// The log density at a point, all constants kept.
  public struct DensityValue: Sendable, Equatable {
    /// On the constrained scale.
    public let logDensity: Double
    /// With the log Jacobian of all transforms added.
    public let logDensityUnconstrained: Double
    /// Of `logDensityUnconstrained`, in declaration order.
    public let gradient: [Double]
  }

  /// Log density and gradient at an unconstrained position.
  ///
  /// - Throws: `EngineError.wrongLength`; `EngineError.impossiblePoint`, which names the statement, where
  ///   the log density is not finite.
  public func density(at position: [Double]) throws -> DensityValue {
    guard position.count == traced.dimension else {
      throw EngineError.wrongLength(found: position.count, expected: traced.dimension)
    }
    let evaluator = try kernel.makeEvaluator()
    var gradient = [Double](repeating: 0, count: traced.dimension)
    let value = try gradient.withUnsafeMutableBufferPointer { gradient in
      try withPointer(position) { position in
        // A model without coordinates has an empty gradient, whose base address is nil.
        try withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { room in
          try evaluator.logDensity(
            at: position, gradient: gradient.baseAddress ?? room.baseAddress!)
        }
      }
    }
    let constrained = Interpreter(traced.graph).values(of: [traced.logDensity], at: position)[0][0]
    guard value.isFinite, constrained.isFinite, gradient.allSatisfy(\.isFinite) else {
      throw EngineError.impossiblePoint(explanation(at: position))
    }
    return DensityValue(
      logDensity: constrained, logDensityUnconstrained: value, gradient: gradient)
  }

  /// The unconstrained position of values given by parameter name.
  ///
  /// - Throws: `EngineError` where a parameter is missing, unknown, of the wrong shape or outside
  ///   its support.
  public func position(of values: DataSet) throws -> [Double] {
    try checkNames(values)
    let missing = traced.parameters.map(\.variable.name).filter { values[$0] == nil }
    guard missing.isEmpty else { throw EngineError.missingParameters(missing) }
    return try position(of: values) { _ in [] }
  }

  /// One position per chain: the given values, and U(−2, 2) on the unconstrained scale for the
  /// others, drawn again up to 100 times until the log density is finite.
  ///
  /// - Throws: `EngineError` where a value does not fit; a density that stays impossible is left to
  ///   the sampler, which explains it.
  public func initialPositions(from values: DataSet, settings: SamplerSettings) throws
    -> [[Double]]
  {
    try checkNames(values)
    let isComplete = traced.parameters.allSatisfy { values[$0.variable.name] != nil }
    let evaluator = try kernel.makeEvaluator()
    var gradient = [Double](repeating: 0, count: max(1, traced.dimension))
    return try (0..<settings.chains).map { chain in
      var position: [Double] = []
      for attempt in 0..<(isComplete ? 1 : 100) {
        var stream = RandomStream(
          seed: settings.seed, chain: chain, purpose: .initialPosition, iteration: attempt)
        position = try self.position(of: values) { parameter in
          (0..<parameter.unconstrainedCount).map { _ in 4 * stream.uniform() - 2 }
        }
        let value = try withPointer(position) {
          try evaluator.logDensity(at: $0, gradient: &gradient)
        }
        if value.isFinite, gradient.allSatisfy(\.isFinite) { break }
      }
      return position
    }
  }

  /// - Throws: `EngineError.unknownParameter`, which is what a misspelt name is, rather than missing.
  private func checkNames(_ values: DataSet) throws {
    let names = traced.parameters.map(\.variable.name)
    for entry in values.entries where !names.contains(entry.name) {
      throw EngineError.unknownParameter(
        name: entry.name, place: entry.origin.description(),
        closest: closestName(to: entry.name, among: names))
    }
  }

  private func position(
    of values: DataSet, otherwise: (TracedParameter) -> [Double]
  ) throws -> [Double] {
    var position: [Double] = []
    position.reserveCapacity(traced.dimension)
    for parameter in traced.parameters {
      if let entry = values[parameter.variable.name] {
        position += try coordinates(of: entry, parameter, earlier: position)
      } else {
        position += otherwise(parameter)
      }
    }
    return position
  }

  private func coordinates(
    of entry: DataSet.Entry, _ parameter: TracedParameter, earlier: [Double]
  ) throws -> [Double] {
    let variable = parameter.variable
    func wrong(_ message: String) -> EngineError {
      .invalidValue(
        parameter: variable.name, place: entry.origin.description(), message: message)
    }
    guard case .numbers(let shape, let numbers) = entry.value else {
      throw wrong("is text; a number was expected")
    }
    let expected = variable.dimensions.map(\.size)
    guard shape == expected else {
      throw wrong("is \(words(shape)); \(words(expected)) was expected")
    }
    if let index = numbers.firstIndex(where: { !$0.isFinite }) {
      throw wrong("is \(numbers[index]) at position \(index + 1); it must be finite")
    }
    do {
      return try parameter.unconstrain(numbers, earlier)
    } catch let error as ModelError {
      let reasons = error.items.map(\.message).joined(separator: "; ")
      throw wrong(
        "is outside its support (\(parameter.supportDescription), \(parameter.location)): \(reasons)"
      )
    }
  }

  /// Why the log density is not finite at a position: the first statement whose total is not, its
  /// line, its value, and the first of its elements that is not finite.
  public func explanation(at position: [Double]) -> String {
    let interpreter = Interpreter(traced.graph)
    for statement in traced.statements {
      let values = interpreter.values(of: [statement.total, statement.pointwise], at: position)
      guard let total = values[0].first, !total.isFinite else { continue }
      let shown = total.isNaN ? "undefined" : total < 0 ? "−∞" : "+∞"
      var text = "\(statement.location): \(statement.summary) has log density \(shown)"
      let terms = values[1]
      if terms.count > 1, let row = terms.firstIndex(where: { !$0.isFinite }) {
        text += ", first at element \(row + 1) of \(terms.count)"
      }
      return text
    }
    let jacobian = interpreter.values(of: [traced.logJacobian], at: position)[0][0]
    return jacobian.isFinite
      ? "every statement is finite, but the gradient is not"
      : "a transform overflows: the log Jacobian is \(jacobian)"
  }
}

private func words(_ shape: [Int]) -> String {
  switch shape.count {
  case 0: "a number"
  case 1: "a vector of \(shape[0])"
  default: "a matrix of \(shape.map(String.init).joined(separator: " × "))"
  }
}

/// A pointer to the numbers, valid even where there are none.
func withPointer<Result>(
  _ values: [Double], _ body: (UnsafePointer<Double>) throws -> Result
) rethrows -> Result {
  if values.isEmpty { return try [0.0].withUnsafeBufferPointer { try body($0.baseAddress!) } }
  return try values.withUnsafeBufferPointer { try body($0.baseAddress!) }
}
