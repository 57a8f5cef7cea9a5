// Graphs built without rewriting, and their replay through the rules.

@testable import BayesGraph

/// Builds nodes as they are written.
struct RawGraph {
  let builder = GraphBuilder()

  /// Two vectors and a scalar of positions.
  var x: Tensor { position(0, .vector(3)) }
  var y: Tensor { position(3, .vector(3)) }
  var s: Tensor { position(6, .scalar) }
  var t: Tensor { position(7, .scalar) }
  var m: Tensor { position(0, .matrix(2, 3)) }
  static let dimension = 8

  func position(_ offset: Int, _ shape: Shape) -> Tensor {
    builder.raw(.position(offset: offset), [], shape)
  }

  func number(_ value: Double) -> Tensor { builder.raw(.constant(value), [], .scalar) }

  func data(_ values: [Double]) -> Tensor {
    builder.raw(.data(builder.graph.internArray(values)), [], .vector(values.count))
  }

  func callAsFunction(_ op: UnaryOp, _ x: Tensor) -> Tensor {
    builder.raw(.unary(op), [x], x.shape)
  }

  func callAsFunction(_ op: BinaryOp, _ a: Tensor, _ b: Tensor) -> Tensor {
    builder.raw(.binary(op), [a, b], Shape.broadcast(a.shape, b.shape)!)
  }

  func callAsFunction(_ op: Op, _ inputs: [Tensor], _ shape: Shape) -> Tensor {
    builder.raw(op, inputs, shape)
  }

  func gather(_ x: Tensor, _ places: [Int32]) -> Tensor {
    builder.raw(.gather(builder.graph.internIndices(places)), [x], .vector(places.count))
  }

  func fill(_ x: Tensor, _ count: Int = 3) -> Tensor { builder.raw(.fill, [x], .vector(count)) }
}

/// A raw graph's nodes sent one by one through the rules, into a copy of the graph.
struct Replay {
  let builder: GraphBuilder
  /// What became of each node.
  private(set) var nodes: [Tensor] = []

  init(_ graph: Graph) {
    builder = GraphBuilder(graph)
    for node in graph.nodes {
      nodes.append(builder.make(node.op, node.inputs.map { nodes[$0.index] }, node.shape))
    }
  }

  subscript(_ node: Tensor) -> Tensor { nodes[node.id.index] }

  /// The rule that meets a raw node first, its inputs rewritten.
  func rule(for raw: Tensor) -> String? {
    let node = raw.node
    let candidate = Candidate(
      op: node.op, inputs: node.inputs.map { nodes[$0.index] }, shape: node.shape,
      builder: builder)
    return LocalRule.all.first { $0.apply(candidate) != nil }?.name
  }
}

/// An expression as one line of text; positions by their offset.
func inlineText(_ tensor: Tensor) -> String {
  let node = tensor.node
  let inputs = node.inputs.map { inlineText(Tensor(builder: tensor.builder, id: $0)) }
  switch node.op {
  case .constant(let value): return "\(value)"
  case .data(let array): return "\(tensor.builder.graph.arrays[array])"
  case .position(let offset):
    return node.shape.isScalar ? "p\(offset)" : "p\(offset)..<\(offset + node.shape.count)"
  case .unary(let op): return "\(op)(\(inputs[0]))"
  case .binary(let op): return "\(op)(\(inputs[0]), \(inputs[1]))"
  case .gather(let indices):
    return "\(inputs[0])\(tensor.builder.graph.indexArrays[indices])"
  case .slice(let s): return "\(inputs[0])[\(s.start) + \(s.count) × \(s.step)]"
  case .fill: return "\(node.shape) of \(inputs[0])"
  case .reduce(let op): return "\(op) of \(inputs[0])"
  case .reshape: return "\(inputs[0]) as \(node.shape)"
  default: return "\(node.op)(\(inputs.joined(separator: ", ")))"
  }
}
