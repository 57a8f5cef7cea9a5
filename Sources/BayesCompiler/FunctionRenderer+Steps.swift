// Renders steps of their own: linear algebra, reductions and assemblies of whole arrays.

internal import BayesGraph

extension FunctionRenderer {
  mutating func renderOpaque(_ id: NodeID) {
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
      let inner = left ? shapes[0].rows : shapes[0].columns
      let sizes = "\(node.shape.rows), \(inner), \(node.shape.columns)"
      let operands = "\(inputs[0]), \(left ? 1 : 0), \(inputs[1]), \(right ? 1 : 0)"
      let isLarge = node.shape.count * inner >= BLASLimits.productTerms
      emit("  \(call("b_matmul", isLarge))\(operands), \(sizes), \(target));")
    case .outer:
      emit(
        "  b_outer(\(inputs[0]), \(node.shape.rows), \(inputs[1]), \(node.shape.columns), \(target));"
      )
    case .cholesky:
      let isLarge = node.shape.rows >= BLASLimits.factorRows
      emit("  \(call("b_cholesky", isLarge))\(inputs[0]), \(node.shape.rows), \(target));")
    case .triangularSolve(let transposed):
      let operands = "\(inputs[0]), \(shapes[0].rows), \(inputs[1]), \(node.shape.columns)"
      if min(shapes[0].rows, node.shape.columns) >= BLASLimits.solveRows {
        emit("  \(call("b_trisolve", true))\(operands), \(transposed ? 1 : 0), \(target));")
      } else {
        emit("  b_trisolve\(transposed ? "_t" : "")(\(operands), \(target));")
      }
    case .cumulativeSum(let reversed):
      emit("  b_cumsum\(reversed ? "_r" : "")(\(inputs[0]), \(node.shape.count), \(target));")
    case .markovChain(let starts):
      let layout = graph.chainLayout(node)!
      chainStates.insert(layout.states)
      let emissions = inputs[..<layout.states].joined(separator: ", ")
      let others = inputs[layout.states...].joined(separator: ", ")
      let sizes = "\(layout.sequences), \(layout.rows)"
      emit(
        "  b_chain\(layout.states)((const double *const[]){\(emissions)}, \(others), "
          + "\(table.value.indices(starts, graph)), \(sizes), \(target), "
          + "\(storage.scratch[id]!.pointer));")
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

  /// The start of a call of a function of the prelude, or of its namesake that takes OpenBLAS.
  private mutating func call(_ name: String, _ isLarge: Bool) -> String {
    if isLarge { usesBLAS = true }
    return isLarge ? "\(name)_blas(x->blas, " : "\(name)("
  }
}

/// From which sizes OpenBLAS wins over the kernels' own loops, on one thread.
///
/// `diagnostics/benchmarks/linear_algebra` prints the ratios. On a Xeon with 512-bit vectors, products are
/// 1.2 to 5 times faster at 12 × 12 and 4 to 7 times from 96 on; solves for many right-hand sides 1.05 to
/// 1.25 times at 64 rows and twice at 400; Cholesky factors 1.1 times at 133 rows and 1.7 at 400.
/// Matrix–vector products and solves for one right-hand side read each element once, so that
/// memory decides and OpenBLAS gains little or loses. Those stay loops, which fuse with what stands around
/// them: for X b and Xᵀ r of 100 000 × 20 OpenBLAS takes 1.7 times as long.
enum BLASLimits {
  /// Multiplications of a matrix product.
  static let productTerms = 12 * 12 * 12
  /// Rows, and right-hand sides, of a triangular solve.
  static let solveRows = 64
  /// Rows of a Cholesky factor.
  static let factorRows = 128
}
