// The check of a kernel finds wrong values, wrong gradients and wrong rewrites.

import BayesGraph
import Testing

@testable import BayesCompiler

@Suite("Check of a kernel") struct KernelCheckTests {
  private let positions: [[Double]] = [[0.4, -1.2], [1.7, 0.3], [-0.6, 0.9]]

  /// The check of a density's kernel against a graph with another density.
  private func check(
    _ density: (Tensor) -> Tensor, against other: (Tensor) -> Tensor, at positions: [[Double]]
  ) throws -> KernelCheck {
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: .vector(2))
    let (lowered, traced) = (density(x), other(x))
    let kernel = try Kernel(
      graph: b.graph, dimension: 2, logDensity: lowered.id, outputs: [])
    return try KernelCheck(kernel, tracedAs: b.graph, traced.id, at: positions)
  }

  private func normal(_ x: Tensor) -> Tensor { -0.5 * x.squared.sum + x(.sin).sum }

  @Test("a right kernel passes, far inside the bounds") func right() throws {
    let check = try check(normal, against: normal, at: positions)
    #expect(check.isPassed && check.points == 3)
    #expect(check.kernelError < 1e-15 && check.rewriteError < 1e-15)
    #expect(check.differenceError < 1e-12)
  }

  @Test("a rewrite that changes the value is found") func wrongRewrite() throws {
    let check = try check(
      { normal($0) + 1e-9 * $0.element(0) }, against: normal, at: positions)
    #expect(!check.isPassed && check.rewriteError > 1e-11)
  }

  @Test("a gradient that is not the value's is found, with its coordinate") func wrongGradient()
    throws
  {
    // Both of two equal elements are the largest, and each gets the whole derivative.
    let twice: (Tensor) -> Tensor = { x in
      let pair = x.builder.concatenate([x.element(1), x.element(1)])
      return normal(x) + 1e-6 * pair.reduced(.maximum)
    }
    let check = try check(twice, against: twice, at: positions)
    #expect(!check.isPassed && check.kernelError < 1e-15)
    #expect(check.differenceError > 1e-8 && check.worstCoordinate == 1)
  }

  @Test("a kink near a point makes the steps smaller, not the gradient wrong") func kink() throws {
    let density: (Tensor) -> Tensor = { x in normal(x) - 3 * (x - 0.4005)(.abs).sum }
    #expect(try check(density, against: density, at: [[0.4, 0.4]]).isPassed)
  }

  @Test("points of density zero are skipped, and there must be another") func impossible() throws {
    let density: (Tensor) -> Tensor = { $0.logarithm.sum }
    let some = try check(density, against: density, at: positions)
    #expect(some.isPassed && some.points == 1)
    #expect(try check(density, against: density, at: [[-1, 2]]).isPassed == false)
  }
}
