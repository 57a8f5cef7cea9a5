// Each statistics rule: the same value, from an expression without rows.

import BayesNumerics
import Testing

@testable import BayesGraph

@Suite("Sufficient statistics") struct StatisticsTests {
  /// Checks that a rewrite keeps the value at several points; returns the rules used.
  private func check(
    _ builder: GraphBuilder, _ density: Tensor, dimension: Int, rows: Int, isReduced: Bool = true
  ) -> [String] {
    let pass = StatisticsPass(builder: builder)
    let rewritten = pass.rewrite(density)
    var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: 0)
    for _ in 0..<5 {
      let at = (0..<dimension).map { _ in stream.normal() }
      let values = Interpreter(builder.graph).values(of: [density.id, rewritten.id], at: at)
      let (plain, short) = (values[0][0], values[1][0])
      #expect(abs(plain - short) <= 1e-11 * (abs(plain) + 1), "\(plain) against \(short)")
    }
    let needed = builder.graph.reachable(from: [rewritten.id])
    let longest = builder.graph.nodes.indices.filter { needed[$0] }
      .map { builder.graph.nodes[$0].shape.rows }.max()!
    if isReduced { #expect(longest < rows, "rows are gone") }
    return pass.summary
  }

  private func normals(_ count: Int, _ iteration: Int) -> [Double] {
    var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: iteration)
    return (0..<count).map { _ in stream.normal() }
  }

  @Test("a regression by scalars and a design becomes least squares") func leastSquares() {
    let b = GraphBuilder()
    let n = 400
    let y = b.data(normals(n, 1), shape: .vector(n))
    let x = b.data(normals(n, 2), shape: .vector(n))
    let design = b.data(normals(3 * n, 3), shape: .matrix(n, 3))
    let q = b.position(offset: 0, shape: .vector(6))
    let sigma = q.element(5).exponential
    let mu = q.element(0) + q.element(1) * x + design.times(vector: q.slice(2..<5))
    let z = (y - mu) / sigma
    let density = (-0.5 * z.squared - sigma.logarithm - 0.9).sum
    #expect(check(b, density, dimension: 6, rows: n).contains("least-squares: \(n) rows"))
  }

  @Test("known standard deviations by row stay least squares") func weighted() {
    let b = GraphBuilder()
    let n = 300
    let y = b.data(normals(n, 1), shape: .vector(n))
    let sd = b.data(normals(n, 2).map { 0.5 + abs($0) }, shape: .vector(n))
    let mu = b.position(offset: 0, shape: .scalar)
    let density = (-0.5 * ((y - mu) / sd).squared - sd.logarithm).sum
    #expect(check(b, density, dimension: 1, rows: n).contains("least-squares: \(n) rows"))
  }

  @Test("varying intercepts become group means, group-level covariates and empty groups included")
  func groupMeans() {
    let b = GraphBuilder()
    let n = 500
    let group = (0..<n).map { ($0 * 7) % 11 }
    let y = b.data(normals(n, 1), shape: .vector(n))
    let x = b.data(normals(n, 2), shape: .vector(n))
    let u = b.data(group.map { Double($0 * $0) / 30 }, shape: .vector(n))
    let q = b.position(offset: 0, shape: .vector(4))
    let eta = b.position(offset: 4, shape: .vector(13))
    let alpha = q.element(0) + q.element(1).exponential * eta
    let mu = alpha.gathered(group) + q.element(2) * x + q.element(3) * u
    let z = (y - mu) / (0.5 + q.element(3).squared)
    let density = (-0.5 * z.squared).sum
    #expect(check(b, density, dimension: 17, rows: n).contains("group-means: \(n) rows"))
  }

  @Test("the linear part of a logistic likelihood needs sums only; equal rows merge")
  func bernoulli() {
    let b = GraphBuilder()
    let n = 200
    let x = b.data((0..<n).map { Double($0 % 4) }, shape: .vector(n))
    let y = b.data((0..<n).map { $0 % 3 == 0 ? 1 : 0 }, shape: .vector(n))
    let q = b.position(offset: 0, shape: .vector(2))
    let eta = q.element(0) + q.element(1) * x
    let density = (y * eta - eta(.log1pExp)).sum
    let used = check(b, density, dimension: 2, rows: n)
    #expect(used.contains("linear: \(n) rows"))
    #expect(used.contains("distinct-rows: \(n) rows"))
  }

  @Test("Bernoulli outcomes by group become counts") func counts() {
    let b = GraphBuilder()
    let n = 300
    let group = (0..<n).map { $0 % 5 }
    let y = b.data((0..<n).map { $0 % 7 < 2 ? 1 : 0 }, shape: .vector(n))
    let p = b.position(offset: 0, shape: .vector(5))(.logistic).gathered(group)
    let density = b.select(y, p.logarithm, (-p)(.logOnePlus)).sum
    #expect(check(b, density, dimension: 5, rows: n).contains("split-by-data: \(n) rows"))
  }

  @Test("a sum that no rule reduces is left alone") func untouched() {
    let b = GraphBuilder()
    let y = b.data(normals(50, 1), shape: .vector(50))
    let theta = b.position(offset: 0, shape: .vector(50))
    let density = ((y - theta).squared * -0.5).sum
    let rewritten = StatisticsPass(builder: b).rewrite(density)
    #expect(rewritten.id == density.id)
  }

  @Test(
    "a rule that is left out is not applied, and the density stays the same",
    arguments: StatisticsPass.rules.map(\.name))
  func leftOut(_ rule: String) {
    let b = GraphBuilder()
    let design = b.data((0..<40).map { Double($0 % 5) }, shape: .vector(40))
    let y = b.data((0..<40).map { Double($0 % 2) }, shape: .vector(40))
    let group = (0..<40).map { $0 % 3 }
    let effect = b.position(offset: 0, shape: .vector(3))
    let (slope, shift) = (
      b.position(offset: 3, shape: .scalar), b.position(offset: 4, shape: .scalar)
    )
    let line = shift + slope * design
    let table = b.data((0..<80).map { Double($0 * 7 % 11) }, shape: .matrix(40, 2))
    let rows = table.rowQuadratic(
      mean: effect.slice(1..<3), weight: b.data([1, 0.5, 0.2, 2], shape: .matrix(2, 2)),
      isTriangular: false)
    let density =
      (y * line).sum + (y - line).squared.sum + (y - line - effect.gathered(group)).squared.sum
      + b.select(y, line, -2 * line).sum + line(.log1pExp).sum + rows.sum
    let pass = StatisticsPass(builder: b, leavingOut: [rule])
    let rewritten = pass.rewrite(density)
    let others = StatisticsPass.rules.map(\.name).filter { $0 != rule }
    #expect(!pass.summary.contains { $0.hasPrefix(rule) })
    for other in others {
      #expect(pass.summary.contains { $0.hasPrefix(other) }, "\(other): \(pass.summary)")
    }
    let values = Interpreter(b.graph).values(
      of: [density.id, rewritten.id], at: [0.3, -0.2, 0.5, 1.1, -0.7])
    #expect(agrees(values[1][0], values[0][0], relative: 1e-13))
  }

  @Test("quadratic forms of rows become a form of their mean and one of their scatter")
  func rowMoments() {
    let b = GraphBuilder()
    let n = 200
    let x = b.data(normals(3 * n, 1).map { $0 + 1e3 }, shape: .matrix(n, 3))
    let mean = b.position(offset: 0, shape: .vector(3)) + 1e3
    let weight = b.position(offset: 3, shape: .matrix(3, 3))
    for isTriangular in [false, true] {
      let form = x.rowQuadratic(mean: mean, weight: weight, isTriangular: isTriangular)
      let density = (-0.5 * form - 0.7).sum
      #expect(check(b, density, dimension: 12, rows: n).contains("row-moments: \(n) rows"))
    }
  }

  @Test("an element that no row reads may be infinite: it takes no part in the sum")
  func unreadElements() {
    let b = GraphBuilder()
    let theta = b.position(offset: 0, shape: .scalar)(.logistic)
    let p = b.concatenate([theta, 1 - theta, b.constant(0)])
    let density = p.gathered([0, 1, 1, 0, 1]).logarithm.sum
    let rewritten = StatisticsPass(builder: b).rewrite(density)
    let gradient = b.gradient(of: rewritten)
    let values = Interpreter(b.graph).values(
      of: [rewritten.id] + gradient.map(\.node), at: [0.3])
    #expect(values.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  @Test("a branch that data rule out may be infinite") func ruledOutBranch() {
    let b = GraphBuilder()
    let x = b.data([1, 0, 1, 0], shape: .vector(4))
    let logs = b.data([0, -.infinity, 0, -.infinity], shape: .vector(4))
    let theta = b.position(offset: 0, shape: .scalar)
    let density = b.select(x, logs, theta * x).sum
    let rewritten = StatisticsPass(builder: b).rewrite(density)
    let values = Interpreter(b.graph).values(of: [density.id, rewritten.id], at: [0.3])
    #expect(values[0] == values[1])
    #expect(values[1][0].isFinite)
  }
}
