// Quadratic forms and moments of rows: the kernel against the interpreter at the sizes where its text changes.

import BayesGraph
import BayesNumerics
import Testing

@testable import BayesCompiler

@Suite("Rows of data in kernels") struct RowTests {
  /// A density of two weighted forms of the same rows, with its gradient.
  private func check(
    rows: Int, columns: Int, height: Int? = nil, isTriangular: Bool
  ) throws {
    var stream = RandomStream(seed: 9, chain: 0, purpose: .test, iteration: rows + columns)
    let b = GraphBuilder()
    let x = b.data(
      (0..<(rows * columns)).map { _ in stream.normal() }, shape: .matrix(rows, columns))
    let square = Shape.matrix(height ?? columns, columns)
    let forms = (0..<2).map { k in
      let start = k * (columns + square.count)
      return x.rowQuadratic(
        mean: b.position(offset: start, shape: .vector(columns)),
        weight: b.position(offset: start + columns, shape: square), isTriangular: isTriangular)
    }
    let dimension = 2 * (columns + square.count)
    let density = logSumExp(forms.map { -0.5 * $0 }).sum
    let kernel = try Kernel(
      graph: b.graph, dimension: dimension, logDensity: density.id, outputs: [forms[0].id])
    let at = (0..<dimension).map { _ in 0.3 * stream.normal() }
    let evaluator = kernel.makeKernelEvaluator()
    var gradient = [Double](repeating: .nan, count: dimension)
    let value = try evaluator.logDensity(at: at, gradient: &gradient)
    var form = [Double](repeating: .nan, count: rows)
    evaluator.outputs(at: at, into: &form)
    let expected = Interpreter(kernel.graph).termSums(
      of: [kernel.roots.value, kernel.roots.gradient, forms[0].id], at: at)
    for (found, exact) in zip([[value], gradient, form], expected) {
      for i in found.indices {
        #expect(
          abs(found[i] - exact.values[i]) <= 1e-12 * exact.sums[i],
          "element \(i): \(found[i]), not \(exact.values[i])")
        if !(abs(found[i] - exact.values[i]) <= 1e-12 * exact.sums[i]) { return }
      }
    }
  }

  @Test(
    "any number of rows and columns", arguments: [1, 2, 7, 8, 31, 256, 257, 523],
    [1, 2, 3, 4, 5, 10, 17])
  func sizes(_ rows: Int, _ columns: Int) throws {
    try check(rows: rows, columns: columns, isTriangular: true)
  }

  @Test("matrices with more and fewer rows than columns", arguments: [1, 3, 6, 40])
  func heights(_ height: Int) throws {
    try check(rows: 300, columns: 4, height: height, isTriangular: false)
    try check(rows: 20, columns: 18, height: height, isTriangular: false)
  }

  @Test("the forms of one data matrix share one loop over its rows") func oneLoop() throws {
    let b = GraphBuilder()
    let x = b.data((0..<3000).map { Double($0 % 17) }, shape: .matrix(1000, 3))
    let forms = (0..<3).map { k in
      x.rowQuadratic(
        mean: b.position(offset: 12 * k, shape: .vector(3)),
        weight: b.position(offset: 12 * k + 3, shape: .matrix(3, 3)), isTriangular: true)
    }
    let density = logSumExp(forms).sum
    let kernel = try Kernel(graph: b.graph, dimension: 36, logDensity: density.id, outputs: [])
    func count(_ phrase: String) -> Int { kernel.source.ranges(of: phrase).count }
    #expect(count("for (long b = 0;") == 1)
    // The function itself, and one call for each form.
    #expect(count(" b_rowq_3_3_1(") == 4)
    #expect(count(" b_rowm_3(") == 4)
  }
}
