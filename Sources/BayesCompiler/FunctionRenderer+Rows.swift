// Renders quadratic forms and moments of the rows of data, in the loop over these rows.

internal import BayesGraph

extension FunctionRenderer {
  /// The data matrix of a row op in blocks, from the block at hand.
  private func rowBlock(_ id: NodeID, block: Int, isBlocked: Bool) -> (name: String, columns: Int) {
    guard case .data(let array) = graph[graph[id].inputs[0]].op else {
      preconditionFailure("a data matrix")
    }
    let shape = graph[graph[id].inputs[0]].shape
    let name = table.value.packed(
      array, rows: shape.rows, columns: shape.columns, isTransposed: false, block: block, graph)
    return (isBlocked ? "\(name) + b * \(shape.columns)" : name, shape.columns)
  }

  mutating func renderRowQuadratic(
    _ id: NodeID, block: Int, extent: String, _ isBlocked: Bool, _ context: inout LoopContext
  ) {
    let (rows, _) = rowBlock(id, block: block, isBlocked: isBlocked)
    let inputs = graph[id].inputs
    let function = RowQuadraticText(graph[id], graph).name
    emit("  double t\(id.index)[\(block)];")
    emit(
      "  \(function)(\(rows), \(pointer(inputs[1])), \(pointer(inputs[2])), \(block), (\(extent) + 7) / 8 * 8, t\(id.index));"
    )
    context.buffered.insert(id)
  }

  mutating func startRowMoments(_ id: NodeID) {
    let count = RowMomentsText.accumulatorCount(columns: graph[graph[id].inputs[1]].shape.count)
    emit(
      "  for (long k = 0; k < \(count); k++) (\(storage.accumulators[id]!.pointer))[k] = 0;")
  }

  mutating func renderRowMoments(
    _ id: NodeID, block: Int, extent: String, _ isBlocked: Bool, _ context: LoopContext
  ) {
    let (rows, columns) = rowBlock(id, block: block, isBlocked: isBlocked)
    let weight = load(graph[id].inputs[2], in: context)
    // Rows that only fill the last register up have weight 0.
    emit("  { double u[\(block)];")
    emit("  for (long i = 0; i < \(extent); i++) u[i] = \(weight);")
    emit("  for (long i = \(extent); i < (\(extent) + 7) / 8 * 8; i++) u[i] = 0;")
    emit(
      "  \(RowMomentsText.name(columns))(\(rows), \(pointer(graph[id].inputs[1])), \(block), (\(extent) + 7) / 8 * 8, u, \(storage.accumulators[id]!.pointer)); }"
    )
  }

  mutating func finishRowMoments(_ id: NodeID) {
    let columns = graph[graph[id].inputs[1]].shape.count
    emit(
      "  b_rowm_finish(\(storage.accumulators[id]!.pointer), \(columns), \(storage.places[id]!.pointer));"
    )
  }
}
