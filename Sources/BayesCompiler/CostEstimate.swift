// What a gradient costs, from operation counts alone.

internal import BayesGraph

/// A deterministic cost model; samplers choose metrics by it, so it must never read a clock.
enum CostEstimate {
  /// Nanoseconds for one evaluation of the roots on a 2.5 GHz core with 512-bit vectors.
  static func nanoseconds(_ graph: Graph, roots: [NodeID]) -> Double {
    let needed = graph.reachable(from: roots)
    return graph.nodes.indices.reduce(10) { total, index in
      needed[index] ? total + cost(graph.nodes[index], graph) : total
    }
  }

  private static func cost(_ node: Node, _ graph: Graph) -> Double {
    let count = Double(node.shape.count)
    let inputs = node.inputs.map { Double(graph[$0].shape.count) }
    switch node.op {
    case .constant, .data, .position, .reshape, .fill: return 0
    case .unary(let op):
      switch op {
      case .negate, .square, .abs, .sign: return 0.15 * count
      case .reciprocal, .sqrt: return 0.8 * count
      case .exp, .expMinusOne, .log, .logistic: return 1.5 * count
      case .logOnePlus, .log1pExp, .log1mExp, .tanh: return 3 * count
      case .sin, .cos, .atan: return 4 * count
      case .logGamma, .polygamma(0): return 8 * count
      case .polygamma, .normalCDF, .logNormalCDF: return 20 * count
      }
    case .binary(let op):
      switch op {
      case .divide: return 0.8 * count
      case .power, .logAddExp: return 5 * count
      case .logRising, .digammaRising: return 16 * count
      default: return 0.15 * count
      }
    case .select: return 0.2 * count
    case .logSumExpOf, .softmaxOf: return 3 * count * Double(inputs.count)
    case .reduce: return 0.1 * inputs[0]
    case .gather, .scatterAdd: return 1 * max(count, inputs[0])
    case .markovChain:
      let states = Double(node.inputs.count - 2)
      // Measured: one row, forwards and backwards.
      return inputs[0] * (30 + 3 * states + 0.4 * states * states)
    case .slice, .assemble, .transpose, .cumulativeSum: return 0.5 * count
    case .matrixVector, .outer: return 0.15 * inputs[0] * max(1, node.op == .outer ? inputs[1] : 1)
    // Measured by diagnostics/benchmarks/linear_algebra: by loops, and by OpenBLAS where that wins.
    case .matrixMatrix:
      // (rows · inner)(inner · columns)(rows · columns) is the square of the multiplications.
      let terms = (inputs[0] * inputs[1] * count).squareRoot()
      return terms < Double(BLASLimits.productTerms) ? 0.4 * terms : 0.07 * terms
    case .cholesky: return 0.05 * count * count.squareRoot()
    case .triangularSolve:
      let isLarge = min(node.shape.rows, node.shape.columns) >= BLASLimits.solveRows
      return (isLarge ? 0.09 : 0.2) * inputs[0] * Double(node.shape.columns)
    }
  }
}
