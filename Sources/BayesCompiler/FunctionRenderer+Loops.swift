// Renders fused loops, in blocks of rows where a data matrix is read.

internal import BayesGraph

extension FunctionRenderer {
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

  mutating func render(_ loop: FusedLoop) {
    let n = loop.count
    let isBlocked =
      n > Self.blockSize
      && !(loop.rowDots.isEmpty && loop.columnDots.isEmpty && loop.scatters.isEmpty)
    let block = isBlocked ? Self.blockSize : (n + 7) / 8 * 8
    emit("  {")
    for id in loop.sums { lines.insert("  double s\(id.index) = 0;", at: lines.count - 1) }
    for id in loop.scatters + loop.columnDots {
      if graph[id].op == .rowMoments {
        startRowMoments(id)
        continue
      }
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
    for id in loop.rowDots {
      if case .rowQuadratic = graph[id].op {
        renderRowQuadratic(id, block: block, extent: extent, isBlocked, &context)
      } else {
        renderRowDot(id, block: block, extent: extent, isBlocked, &context)
      }
    }
    renderBody(loop, block: block, extent: extent, &context)
    for id in loop.columnDots {
      if graph[id].op == .rowMoments {
        renderRowMoments(id, block: block, extent: extent, isBlocked, context)
      } else {
        renderColumnDot(id, block: block, extent: extent, isBlocked, context)
      }
    }
    for id in loop.scatters {
      guard case .scatterAdd(let indices) = graph[id].op else { continue }
      let value = load(graph[id].inputs[0], in: context)
      emit(
        "  for (long i = 0; i < \(extent); i++) (\(storage.places[id]!.pointer))[\(table.value.indices(indices, graph))[\(context.index)]] += \(value);"
      )
    }
    if isBlocked { emit("  }") }
    for id in loop.columnDots where graph[id].op == .rowMoments { finishRowMoments(id) }
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
      (loop.columnDots.map { graph[$0].inputs.last! } + loop.scatters.map { graph[$0].inputs[0] })
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
}
