// The verifier against graphs broken by hand, one for each form.

import BayesGraph
import Testing

/// A graph with one wrong node and the form that it violates.
struct BrokenGraph: Sendable, CustomStringConvertible {
  let form: String
  let op: Op
  let shape: Shape
  /// Which of `Broken.leaves` are the inputs.
  let inputs: [Leaf]
  var stage = Stage.traced

  enum Leaf: Int, Sendable {
    case scalar, vector, matrix, data, fill, slice
    case absent = -1
  }

  init(
    _ form: String, _ op: Op, _ inputs: [Leaf], _ shape: Shape, at stage: Stage = .traced
  ) {
    self.form = form
    self.op = op
    self.inputs = inputs
    self.shape = shape
    self.stage = stage
  }

  var description: String { "\(form): \(op) of \(inputs) as \(shape)" }

  /// A graph of one legal node per leaf and the node itself.
  var graph: Graph {
    var graph = Graph()
    _ = graph.intern(.position(offset: 0), [], .scalar)
    _ = graph.intern(.position(offset: 1), [], .vector(3))
    _ = graph.intern(.position(offset: 4), [], .matrix(2, 3))
    _ = graph.intern(.data(graph.internArray([1, 2, 3])), [], .vector(3))
    _ = graph.intern(.fill, [NodeID(0)], .vector(3))
    let everyOther = Stride(start: 0, count: 2, step: 2)
    _ = graph.intern(.slice(everyOther), [NodeID(1)], .vector(2))
    _ = graph.internIndices([0, 1, 2, 3])
    _ = graph.internIndices([0, -1])
    _ = graph.intern(op, inputs.map { NodeID($0.rawValue) }, shape)
    return graph
  }

  static let all: [BrokenGraph] = [
    BrokenGraph("inputs-first", .unary(.exp), [.absent], .vector(3)),
    BrokenGraph("extents", .position(offset: 0), [], .vector(-1)),
    BrokenGraph("constant", .constant(1), [], .vector(3)),
    BrokenGraph("constant", .constant(1), [.scalar], .scalar),
    BrokenGraph("data", .data(0), [], .vector(4)),
    BrokenGraph("data", .data(7), [], .vector(3)),
    BrokenGraph("position", .position(offset: -1), [], .scalar),
    BrokenGraph("unary", .unary(.exp), [.vector], .vector(4)),
    BrokenGraph("unary", .unary(.exp), [.vector, .vector], .vector(3)),
    BrokenGraph("unary", .unary(.polygamma(-1)), [.vector], .vector(3)),
    BrokenGraph("binary", .binary(.add), [.vector], .vector(3)),
    BrokenGraph("binary", .binary(.add), [.vector, .matrix], .vector(3)),
    BrokenGraph("binary", .binary(.add), [.vector, .scalar], .scalar),
    BrokenGraph("select", .select, [.scalar, .vector, .matrix], .vector(3)),
    BrokenGraph("logSumExpOf", .logSumExpOf, [], .vector(3)),
    BrokenGraph("logSumExpOf", .logSumExpOf, [.vector, .scalar], .vector(3)),
    BrokenGraph("softmaxOf", .softmaxOf(2), [.vector, .vector], .vector(3)),
    BrokenGraph("fill", .fill, [.vector], .matrix(3, 3)),
    BrokenGraph("fill", .fill, [.scalar], .scalar),
    BrokenGraph("reduce", .reduce(.sum), [.vector], .vector(3)),
    BrokenGraph("gather", .gather(0), [.vector], .vector(4)),
    BrokenGraph("gather", .gather(0), [.matrix], .vector(3)),
    BrokenGraph("gather", .gather(1), [.vector], .vector(2)),
    BrokenGraph("gather", .gather(9), [.vector], .vector(2)),
    BrokenGraph("scatterAdd", .scatterAdd(0), [.vector], .vector(4)),
    BrokenGraph("slice", .slice(Stride(start: 1, count: 3)), [.vector], .vector(3)),
    BrokenGraph("slice", .slice(Stride(start: 2, count: 3, step: -2)), [.vector], .vector(3)),
    BrokenGraph("slice", .slice(Stride(start: 0, count: 2)), [.vector], .vector(3)),
    BrokenGraph("assemble", .assemble([Stride(start: 0, count: 3)]), [], .vector(3)),
    BrokenGraph("assemble", .assemble([Stride(start: 0, count: 2)]), [.vector], .vector(3)),
    BrokenGraph("assemble", .assemble([Stride(start: 1, count: 3)]), [.vector], .vector(3)),
    BrokenGraph("reshape", .reshape, [.matrix], .vector(5)),
    BrokenGraph("cumulativeSum", .cumulativeSum(reversed: true), [.vector], .vector(2)),
    BrokenGraph("transpose", .transpose, [.matrix], .matrix(2, 3)),
    BrokenGraph("transpose", .transpose, [.vector], .matrix(1, 3)),
    BrokenGraph("matrixVector", .matrixVector(transposed: true), [.matrix, .vector], .vector(3)),
    BrokenGraph("matrixVector", .matrixVector(transposed: false), [.matrix, .vector], .vector(3)),
    BrokenGraph(
      "matrixMatrix", .matrixMatrix(transposedLeft: false, transposedRight: false),
      [.matrix, .matrix], .matrix(2, 3)),
    BrokenGraph(
      "matrixMatrix", .matrixMatrix(transposedLeft: false, transposedRight: true),
      [.matrix, .matrix], .matrix(3, 3)),
    BrokenGraph("outer", .outer, [.vector, .scalar], .matrix(3, 1)),
    BrokenGraph("cholesky", .cholesky, [.matrix], .matrix(2, 3)),
    BrokenGraph(
      "triangularSolve", .triangularSolve(transposed: false), [.matrix, .vector], .vector(3)),
    BrokenGraph("markovChain", .markovChain(starts: 0), [.vector, .vector], .vector(3)),
    BrokenGraph(
      "markovChain", .markovChain(starts: 0), [.vector, .vector, .vector], .vector(3)),
    BrokenGraph("folded", .unary(.exp), [.data], .vector(3), at: .simplified),
    BrokenGraph("folded", .reduce(.sum), [.data], .scalar, at: .lowered),
    BrokenGraph("unfilled", .binary(.add), [.fill, .vector], .vector(3), at: .differentiated),
    BrokenGraph(
      "direct-views", .slice(Stride(start: 0, count: 1)), [.slice], .scalar, at: .simplified),
    BrokenGraph("direct-views", .reshape, [.fill], .matrix(1, 3), at: .simplified),
  ]
}

@Suite("Verifier") struct VerifierTests {
  @Test("a broken node is found, and nothing else", arguments: BrokenGraph.all)
  func broken(_ test: BrokenGraph) throws {
    let problems = verify(test.graph, stage: test.stage)
    try #require(problems.count == 1, "\(problems)")
    #expect(problems[0].contains(": \(test.form): "), "\(problems[0])")
    #expect(problems[0].hasPrefix("%6 = "))
  }

  @Test("every form has a broken graph, and every op a form") func complete() {
    let names = LegalForm.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(names).union(["inputs-first", "extents"]) == Set(BrokenGraph.all.map(\.form)))
    let kinds = Set(BrokenGraph.all.filter { $0.stage == .traced }.map { OpKind($0.op).form })
    #expect(kinds == Set(OpKind.allCases.map(\.form)))
    #expect(kinds.isSubset(of: names))
  }

  @Test(
    "what the later stages forbid is legal in a traced graph",
    arguments: BrokenGraph.all.filter { $0.stage != .traced })
  func staged(_ test: BrokenGraph) {
    #expect(verify(test.graph, stage: .traced).isEmpty)
  }

  @Test(
    "whatever the builder and the gradient make is legal at every stage",
    arguments: GradientCase.all)
  func legal(_ test: GradientCase) {
    let b = GraphBuilder()
    let root = test.build(test.positions(in: b)).sum
    let dimension = test.inputs.reduce(0) { $0 + $1.shape.count }
    #expect(verify(b.graph, stage: .traced).isEmpty)
    let gradient = assembledGradient(of: root, dimension: dimension)
    _ = assembledGradient(of: gradient.sum, dimension: dimension)
    for stage in Stage.allCases {
      let problems = verify(b.graph, stage: stage)
      #expect(problems.isEmpty, "\(problems)")
    }
  }
}

extension OpKind {
  /// The name of the legal form: the op's case.
  var form: String {
    switch self {
    case .reduceSum, .reduceMaximum, .reduceLogSumExp: "reduce"
    case .matrixVectorTransposed: "matrixVector"
    case .matrixMatrixLeft, .matrixMatrixRight, .matrixMatrixBoth: "matrixMatrix"
    case .triangularSolveTransposed: "triangularSolve"
    case .cumulativeSumReversed: "cumulativeSum"
    default: rawValue
    }
  }
}
