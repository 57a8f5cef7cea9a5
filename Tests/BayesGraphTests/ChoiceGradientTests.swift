// A branch that is not taken adds exactly nothing to the gradient, however steep it is there.

import BayesGraph
import Testing

/// A density of one vector with a choice in it, and its gradient at a point where the branch that is
/// not taken has an infinite or undefined derivative.
private struct Choice: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let at: [Double]
  let gradient: [Double]
  let build: @Sendable (Tensor) -> Tensor

  init(
    _ name: String, at: [Double], gradient: [Double],
    _ build: @escaping @Sendable (Tensor) -> Tensor
  ) {
    testDescription = name
    self.at = at
    self.gradient = gradient
    self.build = build
  }
}

private func positive(_ x: Tensor) -> Tensor { x.builder.constant(0)(.less, x) }

private func ifPositive(_ x: Tensor, _ a: Tensor, else b: Double = 0) -> Tensor {
  x.builder.select(positive(x), a, x.builder.constant(b))
}

private let choices: [Choice] = [
  Choice("log x where x > 0", at: [0, 2, -1], gradient: [0, 0.5, 0]) {
    ifPositive($0, $0.logarithm).sum
  },
  Choice("log x in the second branch", at: [0, 2, -1], gradient: [0, 0.5, 0]) {
    $0.builder.select(
      $0(.lessOrEqual, $0.builder.constant(0)), $0.builder.constant(0), $0.logarithm
    )
    .sum
  },
  Choice("log x or x", at: [0, 2, -1], gradient: [1, 0.5, 1]) {
    $0.builder.select(positive($0), $0.logarithm, $0).sum
  },
  Choice("log of a scalar", at: [0], gradient: [0]) {
    let x = $0.element(0)
    return ifPositive(x, x.logarithm)
  },
  Choice("√x", at: [0, 4, -1], gradient: [0, 0.25, 0]) { ifPositive($0, $0.squareRoot).sum },
  Choice("log √x", at: [0, 4, -1], gradient: [0, 0.125, 0]) {
    ifPositive($0, $0.squareRoot.logarithm).sum
  },
  Choice("x log x", at: [0, 1, -1], gradient: [0, 1, 0]) { ifPositive($0, $0 * $0.logarithm).sum },
  Choice("x^0.3", at: [0, 1, -1], gradient: [0, 0.3, 0]) {
    ifPositive($0, $0(.power, $0.builder.constant(0.3))).sum
  },
  Choice("x^x", at: [0, 1, -1], gradient: [0, 1, 0]) { ifPositive($0, $0(.power, $0)).sum },
  Choice("3/x", at: [0, 1], gradient: [0, -3]) { ifPositive($0, 3 / $0).sum },
  Choice("√x/x²", at: [0, 1], gradient: [0, -1.5]) {
    ifPositive($0, $0.squareRoot / $0.squared).sum
  },
  Choice("exp(1/x)", at: [0, 1], gradient: [0, -2.718281828459045]) {
    ifPositive($0, $0.reciprocal.exponential).sum
  },
  Choice("log Γ(x)", at: [0, 1], gradient: [0, -0.5772156649015329]) {
    ifPositive($0, $0.logGamma).sum
  },
  Choice("log √x of gathered elements", at: [0, 2], gradient: [0, 0.5]) {
    ifPositive($0.gathered([0, 1, 1]), $0.squareRoot.gathered([0, 1, 1]).logarithm).sum
  },
  Choice("a sum of logarithms", at: [0, 2, 0], gradient: [0, 0, 0]) {
    let x = $0
    return x.builder.select(positive(x.element(2)), x.logarithm.sum, x.builder.constant(0))
  },
  Choice("log-sum-exp of −∞ alone", at: [-1, -2], gradient: [0, 0]) {
    let terms = ($0 - $0.logarithm) * 1
    return $0.builder.select(
      positive($0.element(0)), terms.reduced(.logSumExp), $0.builder.constant(0))
  },
  Choice("max(log x, −10)", at: [0, 2], gradient: [0, 0.5]) {
    $0.logarithm(.maximum, $0.builder.constant(-10)).sum
  },
  Choice("min(−log x, 10)", at: [0, 2], gradient: [0, -0.5]) {
    (-$0.logarithm)(.minimum, $0.builder.constant(10)).sum
  },
  Choice("one choice in another", at: [0, 2, -1], gradient: [0, 0.25, 0]) {
    ifPositive($0, 0.5 * ifPositive($0, $0.squareRoot, else: 1).logarithm * 2).sum
  },
  Choice(
    "log-determinant of a matrix that is not definite", at: [1, 2, 2, 1], gradient: [0, 0, 0, 0]
  ) {
    let factor = $0.reshaped(.matrix(2, 2)).choleskyFactor
    return $0.builder.select(
      $0.element(1)(.less, $0.element(0)), factor.diagonal.logarithm.sum, $0.builder.constant(0))
  },
]

@Suite("Gradients of choices") struct ChoiceGradientTests {
  @Test("the branch not taken adds nothing", arguments: choices)
  fileprivate func gradient(_ choice: Choice) {
    let b = GraphBuilder()
    let density = choice.build(b.position(offset: 0, shape: .vector(choice.at.count)))
    let gradient = assembledGradient(of: density, dimension: choice.at.count)
    let found = Interpreter(b.graph).values(of: [density.id, gradient.id], at: choice.at)
    #expect(found[0][0].isFinite, "\(found[0])")
    for (a, b) in zip(found[1], choice.gradient) {
      #expect(agrees(a, b, relative: 1e-15, absolute: 1e-15), "\(found[1])")
    }
    #expect(verify(b.graph, stage: .differentiated).isEmpty)
  }

  @Test("nor do its second derivatives", arguments: choices)
  fileprivate func secondDerivative(_ choice: Choice) {
    let b = GraphBuilder()
    let density = choice.build(b.position(offset: 0, shape: .vector(choice.at.count)))
    let first = assembledGradient(of: density, dimension: choice.at.count)
    let second = assembledGradient(of: first.sum, dimension: choice.at.count)
    let found = Interpreter(b.graph).values(of: [second.id], at: choice.at)[0]
    for value in found { #expect(value.isFinite, "\(found)") }
  }

  @Test("a density without choices has no select in its gradient") func noCost() {
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: .vector(3))
    let density = (x.exponential.logarithm / (1 + x.squared)).sum + x.reduced(.logSumExp)
    _ = assembledGradient(of: density, dimension: 3)
    #expect(!b.graph.nodes.contains { $0.op == .select })
  }
}
