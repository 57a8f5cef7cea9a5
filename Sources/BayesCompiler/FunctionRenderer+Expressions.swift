// Renders elementwise nodes as C expressions.

internal import BayesGraph

extension FunctionRenderer {
  /// An elementwise node's right-hand side; `loop` is nil for scalars.
  func expression(_ id: NodeID, in loop: LoopContext?) -> String {
    let node = graph[id]
    func input(_ k: Int) -> String { read(node.inputs[k], in: loop) }
    let index = loop?.index ?? "0"
    let b = loop == nil ? scalarPrefix : "b_"
    switch node.op {
    case .unary(let op): return render(op, input(0), b)
    case .binary(let op): return render(op, input(0), input(1), b)
    case .select: return "(\(input(0)) != 0 ? \(input(1)) : \(input(2)))"
    case .fill: return scalar(node.inputs[0])
    case .slice(let stride):
      let place = loop == nil ? "\(stride.start)" : "\(stride.start) + \(stride.step) * (\(index))"
      return "(\(pointer(node.inputs[0])))[\(place)]"
    case .gather(let indices):
      let source = schedule.resolve(node.inputs[0])
      if graph[source].shape.count == 1 { return scalar(source) }
      if loop == nil { return "(\(pointer(source)))[\(graph.indexArrays[indices][0])]" }
      return "(\(pointer(source)))[\(table.value.indices(indices, graph))[\(index)]]"
    case .logSumExpOf:
      return
        "\(b)lse\(node.inputs.count)(\(node.inputs.indices.map(input).joined(separator: ", ")))"
    case .softmaxOf(let k):
      return
        "\(b)softmax\(node.inputs.count)(\(k), \(node.inputs.indices.map(input).joined(separator: ", ")))"
    default: preconditionFailure("\(node.op) is not elementwise")
    }
  }

  private func render(_ op: UnaryOp, _ a: String, _ b: String) -> String {
    switch op {
    case .negate: "(-\(a))"
    case .reciprocal: "(1.0 / \(a))"
    case .square: "b_square(\(a))"
    case .sqrt: "__builtin_sqrt(\(a))"
    case .abs: "__builtin_fabs(\(a))"
    case .sign: "b_sign(\(a))"
    case .exp: "\(b)exp(\(a))"
    case .expMinusOne: "\(b)expm1(\(a))"
    case .log: "\(b)log(\(a))"
    case .logOnePlus: "\(b)log1p(\(a))"
    case .log1pExp: "\(b)log1pexp(\(a))"
    case .log1mExp: "\(b)log1mexp(\(a))"
    case .logistic: "\(b)logistic(\(a))"
    case .tanh: "\(b)tanh(\(a))"
    case .sin: "__builtin_sin(\(a))"
    case .cos: "__builtin_cos(\(a))"
    case .atan: "__builtin_atan(\(a))"
    case .logGamma: "\(b)lgamma(\(a))"
    case .polygamma(0): "\(b)digamma(\(a))"
    case .polygamma(1): "\(b)trigamma(\(a))"
    case .polygamma(let n): "b_polygamma(\(n), \(a))"
    case .normalCDF: "b_normcdf(\(a))"
    case .logNormalCDF: "b_lognormcdf(\(a))"
    }
  }

  private func render(_ op: BinaryOp, _ a: String, _ b: String, _ prefix: String) -> String {
    switch op {
    case .add: "(\(a) + \(b))"
    case .subtract: "(\(a) - \(b))"
    case .multiply: "(\(a) * \(b))"
    case .divide: "(\(a) / \(b))"
    case .power: "__builtin_pow(\(a), \(b))"
    case .maximum: "b_max(\(a), \(b))"
    case .minimum: "b_min(\(a), \(b))"
    case .logAddExp: "\(prefix)lse2(\(a), \(b))"
    case .less: "(\(a) < \(b) ? 1.0 : 0.0)"
    case .lessOrEqual: "(\(a) <= \(b) ? 1.0 : 0.0)"
    case .equal: "(\(a) == \(b) ? 1.0 : 0.0)"
    case .logRising: "\(prefix)logrising(\(a), \(b))"
    case .digammaRising: "\(prefix)digammarising(\(a), \(b))"
    }
  }
}
