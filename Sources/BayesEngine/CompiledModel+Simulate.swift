// The model run forwards: parameters from their priors, data from their distributions.

public import BayesCore
import BayesGraph
import BayesLanguage
public import BayesNumerics

/// One simulation of a model.
public struct Simulation: Sendable {
  /// The unconstrained position of the drawn parameters.
  public let position: [Double]
  /// Parameters and derived quantities, constrained, in the order of the recorded quantities.
  public let quantities: [Double]
  /// The simulated data by name.
  public let data: DataSet
}

extension CompiledModel {
  /// Draws all parameters from their priors and all observed data given them.
  ///
  /// Statements run in the order of the body, and a prior may depend on parameters before it. What
  /// depends on observed data (an autoregression) sees the data that the model was bound to.
  ///
  /// - Throws: `EngineError.cannotSimulate` for factors, improper priors, and data that are only partly
  ///   on the left of a `~`.
  public func simulatePrior(using stream: inout RandomStream) throws -> Simulation {
    let interpreter = Interpreter(traced.graph)
    var position = [Double](repeating: 0, count: traced.dimension)
    var isDrawn = [Bool](repeating: false, count: traced.dimension)
    var data = DataSet()
    for statement in traced.statements {
      guard let simulate = statement.simulate else {
        throw cannot(statement, "it has no distribution to draw from")
      }
      guard arguments(of: simulate, areDrawn: isDrawn) else {
        throw cannot(
          statement, "it depends on a parameter whose own prior stands further down; put that first"
        )
      }
      let arguments = interpreter.values(of: simulate.arguments, at: position)
      let value = simulate.draw(arguments, &stream)
      switch statement.kind {
      case .prior(let name):
        guard let parameter = traced.parameters.first(where: { $0.variable.name == name }),
          parameter.variable.count == value.count
        else { throw cannot(statement, "it covers a part of the parameter") }
        let coordinates = try parameter.unconstrain(value, Array(position[..<parameter.offset]))
        position.replaceSubrange(
          parameter.offset..<(parameter.offset + coordinates.count), with: coordinates)
        for place in parameter.offset..<(parameter.offset + coordinates.count) {
          isDrawn[place] = true
        }
      case .likelihood(let name):
        guard let declared = traced.data.first(where: { $0.name == name }) else {
          throw cannot(statement, "its left side is an expression")
        }
        let shape = declared.dimensions.map(\.size)
        guard shape.reduce(1, *) == value.count else {
          throw cannot(statement, "it covers a part of the data")
        }
        data.set(name, .numbers(shape: shape, values: value), origin: .code)
      case .latent, .marginal:
        throw cannot(statement, "its labels are summed out")
      case .factor:
        throw cannot(statement, "a factor has no distribution")
      }
    }
    let nodes = traced.parameters.map(\.node) + traced.derived.map(\.node)
    let quantities = interpreter.values(of: nodes, at: position).flatMap { $0 }
    return Simulation(position: position, quantities: quantities, data: data)
  }

  /// Whether every coordinate that the arguments read has been drawn.
  private func arguments(
    of simulation: TracedStatement.Simulation, areDrawn isDrawn: [Bool]
  ) -> Bool {
    let needed = traced.graph.reachable(from: simulation.arguments)
    for (index, node) in traced.graph.nodes.enumerated() where needed[index] {
      guard case .position(let offset) = node.op else { continue }
      guard isDrawn[offset..<(offset + node.shape.count)].allSatisfy({ $0 }) else { return false }
    }
    return true
  }

  private func cannot(_ statement: TracedStatement, _ reason: String) -> EngineError {
    .cannotSimulate(
      statement: "\(statement.location): \(statement.summary)", reason: reason)
  }
}
