// Tracing: from a model and its data to the graph of its log density.

import BayesCore
import BayesGraph
import BayesLanguage
import Testing

@Suite("Tracing")
struct TraceTests {
  @Test("Eight schools: the log density is the sum of its statements")
  func eightSchools() throws {
    let traced = try trace(EightSchools.filled)
    #expect(traced.name == "EightSchools")
    #expect(traced.parameters.map(\.variable.name) == ["mu", "tau", "eta"])
    #expect(traced.dimension == 10)
    #expect(traced.parameters.map(\.offset) == [0, 1, 2])
    #expect(traced.derived.map(\.variable.name) == ["theta"])
    #expect(
      traced.statements.map(\.summary) == [
        "mu ~ Normal", "tau ~ HalfCauchy", "eta ~ Normal", "y ~ Normal",
      ])
    // At mu = 1, log tau = 0.5, eta = 0.1: the sum written out by hand.
    let position = [1.0, 0.5] + [Double](repeating: 0.1, count: 8)
    let values = Interpreter(traced.graph).values(
      of: [traced.unconstrainedLogDensity, traced.logJacobian, traced.derived[0].node],
      at: position)
    #expect(values[1] == [0.5])
    let tau = 1.6487212707001282
    #expect(values[2].allSatisfy { abs($0 - (1 + 0.1 * tau)) < 1e-14 })
    func normal(_ x: Double, _ m: Double, _ s: Double) -> Double {
      -0.5 * ((x - m) / s) * ((x - m) / s) - logarithm(s) - 0.9189385332046727
    }
    var expected = normal(1, 0, 5) + 0.5
    expected += logarithm(2 / 3.141592653589793 / 5) - logarithm(1 + tau * tau / 25)
    expected += 8 * normal(0.1, 0, 1)
    for (y, s) in zip([28.0, 8, -3, 7, -1, 1, 18, 12], [15.0, 10, 16, 11, 9, 11, 10, 18]) {
      expected += normal(y, 1 + 0.1 * tau, s)
    }
    #expect(abs(values[0][0] - expected) < 1e-11)
  }

  @Test("A whole number is no symbolic value, so that Beta(1/2, 1/2) is never Beta(0, 0)")
  func wholeNumbers() {
    #expect(!((1 as Any) is any Symbolic))
    #expect((1.0 as Any) is any Symbolic)
    #expect(Beta(1 / 2, 1 / 2).arguments.allSatisfy { $0.term.isHalf })
  }
}

extension Term {
  fileprivate var isHalf: Bool {
    if case .constant(0.5) = form { true } else { false }
  }
}

/// The natural logarithm, by the graph's own interpreter.
func logarithm(_ x: Double) -> Double {
  let builder = GraphBuilder()
  let node = builder.unary(.log, builder.position(offset: 0, shape: .scalar))
  return Interpreter(builder.graph).values(of: [node.id], at: [x])[0][0]
}
