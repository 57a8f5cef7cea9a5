// Posteriors, best arms, contrasts, split tests and plans against the oracle's numbers.

import BayesCore
import BayesNumerics
import Testing

@testable import BayesExperiments

@Suite struct OracleTests {
  @Test("Tails of beta, gamma and Student t distributions keep their relative accuracy")
  func tails() throws {
    for row in try oracle("beta_tails") {
      let tails = betaTails(
        logOdds: try row.value("log_odds"), try row.value("a"), try row.value("b"))
      #expect(agree(tails.lower, try row.value("lower"), 1e-11), "\(row)")
      #expect(agree(tails.upper, try row.value("upper"), 1e-11), "\(row)")
    }
    for row in try oracle("gamma_tails") {
      let tails = gammaTails(logValue: try row.value("log_value"), shape: try row.value("shape"))
      // A point given by its logarithm is known to eps · shape, relative, beside a large mean.
      #expect(agree(tails.lower, try row.value("lower"), 1e-11), "\(row) \(tails)")
      #expect(agree(tails.upper, try row.value("upper"), 1e-11), "\(row) \(tails)")
    }
    for row in try oracle("student_tails") {
      let tails = studentTails(try row.value("t"), degrees: try row.value("degrees"))
      #expect(agree(tails.lower, try row.value("lower"), 1e-11), "\(row) \(tails)")
      #expect(agree(tails.upper, try row.value("upper"), 1e-11), "\(row) \(tails)")
    }
  }

  private func check(
    _ row: JSONValue, _ relative: Double, _ arm: ([Double]) throws -> VariantPosterior
  ) throws {
    let best = BestArm(among: [try arm(row.values("a")), try arm(row.values("b"))])
    let found = [best.probabilities[1], best.expectedLosses[0]!, best.expectedLosses[1]!]
    for (value, key) in zip(found, ["p", "loss_a", "loss_b"]) {
      let wanted = try row.value(key)
      #expect(
        agree(value, wanted, relative), "\(row): \(key) \(value), off by \(value / wanted - 1)")
    }
  }

  @Test(
    "Beta posteriors: no success at all, 1e8 trials, arms of very different size, losses of 1e-100")
  func betaPairs() throws {
    for row in try oracle("beta_pairs") { try check(row, 1e-10) { try .beta($0[0], $0[1]) } }
  }

  @Test("Gamma posteriors")
  func gammaPairs() throws {
    for row in try oracle("gamma_pairs") {
      try check(row, 1e-10) { try .gamma(shape: $0[0], rate: $0[1]) }
    }
  }

  @Test("Student t posteriors, from two degrees of freedom")
  func studentPairs() throws {
    for row in try oracle("student_pairs") {
      try check(row, 1e-10) { try .studentT(location: $0[0], scale: $0[1], degrees: $0[2]) }
    }
  }

  @Test("Three and four arms")
  func several() throws {
    for row in try oracle("several") {
      let arms = try #require(row["arms"]?.array).map { arm in
        try VariantPosterior.beta(arm.array![0].number!, arm.array![1].number!)
      }
      let best = BestArm(among: arms)
      for (found, wanted) in zip(best.probabilities, try row.values("best")) {
        #expect(agree(found, wanted))
      }
      for (found, wanted) in zip(best.expectedLosses, try row.values("losses")) {
        #expect(agree(found!, wanted))
      }
    }
  }

  @Test("Differences and lifts: quantiles and the region of practical equivalence")
  func contrasts() throws {
    for row in try oracle("contrasts") {
      let (a, b) = (try row.values("a"), try row.values("b"))
      let (first, second) = (
        try VariantPosterior.beta(a[0], a[1]), try VariantPosterior.beta(b[0], b[1])
      )
      let difference = MarginalPosterior.difference(second, minus: first)
      let lift = try #require(MarginalPosterior.lift(of: second, over: first))
      #expect(agree(difference.standardDeviation!, try row.value("sd"), 1e-13))
      let rope = try row.value("rope")
      #expect(
        agree(difference.probability(in: -rope...rope), try row.value("rope_probability"), 1e-11))
      for (k, p) in [0.025, 0.5, 0.975].enumerated() {
        let (d, l) = (try row.values("difference")[k], try row.values("lift")[k])
        #expect(abs(difference.quantile(p) - d) < 1e-11, "\(row) \(p)")
        #expect(abs(lift.quantile(p) - l) < 1e-10, "\(row) \(p)")
      }
    }
  }

  @Test("Revenue for each unit: probability to be best, losses and means")
  func revenue() throws {
    for row in try oracle("revenue") {
      let data = try [row.values("a"), row.values("b")].map {
        AmountStatistics(count: $0[1], sum: $0[2], sumOfLogs: $0[3])
      }
      let units = try [row.values("a")[0], row.values("b")[0]]
      let amount = (data[0].sum + data[1].sum) / (data[0].count + data[1].count)
      let arms = try zip(units, data).map { units, amounts in
        try VariantPosterior.revenue(
          conversion: (1 + amounts.count, 1 + units - amounts.count),
          amounts: AmountPosterior(amounts, priorAmount: amount, priorWeight: 1))
      }
      #expect(agree(arms[0].mean!, try row.value("mean_a"), 1e-9))
      #expect(agree(arms[1].mean!, try row.value("mean_b"), 1e-9))
      let best = BestArm(among: arms)
      #expect(agree(best.probabilities[1], try row.value("p"), 1e-9), "\(best)")
      #expect(agree(best.expectedLosses[0]!, try row.value("loss_a"), 1e-9), "\(best)")
      #expect(
        agree(best.expectedLosses[0]! - best.expectedLosses[1]!, arms[1].mean! - arms[0].mean!))
    }
  }

  @Test("The split test: exact where it is small, chi-square beyond")
  func sampleRatio() throws {
    for row in try oracle("sample_ratio") {
      let test = try SampleRatioTest(
        observed: try row.values("observed"), plan: try row.values("plan"))
      #expect(agree(test.pValue, try row.value("p"), 1e-9), "\(row): \(test)")
      #expect(test.method.rawValue == row["method"]?.string, "\(row)")
    }
  }

  @Test("Sample sizes, power and assurance of two success rates")
  func plans() throws {
    for row in try oracle("plans") {
      for method in FixedTest.ProportionMethod.allCases {
        let test = try FixedTest(
          .proportions(control: try row.value("p"), treatment: try row.value("q"), method),
          alpha: try row.value("alpha"), ratio: try row.value("ratio"))
        let size = test.controlSize(power: try row.value("power"))
        #expect(agree(size, try #require(row["sizes"]).value(method.rawValue), 1e-12))
        #expect(agree(test.power(controlSize: size), try row.value("power"), 1e-12))
        if method == .unpooled {
          let assurance = try test.assurance(
            controlSize: size, effectSD: try row.value("effect_sd"))
          #expect(agree(assurance, try row.value("assurance")), "\(assurance)")
        }
      }
    }
  }
}
