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
  /// The same, those together that are summed out together.
  public let latentBlocks: [TracedLatentBlock]
  /// Statements about data and about discrete unknowns, under each label.
  public let terms: [CompleteTerm]
  /// Markov chains among the discrete unknowns.
  public let chains: [CompleteChain]
  /// The priors of parameters, and factors that read no discrete unknown.
  public let priors: [TracedStatement]
  /// log p(data | parameters), discrete unknowns summed out; a scalar node.
  public let logLikelihood: NodeID
  /// `logLikelihood` with the log density of priors and factors added; a scalar node.
  public let logPosterior: NodeID
  /// `@Derived` quantities in declaration order.
  public let derived: [TracedQuantity]
  /// The name of each declared quantity.
  public let names: [Key: String]
}

/// Traces a model for EM; it has been traced without mistakes before (`trace`).
///
/// - Parameters:
///   - axisSizes: sizes of axes, by name, that stand before all others.
///   - rowWeights: how often each row counts; `nil` for once each. Refused where labels are those of groups.
/// - Throws: `ModelError`, with every mistake found.
public func traceCompleteData(
  _ model: some Model, data: DataSet = DataSet(), axisSizes: [String: Int] = [:],
  rowWeights: [Double]? = nil
) throws -> TracedCompleteData {
  try withTracer(model, data, DataSet(), axisSizes: axisSizes, slots: .parameters) {
    try $0.completeData(named: "\(type(of: model))", rowWeights: rowWeights)
  }
}

extension Tracer {
  /// The complete data of a model without mistakes.
  func completeData(named name: String, rowWeights: [Double]?) throws -> TracedCompleteData {
    let builder = resolver.builder
    let tracer = StatementTracer(
      resolver: resolver, mistakes: mistakes, names: inventory.names, data: data,
      stacks: inventory.stacks)
    let recorder = CompleteTermRecorder()
    let (statements, latents, blocks) = try statements(tracer, recorder: recorder)
    let parameters = transforms.unknowns.compactMap(simulatedParameter)
    let derived = inventory.entries.filter { $0.declaration.role == .derived }.compactMap(quantity)
    try mistakes.throwIfAny()
    var places: [Key: Int] = [:]
    for (key, name) in inventory.names {
      if let place = latents.firstIndex(where: { $0.variable.name == name }) { places[key] = place }
    }
    var terms = recorder.terms(places, builder)
    let chains = recorder.completeChains(places)
    let weighting = rowWeights.map { RowWeighting(weights: $0, builder: builder) }
    var likelihood: [Tensor] = []
    var prior: [Tensor] = []
    for statement in statements {
      let total = Tensor(builder: builder, id: statement.total)
      switch statement.kind {
      case .prior, .factor: prior.append(total)
      case .marginal, .latent: likelihood.append(weighting?.total(statement) ?? total)
      case .likelihood:
        likelihood.append(weighting?.total(statement) ?? total)
        let shape = builder.graph[statement.pointwise].shape
        terms.append(
          CompleteTerm(
            statement: statement, labels: [], weight: builder.constant(1).id,
            rows: shape.isScalar ? 1 : shape.rows))
      }
    }
    if let weighting {
      if let grouped = terms.first(where: { $0.labels.contains { $0.places != nil } }) {
        mistakes.add(
          grouped.statement.location,
          "`\(grouped.statement.summary)` has labels of groups of rows, and a weight counts a row, not its "
            + "group; leave --weights out, or repeat the groups in the data")
      }
      try mistakes.throwIfAny()
      terms = terms.map(weighting.weighted)
      if let chain = chains.first {
        mistakes.add(
          chain.location, "the steps of a Markov chain cannot have weights; leave --weights out")
      }
      for reason in weighting.mistakes { mistakes.add(statements[0].location, reason) }
      try mistakes.throwIfAny()
    }
    let logLikelihood = self.total(likelihood)
    let logPosterior = logLikelihood + self.total(prior)
    return TracedCompleteData(
      name: name, graph: builder.graph, parameters: parameters,
      slotCount: slots.initialValues.count, latents: latents,
      latentBlocks: blocks, terms: terms,
      chains: chains,
      priors: statements.filter {
        switch $0.kind {
        case .prior, .factor: true
        default: false
        }
      },
      logLikelihood: logLikelihood.id, logPosterior: logPosterior.id,
      derived: derived, names: inventory.names)
  }
}

/// Applies row weights to sums over rows.
private final class RowWeighting {
  private let weights: [Double]
  private let builder: GraphBuilder
  private(set) var mistakes: [String] = []

  init(weights: [Double], builder: GraphBuilder) {
    (self.weights, self.builder) = (weights, builder)
  }

  /// Σ weight · pointwise.
  func total(_ statement: TracedStatement) -> Tensor? {
    let value = Tensor(builder: builder, id: statement.pointwise)
    let rows = value.shape.rank == 2 ? builder.rowSums(value) : value
    guard rows.shape == .vector(weights.count) else {
      mistakes.append(
        "there are \(weights.count) row weights, but `\(statement.summary)` has "
          + "\(counted(value.shape.isScalar ? 1 : value.shape.rows, "row", "rows")); expected as many"
      )
      return nil
    }
    return builder.data(weights, shape: rows.shape).dot(rows)
  }

  /// The term with the weights of its rows.
  func weighted(_ term: CompleteTerm) -> CompleteTerm {
    guard weights.count == term.rows else {
      mistakes.append(
        "there are \(weights.count) row weights, but `\(term.statement.summary)` has "
          + "\(counted(term.rows, "row", "rows")); expected as many")
      return term
    }
    let data = builder.data(weights, shape: .vector(weights.count))
    return CompleteTerm(
      statement: term.statement, labels: term.labels,
      weight: (Tensor(builder: builder, id: term.weight) * data).id, rows: term.rows)
  }
}
