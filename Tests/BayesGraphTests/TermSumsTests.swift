// Sums of absolute terms, by hand.

import BayesGraph
import Testing

private struct TermCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let sums: [Double]
  let build: @Sendable (Tensor) -> Tensor

  init(_ name: String, _ sums: [Double], _ build: @escaping @Sendable (Tensor) -> Tensor) {
    testDescription = name
    self.sums = sums
    self.build = build
  }
}

/// At x = (3, −2, 5).
private let cases: [TermCase] = [
  TermCase("a position is one term", [3, 2, 5]) { $0 },
  TermCase("a sum's terms add up, whatever their signs", [10]) { $0.sum },
  TermCase("so do a difference's", [8]) { $0.element(0) - $0.element(2) },
  TermCase("a minus sign changes nothing", [10]) { (-$0).sum },
  // (3 + (−2)) · 5: the terms 15 and −10.
  TermCase("a product has the terms of its factors", [25]) {
    ($0.element(0) + $0.element(1)) * $0.element(2)
  },
  // 5 · 1 + 1 · 5 − 1 · 1, the first-order part of (3 − 2)².
  TermCase("a square counts both factors", [9]) { ($0.element(0) + $0.element(1)).squared },
  TermCase("a quotient divides them", [1]) { ($0.element(0) + $0.element(1)) / $0.element(2) },
  TermCase("any other function is one term", [1]) {
    ($0.element(0) + $0.element(1))(.exp)(.log)(.abs)
  },
  TermCase("a gather reads them", [2, 5, 2]) { $0.gathered([1, 2, 1]) },
  TermCase("scattered terms add up", [8, 2]) { $0.scattered([0, 1, 0], shape: .vector(2)) },
  TermCase("running sums too", [3, 5, 10]) { $0.cumulativeSum() },
  TermCase("parts of an assembly that overlap, too", [8, 2]) {
    $0.builder.assemble(
      [
        (Stride(start: 0, count: 2), $0.slice(Stride(start: 0, count: 2))),
        (Stride(start: 0, count: 1), $0.element(2)),
      ], shape: .vector(2))
  },
  TermCase("a choice has those of its branch", [5, 2, 10]) {
    $0.builder.select($0.builder.data([1, 0, 1], shape: .vector(3)), $0 + 2 - 0 * $0, -$0)
      + $0.builder.data([0, 0, 3], shape: .vector(3))
  },
  TermCase("matrix times vector", [16, 25]) {
    $0.builder.data([1, -1, 2, 2, 2, 3], shape: .matrix(2, 3)).times(vector: $0)
      + $0.builder.data([1, 0], shape: .vector(2))
  },
  // L = [[2, 0], [1, 4]], L y = (3, −2): y₁ = (−2 − 1.5) / 4.
  TermCase("a triangular solve has those of its substitution", [1.5, 0.875]) {
    $0.builder.data([2, 0, 1, 4], shape: .matrix(2, 2))
      .solve($0.slice(Stride(start: 0, count: 2)))
  },
  // A = [[5, 2], [2, 5]]: L₁₁ = (5 − L₁₀²) / L₁₁, with the terms 5 and 4/5.
  TermCase(
    "a Cholesky factor has those of its formula",
    [5 / 5.0.squareRoot(), 0, 2 / 5.0.squareRoot(), 5.8 / 4.2.squareRoot()]
  ) {
    let (a, b) = ($0.element(2), $0.element(1))
    return $0.builder.concatenate([a, -b, -b, a]).reshaped(.matrix(2, 2)).choleskyFactor
  },
]

@Suite("Sums of terms") struct TermSumsTests {
  @Test("are those of the formula", arguments: cases)
  fileprivate func sums(_ row: TermCase) {
    let b = GraphBuilder()
    let result = row.build(b.position(offset: 0, shape: .vector(3)))
    let interpreter = Interpreter(b.graph)
    let found = interpreter.termSums(of: [result.id], at: [3, -2, 5])[0]
    #expect(found.values == interpreter.values(of: [result.id], at: [3, -2, 5])[0])
    #expect(found.sums.count == row.sums.count)
    for (a, b) in zip(found.sums, row.sums) {
      #expect(agrees(a, b, relative: 1e-14), "\(found.sums)")
    }
  }
}
