import Testing

@testable import BayesNumerics

@Suite struct QuantileTests {
  @Test("Quantiles at the ends of the unit interval are the ends of the support")
  func ends() {
    #expect(normalQuantile(0) == -.infinity)
    #expect(normalQuantile(1) == .infinity)
    #expect(normalQuantile(0.5) == 0)
    #expect(betaQuantile(0, 2, 3) == 0)
    #expect(betaQuantile(1, 2, 3) == 1)
  }

  @Test("A probability outside the unit interval has no quantile", arguments: [-0.1, 1.1, .nan])
  func outside(p: Double) {
    #expect(normalQuantile(p).isNaN)
    #expect(betaQuantile(p, 2, 3).isNaN)
  }
}
