// The unknowns of a model: their supports, unconstrained coordinates and constrained values.

import BayesCore
import BayesGraph

/// Maps each parameter to its unconstrained coordinates, on demand, since a bound may depend on other
/// parameters.
final class ParameterTransforms {
  /// A parameter in the course of tracing.
  struct Unknown {
    let entry: Inventory.Entry
    let shape: Shape
    let dimensions: [Dimension]
    /// In the order of the body; together they cover every element once.
    let priors: [Prior]
    let offset: Int
    let count: Int
    /// Whether the bounds depend on other quantities, so that these are traced first.
    let hasOpenBounds: Bool

    var location: SourceLocation { priors[0].location }
    var variable: Variable { Variable(name: entry.name, dimensions: dimensions) }
  }

  /// A parameter's support and its value there.
  struct Constrained {
    let support: Support
    let value: Tensor
    let logJacobian: Tensor
  }

  private(set) var unknowns: [Unknown] = []
  private(set) var dimension = 0
  private(set) var constrained: [Key: Constrained] = [:]
  private var places: [Key: Int] = [:]
  /// Parameters whose bounds are being traced, to find circles.
  private var open: [Key] = []
  private var failed: Set<Key> = []
  private let resolver: TermResolver
  private let mistakes: Mistakes

  init(
    _ inventory: Inventory, _ expansion: Expansion, _ data: BoundData, _ resolver: TermResolver,
    _ mistakes: Mistakes
  ) {
    self.resolver = resolver
    self.mistakes = mistakes
    let selector = Selector(data: data, names: inventory.names, mistakes)
    for entry in inventory.entries where entry.declaration.role == .parameter {
      guard let lines = expansion.priors[entry.key] else { continue }
      let dimensions = entry.dimensions(data.axes)
      guard dimensions.count == entry.declaration.kind.rank else { continue }
      guard let priors = entry.priors(lines, Shape(dimensions), selector, mistakes) else {
        failed.insert(entry.key)
        continue
      }
      add(entry, dimensions, priors)
    }
  }

  private func add(_ entry: Inventory.Entry, _ dimensions: [Dimension], _ priors: [Prior]) {
    let shape = Shape(dimensions)
    // A rehearsal with stand-ins for the arguments tells the kind of support, and whether its
    // bounds depend on them; that decides the number of coordinates before anything is traced.
    let scratch = GraphBuilder()
    let bounds = (entry.declaration.narrowing?.bounds ?? []).map { term in
      if case .constant(let value) = term.form { return scratch.constant(value) }
      return scratch.position(offset: 0, shape: .scalar)
    }
    let arguments = priors.map { prior in
      prior.distribution.arguments.enumerated().map { k, argument in
        if case .constant(let value) = argument.term.form { return scratch.constant(value) }
        return scratch.position(offset: k + 1, shape: .scalar)
      }
    }
    guard let support = support(entry, shape, priors, arguments, bounds, scratch) else { return }
    let isStack = entry.declaration.kind == .matrices
    if let mismatch = support.mismatch(shape, isStack: isStack) {
      fail(
        entry, priors[0].location, "\(entry.quoted) ~ \(priors[0].distribution.name): \(mismatch)")
      return
    }
    let count = support.unconstrainedCount(shape)
    places[entry.key] = unknowns.count
    unknowns.append(
      Unknown(
        entry: entry, shape: shape, dimensions: dimensions, priors: priors, offset: dimension,
        count: count,
        hasOpenBounds: support.bounds.contains { $0.dataValues == nil }))
    dimension += count
  }

  /// The support that all priors share, narrowed to the stated one; `nil` after a mistake.
  private func support(
    _ entry: Inventory.Entry, _ shape: Shape, _ priors: [Prior], _ arguments: [[Tensor]],
    _ bounds: [Tensor], _ builder: GraphBuilder
  ) -> Support? {
    do {
      return try sharedSupport(
        of: priors, entry.quoted, shape, arguments, entry.declaration.narrowing, bounds, builder)
    } catch let mistake as PriorMistake {
      fail(entry, mistake.location ?? entry.location, mistake.message)
    } catch {
      fail(entry, entry.location, "\(entry.quoted) ~ \(priors[0].distribution.name): \(error)")
    }
    return nil
  }

  private func fail(_ entry: Inventory.Entry, _ location: SourceLocation, _ message: String) {
    failed.insert(entry.key)
    mistakes.add(location, message)
  }

  /// The constrained value of a parameter; `nil` after a mistake.
  func value(_ key: Key) -> Tensor? {
    if let known = constrained[key] { return known.value }
    guard let place = places[key], !failed.contains(key) else { return nil }
    let unknown = unknowns[place]
    if open.contains(key) {
      fail(
        unknown.entry, unknown.location,
        "the bounds of \(unknown.entry.quoted) depend on \(unknown.entry.quoted) itself; write the "
          + "bounds with parameters declared before it")
      return nil
    }
    open.append(key)
    defer { open.removeLast() }
    guard let support = support(of: unknown), !failed.contains(key) else {
      failed.insert(key)
      return nil
    }
    let isStack = unknown.entry.declaration.kind == .matrices
    if let mismatch = support.mismatch(unknown.shape, isStack: isStack) {
      fail(unknown.entry, unknown.location, "\(unknown.entry.quoted): \(mismatch)")
      return nil
    }
    let coordinates = resolver.builder.position(
      offset: unknown.offset,
      shape: unknown.count == 1 && unknown.shape.isScalar
        ? .scalar : .vector(unknown.count))
    let result = support.constrain(coordinates, shape: unknown.shape)
    constrained[key] = Constrained(
      support: support, value: result.value, logJacobian: result.logAbsDetJacobian)
    return result.value
  }

  /// The support of a parameter, its bounds traced; `nil` after a mistake.
  func support(of unknown: Unknown) -> Support? {
    let builder = resolver.builder
    let terms = unknown.entry.declaration.narrowing?.bounds ?? []
    let bounds = terms.compactMap { resolver.tensor($0, at: unknown.entry.location) }
    guard bounds.count == terms.count else { return nil }
    var arguments: [[Tensor]] = []
    for prior in unknown.priors {
      let wanted = prior.distribution.arguments
      let traced = wanted.compactMap { argument in
        // As in the rehearsal: which support it is may hang on a bound that is 0 or infinite.
        if case .constant(let value) = argument.term.form { return builder.constant(value) }
        // Not needed by the support, and perhaps not known before the parameter is.
        if !unknown.hasOpenBounds { return builder.constant(1) }
        return resolver.tensor(argument.term, at: prior.location)
      }
      guard traced.count == wanted.count else { return nil }
      arguments.append(traced)
    }
    return support(unknown.entry, unknown.shape, unknown.priors, arguments, bounds, builder)
  }

  /// The parameters as inference sees them, once the graph is complete.
  func traced(in graph: Graph) -> [TracedParameter] {
    unknowns.compactMap { unknown in
      guard let constrained = constrained[unknown.entry.key] else { return nil }
      let kind = constrained.support.kind
      let bounds = constrained.support.bounds.map(\.id)
      let (location, shape) = (unknown.location, unknown.shape)
      let dimension = dimension
      return TracedParameter(
        variable: unknown.variable, node: constrained.value.id,
        offset: unknown.offset, unconstrainedCount: unknown.count,
        supportDescription: constrained.support.description, location: location
      ) { value, earlier in
        // Bounds read earlier coordinates only (`checkOrder`), so the rest may be anything.
        let position = earlier + [Double](repeating: 0, count: max(0, dimension - earlier.count))
        let limits =
          bounds.isEmpty ? [] : Interpreter(graph).values(of: bounds, at: position)
        do {
          return try kind.unconstrain(value, shape: shape, bounds: limits)
        } catch {
          throw ModelError([.init(location: location, message: "\(error)")])
        }
      }
    }
  }

  /// Bounds may depend on parameters that are declared earlier, no others.
  func checkOrder() {
    let graph = resolver.builder.graph
    for unknown in unknowns {
      if let known = constrained[unknown.entry.key] { checkOrder(unknown, known.support, graph) }
    }
  }

  private func checkOrder(_ unknown: Unknown, _ support: Support, _ graph: Graph) {
    let needed = graph.reachable(from: support.bounds.map(\.id))
    for index in graph.nodes.indices where needed[index] {
      guard case .position(let offset) = graph.nodes[index].op, offset >= unknown.offset,
        let later = unknowns.last(where: { $0.offset <= offset })
      else { continue }
      mistakes.add(
        unknown.entry.location,
        "the bounds of \(unknown.entry.quoted) depend on \(later.entry.quoted), which is declared after "
          + "it; move the declaration of \(later.entry.quoted) before this one")
    }
  }
}

extension Inventory.Entry {
  /// The named dimensions, without those whose axis has no size.
  func dimensions(_ values: [Key: TracingContext.AxisValue]) -> [Dimension] {
    axes.compactMap { values[$0.key] }.map {
      Dimension(name: $0.name, size: $0.size, labels: $0.labels)
    }
  }
}

extension Shape {
  /// The shape of a variable of rank 0 to 2, or of the matrices below each other of one of rank 3.
  init(_ dimensions: [Dimension]) {
    switch dimensions.count {
    case 0: self = .scalar
    case 1: self = .vector(dimensions[0].size)
    case 2: self = .matrix(dimensions[0].size, dimensions[1].size)
    default: self = .matrix(dimensions[0].size * dimensions[1].size, dimensions[2].size)
    }
  }
}
