// The model run forwards: parameters from their priors, data from their distributions.

public import BayesCore
import BayesGraph
public import BayesLanguage
public import BayesNumerics

/// One simulation of a model.
public struct Simulation: Sendable {
  /// The unconstrained position of the drawn parameters, for the model bound to the simulated data.
  public let position: [Double]
  /// Parameters and derived quantities, constrained, in the order of the recorded quantities; derived
  /// quantities see the simulated data.
  public let quantities: [Double]
  /// The simulated data by name.
  public let data: DataSet
}

/// Draws the parameters of a model from their priors and its observed data given them.
///
/// Statements run in the order of the body, element by element where a statement's arguments have
/// elements of its own left side: `z[1...] ~ Normal(z[..<(n - 1)], s)`. Observed values that stand on no
/// left side (the first of an autoregression) keep the values of the data.
///
/// A stated support, `@Parameter(.positive)`, narrows a prior without renormalising it, so that the joint
/// density is that of the statements where everything lies in its support, up to a constant. Simulation
/// draws from exactly that: a statement whose arguments are constants is drawn again until it lies inside,
/// and otherwise the whole simulation is. The same holds for bounds of a narrowed distribution that
/// depend on other quantities (`.lower(max(y))`); one with constant bounds is drawn within them.
public struct PriorSimulator: Sendable {
  /// The recorded quantities: parameters, then derived quantities.
  public let variables: [Variable]
  let traced: TracedSimulation
  let steps: [PreparedStep]
  let tries = 10_000

  /// Traces a model to be run forwards.
  ///
  /// - Parameter data: what the model needs beside the simulated data, and their sizes.
  /// - Throws: `ModelError`; `EngineError.cannotSimulate` for factors, expressions of data on the left
  ///   of a `~`, and statements that depend on what is drawn further down.
  public init(_ model: some Model, data: DataSet = DataSet()) throws {
    try self.init(try traceSimulation(model, data: data))
  }

  /// Runs a traced simulation forwards.
  ///
  /// - Throws: `EngineError.cannotSimulate`, as above.
  public init(_ traced: TracedSimulation) throws {
    self.traced = traced
    variables = traced.parameters.map(\.variable) + traced.derived.map(\.variable)
    steps = try PreparedStep.prepared(traced)
  }

  /// One simulation.
  ///
  /// - Throws: `EngineError.cannotSimulate` for improper priors, and where 10 000 tries leave some
  ///   parameter outside its support.
  public func simulate(using stream: inout RandomStream) throws -> Simulation {
    let interpreter = Interpreter(traced.graph)
    var failure: Failure?
    for _ in 0..<tries {
      var values = traced.initialValues
      failure = nil
      for step in steps {
        failure = try run(step, interpreter, &values, &stream)
        if failure != nil { break }
      }
      if failure == nil { return try finished(values, interpreter) }
    }
    throw failure!.error(tries)
  }

  /// Why a try is not one of the model's draws.
  private enum Failure {
    case noDraw(PreparedStep)
    case outside(SimulatedParameter, PreparedStep)

    func error(_ tries: Int) -> EngineError {
      switch self {
      case .noDraw(let step):
        step.cannot(
          "in \(tries) tries its arguments never had values that the distribution can have; give the "
            + "parameters that it depends on narrower priors")
      case .outside(let parameter, let step):
        step.cannot(
          "in \(tries) tries \(parameter.variable.name) never lay in its support "
            + "(\(parameter.supportDescription)); give it a prior that has its mass there")
      }
    }
  }

  /// Draws a statement's slots, again while only its own elements lie outside a stated support.
  private func run(
    _ step: PreparedStep, _ interpreter: Interpreter, _ values: inout [Double],
    _ stream: inout RandomStream
  ) throws -> Failure? {
    var open = Array(0..<(step.slots.count / max(1, step.draw.size)))
    var last: Failure?
    for _ in 0..<tries {
      guard try draw(open, of: step, interpreter, &values, &stream) else { return .noDraw(step) }
      guard let (parameter, outside) = firstViolation(step, interpreter, values) else { return nil }
      last = .outside(parameter, step)
      guard step.isIndependent else { return last }
      // Elements that are drawn and bounded each by itself are drawn again each by itself.
      if step.draw.size != 1 || !parameter.support.isElementwise { continue }
      open = step.slots.indices.filter { outside.contains(step.slots[$0]) }
    }
    throw (last ?? .noDraw(step)).error(tries)
  }

  /// Draws elements or rows of a left side; false where an argument is impossible.
  private func draw(
    _ numbers: [Int], of step: PreparedStep, _ interpreter: Interpreter,
    _ values: inout [Double], _ stream: inout RandomStream
  ) throws -> Bool {
    let draw = step.draw
    func take(_ slots: ArraySlice<Int>, _ arguments: [[Double]]) throws -> Bool {
      guard let drawn = draw.values(arguments, &stream), drawn.count == slots.count else {
        throw step.cannot(
          "it has no distribution to draw from, or one without mass on what it is narrowed to")
      }
      for (slot, value) in zip(slots, drawn) { values[slot] = value }
      return drawn.allSatisfy { !$0.isNaN }
    }
    var arguments = interpreter.values(of: draw.arguments, at: values)
    for (turn, i) in numbers.enumerated() {
      if step.readsItself, turn > 0 {
        arguments = interpreter.values(of: draw.arguments, at: values)
      }
      let own = zip(draw.readers, arguments).map { Array($1[$0.places(i, count: $1.count)]) }
      guard try take(step.slots[(i * draw.size)..<((i + 1) * draw.size)], own) else { return false }
    }
    return true
  }

  /// The first parameter of those that are settled by a step which lies outside its support, and its
  /// slots that do.
  private func firstViolation(
    _ step: PreparedStep, _ interpreter: Interpreter, _ values: [Double]
  ) -> (SimulatedParameter, Set<Int>)? {
    for parameter in step.settled {
      let bounds = interpreter.values(of: parameter.bounds, at: values)
      let value = Array(values[parameter.slots])
      guard
        (try? parameter.support.unconstrain(value, shape: parameter.shape, bounds: bounds)) == nil
      else { continue }
      guard parameter.support.isElementwise else { return (parameter, Set(parameter.slots)) }
      let outside = value.indices.filter { i in
        let own = bounds.map { [$0.count == 1 ? $0[0] : $0[i]] }
        return (try? parameter.support.unconstrain([value[i]], shape: .scalar, bounds: own)) == nil
      }
      return (parameter, Set(outside.map { parameter.slots.lowerBound + $0 }))
    }
    return nil
  }

  private func finished(_ values: [Double], _ interpreter: Interpreter) throws -> Simulation {
    var position: [Double] = []
    var quantities: [Double] = []
    for parameter in traced.parameters {
      let value = Array(values[parameter.slots])
      let bounds = interpreter.values(of: parameter.bounds, at: values)
      position += try parameter.support.unconstrain(
        value, shape: parameter.shape, bounds: bounds)
      quantities += value
    }
    let derived = interpreter.values(of: traced.derived.map(\.node), at: values)
    var data = DataSet()
    for item in traced.observed {
      let shape: [Int]
      switch item.shape.rank {
      case 0: shape = []
      case 1: shape = [item.shape.rows]
      default: shape = [item.shape.rows, item.shape.columns]
      }
      data.set(
        item.name, .numbers(shape: shape, values: Array(values[item.slots])), origin: .code)
    }
    return Simulation(
      position: position, quantities: quantities + derived.flatMap { $0 }, data: data)
  }
}

extension SupportKind {
  /// Whether each element is bounded by itself.
  fileprivate var isElementwise: Bool {
    switch self {
    case .real, .lower, .upper, .interval: true
    default: false
    }
  }
}
