// The table of legal forms: what each op takes and gives, and what simplification leaves over.

/// A condition's message where it does not hold.
private func unless(_ condition: Bool, _ problem: @autoclosure () -> String) -> String? {
  condition ? nil : problem()
}

/// The message for a wrong number of inputs.
private func arity(_ o: Occurrence, _ expected: Int) -> String? {
  unless(o.inputs.count == expected, "\(o.inputs.count) inputs, not \(expected)")
}

/// The message for a stride that leaves `0..<count`.
private func bounds(_ stride: Stride, _ count: Int) -> String? {
  if stride.count == 0 { return nil }
  guard stride.count > 0 else { return "a stride of \(stride.count) places" }
  let ends = [stride.start, stride[stride.count - 1]]
  return unless(
    ends.allSatisfy { (0..<count).contains($0) },
    "places \(ends[0]) to \(ends[1]) are not within 0..<\(count)")
}

/// The message for an index array that is absent, of another length, or leaves `0..<count`.
private func bounds(_ o: Occurrence, indices: Int, length: Int, count: Int) -> String? {
  guard o.graph.indexArrays.indices.contains(indices) else { return "no index array \(indices)" }
  let places = o.graph.indexArrays[indices]
  guard places.count == length else { return "\(places.count) indices, not \(length)" }
  guard let wrong = places.firstIndex(where: { !(0..<count).contains(Int($0)) }) else { return nil }
  return "index \(places[wrong]) at place \(wrong) is not within 0..<\(count)"
}

private func shape(_ o: Occurrence, is expected: Shape?) -> String? {
  guard let expected else {
    return "inputs of \(o.inputs.map(\.description).joined(separator: ", "))"
  }
  return unless(o.shape == expected, "the result is \(expected)")
}

/// Rows and columns, exchanged if transposed; `nil` for what is no matrix.
private func extents(_ shape: Shape, transposed: Bool) -> (rows: Int, columns: Int)? {
  guard shape.rank == 2 else { return nil }
  return transposed ? (shape.columns, shape.rows) : (shape.rows, shape.columns)
}

/// One form per op, for every stage.
let opForms: [LegalForm] = leafForms + elementwiseForms + structuralForms + linearAlgebraForms

private let leafForms: [LegalForm] = [
  LegalForm("constant", "a scalar without inputs") { o in
    guard case .constant = o.op else { return nil }
    return arity(o, 0) ?? shape(o, is: .scalar)
  },
  LegalForm("data", "an array of the graph with one value per element of a vector or matrix") { o in
    guard case .data(let array) = o.op else { return nil }
    if let problem = arity(o, 0) { return problem }
    guard o.graph.arrays.indices.contains(array) else { return "no data array \(array)" }
    let count = o.graph.arrays[array].count
    return unless(count == o.shape.count, "\(count) values")
      ?? unless(!o.shape.isScalar, "a scalar is a constant")
  },
  LegalForm("position", "coordinates from a non-negative offset") { o in
    guard case .position(let offset) = o.op else { return nil }
    return arity(o, 0) ?? unless(offset >= 0, "the offset is negative")
  },
]

private let elementwiseForms: [LegalForm] = [
  LegalForm("unary", "one input of the result's shape; polygamma of order 0 or more") { o in
    guard case .unary(let op) = o.op else { return nil }
    if case .polygamma(let order) = op, order < 0 { return "polygamma of order \(order)" }
    return arity(o, 1) ?? shape(o, is: o.inputs[0])
  },
  LegalForm("binary", "two inputs of one shape, or a scalar beside anything") { o in
    guard case .binary = o.op else { return nil }
    return arity(o, 2) ?? shape(o, is: Shape.broadcast(o.inputs[0], o.inputs[1]))
  },
  LegalForm("select", "three inputs of one shape, or scalars beside it") { o in
    guard o.op == .select else { return nil }
    if let problem = arity(o, 3) { return problem }
    let branches = Shape.broadcast(o.inputs[1], o.inputs[2])
    return shape(o, is: branches.flatMap { Shape.broadcast(o.inputs[0], $0) })
  },
  LegalForm("logSumExpOf", "inputs of the result's shape, at least one") { o in
    guard o.op == .logSumExpOf else { return nil }
    return unless(!o.inputs.isEmpty, "no inputs")
      ?? unless(o.inputs.allSatisfy { $0 == o.shape }, "an input of another shape")
  },
  LegalForm("softmaxOf", "inputs of the result's shape, one of them chosen") { o in
    guard case .softmaxOf(let k) = o.op else { return nil }
    return unless(o.inputs.indices.contains(k), "\(o.inputs.count) inputs")
      ?? unless(o.inputs.allSatisfy { $0 == o.shape }, "an input of another shape")
  },
]

private let structuralForms: [LegalForm] = [
  LegalForm("fill", "a scalar repeated in a vector or matrix") { o in
    guard o.op == .fill else { return nil }
    return arity(o, 1) ?? unless(o.inputs[0].isScalar, "of \(o.inputs[0])")
      ?? unless(!o.shape.isScalar, "of one element")
  },
  LegalForm("reduce", "one input, a scalar result") { o in
    guard case .reduce = o.op else { return nil }
    return arity(o, 1) ?? shape(o, is: .scalar)
  },
  LegalForm("gather", "one index per element, within the input") { o in
    guard case .gather(let indices) = o.op else { return nil }
    return arity(o, 1)
      ?? bounds(o, indices: indices, length: o.shape.count, count: o.inputs[0].count)
  },
  LegalForm("scatterAdd", "one index per element of the input, within the result") { o in
    guard case .scatterAdd(let indices) = o.op else { return nil }
    return arity(o, 1)
      ?? bounds(o, indices: indices, length: o.inputs[0].count, count: o.shape.count)
  },
  LegalForm("slice", "one place per element, within the input") { o in
    guard case .slice(let stride) = o.op else { return nil }
    return arity(o, 1) ?? bounds(stride, o.inputs[0].count)
      ?? unless(stride.count == o.shape.count, "\(stride.count) places")
  },
  LegalForm("assemble", "one stride per input, of its length and within the result") { o in
    guard case .assemble(let strides) = o.op else { return nil }
    if let problem = arity(o, strides.count) { return problem }
    for (stride, input) in zip(strides, o.inputs) {
      if stride.count != input.count { return "\(stride.count) places for \(input)" }
      if let problem = bounds(stride, o.shape.count) { return problem }
    }
    return nil
  },
  LegalForm("reshape", "as many elements as the input") { o in
    guard o.op == .reshape else { return nil }
    return arity(o, 1) ?? unless(o.shape.count == o.inputs[0].count, "of \(o.inputs[0])")
  },
  LegalForm("cumulativeSum", "one input of the result's shape") { o in
    guard case .cumulativeSum = o.op else { return nil }
    return arity(o, 1) ?? shape(o, is: o.inputs[0])
  },
  LegalForm(
    "markovChain", "a vector per state, their logarithms of start and transition; ascending starts"
  ) { o in
    guard case .markovChain(let starts) = o.op else { return nil }
    let states = o.inputs.count - 2
    guard states > 0 else { return "\(o.inputs.count) inputs" }
    let rows = o.inputs[0].count
    guard o.inputs[..<states].allSatisfy({ $0 == .vector(rows) }), rows > 0,
      o.inputs[states] == .vector(states), o.inputs[states + 1] == .vector(states * states)
    else { return shape(o, is: nil) }
    guard o.graph.indexArrays.indices.contains(starts) else { return "no index array \(starts)" }
    let first = o.graph.indexArrays[starts].map(Int.init)
    guard first.first == 0, zip(first, first.dropFirst() + [rows]).allSatisfy({ $0 < $1 }) else {
      return "the starts do not ascend from 0 below \(rows)"
    }
    let layout = MarkovChainLayout(states: states, rows: rows, starts: first)
    return shape(o, is: .vector(layout.count))
  },
]

private let linearAlgebraForms: [LegalForm] = [
  LegalForm("transpose", "a matrix with rows and columns exchanged") { o in
    guard o.op == .transpose else { return nil }
    if let problem = arity(o, 1) { return problem }
    let turned = extents(o.inputs[0], transposed: true)
    return shape(o, is: turned.map { .matrix($0.rows, $0.columns) })
  },
  LegalForm("matrixVector", "a matrix and a vector of as many elements as columns") { o in
    guard case .matrixVector(let transposed) = o.op else { return nil }
    if let problem = arity(o, 2) { return problem }
    let a = extents(o.inputs[0], transposed: transposed)
    let fits = a.map { o.inputs[1] == .vector($0.columns) } ?? false
    return shape(o, is: fits ? a.map { .vector($0.rows) } : nil)
  },
  LegalForm("matrixMatrix", "two matrices with one inner extent") { o in
    guard case .matrixMatrix(let left, let right) = o.op else { return nil }
    if let problem = arity(o, 2) { return problem }
    guard let a = extents(o.inputs[0], transposed: left),
      let b = extents(o.inputs[1], transposed: right), a.columns == b.rows
    else { return shape(o, is: nil) }
    return shape(o, is: .matrix(a.rows, b.columns))
  },
  LegalForm("outer", "two vectors, a row per element of the first") { o in
    guard o.op == .outer else { return nil }
    if let problem = arity(o, 2) { return problem }
    let areVectors = o.inputs.allSatisfy { $0.rank == 1 }
    return shape(o, is: areVectors ? .matrix(o.inputs[0].count, o.inputs[1].count) : nil)
  },
  LegalForm("cholesky", "a square matrix, a factor of its shape") { o in
    guard o.op == .cholesky else { return nil }
    if let problem = arity(o, 1) { return problem }
    let isSquare = o.inputs[0].rank == 2 && o.inputs[0].rows == o.inputs[0].columns
    return shape(o, is: isSquare ? o.inputs[0] : nil)
  },
  LegalForm("triangularSolve", "a square matrix and a vector or matrix of as many rows") { o in
    guard case .triangularSolve = o.op else { return nil }
    if let problem = arity(o, 2) { return problem }
    let (l, b) = (o.inputs[0], o.inputs[1])
    let fits = l.rank == 2 && l.rows == l.columns && b.rank > 0 && b.rows == l.rows
    return shape(o, is: fits ? b : nil)
  },
]

/// What the local rules leave no node of.
let normalForms: [LegalForm] = [
  LegalForm(
    "folded", "no work on data alone, so that a kernel computes nothing twice",
    in: [.simplified, .differentiated, .lowered]
  ) { o in
    guard o.op != .fill, !o.node.inputs.isEmpty else { return nil }
    return unless(
      o.node.inputs.contains { o.graph.dataValues($0) == nil }, "every input is data")
  },
  LegalForm(
    "unfilled", "an elementwise op reads the scalar, not its repetition",
    in: [.simplified, .differentiated]
  ) { o in
    switch o.op {
    case .unary, .binary, .select: break
    default: return nil
    }
    return unless(o.node.inputs.allSatisfy { o.graph[$0].op != .fill }, "an input is a fill")
  },
  LegalForm(
    "direct-views", "a slice or reshape reads through slices, reshapes and fills",
    in: [.simplified, .differentiated]
  ) { o in
    guard let input = o.node.inputs.first else { return nil }
    switch (o.op, o.graph[input].op) {
    case (.slice, .slice), (.slice, .reshape), (.slice, .fill), (.reshape, .reshape),
      (.reshape, .fill), (.transpose, .transpose):
      return "a view of a view"
    default: return nil
    }
  },
]
