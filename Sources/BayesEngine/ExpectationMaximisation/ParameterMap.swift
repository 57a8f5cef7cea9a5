// Between the values of parameters and unconstrained coordinates.

import BayesGraph
import BayesLanguage
import Glibc

/// Maps the slots of all parameters to unconstrained coordinates and back.
///
/// Ordered parameters of exchangeable components are taken without their order: EM keeps no order
/// on its way, and restores it at the end.
struct ParameterMap: Sendable {
  private enum Part: Sendable {
    case traced
    /// x = y
    case identity
    /// x = exp y
    case exponential
  }

  /// The number of unconstrained coordinates.
  let dimension: Int
  private let parameters: [TracedParameter]
  private let slots: [Range<Int>]
  private let parts: [Part]
  private let graph: Graph
  /// The graph with the gradient of Σ w x, the w standing behind the coordinates.
  private let pullback: (graph: Graph, node: NodeID)

  /// - Parameter isExchangeable: whether a parameter's order may be left out.
  init(
    _ traced: TracedModel, _ complete: TracedCompleteData, isExchangeable: (Int) -> Bool
  ) {
    parameters = traced.parameters
    slots = complete.parameters.map(\.slots)
    dimension = traced.dimension
    graph = traced.graph
    parts = complete.parameters.enumerated().map { index, parameter in
      switch parameter.support {
      case .ordered where isExchangeable(index): .identity
      case .positiveOrdered where isExchangeable(index): .exponential
      default: .traced
      }
    }
    let builder = GraphBuilder(traced.graph)
    var total = builder.constant(0)
    for (parameter, slots) in zip(parameters, slots) {
      let value = Tensor(builder: builder, id: parameter.node)
      let weights = builder.position(
        offset: traced.dimension + slots.lowerBound, shape: value.shape)
      total = total + (weights * value).sum
    }
    let gradient = builder.gradient(of: total).filter { $0.offset < traced.dimension }
      .map { part -> (Stride, Tensor) in
        let node = Tensor(builder: builder, id: part.node)
        return (Stride(start: part.offset, count: node.shape.count), node)
      }
    let whole = builder.assemble(gradient, shape: .vector(max(1, traced.dimension)))
    pullback = (builder.graph, whole.id)
  }

  /// The coordinates of values; `nil` where a value lies on the edge of its support.
  func unconstrained(_ x: [Double]) -> [Double]? {
    var result: [Double] = []
    result.reserveCapacity(dimension)
    for (index, parameter) in parameters.enumerated() {
      let own = Array(x[slots[index]])
      switch parts[index] {
      case .identity: result += own
      case .exponential:
        guard own.allSatisfy({ $0 > 0 }) else { return nil }
        result += own.map { log($0) }
      case .traced:
        guard let coordinates = try? parameter.unconstrain(own, result) else { return nil }
        result += coordinates
      }
    }
    return result
  }

  /// The values at coordinates.
  func constrained(_ u: [Double]) -> [Double] {
    let values = Interpreter(graph).values(of: parameters.map(\.node), at: u)
    var x = [Double](repeating: 0, count: slots.last?.upperBound ?? 0)
    for (index, parameter) in parameters.enumerated() {
      let own = u[parameter.offset..<(parameter.offset + parameter.unconstrainedCount)]
      let value: [Double]
      switch parts[index] {
      case .identity: value = Array(own)
      case .exponential: value = own.map { exp($0) }
      case .traced: value = values[index]
      }
      x.replaceSubrange(slots[index], with: value)
    }
    return x
  }

  /// The gradient with respect to coordinates, from that with respect to values.
  func pulledBack(_ gradient: [Double], at u: [Double]) -> [Double] {
    guard dimension > 0 else { return [] }
    var result = Interpreter(pullback.graph).values(of: [pullback.node], at: u + gradient)[0]
    for (index, parameter) in parameters.enumerated() {
      guard slots[index].count == parameter.unconstrainedCount else { continue }
      for (k, slot) in slots[index].enumerated() {
        switch parts[index] {
        case .identity: result[parameter.offset + k] = gradient[slot]
        case .exponential:
          result[parameter.offset + k] = gradient[slot] * exp(u[parameter.offset + k])
        case .traced: break
        }
      }
    }
    return result
  }

  /// The coordinates of some parameters.
  func coordinates(of indices: [Int]) -> [Int] {
    indices.flatMap { index in
      let parameter = parameters[index]
      return Array(parameter.offset..<(parameter.offset + parameter.unconstrainedCount))
    }
  }

  /// All coordinates but those of some slots: of whole simplexes, or of elements with one coordinate each.
  func coordinates(leavingOut held: [Range<Int>]) -> [Int] {
    parameters.indices.flatMap { index -> [Int] in
      let parameter = parameters[index]
      let own = parameter.offset..<(parameter.offset + parameter.unconstrainedCount)
      let inside = held.filter { $0.overlaps(slots[index]) }
      if inside.isEmpty { return Array(own) }
      if slots[index].count == own.count {
        return own.filter { coordinate in
          let slot = slots[index].lowerBound + coordinate - own.lowerBound
          return !inside.contains { $0.contains(slot) }
        }
      }
      // Simplexes of n elements have n − 1 coordinates each.
      let size = inside[0].count
      return own.filter { coordinate in
        let slot = slots[index].lowerBound + (coordinate - own.lowerBound) / (size - 1) * size
        return !inside.contains { $0.contains(slot) }
      }
    }
  }
}
