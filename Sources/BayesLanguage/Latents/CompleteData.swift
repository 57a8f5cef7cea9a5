// A model as EM reads it: parameters as values, and the complete-data log density term by term.

public import BayesCore
public import BayesGraph

/// A model with its parameters as values instead of unconstrained coordinates, so that estimates may lie
/// on the edge of their support (a probability of 0), and with the log density of data and labels
/// together, statement by statement.
///
/// The graph's position vector holds every element of every parameter, row-major, in the order of
/// declaration.
public struct TracedCompleteData: Sendable {
  /// The model type's name.
  public let name: String
  public let graph: Graph
  /// Unknowns in declaration order.
  public let parameters: [SimulatedParameter]
  /// The number of elements of all parameters.
  public let slotCount: Int
  /// Discrete unknowns, in the order in which they are summed out.
  public let latents: [TracedLatent]
  /// Statements about data and about discrete unknowns, under each label.
  public let terms: [CompleteTerm]
  /// The priors of parameters, and factors that read no discrete unknown.
  public let priors: [TracedStatement]
  /// log p(data | parameters), discrete unknowns summed out; a scalar node.
  public let logLikelihood: NodeID
  /// The log density of priors and factors; a scalar node.
  public let logPrior: NodeID
  /// The name of each declared quantity.
  public let names: [Key: String]
}

/// Traces a model for EM.
///
/// - Throws: `ModelError`, with every mistake found.
public func traceCompleteData(
  _ model: some Model, data: DataSet = DataSet()
) throws -> TracedCompleteData {
  // What is wrong with the model is said of the model as it is sampled.
  _ = try trace(model, data: data)
  return try withTracer(model, data, DataSet(), slots: .parameters) {
    try $0.completeData(named: "\(type(of: model))")
  }
}

extension Tracer {
  /// The complete data of a model without mistakes.
  func completeData(named name: String) throws -> TracedCompleteData {
    let builder = resolver.builder
    let tracer = StatementTracer(
      resolver: resolver, mistakes: mistakes, names: inventory.names, data: data)
    let recorder = CompleteTermRecorder()
    let (statements, latents) = try statements(tracer, recorder: recorder)
    let parameters = transforms.unknowns.compactMap { unknown -> SimulatedParameter? in
      guard let support = transforms.support(of: unknown),
        let slots = slots.ranges[unknown.entry.key]
      else { return nil }
      return SimulatedParameter(
        variable: unknown.variable, shape: unknown.shape, slots: slots.range,
        support: support.kind, supportDescription: support.description,
        bounds: support.bounds.map(\.id))
    }
    try mistakes.throwIfAny()
    var places: [Key: Int] = [:]
    for (key, name) in inventory.names {
      if let place = latents.firstIndex(where: { $0.variable.name == name }) { places[key] = place }
    }
    var terms = recorder.terms(places, builder)
    var priors: [TracedStatement] = []
    var likelihood: [Tensor] = []
    var prior: [Tensor] = []
    for statement in statements {
      let total = Tensor(builder: builder, id: statement.total)
      switch statement.kind {
      case .prior, .factor:
        priors.append(statement)
        prior.append(total)
      case .marginal, .latent: likelihood.append(total)
      case .likelihood:
        likelihood.append(total)
        let shape = builder.graph[statement.pointwise].shape
        terms.append(
          CompleteTerm(
            statement: statement, labels: [], weight: builder.constant(1).id,
            rows: shape.isScalar ? 1 : shape.rows))
      }
    }
    return TracedCompleteData(
      name: name, graph: builder.graph, parameters: parameters,
      slotCount: slots.initialValues.count, latents: latents, terms: terms, priors: priors,
      logLikelihood: self.total(likelihood).id, logPrior: self.total(prior).id,
      names: inventory.names)
  }
}
