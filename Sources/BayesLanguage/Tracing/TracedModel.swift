// What tracing a model with its data yields: one graph and the roles of its nodes.

public import BayesCore
public import BayesGraph

/// A model traced once with its data: everything that inference and reporting need to know.
public struct TracedModel: Sendable {
  /// The model type's name.
  public let name: String
  public let graph: Graph
  /// Unknowns in declaration order; their unconstrained coordinates follow each other in that order.
  public let parameters: [TracedParameter]
  /// `@Derived` quantities in declaration order.
  public let derived: [TracedQuantity]
  /// `@Latent` quantities, in the order in which they are summed out.
  public let latents: [TracedLatent]
  /// The same, those together that are summed out together.
  public let latentBlocks: [TracedLatentBlock]
  /// The statements of the body in order; those of a loop over elements may be one.
  public let statements: [TracedStatement]
  /// Σ of all statements' terms, constants kept, on the constrained scale; a scalar node.
  public let logDensity: NodeID
  /// Σ log |J| of all transforms; a scalar node.
  public let logJacobian: NodeID
  /// `logDensity + logJacobian`, what samplers walk on; a scalar node.
  public let unconstrainedLogDensity: NodeID
  /// The number of unconstrained coordinates.
  public let dimension: Int
  /// Data values in the order of declaration, for reports.
  public let data: [TracedData]
  /// The name of each declared quantity; `fit[model.$theta]` finds its variable by `Handle.key`.
  public let names: [Key: String]
  /// What is probably not meant, such as a scale that may be negative; the model can be sampled.
  public let warnings: [ModelWarning]

  public init(
    name: String, graph: Graph, parameters: [TracedParameter], derived: [TracedQuantity],
    latents: [TracedLatent] = [], latentBlocks: [TracedLatentBlock] = [],
    statements: [TracedStatement], logDensity: NodeID,
    logJacobian: NodeID,
    unconstrainedLogDensity: NodeID, dimension: Int, data: [TracedData],
    names: [Key: String] = [:], warnings: [ModelWarning] = []
  ) {
    self.name = name
    self.graph = graph
    self.parameters = parameters
    self.derived = derived
    self.latents = latents
    self.latentBlocks = latentBlocks
    self.statements = statements
    self.logDensity = logDensity
    self.logJacobian = logJacobian
    self.unconstrainedLogDensity = unconstrainedLogDensity
    self.dimension = dimension
    self.data = data
    self.names = names
    self.warnings = warnings
  }
}

/// A recorded quantity and the node of its value on the constrained scale.
public struct TracedQuantity: Sendable {
  public let variable: Variable
  public let node: NodeID

  public init(variable: Variable, node: NodeID) {
    self.variable = variable
    self.node = node
  }
}

/// A discrete unknown, summed out, with what is known of it given the parameters.
public struct TracedLatent: Sendable {
  /// Its name and the axis that it lies over.
  public let variable: Variable
  /// The labels that it can have.
  public let labels: Dimension
  /// For each label k the node of P(label = k | parameters, data), a vector over the variable's axis.
  public let probabilities: [NodeID]
  public let location: SourceLocation

  public init(
    variable: Variable, labels: Dimension, probabilities: [NodeID], location: SourceLocation
  ) {
    self.variable = variable
    self.labels = labels
    self.probabilities = probabilities
    self.location = location
  }
}

/// A continuous unknown with its transform.
public struct TracedParameter: Sendable {
  public let variable: Variable
  /// The constrained value, in the variable's shape.
  public let node: NodeID
  /// Its first unconstrained coordinate and how many it has.
  public let offset: Int
  public let unconstrainedCount: Int
  /// In words, for messages: `positive`, `between 0 and 1`, `simplex`.
  public let supportDescription: String
  public let location: SourceLocation
  /// From a constrained value (row-major) to its unconstrained coordinates, given the unconstrained
  /// coordinates of all earlier parameters (a bound may depend on them); throws a `ModelError`-style
  /// message when the value is outside the support.
  public let unconstrain: @Sendable (_ value: [Double], _ earlier: [Double]) throws -> [Double]

  public init(
    variable: Variable, node: NodeID, offset: Int, unconstrainedCount: Int,
    supportDescription: String, location: SourceLocation,
    unconstrain: @escaping @Sendable ([Double], [Double]) throws -> [Double]
  ) {
    self.variable = variable
    self.node = node
    self.offset = offset
    self.unconstrainedCount = unconstrainedCount
    self.supportDescription = supportDescription
    self.location = location
    self.unconstrain = unconstrain
  }
}

/// One statement of the body as traced.
public struct TracedStatement: Sendable {
  public enum Kind: Sendable, Equatable {
    /// `parameter ~ distribution`
    case prior(parameter: String)
    /// `data ~ distribution`
    case likelihood(data: String)
    /// `Factor(expression)`
    case factor
    /// `discrete unknown ~ distribution`, given the label; part of a `marginal`.
    case latent(label: String)
    /// Statements that read discrete unknowns, these summed out; each position of `pointwise` is one of
    /// the outermost of them.
    case marginal(labels: [String], data: [String])
  }

  public let kind: Kind
  public let location: SourceLocation
  /// As a message shows it, for example `y ~ Normal`.
  public let summary: String
  /// log density of each element (a scalar for a multivariate or scalar statement).
  public let pointwise: NodeID
  /// Σ pointwise; a scalar.
  public let total: NodeID
  /// What `pointwise` was built from; `nil` for factors and marginals.
  public let density: TracedDensity?

  public init(
    kind: Kind, location: SourceLocation, summary: String, pointwise: NodeID, total: NodeID,
    density: TracedDensity? = nil
  ) {
    self.kind = kind
    self.location = location
    self.summary = summary
    self.pointwise = pointwise
    self.total = total
    self.density = density
  }
}

/// A distribution with the nodes of its arguments and of the value that it is the density of.
public struct TracedDensity: Sendable {
  public let distribution: any Distribution
  public let value: NodeID
  public let arguments: [NodeID]
}

/// A bound data declaration.
public struct TracedData: Sendable {
  public let name: String
  public let isObserved: Bool
  public let dimensions: [Dimension]
  public let origin: DataOrigin

  public init(name: String, isObserved: Bool, dimensions: [Dimension], origin: DataOrigin) {
    self.name = name
    self.isObserved = isObserved
    self.dimensions = dimensions
    self.origin = origin
  }
}
