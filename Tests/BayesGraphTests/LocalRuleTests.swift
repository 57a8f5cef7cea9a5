// Every local rule: what it meets, what it leaves, and that the value stays.

import Testing

@testable import BayesGraph

/// One thing that a rule does.
struct RuleRow: Sendable, CustomStringConvertible {
  let rule: String
  let expected: String
  let build: @Sendable (RawGraph) -> Tensor

  init(_ rule: String, _ expected: String, _ build: @escaping @Sendable (RawGraph) -> Tensor) {
    self.rule = rule
    self.expected = expected
    self.build = build
  }

  var description: String { "\(rule): \(expected)" }
}

extension RuleRow {
  static let folding: [RuleRow] = [
    RuleRow("fold-data", "5.0") { $0(.add, $0.number(2), $0.number(3)) },
    RuleRow("fold-data", "[2.0, 4.0]") { $0(.multiply, $0.number(2), $0.data([1, 2])) },
    RuleRow("fold-data", "6.0") { $0(.reduce(.sum), [$0.data([1, 2, 3])], .scalar) },
    RuleRow("fold-data", "[1.0, 3.0]") {
      $0(.cumulativeSum(reversed: false), [$0.data([1, 2])], .vector(2))
    },
    RuleRow("unfill", "vector[3] of exp(p6)") { $0(.exp, $0.fill($0.s)) },
    RuleRow("unfill", "divide(p6, p0..<3)") { $0(.divide, $0.fill($0.s), $0.x) },
    RuleRow("unfill", "vector[3] of divide(p6, p7)") { $0(.divide, $0.fill($0.s), $0.t) },
    RuleRow("unfill", "select(p6, p0..<3, p7)") {
      $0(.select, [$0.fill($0.s), $0.x, $0.t], .vector(3))
    },
  ]

  static let arithmetic: [RuleRow] = [
    RuleRow("add-zero", "p0..<3") { $0(.add, $0.x, $0.number(0)) },
    RuleRow("add-zero", "p0..<3") { $0(.add, $0.number(0), $0.x) },
    RuleRow("add-zero", "p0..<3") { $0(.subtract, $0.x, $0.number(0)) },
    RuleRow("add-zero", "negate(p0..<3)") { $0(.subtract, $0.number(0), $0.x) },
    RuleRow("multiply-one", "p0..<3") { $0(.multiply, $0.number(1), $0.x) },
    RuleRow("multiply-one", "p0..<3") { $0(.multiply, $0.x, $0.number(1)) },
    RuleRow("multiply-one", "p6") { $0(.divide, $0.s, $0.number(1)) },
    RuleRow("multiply-one", "negate(p6)") { $0(.multiply, $0.s, $0.number(-1)) },
    RuleRow("multiply-one", "negate(p0..<3)") { $0(.multiply, $0.number(-1), $0.x) },
    RuleRow("multiply-one", "negate(p0..<3)") { $0(.divide, $0.x, $0.number(-1)) },
    RuleRow("multiply-zero", "vector[3] of 0.0") { $0(.multiply, $0.x, $0.number(0)) },
    RuleRow("multiply-zero", "0.0") { $0(.divide, $0.number(0), $0.s) },
    RuleRow("negations", "p0..<3") { $0(.negate, $0(.negate, $0.x)) },
    RuleRow("negations", "subtract(p6, p0..<3)") { $0(.negate, $0(.subtract, $0.x, $0.s)) },
    RuleRow("negations", "multiply(-2.0, p0..<3)") {
      $0(.negate, $0(.multiply, $0.number(2), $0.x))
    },
    RuleRow("signs", "subtract(p0..<3, p6)") { $0(.add, $0.x, $0(.negate, $0.s)) },
    RuleRow("signs", "subtract(p6, p0..<3)") { $0(.add, $0(.negate, $0.x), $0.s) },
    RuleRow("signs", "add(p0..<3, p3..<6)") { $0(.subtract, $0.x, $0(.negate, $0.y)) },
    RuleRow("signs", "negate(multiply(p0..<3, p3..<6))") {
      $0(.multiply, $0(.negate, $0.x), $0.y)
    },
    RuleRow("signs", "multiply(p0..<3, p3..<6)") {
      $0(.multiply, $0(.negate, $0.x), $0(.negate, $0.y))
    },
    RuleRow("signs", "negate(divide(p0..<3, p6))") { $0(.divide, $0(.negate, $0.x), $0.s) },
    RuleRow("signs", "multiply(-3.0, p6)") { $0(.multiply, $0(.negate, $0.s), $0.number(3)) },
    RuleRow("constants", "multiply(6.0, p0..<3)") {
      $0(.multiply, $0.number(2), $0(.multiply, $0.number(3), $0.x))
    },
    RuleRow("constants", "multiply(6.0, p0..<3)") {
      $0(.multiply, $0(.multiply, $0.number(3), $0.x), $0.number(2))
    },
    RuleRow("constants", "multiply(0.25, p0..<3)") { $0(.divide, $0.x, $0.number(4)) },
    RuleRow("scale-out", "multiply(2.0, multiply(p0..<3, p3..<6))") {
      $0(.multiply, $0(.multiply, $0.number(2), $0.x), $0.y)
    },
    RuleRow("divide-by-data", "multiply(p0..<3, [0.5, 0.25, 2.0])") {
      $0(.divide, $0.x, $0.data([2, 4, 0.5]))
    },
    RuleRow("scale-out", "multiply(2.0, multiply(p3..<6, p6))") {
      $0(.multiply, $0.y, $0(.multiply, $0.number(2), $0.s))
    },
    RuleRow("scale-out", "multiply(2.0, divide(p6, p3..<6))") {
      $0(.divide, $0(.multiply, $0.number(2), $0.s), $0.y)
    },
    RuleRow("scale-out", "multiply(4.0, square(p0..<3))") {
      $0(.multiply, $0(.multiply, $0.number(2), $0.x), $0(.multiply, $0.number(2), $0.x))
    },
    RuleRow("square", "square(p0..<3)") { $0(.multiply, $0.x, $0.x) },
    RuleRow("cancel", "vector[3] of 0.0") { $0(.subtract, $0.x, $0.x) },
    RuleRow("cancel", "multiply(p0..<3, exp(negate(p6)))") { $0(.divide, $0.x, $0(.exp, $0.s)) },
    RuleRow("order", "add(2.0, p0..<3)") { $0(.add, $0.x, $0.number(2)) },
    RuleRow("order", "maximum(p0..<3, p3..<6)") {
      let (x, y) = ($0.x, $0.y)
      return $0(.maximum, y, x)
    },
  ]

  static let functions: [RuleRow] = [
    RuleRow("inverse-functions", "p0..<3") { $0(.log, $0(.exp, $0.x)) },
    RuleRow("inverse-functions", "p0..<3") { $0(.exp, $0(.log, $0.x)) },
    RuleRow("inverse-functions", "p0..<3") { $0(.square, $0(.sqrt, $0.x)) },
    RuleRow("inverse-functions", "p0..<3") { $0(.reciprocal, $0(.reciprocal, $0.x)) },
    RuleRow("powers-of-exp", "exp(multiply(2.0, p0..<3))") { $0(.square, $0(.exp, $0.x)) },
    RuleRow("powers-of-exp", "exp(negate(p0..<3))") { $0(.reciprocal, $0(.exp, $0.x)) },
    RuleRow("powers-of-exp", "exp(multiply(0.5, p0..<3))") { $0(.sqrt, $0(.exp, $0.x)) },
    RuleRow("square-sign", "square(p0..<3)") { $0(.square, $0(.negate, $0.x)) },
    RuleRow("square-sign", "abs(p0..<3)") { $0(.abs, $0(.negate, $0.x)) },
    RuleRow("square-sign", "multiply(9.0, square(p0..<3))") {
      $0(.square, $0(.multiply, $0.number(-3), $0.x))
    },
    RuleRow("log-logistic", "negate(log1pExp(negate(p0..<3)))") { $0(.log, $0(.logistic, $0.x)) },
    RuleRow("one-minus-logistic", "logistic(negate(p0..<3))") {
      $0(.subtract, $0.number(1), $0(.logistic, $0.x))
    },
    RuleRow("log-one-plus", "logOnePlus(p0..<3)") { $0(.log, $0(.add, $0.number(1), $0.x)) },
    RuleRow("log-one-plus", "log1mExp(negate(p0..<3))") {
      $0(.log, $0(.subtract, $0.number(1), $0(.exp, $0(.negate, $0.x))))
    },
    RuleRow("log1p-exp", "log1pExp(p0..<3)") { $0(.logOnePlus, $0(.exp, $0.x)) },
    RuleRow("log1p-exp", "log1mExp(negate(p0..<3))") {
      $0(.logOnePlus, $0(.negate, $0(.exp, $0(.negate, $0.x))))
    },
    RuleRow("log1p-exp", "negate(log1pExp(p0..<3))") {
      $0(.logOnePlus, $0(.negate, $0(.logistic, $0.x)))
    },
    RuleRow("simple-powers", "vector[3] of 1.0") { $0(.power, $0.x, $0.number(0)) },
    RuleRow("simple-powers", "p0..<3") { $0(.power, $0.x, $0.number(1)) },
    RuleRow("simple-powers", "square(p0..<3)") { $0(.power, $0.x, $0.number(2)) },
    RuleRow("simple-powers", "multiply(p0..<3, square(p0..<3))") {
      $0(.power, $0.x, $0.number(3))
    },
    RuleRow("simple-powers", "sqrt(p0..<3)") { $0(.power, $0.x, $0.number(0.5)) },
    RuleRow("simple-powers", "reciprocal(p6)") { $0(.power, $0.s, $0.number(-1)) },
    RuleRow("constant-choice", "p0..<3") {
      $0(.select, [$0.data([1, 2, 3]), $0.x, $0.y], .vector(3))
    },
    RuleRow("constant-choice", "vector[3] of p6") {
      $0(.select, [$0.number(0), $0.x, $0.s], .vector(3))
    },
  ]

  static let views: [RuleRow] = [
    RuleRow("reshape-reshape", "p0..<6") { $0(.reshape, [$0.m], .vector(6)) },
    RuleRow("reshape-reshape", "exp(p0..<6) as matrix[3,2]") {
      let e = $0(.exp, $0.m)
      return $0(.reshape, [$0(.reshape, [e], .vector(6))], .matrix(3, 2))
    },
    RuleRow("reshape-reshape", "matrix[3,1] of p6") {
      $0(.reshape, [$0.fill($0.s)], .matrix(3, 1))
    },
    RuleRow("transpose-transpose", "p0..<6") {
      $0(.transpose, [$0(.transpose, [$0.m], .matrix(3, 2))], .matrix(2, 3))
    },
    RuleRow("slice-of-view", "p1..<3") {
      $0(.slice(Stride(start: 1, count: 2)), [$0.x], .vector(2))
    },
    RuleRow("slice-of-view", "p2") { $0(.slice(Stride(start: 2, count: 1)), [$0.x], .scalar) },
    RuleRow("slice-of-view", "exp(p0..<6)[5 + 2 × -4]") {
      let odd = $0(.slice(Stride(start: 1, count: 3, step: 2)), [$0(.exp, $0.m)], .vector(3))
      return $0(.slice(Stride(start: 2, count: 2, step: -2)), [odd], .vector(2))
    },
    RuleRow("slice-of-view", "exp(p0..<6)[2 + 2 × 1]") {
      let flat = $0(.reshape, [$0(.exp, $0.m)], .vector(6))
      return $0(.slice(Stride(start: 2, count: 2)), [flat], .vector(2))
    },
    RuleRow("slice-of-view", "vector[2] of p6") {
      $0(.slice(Stride(start: 0, count: 2)), [$0.fill($0.s)], .vector(2))
    },
    RuleRow("slice-of-assembly", "exp(p0..<3)[1 + 2 × 1]") {
      $0(.slice(Stride(start: 2, count: 2)), [pair($0)], .vector(2))
    },
    RuleRow("slice-of-assembly", "p6") {
      $0(.slice(Stride(start: 4, count: 1)), [pair($0)], .scalar)
    },
    RuleRow("slice-of-assembly", "0.0") {
      $0(.slice(Stride(start: 0, count: 1)), [pair($0)], .scalar)
    },
    RuleRow("slice-of-assembly", "exp(p0..<3)[2 + 3 × -1]") {
      $0(.slice(Stride(start: 3, count: 3, step: -1)), [pair($0)], .vector(3))
    },
    RuleRow("assemble-one", "exp(p0..<3) as matrix[3,1]") {
      $0(.assemble([Stride(start: 0, count: 3)]), [$0(.exp, $0.x)], .matrix(3, 1))
    },
    RuleRow("assemble-scalar", "add(p6, p7)") {
      let place = Stride(start: 0, count: 1)
      return $0(.assemble([place, place]), [$0.s, $0.t], .scalar)
    },
    RuleRow("assemble-scalar", "0.0") { $0(.assemble([]), [], .scalar) },
    RuleRow("reduce-scalar", "p6") { $0(.reduce(.logSumExp), [$0.s], .scalar) },
    RuleRow("sum-of-fill", "multiply(3.0, p6)") { $0(.reduce(.sum), [$0.fill($0.s)], .scalar) },
  ]

  /// Zero, then exp x, then s.
  private static func pair(_ raw: RawGraph) -> Tensor {
    raw(
      .assemble([Stride(start: 1, count: 3), Stride(start: 4, count: 1)]),
      [raw(.exp, raw.x), raw.s], .vector(5))
  }

  static let gathers: [RuleRow] = [
    RuleRow("gather-of-fill", "vector[2] of p6") { $0.gather($0.fill($0.s), [0, 2]) },
    RuleRow("gather-one", "vector[3] of p1") { $0.gather($0.x, [1, 1, 1]) },
    RuleRow("gather-of-gather", "p0..<3[2, 0, 2]") {
      $0.gather($0.gather($0.x, [0, 1, 2, 2]), [3, 0, 2])
    },
    RuleRow("slice-of-gather", "p0..<3[2, 0]") {
      $0(
        .slice(Stride(start: 1, count: 2, step: 2)), [$0.gather($0.x, [1, 2, 1, 0])], .vector(2))
    },
    RuleRow("slice-of-gather", "vector[2] of p1") {
      $0(
        .slice(Stride(start: 0, count: 2, step: 2)), [$0.gather($0.x, [1, 0, 1, 2])], .vector(2))
    },
    RuleRow("function-of-gather", "exp(p0..<3)[0, 1, 2, 2]") {
      $0(.exp, $0.gather($0.x, [0, 1, 2, 2]))
    },
    RuleRow("function-of-gather", "divide(p0..<3, p3..<6)[0, 1, 2, 2]") {
      $0(.divide, $0.gather($0.x, [0, 1, 2, 2]), $0.gather($0.y, [0, 1, 2, 2]))
    },
    RuleRow("function-of-gather", "subtract(p6, p0..<3)[0, 1, 2, 2]") {
      $0(.subtract, $0.s, $0.gather($0.x, [0, 1, 2, 2]))
    },
    RuleRow("sum-of-gather", "sum of multiply(p0..<3, [1.0, 1.0, 2.0])") {
      $0(.reduce(.sum), [$0.gather($0.x, [0, 1, 2, 2])], .scalar)
    },
  ]

  static let all = folding + arithmetic + functions + views + gathers
}

@Suite("Local rules") struct LocalRuleTests {
  @Test("a rule turns what it meets into what it says", arguments: RuleRow.all)
  func form(_ row: RuleRow) {
    let raw = RawGraph()
    let root = row.build(raw)
    let replay = Replay(raw.builder.graph)
    #expect(inlineText(replay[root]) == row.expected)
    #expect(replay[root].shape == root.shape)
    // log-one-plus and others end in a form that a later rule finishes; the first is the row's.
    #expect(replay.rule(for: root) == row.rule)
  }

  @Test("a rule keeps the value", arguments: RuleRow.all)
  func value(_ row: RuleRow) {
    let raw = RawGraph()
    let root = row.build(raw)
    let replay = Replay(raw.builder.graph)
    let interpreter = Interpreter(replay.builder.graph)
    var random = SplitMix(seed: 3)
    for _ in 0..<5 {
      let at = (0..<RawGraph.dimension).map { _ in Double.random(in: 0.4...1.6, using: &random) }
      let values = interpreter.values(of: [root.id, replay[root].id], at: at)
      #expect(values[0].count == values[1].count)
      for (a, b) in zip(values[0], values[1]) {
        #expect(agrees(b, a, relative: 1e-14, absolute: 1e-15), "\(b), \(a)")
      }
    }
  }

  @Test("every rule has a row and every row a rule") func complete() {
    let names = LocalRule.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(RuleRow.all.map(\.rule)) == Set(names))
    #expect(LocalRule.all.allSatisfy { !$0.summary.isEmpty })
  }

  @Test(
    "a slice across parts is not read from one of them",
    arguments: [
      Stride(start: 0, count: 2), Stride(start: 4, count: 5, step: -1),
      Stride(start: 3, count: 2, step: 1), Stride(start: 0, count: 3, step: 2),
      Stride(start: 3, count: 3, step: -1), Stride(start: 4, count: 3, step: 0),
    ])
  func sliceAcross(_ stride: Stride) {
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: .vector(3)).exponential
    let s = b.position(offset: 3, shape: .scalar)
    let whole = b.assemble(
      [(Stride(start: 1, count: 3), x), (Stride(start: 4, count: 1), s)], shape: .vector(5))
    let part = whole.slice(stride)
    let values = Interpreter(b.graph).values(of: [whole.id, part.id], at: [1, 2, 3, 4])
    #expect(values[1] == (0..<stride.count).map { values[0][stride[$0]] })
  }

  @Test(
    "constants are not folded into an infinity or a zero that the expression has not",
    arguments: [
      (1e200, 1e-200), (1e-200, 1e200),
    ])
  func extremes(_ c: Double, _ at: Double) {
    let b = GraphBuilder()
    let x = b.position(offset: 0, shape: .scalar)
    let product = b.constant(c) * (b.constant(c) * x)
    let square = (b.constant(c) * x).squared
    let values = Interpreter(b.graph).values(of: [product.id, square.id], at: [at])
    #expect(agrees(values[0][0], c, relative: 1e-15))
    #expect(agrees(values[1][0], 1, relative: 1e-15))
  }
}
