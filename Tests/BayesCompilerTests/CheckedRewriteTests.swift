// A wrong rewrite is found by its value or its gradient, and costs no other rule.

import BayesGraph
import Testing

@testable import BayesCompiler

@Suite("Checks of rewrites") struct CheckedRewriteTests {
  /// One term of a density of four coordinates, and what a rule makes of it.
  struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isRight: Bool
    let plain: @Sendable (Tensor) -> Tensor
    let rewritten: @Sendable (Tensor) -> Tensor

    init(
      _ name: String, isRight: Bool, plain: @escaping @Sendable (Tensor) -> Tensor,
      rewritten: @escaping @Sendable (Tensor) -> Tensor
    ) {
      testDescription = name
      self.isRight = isRight
      self.plain = plain
      self.rewritten = rewritten
    }
  }

  static let rules: [Rule] = [
    Rule(
      "cosine", isRight: true, plain: { $0.element(0)(.sin).squared },
      rewritten: { 1 - $0.element(0)(.cos).squared }),
    Rule(
      "logistic", isRight: true, plain: { $0.element(1)(.logistic) },
      rewritten: { 0.5 + 0.5 * (0.5 * $0.element(1))(.tanh) }),
    Rule(
      "small slip", isRight: false, plain: { $0.element(2).squared },
      rewritten: { (1 + 1e-7) * $0.element(2).squared }),
    // Both of two equal elements are the largest, and each gets the whole derivative.
    Rule(
      "gradient twice", isRight: false, plain: { $0.element(3) },
      rewritten: { $0.builder.concatenate([$0.element(3), $0.element(3)]).reduced(.maximum) }),
    Rule(
      "not a number", isRight: false, plain: { $0.element(0) },
      rewritten: { $0.element(0) + ($0 - 3).squareRoot.sum }),
  ]

  /// The density of some rules, rewritten by those that are not left out.
  static func checked(_ rules: [Rule]) -> (result: CheckedRewrite, plain: Tensor) {
    let x = GraphBuilder().position(offset: 0, shape: .vector(4))
    let plain = rules.reduce(x.squared.sum) { $0 + $1.plain(x) }
    let names = rules.map(\.testDescription)
    let result = CheckedRewrite(of: plain, dimension: 4, rules: names) { leftOut in
      let used = rules.filter { !leftOut.contains($0.testDescription) }
      let root = rules.reduce(x.squared.sum) { sum, rule in
        sum + (leftOut.contains(rule.testDescription) ? rule.plain(x) : rule.rewritten(x))
      }
      return (root, used.map(\.testDescription))
    }
    return (result, plain)
  }

  @Test("right rules are taken") func right() {
    let (result, plain) = Self.checked(Self.rules.filter(\.isRight))
    #expect(result.root.id != plain.id)
    #expect(result.summary == ["cosine", "logistic"])
  }

  @Test("one wrong rule is left out, the others stay", arguments: rules.filter { !$0.isRight })
  func wrong(_ rule: Rule) {
    let (result, plain) = Self.checked([Self.rules[0], rule, Self.rules[1]])
    #expect(result.root.id != plain.id)
    #expect(result.summary.dropLast() == ["cosine", "logistic"])
    #expect(
      result.summary.last
        == "\(rule.testDescription): left out, it disagreed with the plain density")
  }

  @Test("several wrong rules are left out") func several() {
    let (result, _) = Self.checked(Self.rules)
    #expect(result.summary.prefix(2) == ["cosine", "logistic"])
    #expect(result.summary.count == 5)
  }

  @Test("where all rules are wrong, the density stays as it is") func none() {
    let (result, plain) = Self.checked(Self.rules.filter { !$0.isRight })
    let x = [0.3, -0.5, 1.2, 0.7]
    let values = Interpreter(plain.builder.graph).values(of: [result.root.id, plain.id], at: x)
    #expect(values[0] == values[1])
    #expect(result.summary.count == 3)
  }

  @Test("a density that is nowhere finite is not rewritten") func impossible() {
    let x = GraphBuilder().position(offset: 0, shape: .vector(2))
    let plain = (x - 5).logarithm.sum
    let result = CheckedRewrite(of: plain, dimension: 2, rules: ["any"]) { _ in
      ((x - 5).squared.logarithm.sum * 0.5, ["any"])
    }
    #expect(result.root.id == plain.id)
    #expect(result.summary.count == 1 && result.summary[0].contains("finite"))
  }
}
