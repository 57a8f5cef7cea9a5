// How nodes depend on positions: not, affinely, or in some other way.

import BayesGraph

/// For each node of a graph its degree as a polynomial in some positions: 0 where it does not depend on them,
/// 1 where it is affine in them, 2 for everything else.
///
/// The degree is proved from the ops: a function that happens to be affine, such as `log(exp(x))`, has degree 2.
struct PolynomialDegree {
  private let degrees: [UInt8]

  init(of graph: Graph, in positions: Range<Int>) {
    var degrees = [UInt8](repeating: 0, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { degrees[$0.index] }
      degrees[index] = Self.degree(node, inputs, positions)
    }
    self.degrees = degrees
  }

  subscript(id: NodeID) -> Int { Int(degrees[id.index]) }

  private static func degree(_ node: Node, _ inputs: [UInt8], _ positions: Range<Int>) -> UInt8 {
    switch node.op {
    case .position(let offset):
      return (offset..<(offset + node.shape.count)).overlaps(positions) ? 1 : 0
    // Linear.
    case .unary(.negate), .binary(.add), .binary(.subtract), .fill, .reduce(.sum), .gather,
      .scatterAdd, .slice, .assemble, .reshape, .transpose, .cumulativeSum:
      return inputs.max() ?? 0
    // Products.
    case .binary(.multiply), .outer, .matrixVector, .matrixMatrix:
      return min(2, inputs[0] + inputs[1])
    case .binary(.divide), .triangularSolve:
      let (numerator, denominator) =
        node.op == .binary(.divide) ? (inputs[0], inputs[1]) : (inputs[1], inputs[0])
      return denominator == 0 ? numerator : 2
    case .select: return inputs[0] == 0 ? max(inputs[1], inputs[2]) : 2
    default: return inputs.allSatisfy { $0 == 0 } ? 0 : 2
    }
  }
}
