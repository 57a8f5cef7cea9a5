// Values that R's posterior package and Stan's own summary printed.

import BayesDiagnostics
import Testing

@Suite("Reference values")
struct ReferenceTests {
  typealias Diagnostic = @Sendable ([[Double]]) -> DiagnosticValue

  static let diagnostics: [(String, Diagnostic)] = [
    ("rhat_rank", Convergence.rHat),
    ("rhat_raw", Convergence.rawRHat),
    ("ess_bulk", Convergence.essBulk),
    ("ess_tail", Convergence.essTail),
    ("ess_mean", Convergence.essMean),
    ("ess_sd", Convergence.essDeviation),
    ("ess_median", Convergence.essMedian),
    ("ess_raw", Convergence.rawESS),
    ("ess_quantile01", { Convergence.essQuantile($0, 0.01) }),
    ("ess_quantile10", { Convergence.essQuantile($0, 0.1) }),
    ("ess_quantile30", { Convergence.essQuantile($0, 0.3) }),
    ("mcse_mean", Convergence.mcseMean),
    ("mcse_sd", Convergence.mcseDeviation),
    ("mcse_median", Convergence.mcseMedian),
    ("mcse_quantile01", { Convergence.mcseQuantile($0, 0.01) }),
    ("mcse_quantile10", { Convergence.mcseQuantile($0, 0.1) }),
    ("mcse_quantile30", { Convergence.mcseQuantile($0, 0.3) }),
  ]

  @Test("All 17 diagnostics of all 48 columns agree with R's posterior to 1e-10")
  func posterior() throws {
    let expected = try CSVTable(path: Fixtures.local("reference_posterior.csv"))
    let runs = try ["blocker.1.csv", "blocker.2.csv"].map {
      try CSVTable(path: Fixtures.local($0))
    }
    let quantities = try Dictionary(
      uniqueKeysWithValues: expected.rows.map { row in
        (row[0], try runs.map { try $0.column(row[0]) })
      })
    #expect(quantities.count == 48)
    #expect(expected.header.count == 1 + Self.diagnostics.count)
    for (column, diagnostic) in Self.diagnostics {
      for (name, value) in zip(expected.rows.map(\.[0]), try expected.column(column)) {
        let chains = try #require(quantities[name])
        expectClose(diagnostic(chains), value, 1e-10, "\(column) of \(name)")
      }
    }
  }

  struct Bernoulli: Sendable {
    let column: String
    let rawESS, splitRHat, rankRHat, bulk, tail: Double
  }

  @Test(
    "Four chains of Stan's Bernoulli example agree with the reference values",
    .enabled(if: Fixtures.hasShared),
    arguments: [
      Bernoulli(
        column: "lp__", rawESS: 1335.41366787, splitRHat: 1.00035489482, rankRHat: 1.00073,
        bulk: 1512.7684, tail: 1591.9707),
      Bernoulli(
        column: "theta", rawESS: 1377.5030282, splitRHat: 1.00721797217, rankRHat: 1.006789,
        bulk: 1407.5124, tail: 1291.7131),
    ])
  func bernoulli(_ expected: Bernoulli) throws {
    let chains = try Fixtures.chains(
      expected.column, (1...4).map { "\(Fixtures.shared)/bern\($0).csv" })
    // Each to the digits that were printed.
    expectClose(Convergence.rawESS(chains), expected.rawESS, 1e-10, "raw ESS")
    expectClose(Convergence.splitRHat(chains), expected.splitRHat, 1e-11, "split R-hat")
    expectClose(Convergence.rHat(chains), expected.rankRHat, 5e-6, "rank R-hat")
    expectClose(Convergence.essBulk(chains), expected.bulk, 5e-8, "bulk ESS")
    expectClose(Convergence.essTail(chains), expected.tail, 5e-8, "tail ESS")
  }
}
