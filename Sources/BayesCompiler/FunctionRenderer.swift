// Renders one kernel function: the schedule's steps as C text.

internal import BayesGraph

/// Renders a function `double name(q, r, w, x)` that fills `r` with a result node's elements and
/// returns a scalar node's value.
struct FunctionRenderer {
  let schedule: Schedule
  let storage: Storage
  let table: Box<DataTable>
  private var lines: [String] = []
  /// What the names of elementary functions start with in scalar statements.
  private let scalarPrefix: String

  /// A shared, mutable table: two functions of one kernel use the same data.
  final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
  }

  var graph: Graph { schedule.graph }

  init(_ graph: Graph, value: NodeID?, result: NodeID, table: Box<DataTable>) {
    schedule = Schedule(graph, roots: (value.map { [$0] } ?? []) + [result])
    storage = Storage(schedule, result: result)
    self.table = table
    let scalars = schedule.steps.count { if case .scalar = $0 { true } else { false } }
    scalarPrefix = scalars > Self.inlineScalars ? "n_" : "b_"
    for step in schedule.steps {
      switch step {
      case .scalar(let id):
        emit("  const double s\(id.index) = \(expression(id, in: nil));")
      case .loop(let loop): render(loop)
      case .opaque(let id): renderOpaque(id)
      }
    }
    finish(value: value, result: result)
  }

  /// The function's text.
  func text(name: String) -> String {
    """
    double \(name)(const double *restrict q, double *restrict r, double *restrict w,
                   const struct context *restrict x) {
    \(lines.joined(separator: "\n"))
    }

    """
  }

  private mutating func emit(_ line: String) { lines.append(line) }

  private mutating func finish(value: NodeID?, result: NodeID) {
    let root = schedule.resolve(result)
    if storage.places[root] != .result(0) {
      let count = graph[root].shape.count
      if count == 1 {
        emit("  r[0] = \(scalar(root));")
      } else {
        emit("  for (long i = 0; i < \(count); i++) r[i] = (\(pointer(root)))[i];")
      }
    }
    emit("  return \(value.map(scalar) ?? "0");")
  }

  /// Beyond so many scalar statements (an unrolled recurrence, say) they call functions instead of
  /// inlining them: clang's time grows faster than the text.
  private static let inlineScalars = 150

  // MARK: Reading values

  /// A one-element node's value.
  func scalar(_ id: NodeID) -> String {
    let node = schedule.resolve(id)
    switch schedule.classes[node.index] {
    case .scalar, .sum: return "s\(node.index)"
    default: break
    }
    switch graph[node].op {
    case .constant(let value): return literal(value)
    case .data(let array): return literal(graph.arrays[array][0])
    case .position(let offset): return "q[\(offset)]"
    default: return "(\(pointer(node)))[0]"
    }
  }

  /// A stored or given node's first element's address.
  func pointer(_ id: NodeID) -> String {
    let node = schedule.resolve(id)
    if let place = storage.places[node] { return place.pointer }
    switch graph[node].op {
    case .data(let array): return table.value.array(array, graph)
    case .position(let offset): return "q + \(offset)"
    default: return "(const double[]){\(scalar(node))}"
    }
  }

  /// Element `index` of an input of a loop's node.
  private func load(_ id: NodeID, in loop: LoopContext) -> String {
    let node = schedule.resolve(id)
    if graph[node].shape.count == 1 { return scalar(node) }
    if loop.locals.contains(node) { return "v\(node.index)" }
    if loop.buffered.contains(node) { return "t\(node.index)[i]" }
    if graph[node].op == .fill { return scalar(graph[node].inputs[0]) }
    return "(\(pointer(node)))[\(loop.index)]"
  }

  private func read(_ id: NodeID, in loop: LoopContext?) -> String {
    loop.map { load(id, in: $0) } ?? scalar(id)
  }

  /// What is known inside a loop's body.
  private struct LoopContext {
    /// The element's index in whole arrays.
    let index: String
    /// Nodes held in `v` variables.
    var locals: Set<NodeID> = []
    /// Nodes held in `t` block buffers.
    var buffered: Set<NodeID> = []
  }

  // MARK: Expressions

  /// An elementwise node's right-hand side; `loop` is nil for scalars.
  private func expression(_ id: NodeID, in loop: LoopContext?) -> String {
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

  // MARK: Loops

  /// How clang is to vectorise a loop of so many rows.
  ///
  /// Left alone, it unrolls short loops completely before it vectorises and ends with scalar code;
  /// up to 16 rows, registers of four suit better than those of eight, which a few rows do not fill.
  private func vectorisation(rows: Int) -> String {
    switch rows {
    case ..<4: ""
    case ...16: "#pragma clang loop unroll(disable) vectorize_width(4)\n"
    case ...128: "#pragma clang loop unroll(disable) vectorize(enable)\n"
    default: ""
    }
  }

  /// Rows per block: with 20 columns a block's 40 kB stay in the first- and second-level caches.
  static let blockSize = 256

  private func matrix(_ id: NodeID, block: Int) -> (name: String, columns: Int) {
    let node = graph[id]
    guard case .matrixVector(let transposed) = node.op,
      case .data(let array) = graph[node.inputs[0]].op
    else { preconditionFailure("a data matrix") }
    let shape = graph[node.inputs[0]].shape
    // Loops run over the rows of M: op(A) for a rowDot, op(A)ᵀ for a columnDot.
    let flips = transposed != (schedule.classes[id.index] == .columnDot)
    let (rows, columns) = flips ? (shape.columns, shape.rows) : (shape.rows, shape.columns)
    let name = table.value.packed(
      array, rows: rows, columns: columns, isTransposed: flips, block: block, graph)
    return (name, columns)
  }

  private mutating func render(_ loop: FusedLoop) {
    let n = loop.count
    let isBlocked =
      n > Self.blockSize
      && !(loop.rowDots.isEmpty && loop.columnDots.isEmpty && loop.scatters.isEmpty)
    let block = isBlocked ? Self.blockSize : (n + 7) / 8 * 8
    emit("  {")
    for id in loop.sums { lines.insert("  double s\(id.index) = 0;", at: lines.count - 1) }
    for id in loop.scatters + loop.columnDots {
      emit(
        "  for (long k = 0; k < \(graph[id].shape.count); k++) (\(storage.places[id]!.pointer))[k] = 0;"
      )
    }
    if isBlocked {
      emit("  for (long b = 0; b < \(n); b += \(block)) {")
      emit("  const long c = \(n) - b < \(block) ? \(n) - b : \(block);")
    }
    var context = LoopContext(index: isBlocked ? "b + i" : "i")
    let extent = isBlocked ? "c" : "\(n)"
    for id in loop.rowDots { renderRowDot(id, block: block, extent: extent, isBlocked, &context) }
    renderBody(loop, block: block, extent: extent, &context)
    for id in loop.columnDots {
      renderColumnDot(id, block: block, extent: extent, isBlocked, context)
    }
    for id in loop.scatters {
      guard case .scatterAdd(let indices) = graph[id].op else { continue }
      let value = load(graph[id].inputs[0], in: context)
      emit(
        "  for (long i = 0; i < \(extent); i++) (\(storage.places[id]!.pointer))[\(table.value.indices(indices, graph))[\(context.index)]] += \(value);"
      )
    }
    if isBlocked { emit("  }") }
    emit("  }")
  }

  private mutating func renderRowDot(
    _ id: NodeID, block: Int, extent: String, _ isBlocked: Bool, _ context: inout LoopContext
  ) {
    let (name, columns) = matrix(id, block: block)
    let vector = pointer(graph[id].inputs[1])
    emit("  double t\(id.index)[\(block)];")
    emit("  { const double *restrict m = \(name)\(isBlocked ? " + b * \(columns)" : "");")
    let chunk = 8
    for start in stride(from: 0, to: columns, by: chunk) {
      let terms = (start..<min(start + chunk, columns)).map { k -> String in
        emit("  const double e\(k) = (\(vector))[\(k)];")
        return "m[\(k * block) + i] * e\(k)"
      }
      emit(
        vectorisation(rows: schedule.spaces[id.index])
          + "  for (long i = 0; i < \(extent); i++) t\(id.index)[i] \(start == 0 ? "=" : "+=") \(terms.joined(separator: " + "));"
      )
    }
    emit("  }")
    context.buffered.insert(id)
  }

  private mutating func renderColumnDot(
    _ id: NodeID, block: Int, extent: String, _ isBlocked: Bool, _ context: LoopContext
  ) {
    let (name, columns) = matrix(id, block: block)
    let value = load(graph[id].inputs[1], in: context)
    emit("  { const double *restrict m = \(name)\(isBlocked ? " + b * \(columns)" : "");")
    let chunk = 8
    for start in stride(from: 0, to: columns, by: chunk) {
      let places = start..<min(start + chunk, columns)
      emit("  double \(places.map { "a\($0) = 0" }.joined(separator: ", "));")
      emit(
        "  for (long i = 0; i < \(extent); i++) { const double y = \(value); "
          + places.map { "a\($0) += m[\($0 * block) + i] * y;" }.joined(separator: " ") + " }")
      for k in places { emit("  (\(storage.places[id]!.pointer))[\(k)] += a\(k);") }
    }
    emit("  }")
  }

  /// The elementwise statements, their sums, and the stores that later steps read.
  private mutating func renderBody(
    _ loop: FusedLoop, block: Int, extent: String, _ context: inout LoopContext
  ) {
    let late = Set(
      (loop.columnDots.map { graph[$0].inputs[1] } + loop.scatters.map { graph[$0].inputs[0] })
        .map(schedule.resolve))
    let own = loop.elementwise.filter { id in
      graph[id].op != .fill || storage.places[id] != nil || late.contains(id)
    }
    let stored = (own + loop.rowDots).filter { storage.places[$0] != nil }
    let buffered = own.filter { late.contains($0) && storage.places[$0] == nil }
    guard !own.isEmpty || !loop.sums.isEmpty || !stored.isEmpty else { return }
    for id in buffered { emit("  double t\(id.index)[\(block)];") }
    emit(vectorisation(rows: loop.count) + "  for (long i = 0; i < \(extent); i++) {")
    for id in own {
      emit("    const double v\(id.index) = \(expression(id, in: context));")
      context.locals.insert(id)
    }
    for id in loop.sums { emit("    s\(id.index) += \(load(graph[id].inputs[0], in: context));") }
    for id in stored {
      emit("    (\(storage.places[id]!.pointer))[\(context.index)] = \(load(id, in: context));")
    }
    for id in buffered { emit("    t\(id.index)[i] = v\(id.index);") }
    emit("  }")
    // After the body, its values are found in buffers and storage.
    context.locals = []
    context.buffered.formUnion(buffered)
  }

  // MARK: Steps of their own

  private mutating func renderOpaque(_ id: NodeID) {
    let node = graph[id]
    let target = storage.places[id]!.pointer
    let inputs = node.inputs.map { pointer($0) }
    let shapes = node.inputs.map { graph[$0].shape }
    switch node.op {
    case .reduce(.maximum): emit("  b_maximum(\(inputs[0]), \(shapes[0].count), \(target));")
    case .reduce(.logSumExp): emit("  b_logsumexp(\(inputs[0]), \(shapes[0].count), \(target));")
    case .scatterAdd(let indices):
      emit("  for (long k = 0; k < \(node.shape.count); k++) (\(target))[k] = 0;")
      emit("  (\(target))[\(graph.indexArrays[indices][0])] = (\(inputs[0]))[0];")
    case .transpose:
      emit("  b_transpose(\(inputs[0]), \(shapes[0].rows), \(shapes[0].columns), \(target));")
    case .matrixVector(let transposed):
      emit(
        "  b_matvec\(transposed ? "_t" : "")(\(inputs[0]), \(shapes[0].rows), \(shapes[0].columns), \(inputs[1]), \(target));"
      )
    case .matrixMatrix(let left, let right):
      emit(
        "  b_matmul(\(inputs[0]), \(left ? 1 : 0), \(inputs[1]), \(right ? 1 : 0), \(node.shape.rows), \(left ? shapes[0].rows : shapes[0].columns), \(node.shape.columns), \(target));"
      )
    case .outer:
      emit(
        "  b_outer(\(inputs[0]), \(node.shape.rows), \(inputs[1]), \(node.shape.columns), \(target));"
      )
    case .cholesky: emit("  b_cholesky(\(inputs[0]), \(node.shape.rows), \(target));")
    case .triangularSolve(let transposed):
      emit(
        "  b_trisolve\(transposed ? "_t" : "")(\(inputs[0]), \(shapes[0].rows), \(inputs[1]), \(node.shape.columns), \(target));"
      )
    case .cumulativeSum(let reversed):
      emit("  b_cumsum\(reversed ? "_r" : "")(\(inputs[0]), \(node.shape.count), \(target));")
    case .assemble(let strides): renderAssembly(node, strides, target)
    default: preconditionFailure("\(node.op) is not a step of its own")
    }
  }

  /// First writers assign, later ones add, places that no part covers are set to zero.
  private mutating func renderAssembly(_ node: Node, _ strides: [Stride], _ target: String) {
    var covered = [Bool](repeating: false, count: node.shape.count)
    for (stride, input) in zip(strides, node.inputs) where stride.count > 0 {
      let part = schedule.resolve(input)
      let places = (0..<stride.count).map { stride[$0] }
      let isFirst = places.allSatisfy { !covered[$0] }
      if !isFirst {
        emitZeros(places.filter { !covered[$0] }.sorted(), target)
      }
      for place in places { covered[place] = true }
      if let place = storage.places[part], "\(place.advanced(by: -stride.start).pointer)" == target,
        stride.step == 1, isFirst
      {
        continue  // Computed in place.
      }
      let sign = isFirst ? "=" : "+="
      if stride.count == 1 {
        emit("  (\(target))[\(stride.start)] \(sign) \(scalar(part));")
      } else {
        emit(
          "  for (long k = 0; k < \(stride.count); k++) (\(target))[\(stride.start) + k * \(stride.step)] \(sign) (\(pointer(part)))[k];"
        )
      }
    }
    emitZeros(covered.indices.filter { !covered[$0] }, target)
  }

  /// Sets ascending places to zero, runs of them by a loop.
  private mutating func emitZeros(_ places: [Int], _ target: String) {
    var start = 0
    while start < places.count {
      var end = start + 1
      while end < places.count, places[end] == places[end - 1] + 1 { end += 1 }
      emit(
        "  for (long k = \(places[start]); k < \(places[end - 1] + 1); k++) (\(target))[k] = 0;")
      start = end
    }
  }
}
