// Graphs as text, one line per node.

internal import BayesNumerics

/// The part of a graph that some nodes need, as text for people.
///
/// One line per node in topological order, `%12 = multiply(%3, %7) : vector[8]`, then one line per
/// root, `gradient = %12`. Nodes keep their numbers in the arena; long arrays are cut after three
/// values.
public func describe(_ graph: Graph, roots: [(name: String, node: NodeID)]) -> String {
  let needed = graph.reachable(from: roots.map(\.node))
  var text = ""
  for (index, node) in graph.nodes.enumerated() where needed[index] {
    text += "%\(index) = \(graph.formula(node)) : \(node.shape)\n"
  }
  for root in roots { text += "\(root.name) = %\(root.node.index)\n" }
  return text
}

extension Graph {
  /// The right-hand side of a node's line.
  func formula(_ node: Node) -> String {
    let inputs = node.inputs.map { "%\($0.index)" }
    func call(_ name: String, _ more: String...) -> String {
      "\(name)(\((inputs + more).joined(separator: ", ")))"
    }
    switch node.op {
    case .constant(let value): return number(value)
    case .data(let array):
      return arrays.indices.contains(array)
        ? "data#\(array) " + summary(arrays[array].map(number), "values")
        : "data#\(array)"
    case .position(let offset): return "position[\(offset)..<\(offset + node.shape.count)]"
    case .unary(.polygamma(let order)): return call("polygamma[\(order)]")
    case .unary(let op): return call("\(op)")
    case .binary(let op): return call("\(op)")
    case .select: return call("select")
    case .logSumExpOf: return call("logSumExpOf")
    case .softmaxOf(let k): return call("softmaxOf[\(k)]")
    case .fill: return call("fill")
    case .reduce(let op): return call("reduce[\(op)]")
    case .gather(let indices): return call("gather", places(indices))
    case .scatterAdd(let indices): return call("scatterAdd", places(indices))
    case .slice(let stride): return call("slice", range(stride))
    case .assemble(let strides):
      let parts = zip(inputs, strides).map { "\($0) at \(range($1))" }
      return "assemble(\(parts.joined(separator: ", ")))"
    case .reshape: return call("reshape")
    case .transpose: return call("transpose")
    case .matrixVector(let transposed):
      return "matrixVector(\(operands(inputs, [transposed, false])))"
    case .matrixMatrix(let left, let right):
      return "matrixMatrix(\(operands(inputs, [left, right])))"
    case .outer: return call("outer")
    case .cholesky: return call("cholesky")
    case .triangularSolve(let transposed):
      return "triangularSolve(\(operands(inputs, [transposed, false])))"
    case .markovChain(let starts): return call("markovChain", places(starts))
    case .cumulativeSum(let reversed):
      return call(reversed ? "cumulativeSum[reversed]" : "cumulativeSum")
    }
  }

  /// The shortest text that reads back as the same number, whole numbers without a fraction.
  private func number(_ x: Double) -> String {
    let text = shortestDescription(x)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Matrices with a ᵀ where they are read transposed.
  private func operands(_ inputs: [String], _ transposed: [Bool]) -> String {
    zip(inputs, transposed).map { $1 ? $0 + "ᵀ" : $0 }.joined(separator: ", ")
  }

  private func places(_ indices: Int) -> String {
    indexArrays.indices.contains(indices)
      ? "indices#\(indices) " + summary(indexArrays[indices].map { "\($0)" }, "places")
      : "indices#\(indices)"
  }

  private func range(_ stride: Stride) -> String {
    stride.step == 1
      ? "\(stride.start)..<\(stride.start + stride.count)"
      : "\(stride.count) from \(stride.start) by \(stride.step)"
  }

  /// Up to four items in full, else the first three and how many there are.
  private func summary(_ items: [String], _ unit: String) -> String {
    if items.count <= 4 { return "[\(items.joined(separator: ", "))]" }
    return "[\(items.prefix(3).joined(separator: ", ")), … \(items.count) \(unit)]"
  }
}
