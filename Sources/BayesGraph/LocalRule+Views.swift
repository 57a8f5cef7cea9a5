// Local rules for slices, reshapes, fills and gathers.

let viewRules: [LocalRule] = [
  LocalRule("reshape-reshape", "a reshape of a reshape is one; of a position or fill, none") { c in
    guard c.op == .reshape else { return nil }
    let x = c.inputs[0]
    switch x.node.op {
    case .reshape: return x.input(0).reshaped(c.shape)
    case .position(let offset): return c.builder.position(offset: offset, shape: c.shape)
    case .fill: return c.builder.fill(x.input(0), c.shape)
    default: return nil
    }
  },
  LocalRule("transpose-transpose", "(Aᵀ)ᵀ → A") { c in
    guard c.op == .transpose, c.inputs[0].node.op == .transpose else { return nil }
    return c.inputs[0].input(0)
  },
  LocalRule("slice-of-view", "a slice reads through positions, slices, reshapes and fills") { c in
    guard case .slice(let stride) = c.op else { return nil }
    let x = c.inputs[0]
    switch x.node.op {
    case .position(let offset) where stride.step == 1 || stride.count == 1:
      return c.builder.position(offset: offset + stride.start, shape: c.shape)
    case .slice(let inner):
      return x.input(0).slice(
        Stride(
          start: inner[stride.start], count: stride.count, step: inner.step * stride.step),
        shape: c.shape)
    case .reshape: return x.input(0).slice(stride, shape: c.shape)
    case .fill: return c.builder.fill(x.input(0), c.shape)
    default: return nil
    }
  },
  LocalRule("slice-of-assembly", "a slice that lies within one contiguous part reads that part") {
    c in
    guard case .slice(let stride) = c.op, case .assemble(let parts) = c.inputs[0].node.op,
      stride.count > 0
    else { return nil }
    let (first, last) = (
      min(stride.start, stride[stride.count - 1]), max(stride.start, stride[stride.count - 1])
    )
    var found: Tensor?
    for (k, part) in parts.enumerated() where part.count > 0 {
      guard part.step == 1 || part.count == 1 else { return nil }
      let (low, high) = (part.start, part.start + part.count - 1)
      if first > high || last < low { continue }
      guard found == nil, first >= low, last <= high else { return nil }
      found = c.inputs[0].input(k).slice(
        Stride(start: stride.start - low, count: stride.count, step: stride.step),
        shape: c.shape)
    }
    return found ?? c.builder.fill(c.builder.constant(0), c.shape)
  },
  LocalRule("assemble-one", "one part that covers the whole is the part") { c in
    guard case .assemble(let parts) = c.op, parts.count == 1,
      parts[0] == Stride(start: 0, count: c.shape.count)
    else { return nil }
    return c.inputs[0].reshaped(c.shape)
  },
  LocalRule("assemble-scalar", "a scalar's only element needs no assembly") { c in
    guard case .assemble(let parts) = c.op, c.shape.isScalar else { return nil }
    let present = zip(parts, c.inputs).filter { $0.0.count > 0 }.map { $0.1.reshaped(.scalar) }
    return present.isEmpty ? c.builder.constant(0) : present.dropFirst().reduce(present[0], +)
  },
  LocalRule("reduce-scalar", "a reduction of a scalar is the scalar") { c in
    guard case .reduce = c.op, c.inputs[0].shape.isScalar else { return nil }
    return c.inputs[0]
  },
  LocalRule("sum-of-fill", "the sum of n equal terms is n times the term") { c in
    guard c.op == .reduce(.sum), let x = c.inputs[0].filledScalar else { return nil }
    return Double(c.inputs[0].shape.count) * x
  },
]

let gatherRules: [LocalRule] = [
  LocalRule("gather-of-fill", "gathering equal elements is a fill") { c in
    guard case .gather = c.op, let x = c.inputs[0].filledScalar else { return nil }
    return c.builder.fill(x, c.shape)
  },
  LocalRule("gather-one", "gathering one element only is a fill of it") { c in
    guard case .gather(let index) = c.op, !c.shape.isScalar, c.shape.count > 0 else { return nil }
    let places = c.builder.graph.indexArrays[index]
    guard places.allSatisfy({ $0 == places[0] }) else { return nil }
    return c.builder.fill(c.inputs[0].element(Int(places[0])), c.shape)
  },
  LocalRule("gather-of-gather", "gathering from a gather is one gather") { c in
    guard case .gather(let outer) = c.op, case .gather(let inner) = c.inputs[0].node.op
    else { return nil }
    let indices = c.builder.graph.indexArrays
    let composed = indices[outer].map { Int(indices[inner][Int($0)]) }
    return c.builder.gather(c.inputs[0].input(0), composed, shape: c.shape)
  },
  LocalRule("slice-of-gather", "a slice of a gather is a gather; of one element, a fill of it") {
    c in
    guard case .slice(let stride) = c.op, stride.count > 0,
      case .gather(let index) = c.inputs[0].node.op
    else { return nil }
    let (source, indices) = (c.inputs[0].input(0), c.builder.graph.indexArrays[index])
    let places = (0..<stride.count).map { Int(indices[stride[$0]]) }
    if places.allSatisfy({ $0 == places[0] }) {
      return c.builder.fill(source.element(places[0]), c.shape)
    }
    return c.builder.gather(source, places, shape: c.shape)
  },
  LocalRule(
    "function-of-gather", "f(x[index]) → f(x)[index] where the index reads all of x"
  ) { c in
    switch c.op {
    case .unary, .binary, .select: break
    default: return nil
    }
    var shared: (index: Int, source: Shape)?
    for input in c.inputs where !input.shape.isScalar {
      guard case .gather(let index) = input.node.op else { return nil }
      let source = input.input(0).shape
      if let shared, shared != (index, source) { return nil }
      shared = (index, source)
    }
    guard let shared, shared.source.count <= c.shape.count,
      readsAll(c.builder.graph.indexArrays[shared.index], of: shared.source.count)
    else { return nil }
    let sources = c.inputs.map { $0.shape.isScalar ? $0 : $0.input(0) }
    let inner = c.builder.make(c.op, sources, shared.source)
    let places = c.builder.graph.indexArrays[shared.index].map(Int.init)
    return c.builder.gather(inner, places, shape: c.shape)
  },
  LocalRule("sum-of-gather", "Σ x[index] → counts · x where the index reads all of x") { c in
    guard c.op == .reduce(.sum), case .gather(let index) = c.inputs[0].node.op else { return nil }
    let source = c.inputs[0].input(0)
    guard source.shape.count <= c.inputs[0].shape.count,
      readsAll(c.builder.graph.indexArrays[index], of: source.shape.count)
    else { return nil }
    var counts = [Double](repeating: 0, count: source.shape.count)
    for place in c.builder.graph.indexArrays[index] { counts[Int(place)] += 1 }
    return (c.builder.data(counts, shape: source.shape) * source).sum
  },
]

/// Whether an index array reads every element. An element that is not read may be where f is infinite
/// (log of a probability of 0), and 0 · ∞ must not enter a sum.
func readsAll(_ indices: [Int32], of count: Int) -> Bool {
  var isRead = [Bool](repeating: false, count: count)
  for index in indices { isRead[Int(index)] = true }
  return isRead.allSatisfy { $0 }
}
