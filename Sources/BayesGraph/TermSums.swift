// How large the terms are that add up to a value: what rounding is measured against.

extension Interpreter {
  /// Values with the sums of the absolute values of their terms, element by element.
  ///
  /// A sum of n terms t_i is off by up to a few units in the last place of Σ|t_i|, however small the
  /// sum itself is. Sums are followed through everything linear, and through products:
  ///
  ///     T(a ± b) = T(a) + T(b),  T(a b) = T(a) |b| + |a| T(b) − |a b|,  T(Σ x) = Σ T(x)
  ///
  /// An unknown of a triangular system has the terms of its substitution step, an element of a
  /// Cholesky factor those of its formula; any other function's value is one term.
  public func termSums(
    of nodes: [NodeID], at position: [Double]
  ) -> [(values: [Double], sums: [Double])] {
    let needed = graph.reachable(from: nodes)
    var values = [[Double]](repeating: [], count: graph.nodes.count)
    var sums = values
    for index in graph.nodes.indices where needed[index] {
      let node = graph.nodes[index]
      let inputs = node.inputs.map { values[$0.index] }
      values[index] = evaluate(node, inputs, at: position)
      let terms = zip(inputs, node.inputs).map { Terms(values: $0, sums: sums[$1.index]) }
      sums[index] = termSums(node, values[index], terms)
    }
    return nodes.map { (values[$0.index], sums[$0.index]) }
  }

  /// An input's values and the sums of their terms.
  private struct Terms {
    let values: [Double]
    let sums: [Double]

    /// Element i; a scalar stands for all.
    subscript(i: Int) -> (value: Double, sum: Double) {
      let place = values.count == 1 ? 0 : i
      return (values[place], sums[place])
    }

    static func product(_ a: (value: Double, sum: Double), _ b: (value: Double, sum: Double))
      -> Double
    {
      a.sum * b.value.magnitude + a.value.magnitude * b.sum - (a.value * b.value).magnitude
    }
  }

  private func termSums(_ node: Node, _ values: [Double], _ inputs: [Terms]) -> [Double] {
    func elementwise(_ f: (Int) -> Double) -> [Double] { values.indices.map(f) }
    switch node.op {
    case .unary(.negate), .fill, .reshape, .transpose, .slice, .gather, .reduce(.sum), .scatterAdd,
      .assemble, .cumulativeSum:
      // Linear with coefficients of one: the op does to the terms what it does to the values.
      return evaluateMagnitudes(node, inputs.map(\.sums))
    case .unary(.square):
      return elementwise { Terms.product(inputs[0][$0], inputs[0][$0]) }
    case .binary(.add), .binary(.subtract):
      return elementwise { inputs[0][$0].sum + inputs[1][$0].sum }
    case .binary(.multiply):
      return elementwise { Terms.product(inputs[0][$0], inputs[1][$0]) }
    case .binary(.divide):
      return elementwise { inputs[0][$0].sum / inputs[1][$0].value.magnitude }
    case .binary(.logAddExp):
      return elementwise { i in
        max(inputs[0][i].sum, inputs[1][i].sum) + values[i].magnitude
      }
    case .select:
      return elementwise { i in inputs[0][i].value != 0 ? inputs[1][i].sum : inputs[2][i].sum }
    case .logSumExpOf:
      return elementwise { i in inputs.map { $0[i].sum }.max()! + values[i].magnitude }
    case .matrixVector, .matrixMatrix, .outer:
      if isLeaf(node.inputs[0]) { return evaluateMagnitudes(node, inputs.map(\.sums)) }
      let magnitudes = inputs.map { $0.values.map(\.magnitude) }
      let left = evaluateMagnitudes(node, [inputs[0].sums, magnitudes[1]])
      let right = evaluateMagnitudes(node, [magnitudes[0], inputs[1].sums])
      let both = evaluateMagnitudes(node, magnitudes)
      return elementwise { left[$0] + right[$0] - both[$0] }
    case .cholesky:
      let n = node.shape.rows
      return elementwise { place in
        let (i, j) = (place / n, place % n)
        guard i >= j else { return 0 }
        return (0..<j).reduce(inputs[0].values[place].magnitude) {
          $0 + (values[i * n + $1] * values[j * n + $1]).magnitude
        } / values[j * n + j].magnitude
      }
    case .triangularSolve(let transposed):
      let l = inputs[0].values
      let (n, columns) = (graph[node.inputs[0]].shape.rows, node.shape.columns)
      return elementwise { place in
        let (i, c) = (place / columns, place % columns)
        return (transposed ? (i + 1)..<n : 0..<i).reduce(inputs[1].sums[place]) {
          $0 + (l[transposed ? $1 * n + i : i * n + $1] * values[$1 * columns + c]).magnitude
        } / l[i * n + i].magnitude
      }
    case .markovChain:
      return graph.chainLayout(node)!.termSums(values, inputs.map { ($0.values, $0.sums) })
    case .constant, .data, .position, .unary, .binary, .softmaxOf, .reduce:
      return values.map(\.magnitude)
    }
  }

  /// Whether a node's elements are one term each.
  private func isLeaf(_ id: NodeID) -> Bool {
    switch graph[id].op {
    case .constant, .data, .position: true
    default: false
    }
  }

  /// A linear op on magnitudes, its own minus signs left out.
  private func evaluateMagnitudes(_ node: Node, _ inputs: [[Double]]) -> [Double] {
    node.op == .unary(.negate) ? inputs[0] : evaluate(node, inputs, at: [])
  }
}
