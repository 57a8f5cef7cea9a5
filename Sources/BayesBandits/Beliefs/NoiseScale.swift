// Scales that are known, or multiples of the root of an unknown variance.

import BayesEngine
import BayesGraph
import BayesLanguage

/// The scale of a normal: `c(context)`, or `c · √v` for one element v of a parameter.
struct NoiseScale: Sendable {
  /// The element that is the unknown variance.
  let slot: Int?
  private let factor: Double
  private let known: ContextFunction?

  /// - Returns: `nil` for any other expression of parameters.
  init?(_ scale: Tensor, _ round: TracedRound) {
    if PolynomialDegree(of: scale.builder.graph, in: round.parameters)[scale.id] == 0 {
      (slot, factor) = (nil, 1)
      known = ContextFunction([scale], round)
      return
    }
    guard let (slot, square) = Self.root(scale.builder.graph, scale.id, 0), square > 0 else {
      return nil
    }
    (self.slot, factor, known) = (slot, square, nil)
  }

  var isConstant: Bool { known?.isConstant ?? true }

  /// The variance, relative to v where that is unknown.
  func variance(_ context: [Double]) -> Double {
    guard let known else { return factor }
    let scale = known.values(context)[0]
    return scale * scale
  }

  /// An element that is c √v: the place of v, and c².
  private static func root(_ graph: Graph, _ id: NodeID, _ element: Int) -> (Int, Double)? {
    let node = graph[id]
    switch node.op {
    case .unary(.sqrt): return multiple(graph, node.inputs[0], index(graph, node, 0, element))
    case .binary(.multiply), .binary(.divide):
      let (a, b) = (index(graph, node, 0, element), index(graph, node, 1, element))
      if let (slot, square) = root(graph, node.inputs[0], a),
        let c = number(graph, node.inputs[1], b)
      {
        return (slot, node.op == .binary(.multiply) ? square * c * c : square / (c * c))
      }
      if node.op == .binary(.multiply), let c = number(graph, node.inputs[0], a),
        let (slot, square) = root(graph, node.inputs[1], b)
      {
        return (slot, square * c * c)
      }
      return nil
    default:
      return view(graph, node, element).flatMap { root(graph, $0.0, $0.1) }
    }
  }

  /// An element that is c v.
  private static func multiple(_ graph: Graph, _ id: NodeID, _ element: Int) -> (Int, Double)? {
    let node = graph[id]
    switch node.op {
    case .position(let offset): return (offset + element, 1)
    case .binary(.multiply), .binary(.divide):
      let (a, b) = (index(graph, node, 0, element), index(graph, node, 1, element))
      if let (slot, factor) = multiple(graph, node.inputs[0], a),
        let c = number(graph, node.inputs[1], b)
      {
        return (slot, node.op == .binary(.multiply) ? factor * c : factor / c)
      }
      if node.op == .binary(.multiply), let c = number(graph, node.inputs[0], a),
        let (slot, factor) = multiple(graph, node.inputs[1], b)
      {
        return (slot, factor * c)
      }
      return nil
    default: return view(graph, node, element).flatMap { multiple(graph, $0.0, $0.1) }
    }
  }

  /// A number that is known.
  private static func number(_ graph: Graph, _ id: NodeID, _ element: Int) -> Double? {
    graph.dataValues(id).map { $0.count == 1 ? $0[0] : $0[element] }
  }

  /// The place of an element in an input; a scalar stands for all.
  private static func index(_ graph: Graph, _ node: Node, _ input: Int, _ element: Int) -> Int {
    graph[node.inputs[input]].shape.isScalar ? 0 : element
  }

  /// The element that a view shows.
  private static func view(_ graph: Graph, _ node: Node, _ element: Int) -> (NodeID, Int)? {
    switch node.op {
    case .fill: (node.inputs[0], 0)
    case .reshape: (node.inputs[0], element)
    case .slice(let stride): (node.inputs[0], stride[element])
    case .gather(let indices): (node.inputs[0], Int(graph.indexArrays[indices][element]))
    default: nil
    }
  }
}
