// From a model and its data to its simulation.

public import BayesCore
import BayesGraph

/// Traces a model to be run forwards: parameters from their priors, observed data given them. Of the
/// observed data only the shapes matter, and values that no statement explains.
///
/// - Throws: `ModelError`, with every mistake found.
public func traceSimulation<M: Model>(
  _ model: M, data: DataSet = DataSet()
) throws -> TracedSimulation {
  // What is wrong with the model is said of the model as it is sampled.
  _ = try trace(model, data: data)
  return try withTracer(model, data, DataSet(), slots: .parametersAndObserved) {
    try $0.simulation()
  }
}

/// Where each quantity's values stand.
struct Slots {
  /// What is read from slots instead of being traced.
  enum Contents {
    case nothing, parameters, parametersAndObserved
    /// What a round of a bandit brings, after unconstrained coordinates or after the parameters' values.
    case round, valuesAndRound
  }

  private(set) var ranges: [Key: (range: Range<Int>, shape: Shape)] = [:]
  private(set) var initialValues: [Double] = []
  /// Where the quantities of a round begin.
  private(set) var roundStart: Int?

  init(
    _ contents: Contents, _ inventory: Inventory, _ transforms: ParameterTransforms,
    _ data: BoundData
  ) {
    if contents == .nothing { return }
    if contents == .round {
      initialValues = [Double](repeating: .nan, count: transforms.dimension)
    } else {
      for unknown in transforms.unknowns {
        add(
          unknown.entry.key, unknown.shape,
          [Double](repeating: .nan, count: unknown.shape.count))
      }
    }
    if contents == .round || contents == .valuesAndRound {
      roundStart = initialValues.count
      for role in [Declaration.Role.context, .observed] {
        for entry in inventory.entries where entry.declaration.role == role {
          let shape = Shape(entry.dimensions(data.axes))
          add(entry.key, shape, [Double](repeating: .nan, count: shape.count))
        }
      }
    }
    guard contents == .parametersAndObserved else { return }
    for entry in inventory.entries where entry.declaration.role == .observed {
      if let value = data.values[entry.key] { add(entry.key, value.shape, value.values) }
    }
  }

  private mutating func add(_ key: Key, _ shape: Shape, _ values: [Double]) {
    ranges[key] = (initialValues.count..<(initialValues.count + values.count), shape)
    initialValues += values
  }
}

extension Tracer {
  /// The simulation of a model without mistakes.
  func simulation() throws -> TracedSimulation {
    let selector = Selector(data: data, names: inventory.names, mistakes)
    // Labels are not drawn, so nothing that depends on them is: one step says so.
    let lines = expansion.lines.first { $0.isLatent }.map { [$0] } ?? expansion.fusedLines()
    let steps = lines.map { step($0, selector) }
    let derived = inventory.entries.filter { $0.declaration.role == .derived }.compactMap(quantity)
    let parameters = transforms.unknowns.compactMap(simulatedParameter)
    try mistakes.throwIfAny()
    return TracedSimulation(
      parameters: parameters,
      observed: inventory.entries.compactMap { entry in
        guard entry.declaration.role == .observed, let slots = slots.ranges[entry.key] else {
          return nil
        }
        return SimulatedData(name: entry.name, shape: slots.shape, slots: slots.range)
      },
      derived: derived, steps: steps, graph: resolver.builder.graph,
      initialValues: slots.initialValues)
  }

  /// An unknown whose values stand in slots.
  func simulatedParameter(_ unknown: ParameterTransforms.Unknown) -> SimulatedParameter? {
    guard let support = transforms.support(of: unknown),
      let slots = slots.ranges[unknown.entry.key]
    else { return nil }
    return SimulatedParameter(
      variable: unknown.variable, shape: unknown.shape, slots: slots.range,
      support: support.kind, supportDescription: support.description,
      bounds: support.bounds.map(\.id))
  }

  private func step(_ line: Expansion.Line, _ selector: Selector) -> SimulationStep {
    func refused(_ summary: String, _ reason: String) -> SimulationStep {
      SimulationStep(
        location: line.location, summary: summary, slots: [], rule: .refused(reason))
    }
    let left: Term
    let distribution: any Distribution
    switch line.form {
    case .factor(let term):
      return refused(
        "Factor(\(term.words(inventory.names, depth: 3)))", "a factor has no distribution")
    case .latent(let key, _):
      return refused(
        inventory.names[key] ?? "", "its labels are summed out, so that none is drawn")
    case .prior(_, let term, let prior):
      // Narrowing is left to the check of the parameter's support.
      (left, distribution) = (term, (prior as? any NarrowedDistribution)?.openBase ?? prior)
    case .likelihood(let term, _, let likelihood): (left, distribution) = (term, likelihood)
    }
    let summary = left.summary(distribution, inventory.names)
    guard let key = left.selectedKey, let target = slots.ranges[key] else {
      return refused(summary, "its left side is an expression")
    }
    var arguments = distribution.arguments.compactMap {
      resolver.tensor($0.term, at: line.location)
    }
    guard arguments.count == distribution.arguments.count,
      let selection = selector.selection(
        left, of: key, shape: target.shape, at: line.location)
    else { return refused(summary, "its arguments are not known") }
    arguments = distribution.aligned(arguments, to: selection.shape)
    return SimulationStep(
      location: line.location, summary: summary,
      slots: selection.places.map { target.range.lowerBound + $0 },
      rule: .draw(distribution.simulated(arguments, shape: selection.shape)))
  }
}

extension Distribution {
  /// How a left side of a shape is drawn.
  fileprivate func simulated(_ tensors: [Tensor], shape: Shape) -> SimulationStep.Draw {
    let size = drawSize(shape)
    let readers = zip(arguments, tensors).map { argument, tensor in
      ArgumentReader(argument.requirement, tensor.shape, event, shape)
    }
    let shapes = zip(tensors, readers).map { tensor, reader in
      switch reader {
      case .whole: tensor.shape
      case .element: Shape.scalar
      case .row(let columns): Shape.vector(columns)
      }
    }
    let requirements = arguments.map(\.requirement)
    return SimulationStep.Draw(
      arguments: tensors.map(\.id), readers: readers, size: size,
      values: { values, stream in
        // Where an argument is impossible the density is 0: nothing to draw, and no error either.
        for (k, value) in values.enumerated()
        where requirements[k].firstViolation(of: value, shape: shapes[k]) != nil {
          return [Double](repeating: .nan, count: size)
        }
        let length = event == .matrix ? shape.columns : size
        return draw(values, size: length, using: &stream)
      })
  }

  /// How many elements of a left side one draw is.
  private func drawSize(_ shape: Shape) -> Int {
    switch event {
    case .real, .count, .category: 1
    case .vector: shape.rank == 2 ? shape.columns : shape.count
    // One of the square matrices below each other.
    case .matrix: shape.columns * shape.columns
    }
  }
}
