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
    let distribution: any Distribution
    let location: SourceLocation
    let offset: Int
    let count: Int
    /// Whether the bounds depend on other quantities, so that these are traced first.
    let hasOpenBounds: Bool
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
    _ inventory: Inventory, _ expansion: Expansion, axes: [Key: TracingContext.AxisValue],
    _ resolver: TermResolver, _ mistakes: Mistakes
  ) {
    self.resolver = resolver
    self.mistakes = mistakes
    for entry in inventory.entries where entry.declaration.role == .parameter {
      guard let line = expansion.priors[entry.key], case .prior(_, let distribution) = line.form
      else { continue }
      let dimensions = entry.dimensions(axes)
      guard dimensions.count == entry.declaration.kind.rank else { continue }
      add(entry, dimensions, distribution, line.location)
    }
  }

  private func add(
    _ entry: Inventory.Entry, _ dimensions: [Dimension], _ distribution: any Distribution,
    _ location: SourceLocation
  ) {
    let shape = Shape(dimensions)
    // A rehearsal with stand-ins for the arguments tells the kind of support, and whether its
    // bounds depend on them; that decides the number of coordinates before anything is traced.
    let scratch = GraphBuilder()
    let arguments = distribution.arguments.indices.map {
      scratch.position(offset: $0, shape: .scalar)
    }
    var support = distribution.support(arguments)
    if let narrowing = entry.declaration.narrowing {
      let bounds = narrowing.bounds.map { term in
        if case .constant(let value) = term.form { return scratch.constant(value) }
        return scratch.position(offset: arguments.count, shape: .scalar)
      }
      do {
        support = try narrowing.narrowed(support, bounds: bounds)
      } catch {
        fail(entry, entry.location, "\(entry.quoted) ~ \(distribution.name): \(error)")
        return
      }
    }
    if support.isDiscrete {
      fail(
        entry, location,
        "\(entry.quoted) is a continuous parameter, but \(distribution.name) is a distribution of whole "
          + "numbers; sum the unknown out, for example with Mixture")
      return
    }
    if let mismatch = support.mismatch(shape) {
      fail(entry, location, "\(entry.quoted) ~ \(distribution.name): \(mismatch)")
      return
    }
    let count = support.unconstrainedCount(shape)
    places[entry.key] = unknowns.count
    unknowns.append(
      Unknown(
        entry: entry, shape: shape, dimensions: dimensions, distribution: distribution,
        location: location, offset: dimension, count: count,
        hasOpenBounds: support.bounds.contains { $0.dataValues == nil }))
    dimension += count
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
    if let mismatch = support.mismatch(unknown.shape) {
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

  private func support(of unknown: Unknown) -> Support? {
    let builder = resolver.builder
    var arguments = unknown.distribution.arguments.map { _ in builder.constant(1) }
    let narrowing = unknown.entry.declaration.narrowing
    let bounds = (narrowing?.bounds ?? []).compactMap {
      resolver.tensor($0, at: unknown.entry.location)
    }
    guard bounds.count == narrowing?.bounds.count ?? 0 else { return nil }
    if unknown.hasOpenBounds {
      let traced = unknown.distribution.arguments.compactMap {
        resolver.tensor($0.term, at: unknown.location)
      }
      guard traced.count == arguments.count else { return nil }
      arguments = traced
    }
    let whole = unknown.distribution.support(arguments)
    guard let narrowing else { return whole }
    do {
      return try narrowing.narrowed(whole, bounds: bounds)
    } catch {
      fail(unknown.entry, unknown.entry.location, "\(unknown.entry.quoted): \(error)")
      return nil
    }
  }

  /// The parameters as inference sees them, once the graph is complete.
  func traced(in graph: Graph) -> [TracedParameter] {
    unknowns.compactMap { unknown in
      guard let constrained = constrained[unknown.entry.key] else { return nil }
      let kind = constrained.support.kind
      let bounds = constrained.support.bounds.map(\.id)
      let (name, location, shape) = (unknown.entry.name, unknown.location, unknown.shape)
      let dimension = dimension
      return TracedParameter(
        variable: Variable(name: name, dimensions: unknown.dimensions), node: constrained.value.id,
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
          throw ModelError([.init(location: location, message: "`\(name)`: \(error)")])
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
  /// The shape of a variable of rank 0 to 2.
  init(_ dimensions: [Dimension]) {
    switch dimensions.count {
    case 0: self = .scalar
    case 1: self = .vector(dimensions[0].size)
    default: self = .matrix(dimensions[0].size, dimensions[1].size)
    }
  }
}
