// A kernel's C text and the data it reads.

internal import BayesGraph

/// The C text of both kernel functions with the arrays they are given.
struct KernelSource {
  let text: String
  let doubles: [[Double]]
  let integers: [[Int32]]
  /// Doubles of scratch memory that either function needs.
  let workCount: Int
  /// Whether a step calls OpenBLAS.
  let usesBLAS: Bool

  /// - Parameters:
  ///   - value: the log density.
  ///   - gradient: its gradient as one vector.
  ///   - outputs: all recorded quantities as one vector, or `nil`.
  init(_ graph: Graph, value: NodeID, gradient: NodeID, outputs: NodeID?) {
    let table = FunctionRenderer.Box(DataTable())
    var functions = [FunctionRenderer(graph, value: value, result: gradient, table: table)]
    var names = ["bayes_value_gradient"]
    if let outputs {
      functions.append(FunctionRenderer(graph, value: nil, result: outputs, table: table))
      names.append("bayes_outputs")
    }
    var counts = Set<Int>()
    for node in graph.nodes {
      switch node.op {
      case .logSumExpOf, .softmaxOf: counts.insert(node.inputs.count)
      default: break
      }
    }
    var text = Prelude.elementary + Prelude.special
    for count in counts.sorted() where count > 2 { text += Prelude.softmax(count: count) }
    text += Prelude.outOfLine(softmaxCounts: counts.union([2]).sorted())
    let chains = Set(functions.flatMap(\.chainStates))
    usesBLAS = functions.contains(where: \.usesBLAS)
    text += Prelude.arrays
    if !chains.isEmpty { text += Prelude.markovChainInLogarithms }
    for states in chains.sorted() { text += Prelude.markovChain(states: states) }
    if usesBLAS { text += Prelude.blas }
    text += table.value.definitions
    for (function, name) in zip(functions, names) { text += function.text(name: name) }
    self.text = text
    doubles = table.value.doubles
    integers = table.value.integers
    workCount = functions.map(\.storage.workCount).max() ?? 0
  }
}
