// From a model and its data to one graph.

public import BayesCore
import BayesGraph

/// Traces a model with its data: runs its body once and builds the graph of its log density.
///
/// Values set in code (`model.$y = [28, 8]`) stand before those of `data`, and `replacements`, by
/// declared name and with positions counted from 0, before both: simulated data. Mistakes are collected, in
/// this order: declarations and data, then the statements of the body; a body is not run where the
/// size of an axis is not known. `axisSizes`, by name, stand before all that model and data say of them.
///
/// - Throws: `ModelError`, with every mistake found.
public func trace<M: Model>(
  _ model: M, data: DataSet = DataSet(), replacements: DataSet = DataSet(),
  axisSizes: [String: Int] = [:]
) throws -> TracedModel {
  try withTracer(model, data, replacements, axisSizes: axisSizes) {
    try $0.traced(named: "\(M.self)")
  }
}

/// Runs `body` on a tracer, the symbolic values of the model's body seeing the sizes of its axes.
func withTracer<Result>(
  _ model: some Model, _ data: DataSet, _ replacements: DataSet, axisSizes: [String: Int] = [:],
  slots: Slots.Contents = .nothing, positions: [String: Int] = [:],
  _ body: (Tracer) throws -> Result
) throws -> Result {
  let mistakes = Mistakes()
  let inventory = Inventory(of: model, mistakes: mistakes)
  let isRound = slots == .round || slots == .valuesAndRound
  let bound = BoundData(
    inventory, data, replacements, axisSizes, positions: isRound ? positions : nil, mistakes)
  if bound.axes.count < inventory.axes.count { try mistakes.throwIfAny() }
  let context = TracingContext(axes: bound.axes)
  return try TracingContext.$current.withValue(context) {
    try body(Tracer(model, inventory, bound, mistakes, slots: slots))
  }
}

/// One trace.
struct Tracer {
  let inventory: Inventory
  let data: BoundData
  let mistakes: Mistakes
  let expansion: Expansion
  let resolver: TermResolver
  let transforms: ParameterTransforms
  /// Where values stand that are no functions of unconstrained coordinates: those of a simulation or of EM.
  let slots: Slots

  init(
    _ model: some Model, _ inventory: Inventory, _ data: BoundData, _ mistakes: Mistakes,
    slots contents: Slots.Contents
  ) {
    self.inventory = inventory
    self.data = data
    self.mistakes = mistakes
    expansion = Expansion(of: model, inventory, mistakes)
    resolver = TermResolver(names: inventory.names, mistakes: mistakes)
    transforms = ParameterTransforms(inventory, expansion, data, resolver, mistakes)
    slots = Slots(contents, inventory, transforms, data)
    resolver.declared = declared()
  }

  /// How the resolver finds declared quantities.
  private func declared() -> (Key, SourceLocation) -> Tensor? {
    let entries = Dictionary(
      inventory.entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let (data, mistakes, expansion, transforms) = (data, mistakes, expansion, transforms)
    let slots = slots
    let resolution = Resolution()
    return { [unowned resolver] key, location in
      guard let entry = entries[key] else {
        if inventory.names[key] == nil {
          mistakes.add(
            location,
            "a quantity stands here that belongs to no property of the model; declare its model, "
              + "`let part = Part()`, and use `part`")
        }
        return nil
      }
      // A choice is part of the trace: it picks elements.
      if let slots = slots.ranges[key], entry.declaration.kind != .choice {
        return resolver.builder.position(offset: slots.range.lowerBound, shape: slots.shape)
      }
      switch entry.declaration.role {
      case .observed, .given, .action, .context:
        if let known = resolution.data[key] { return known }
        let node = data.values[key].map { resolver.builder.data($0.values, shape: $0.shape) }
        resolution.data[key] = node
        return node
      case .parameter: return transforms.value(key)
      case .latent:
        mistakes.add(
          location,
          "\(entry.quoted) is @Latent and summed out, so that it has no value in a draw; only the densities of "
            + "statements may depend on it (its labels' probabilities are reported by themselves)")
        return nil
      case .derived:
        guard let definition = expansion.definitions[key] else { return nil }
        if resolution.keys.contains(key) {
          mistakes.add(
            definition.location,
            "\(entry.quoted) is defined by itself; a definition may not lead back to its own quantity"
          )
          return nil
        }
        resolution.keys.append(key)
        defer { resolution.keys.removeLast() }
        return resolver.tensor(definition.term, at: definition.location)
      }
    }
  }

  /// What the resolution of declared quantities remembers.
  private final class Resolution {
    /// Derived quantities that are being resolved, to find circles.
    var keys: [Key] = []
    /// Nodes of data: a table used in fifty places is hashed once.
    var data: [Key: Tensor] = [:]
  }

  func traced(named name: String) throws -> TracedModel {
    if data.hasConflictingSizes { try mistakes.throwIfAny() }
    let builder = resolver.builder
    let tracer = StatementTracer(
      resolver: resolver, mistakes: mistakes, names: inventory.names, data: data,
      stacks: inventory.stacks)
    for unknown in transforms.unknowns { _ = transforms.value(unknown.entry.key) }
    transforms.checkOrder()
    let (statements, latents, blocks) = try statements(tracer, recorder: nil)
    let derived = inventory.entries.filter { $0.declaration.role == .derived }.compactMap(quantity)
    try mistakes.throwIfAny()
    let logDensity = total(statements.map { Tensor(builder: builder, id: $0.total) })
    let logJacobian = total(
      transforms.unknowns.compactMap { transforms.constrained[$0.entry.key]?.logJacobian })
    let unconstrained = logDensity + logJacobian
    let graph = builder.graph
    return TracedModel(
      name: name, graph: graph, parameters: transforms.traced(in: graph), derived: derived,
      latents: latents, latentBlocks: blocks, statements: statements,
      logDensity: logDensity.id, logJacobian: logJacobian.id,
      unconstrainedLogDensity: unconstrained.id, dimension: transforms.dimension,
      data: inventory.entries.compactMap(tracedData), names: inventory.names,
      warnings: scaleWarnings() + repetitionWarnings())
  }

  /// The statements in order, those that read discrete unknowns summed over these.
  func statements(
    _ tracer: StatementTracer, recorder: CompleteTermRecorder?
  ) throws -> ([TracedStatement], [TracedLatent], [TracedLatentBlock]) {
    let unknown = inventory.entries.filter { $0.declaration.role == .latent }
    if unknown.isEmpty { return (expansion.fusedLines().compactMap { tracer.trace($0) }, [], []) }
    try mistakes.throwIfAny()
    let uses = LatentUses(
      latents: Set(unknown.map(\.key)), expansion, resolver, names: inventory.names, mistakes)
    var statements: [TracedStatement] = []
    var summed: [LatentStatement] = []
    for line in expansion.fusedLines() {
      let (found, isSound) = uses.statement(line)
      if let found {
        summed.append(found)
      } else if isSound, let statement = tracer.trace(line) {
        statements.append(statement)
      }
    }
    try mistakes.throwIfAny()
    var latents: [TracedLatent] = []
    var blocks: [TracedLatentBlock] = []
    for block in LatentBlock.blocks(of: summed, unknown, mistakes) ?? [] {
      let sum = LatentSum(
        tracer: tracer, axes: data.axes, known: data.knownLabels, block: block, recorder: recorder)
      if let own = sum.traced(first: latents.count) {
        statements.append(own.statement)
        latents += own.latents
        blocks.append(own.block)
      }
    }
    return (statements, latents, blocks)
  }

  func total(_ terms: [Tensor]) -> Tensor {
    terms.dropFirst().reduce(terms.first ?? resolver.builder.constant(0), +)
  }

  /// A derived quantity in its declared shape; a number fills it.
  func quantity(_ entry: Inventory.Entry) -> TracedQuantity? {
    guard let definition = expansion.definitions[entry.key],
      let value = resolver.tensor(definition.term, at: definition.location)
    else { return nil }
    var dimensions = entry.dimensions(data.axes)
    if entry.axes.isEmpty {
      dimensions = value.shape.extents.map { Dimension(name: "", size: $0) }
    }
    let shape = Shape(dimensions)
    guard value.shape == shape || value.shape.isScalar else {
      mistakes.add(
        definition.location,
        "\(entry.quoted) is declared as \(shape.inWords), but its definition is \(value.shape.inWords); "
          + "change `over:` or the definition")
      return nil
    }
    return TracedQuantity(
      variable: Variable(name: entry.name, role: .derived, dimensions: dimensions),
      node: value.filled(shape).id)
  }

  private func tracedData(_ entry: Inventory.Entry) -> TracedData? {
    if let known = data.knownLabels[entry.key] {
      return TracedData(
        name: entry.name, isObserved: true, dimensions: entry.dimensions(data.axes),
        origin: known.origin)
    }
    guard let value = data.values[entry.key] else { return nil }
    let named = entry.dimensions(data.axes)
    return TracedData(
      name: entry.name, isObserved: entry.declaration.role == .observed,
      dimensions: named.count == value.shape.rank
        ? named : value.shape.extents.map { Dimension(name: "", size: $0) },
      origin: value.origin)
  }
}
