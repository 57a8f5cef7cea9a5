// Linear algebra on both sides of the sizes from which OpenBLAS takes over.

import BayesCore
import BayesGraph
import BayesNumerics
import Testing

@testable import BayesCompiler

@Suite("Linear algebra in kernels") struct LinearAlgebraTests {
  /// The kernel of one operation, and its largest difference from the interpreter beside Σ|terms|.
  private func compare(
    _ usesBLAS: Bool, _ inputs: [Shape], at position: [Double], _ build: ([Tensor]) -> Tensor
  ) throws {
    let b = GraphBuilder()
    var offset = 0
    let tensors = inputs.map { shape in
      defer { offset += shape.count }
      return b.position(offset: offset, shape: shape)
    }
    let (zero, result) = (b.constant(0), build(tensors))
    let kernel = try Kernel(
      graph: b.graph, dimension: offset, logDensity: zero.id, outputs: [result.id])
    #expect(kernel.source.contains("_blas(x->blas") == usesBLAS)
    var found = [Double](repeating: .nan, count: kernel.outputCount)
    kernel.makeKernelEvaluator().outputs(at: position, into: &found)
    let expected = Interpreter(b.graph).termSums(of: [result.id], at: position)[0]
    for (place, value) in found.enumerated() {
      let (exact, terms) = (expected.values[place], expected.sums[place])
      let isSame =
        value == exact || value.isNaN && exact.isNaN || abs(value - exact) <= 1e-12 * terms
      #expect(isSame, "element \(place): \(value), not \(exact)")
      if !isSame { return }
    }
  }

  private func numbers(_ count: Int) -> [Double] {
    var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: count)
    return (0..<count).map { _ in stream.normal() }
  }

  /// n on the diagonal, so that products and solves stay of moderate size.
  private func dominant(_ n: Int) -> [Double] {
    numbers(n * n).enumerated().map { $0 % (n + 1) == 0 ? Double(n) : $1 }
  }

  @Test(
    "products, both operands plain and transposed", arguments: [2, 11, 12, 13, 40],
    [(false, false), (false, true), (true, false), (true, true)])
  func products(_ n: Int, _ transposed: (left: Bool, right: Bool)) throws {
    let (rows, inner, columns) = (n, n + 1, n + 2)
    let left = transposed.left ? Shape.matrix(inner, rows) : .matrix(rows, inner)
    let right = transposed.right ? Shape.matrix(columns, inner) : .matrix(inner, columns)
    try compare(
      rows * inner * columns >= BLASLimits.productTerms, [left, right],
      at: numbers(left.count + right.count)
    ) {
      $0[0].times(
        matrix: $0[1], transposedLeft: transposed.left, transposedRight: transposed.right)
    }
  }

  @Test(
    "triangular solves for many right-hand sides", arguments: [3, 63, 64, 70], [false, true])
  func solves(_ n: Int, _ transposed: Bool) throws {
    try compare(
      n >= BLASLimits.solveRows, [.matrix(n, n), .matrix(n, n + 1)],
      at: dominant(n) + numbers(n * (n + 1))
    ) { $0[0].solve($0[1], transposed: transposed) }
  }

  @Test("Cholesky factors", arguments: [3, 127, 128, 140]) func factors(_ n: Int) throws {
    try compare(n >= BLASLimits.factorRows, [.matrix(n, n)], at: dominant(n)) {
      $0[0].choleskyFactor
    }
  }

  @Test(
    "a matrix that is not positive definite has no factor, nor has one with NaN",
    arguments: [3, 140], [-1, 0, Double.nan])
  func noFactor(_ n: Int, _ wrong: Double) throws {
    var matrix = dominant(n)
    matrix[(n - 1) * n + n - 1] = wrong
    try compare(n >= BLASLimits.factorRows, [.matrix(n, n)], at: matrix) { $0[0].choleskyFactor }
  }

  @Test("two runs give the same bits") func repeatable() throws {
    let n = 40
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: .matrix(n, n))
    let density = x.times(matrix: x, transposedRight: true).exponential.sum
    let kernel = try Kernel(
      graph: b.graph, dimension: n * n, logDensity: density.id, outputs: [])
    let at = numbers(n * n).map { 0.1 * $0 }
    let runs = try (0..<2).map { _ -> [UInt64] in
      var gradient = [Double](repeating: 0, count: n * n)
      let value = try kernel.makeKernelEvaluator().logDensity(at: at, gradient: &gradient)
      return ([value] + gradient).map(\.bitPattern)
    }
    #expect(runs[0] == runs[1])
  }
}
