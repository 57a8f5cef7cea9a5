// From a declared bandit to the graph of one round.

public import BayesCore
import BayesGraph
import BayesNumerics

/// How parameters stand in the graph of a round.
public enum RoundParameters: Sendable {
  /// Every element of every parameter, constrained, row-major: what conjugate updates are read from.
  case values
  /// Unconstrained coordinates: what samplers walk on.
  case coordinates
}

/// What a bandit declares; checks the declarations.
///
/// - Parameter axisSizes: sizes of axes, by name, that stand before all that model and data say of them.
/// - Throws: `ModelError`, with every mistake found.
public func declaration(
  of model: some Bandit, data: DataSet = DataSet(), axisSizes: [String: Int] = [:]
) throws -> BanditDeclaration {
  try withRound(model, data, axisSizes, positions: [:], .values) {
    try $0.banditDeclaration(of: model)
  }
}

/// Traces one round of a bandit.
///
/// - Parameters:
///   - declaration: what `declaration(of:)` found in the model with the same data and sizes.
///   - arm: the arm that is chosen, counted from 0.
///   - context: a number for each of the declaration's; of a context that is a position of an axis its
///     number, counted from 0, is part of the trace.
///   - axisSizes: sizes of axes, by name, that stand before all that model and data say of them.
/// - Throws: `ModelError`, with every mistake found.
public func traceRound(
  of model: some Bandit, declared declaration: BanditDeclaration, arm: Int, context: [Double],
  data: DataSet = DataSet(), axisSizes: [String: Int] = [:], parameters: RoundParameters
) throws -> TracedRound {
  var positions = [declaration.action: arm]
  var place = 0
  for item in declaration.contexts {
    if item.target != nil { positions[item.name] = Int(context[place]) }
    place += item.count
  }
  return try withRound(model, data, axisSizes, positions: positions, parameters) {
    try $0.round(named: declaration.model, parameters)
  }
}

private func withRound<Result>(
  _ model: some Bandit, _ data: DataSet, _ axisSizes: [String: Int], positions: [String: Int],
  _ parameters: RoundParameters,
  _ body: (Tracer) throws -> Result
) throws -> Result {
  let contents: Slots.Contents = parameters == .values ? .valuesAndRound : .round
  return try withTracer(
    model, data, DataSet(), axisSizes: axisSizes, slots: contents, positions: positions, body)
}

/// Where the first argument of a distribution must be for its mean to be finite: above a value.
private let momentLimits: [String: (argument: String, value: Double)] = [
  "StudentT": ("degrees of freedom", 1), "InverseGamma": ("the shape", 1),
]

extension Tracer {
  /// Checks that the model declares one action and one observed number.
  fileprivate func banditDeclaration(of model: any Bandit) throws -> BanditDeclaration {
    try mistakes.throwIfAny()
    func only(_ role: Declaration.Role, _ what: String, _ advice: String) -> Inventory.Entry? {
      let found = inventory.entries.filter { $0.declaration.role == role }
      if found.count == 1 { return found[0] }
      let location =
        found.dropFirst().first?.location ?? inventory.axes.first?.axis.location
        ?? SourceLocation(path: "", line: 0)
      mistakes.add(
        location,
        "a bandit has one \(what); \(type(of: model)) has "
          + (found.isEmpty ? "none" : found.map(\.quoted).joined(separator: " and ")) + advice)
      return nil
    }
    let action = only(
      .action, "@Action", ": write `@Action(over: \\Self.arm) var shown: Choice` once")
    let observed = only(.observed, "@Observed quantity", ", what a round brings")
    for entry in inventory.entries where entry.declaration.role == .latent {
      mistakes.add(
        entry.location,
        "\(entry.quoted) is @Latent, which a bandit cannot have; rounds are seen one by one")
    }
    if let observed, !observed.axes.isEmpty || observed.declaration.kind.rank > 0 {
      mistakes.add(
        observed.location,
        "\(observed.quoted) is \(observed.declaration.kind.rawValue); a round of a bandit brings one number, "
          + "declared Real or Count without `over:`")
    }
    try mistakes.throwIfAny()
    guard let action, let observed else { throw ModelError([]) }
    func dimension(_ entry: Inventory.Entry) -> Dimension? {
      entry.target.flatMap { data.axes[$0.key] }.map {
        Dimension(name: $0.name, size: $0.size, labels: $0.labels)
      }
    }
    return BanditDeclaration(
      model: "\(type(of: model))", action: action.dataName,
      arms: dimension(action) ?? Dimension(name: "arm", size: 0),
      contexts: inventory.entries.filter { $0.declaration.role == .context }.map {
        ContextDeclaration(
          name: $0.dataName, dimensions: $0.dimensions(data.axes), target: dimension($0))
      },
      reward: observed.dataName)
  }

  /// The round of a model whose declarations are sound.
  fileprivate func round(named name: String, _ parameters: RoundParameters) throws -> TracedRound {
    let model = parameters == .coordinates ? try traced(named: name) : nil
    let builder = resolver.builder
    let tracer = StatementTracer(
      resolver: resolver, mistakes: mistakes, names: inventory.names, data: data,
      stacks: inventory.stacks)
    let statements = expansion.fusedLines().compactMap { tracer.trace($0) }
    let values =
      parameters == .coordinates
      ? [] : transforms.unknowns.compactMap(simulatedParameter)
    let declared = inventory.entries.first {
      $0.declaration.role == .derived && $0.name == "reward"
    }
    let observed = inventory.entries.first { $0.declaration.role == .observed }
    let reward: NodeID?
    if let declared {
      let node = quantity(declared)?.node
      if let node, !builder.graph[node].shape.isScalar {
        mistakes.add(
          declared.location, "`reward` is not one number; declare it `@Derived var reward: Real`")
      }
      reward = node
    } else {
      reward = mean(of: observed, statements)
    }
    try mistakes.throwIfAny()
    guard let reward, let range = observed.flatMap({ slots.ranges[$0.key]?.range }) else {
      throw ModelError([])
    }
    let roundStart = slots.roundStart ?? 0
    func readsRound(_ statement: TracedStatement) -> Bool {
      let needed = builder.graph.reachable(from: [statement.total])
      return builder.graph.nodes.indices.contains { index in
        guard needed[index], case .position(let offset) = builder.graph.nodes[index].op else {
          return false
        }
        return offset >= roundStart
      }
    }
    let terms = statements.filter {
      if case .likelihood = $0.kind { return true }
      return readsRound($0)
    }
    if let prior = terms.first(where: {
      if case .prior = $0.kind { true } else { false }
    }) {
      mistakes.add(
        prior.location,
        "`\(prior.summary)` depends on the round: a prior is one for all rounds; leave what differs between "
          + "rounds to the statement about what is observed")
    }
    try mistakes.throwIfAny()
    let termIDs = Set(terms.map(\.total))
    let prior = parameters == .values ? try priorSimulation(without: terms) : nil
    return TracedRound(
      graph: builder.graph, parameters: 0..<roundStart, contexts: roundStart..<range.lowerBound,
      observed: range.lowerBound, priors: statements.filter { !termIDs.contains($0.total) },
      terms: terms, reward: reward, isRewardObserved: declared == nil, values: values,
      priorSimulation: prior, model: model)
  }

  /// The simulation of the parameters alone.
  private func priorSimulation(without terms: [TracedStatement]) throws -> TracedSimulation {
    let whole = try simulation()
    return TracedSimulation(
      parameters: whole.parameters, observed: [], derived: [],
      steps: whole.steps.filter { step in
        !terms.contains { $0.location == step.location && $0.summary == step.summary }
      },
      graph: whole.graph, initialValues: whole.initialValues)
  }

  /// The mean of what is observed.
  private func mean(of observed: Inventory.Entry?, _ statements: [TracedStatement]) -> NodeID? {
    // Beside a statement that could not be read, the want of its mean is no mistake of its own.
    guard let observed, mistakes.isEmpty else { return nil }
    let own = statements.filter {
      if case .likelihood(let data) = $0.kind { data == observed.name } else { false }
    }
    let advice =
      "; state what a round is worth: `@Derived var reward: Real` and `reward <- …` in body"
    guard own.count == 1, let density = own[0].density,
      let range = slots.ranges[observed.key]?.range,
      case .position(let offset) = resolver.builder.graph[density.value].op,
      offset == range.lowerBound
    else {
      mistakes.add(
        observed.location,
        "\(observed.quoted) stands on the left of no single `~` by itself, so that its mean is not known\(advice)"
      )
      return nil
    }
    let arguments = density.arguments.map { Tensor(builder: resolver.builder, id: $0) }
    guard let mean = density.distribution.mean(arguments), mean.shape.isScalar else {
      mistakes.add(
        own[0].location, "the mean of `\(own[0].summary)` has no formula here\(advice)")
      return nil
    }
    if let limit = momentLimits[density.distribution.name],
      let values = arguments[0].dataValues, let value = values.first(where: { $0 <= limit.value })
    {
      mistakes.add(
        own[0].location,
        "the mean of `\(own[0].summary)` is not finite: \(limit.argument) \(formatted(value, significant: 6)), expected "
          + "more than 1\(advice)")
      return nil
    }
    return mean.id
  }
}
