// The interpreter: the definition of what every op means.

/// Evaluates nodes one by one in plain Swift.
///
/// Slow and simple on purpose: native kernels must agree with it to 1e−12 · Σ|terms|, and it runs
/// where there is no compiler.
public struct Interpreter: Sendable {
  public let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  /// The values of nodes at a position, each flattened row-major.
  ///
  /// - Parameter position: the unconstrained coordinates that `.position` nodes read.
  public func values(of nodes: [NodeID], at position: [Double]) -> [[Double]] {
    let needed = graph.reachable(from: nodes)
    var values = [[Double]](repeating: [], count: graph.nodes.count)
    for index in graph.nodes.indices where needed[index] {
      let node = graph.nodes[index]
      values[index] = evaluate(node, node.inputs.map { values[$0.index] }, at: position)
    }
    return nodes.map { values[$0.index] }
  }

  /// One node's value, given its inputs' values.
  func evaluate(_ node: Node, _ inputs: [[Double]], at position: [Double]) -> [Double] {
    let count = node.shape.count
    switch node.op {
    case .constant(let value): return [value]
    case .data(let array): return graph.arrays[array]
    case .position(let offset): return Array(position[offset..<(offset + count)])
    case .unary(let op):
      let f = op.function
      return inputs[0].map(f)
    case .binary(let op):
      let f = op.function
      return (0..<count).map { f(element(inputs[0], $0, node, 0), element(inputs[1], $0, node, 1)) }
    case .select:
      return (0..<count).map {
        element(inputs[0], $0, node, 0) != 0
          ? element(inputs[1], $0, node, 1) : element(inputs[2], $0, node, 2)
      }
    case .logSumExpOf:
      return (0..<count).map { i in ScalarFunction.logSumExp(inputs.map { $0[i] }) }
    case .softmaxOf(let k):
      return (0..<count).map { i in
        let terms = inputs.map { $0[i] }
        let largest = terms.max()!
        if largest == -.infinity { return .nan }
        return ScalarFunction.exp(terms[k] - largest)
          / terms.reduce(0) { $0 + ScalarFunction.exp($1 - largest) }
      }
    case .fill: return [Double](repeating: inputs[0][0], count: count)
    case .reduce(.sum): return [inputs[0].reduce(0, +)]
    case .reduce(.maximum):
      return [inputs[0].reduce(-Double.infinity) { ScalarFunction.maximum($0, $1) }]
    case .reduce(.logSumExp): return [ScalarFunction.logSumExp(inputs[0])]
    case .gather(let indices): return graph.indexArrays[indices].map { inputs[0][Int($0)] }
    case .scatterAdd(let indices):
      var result = [Double](repeating: 0, count: count)
      for (i, place) in graph.indexArrays[indices].enumerated() {
        result[Int(place)] += inputs[0][i]
      }
      return result
    case .slice(let stride): return (0..<stride.count).map { inputs[0][stride[$0]] }
    case .assemble(let strides):
      var result = [Double](repeating: 0, count: count)
      for (stride, part) in zip(strides, inputs) {
        for i in 0..<stride.count { result[stride[i]] += part[i] }
      }
      return result
    case .reshape: return inputs[0]
    case .transpose:
      let (rows, columns) = (node.shape.rows, node.shape.columns)
      return (0..<count).map { inputs[0][($0 % columns) * rows + $0 / columns] }
    case .matrixVector(let transposed):
      let (a, x) = (inputs[0], inputs[1])
      let columns = graph[node.inputs[0]].shape.columns
      guard transposed else {
        return (0..<count).map { i in
          x.indices.reduce(0) { $0 + a[i * columns + $1] * x[$1] }
        }
      }
      // Row by row as the matrix lies in memory; each sum is still in the order of the rows.
      var result = [Double](repeating: 0, count: count)
      for j in x.indices {
        for i in 0..<count { result[i] += a[j * columns + i] * x[j] }
      }
      return result
    case .matrixMatrix(let transposedLeft, let transposedRight):
      let a = graph[node.inputs[0]].shape
      let b = graph[node.inputs[1]].shape
      let inner = transposedLeft ? a.rows : a.columns
      return (0..<count).map { place in
        let (i, j) = (place / node.shape.columns, place % node.shape.columns)
        return (0..<inner).reduce(0) { sum, k in
          sum + inputs[0][transposedLeft ? k * a.columns + i : i * a.columns + k]
            * inputs[1][transposedRight ? j * b.columns + k : k * b.columns + j]
        }
      }
    case .outer:
      return inputs[0].flatMap { u in inputs[1].map { u * $0 } }
    case .cholesky: return cholesky(inputs[0], node.shape.rows)
    case .triangularSolve(let transposed):
      return solve(inputs[0], inputs[1], columns: node.shape.columns, transposed: transposed)
    case .markovChain: return graph.chainLayout(node)!.values(inputs)
    case .cumulativeSum(let reversed):
      var total = 0.0
      var result = inputs[0]
      for i in reversed ? Array(result.indices.reversed()) : Array(result.indices) {
        total += result[i]
        result[i] = total
      }
      return result
    }
  }

  /// Element i of an elementwise input: scalars stand for all.
  private func element(_ values: [Double], _ i: Int, _ node: Node, _ input: Int) -> Double {
    graph[node.inputs[input]].shape.isScalar ? values[0] : values[i]
  }

  /// Cholesky–Banachiewicz, row by row; reads the lower triangle.
  private func cholesky(_ a: [Double], _ n: Int) -> [Double] {
    var l = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = a[i * n + j]
        for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
        if i == j {
          guard sum > 0 else { return [Double](repeating: .nan, count: n * n) }
          l[i * n + i] = sum.squareRoot()
        } else {
          l[i * n + j] = sum / l[j * n + j]
        }
      }
    }
    return l
  }

  /// Substitution with the lower triangle of `l`, forwards or (transposed) backwards.
  private func solve(
    _ l: [Double], _ b: [Double], columns: Int, transposed: Bool
  ) -> [Double] {
    let n = b.count / max(columns, 1)
    var x = b
    for c in 0..<columns {
      for step in 0..<n {
        let i = transposed ? n - 1 - step : step
        var sum = x[i * columns + c]
        for k in transposed ? (i + 1)..<n : 0..<i {
          sum -= (transposed ? l[k * n + i] : l[i * n + k]) * x[k * columns + c]
        }
        x[i * columns + c] = sum / l[i * n + i]
      }
    }
    return x
  }
}
