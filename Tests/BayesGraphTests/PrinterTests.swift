// Golden text of printed graphs.

import BayesGraph
import Testing

@Suite("Printer") struct PrinterTests {
  @Test("a graph prints one line per node and one per root") func golden() {
    let b = GraphBuilder()
    let y = b.data([28, 8, -3, 7, -1, 1, 18, 12], shape: .vector(8))
    let mu = b.position(offset: 0, shape: .vector(3))
    let tau = b.position(offset: 3, shape: .scalar)
    let unused = tau(.sin)
    let z = (y - mu.gathered([0, 0, 1, 1, 2, 2, 2, 2])) / tau.exponential
    let root = (-0.5 * z.squared).sum
    let last = mu(.polygamma(1)).slice(Stride(start: 2, count: 2, step: -1))
    _ = unused
    #expect(
      describe(b.graph, roots: [("logDensity", root.id), ("last", last.id)]) == """
        %0 = data#0 [28, 8, -3, … 8 values] : vector[8]
        %1 = position[0..<3] : vector[3]
        %2 = position[3..<4] : scalar
        %4 = gather(%1, indices#0 [0, 0, 1, … 8 places]) : vector[8]
        %5 = subtract(%0, %4) : vector[8]
        %7 = negate(%2) : scalar
        %8 = exp(%7) : scalar
        %9 = multiply(%5, %8) : vector[8]
        %10 = square(%9) : vector[8]
        %11 = -0.5 : scalar
        %12 = multiply(%11, %10) : vector[8]
        %13 = reduce[sum](%12) : scalar
        %14 = polygamma[1](%1) : vector[3]
        %15 = slice(%14, 2 from 2 by -1) : vector[2]
        logDensity = %13
        last = %15

        """)
  }

  @Test(
    "every op prints its inputs and its parameters",
    arguments: [
      (.data(0), "data#0 [1, 2, 3]"), (.constant(0.1), "0.1"),
      (.position(offset: 2), "position[2..<5]"), (.unary(.exp), "exp(%0)"),
      (.unary(.polygamma(2)), "polygamma[2](%0)"), (.binary(.logAddExp), "logAddExp(%0, %1)"),
      (.select, "select(%0, %1, %2)"), (.logSumExpOf, "logSumExpOf(%0, %1)"),
      (.softmaxOf(1), "softmaxOf[1](%0, %1)"), (.fill, "fill(%0)"),
      (.reduce(.logSumExp), "reduce[logSumExp](%0)"), (.gather(0), "gather(%0, indices#0 [0, 2])"),
      (.scatterAdd(0), "scatterAdd(%0, indices#0 [0, 2])"),
      (.slice(Stride(start: 1, count: 2)), "slice(%0, 1..<3)"),
      (
        .assemble([Stride(start: 0, count: 2, step: 3), Stride(start: 2, count: 1)]),
        "assemble(%0 at 2 from 0 by 3, %1 at 2..<3)"
      ),
      (.reshape, "reshape(%0)"), (.transpose, "transpose(%0)"),
      (.matrixVector(transposed: true), "matrixVector(%0ᵀ, %1)"),
      (.matrixMatrix(transposedLeft: false, transposedRight: true), "matrixMatrix(%0, %1ᵀ)"),
      (.outer, "outer(%0, %1)"), (.cholesky, "cholesky(%0)"),
      (.triangularSolve(transposed: true), "triangularSolve(%0ᵀ, %1)"),
      (.rowQuadratic(isTriangular: true), "rowQuadratic[triangular](%0, %1, %2)"),
      (.rowMoments, "rowMoments(%0, %1, %2)"),
      (.cumulativeSum(reversed: true), "cumulativeSum[reversed](%0)"), (.data(9), "data#9"),
    ] as [(Op, String)])
  func form(_ op: Op, _ expected: String) {
    var graph = Graph()
    for offset in 0..<3 { _ = graph.intern(.position(offset: 10 + offset), [], .scalar) }
    _ = (graph.internArray([1, 2, 3]), graph.internIndices([0, 2]))
    let inputs = (0..<3).filter { expected.contains("%\($0)") }.map { NodeID($0) }
    let node = graph.intern(op, inputs, .vector(3))
    let lines = describe(graph, roots: [("root", node)]).split(separator: "\n")
    #expect(lines.suffix(2) == ["%3 = \(expected) : vector[3]", "root = %3"])
  }
}
