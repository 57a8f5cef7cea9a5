// Tests that are valid at every look, and what peeking does to the others.

import BayesNumerics
import Glibc
import Testing

@testable import BayesExperiments

@Suite struct SequentialTests {
  private func look(_ n: Double, _ difference: Double, variance: Double = 1) -> Look {
    Look(control: (n, 0, variance), treatment: (n, difference, variance))
  }

  @Test("The mixture likelihood ratio and its p value are the published ones")
  func mixture() throws {
    let test = try SequentialTest(mixture: .effect(variance: 0.01))
    let reading = test.read([look(1000, 0.1)])[0]
    #expect(abs(exp(reading.logLikelihoodRatio) - 3.2787216275) < 0.6e-10)
    #expect(abs(reading.pValue - 0.3049969206) < 0.6e-10)
    // The formula for two arms with n units each, written out.
    for (n, sigma2, tau2, d) in [(10.0, 1.0, 0.1, 0.3), (5000, 4, 0.001, -0.02)] {
      let written =
        (2 * sigma2 / (2 * sigma2 + n * tau2)).squareRoot()
        * exp(n * n * tau2 * d * d / (4 * sigma2 * (2 * sigma2 + n * tau2)))
      let own = try SequentialTest(mixture: .effect(variance: tau2))
        .logLikelihoodRatio(difference: d, variance: 2 * sigma2 / n, units: n)
      #expect(agree(exp(own), written, 1e-13))
    }
  }

  @Test(
    "The asymptotic confidence sequence has the published half-widths",
    arguments: [(100.0, 0.669438861707), (1000, 0.106375470066), (10_000, 0.030614772189)])
  func sequence(units: Double, wanted: Double) throws {
    let test = try SequentialTest(mixture: .plannedUnits(5000))
    #expect(abs(test.halfWidth(variance: 1 / units, units: units) - wanted) < 0.6e-12)
  }

  @Test("The confidence sequence leaves 0 exactly when the likelihood ratio reaches 1/alpha")
  func inversion() throws {
    for mixture in [
      SequentialTest.Mixture.effect(variance: 0.02), .plannedUnits(300),
    ] {
      let test = try SequentialTest(alpha: 0.03, mixture: mixture)
      let half = test.halfWidth(variance: 0.004, units: 500)
      let ratio = test.logLikelihoodRatio(difference: half, variance: 0.004, units: 500)
      #expect(agree(ratio, -log(0.03), 1e-12))
    }
  }

  @Test("The always-valid p value never grows, and a rejection stays")
  func runningMinimum() throws {
    let test = try SequentialTest(mixture: .effect(variance: 0.01))
    let readings = test.read([look(1000, 0.02), look(2000, 0.2), look(3000, 0.01)])
    #expect(readings[0].pValue == min(1, exp(-readings[0].logLikelihoodRatio)))
    #expect(readings[1].pValue < 0.05)
    #expect(readings[2].pValue == readings[1].pValue)
    #expect(readings.map(\.isRejected) == [false, true, true])
  }

  @Test("A look estimates variances, also where there is no success yet")
  func estimates() throws {
    let none = VariantData.binomial(successes: 0, trials: 50)
    let look = try #require(Look(control: none, treatment: none))
    #expect(look.variance > 0 && look.difference == 0)
    let values = VariantData.normal(MeanStatistics([1, 2, 4]))
    let normal = try #require(Look(control: values, treatment: values))
    #expect(agree(normal.variance, 2 * (7.0 / 3) / 3, 1e-14))
    #expect(Look(control: .normal(MeanStatistics([1])), treatment: values) == nil)
    #expect(throws: ExperimentError.self) {
      try SequentialTest(alpha: 1, mixture: .plannedUnits(9))
    }
    #expect(throws: ExperimentError.self) { try SequentialTest(mixture: .effect(variance: 0)) }
  }
}

@Suite struct PeekingTests {
  /// A rate must lie within four Monte Carlo errors, ours and the reference's, of the reference.
  private func check(
    _ rate: PeekingStudy.Rate, _ wanted: Double, _ error: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let own = (wanted * (1 - wanted) / Double(rate.replicates)).squareRoot()
    #expect(
      abs(rate.share - wanted) <= 4 * hypot(own, error),
      "\(rate.rule.name), \(rate.looks) looks: \(rate.share), not \(wanted)",
      sourceLocation: sourceLocation)
  }

  @Test(
    "A z test at every look has the published false positives, and so has a flat-prior interval")
  func zTest() throws {
    let wanted = [
      1: 0.0499, 2: 0.0826, 5: 0.1409, 10: 0.1930, 16: 0.2305, 50: 0.3203, 100: 0.3739,
      1000: 0.5308,
    ]
    var study = PeekingStudy(.normal(sd: 1), rules: [.zTest, .posterior(threshold: 0.975)])
    study.looks = [1, 2, 5, 10, 16, 50, 100]
    study.replicates = 6000
    var rates = try study.run()
    study.looks = [1000]
    study.replicates = 1000
    rates += try study.run()
    for rate in rates { check(rate, try #require(wanted[rate.looks]), 0.001) }
    // A flat prior's P(better) is the normal distribution function of z: the same decisions.
    for k in stride(from: 0, to: rates.count, by: 2) {
      #expect(rates[k].stopped == rates[k + 1].stopped)
    }
  }

  @Test("The mixture test has the published false positives and power at 100 looks")
  func mixture() throws {
    var study = PeekingStudy(
      .normal(sd: 1),
      rules: [1, 0.1, 0.01, 0.001].map { .mixture(effectVariance: $0) })
    study.looks = [100]
    study.replicates = 6000
    for (rate, wanted) in zip(try study.run(), [0.0073, 0.0179, 0.0234, 0.0110]) {
      check(rate, wanted, 0.0003)
    }
    study.effect = 0.05
    study.replicates = 4000
    for (rate, wanted) in zip(try study.run(), [0.503, 0.633, 0.745, 0.762]) {
      check(rate, wanted, 0.001)
    }
  }

  @Test(
    "A/A tests of 5 % with 100 looks: posteriors fool as z tests do, a confidence sequence does not"
  )
  func binomial() throws {
    var study = PeekingStudy(
      .binomial(rate: 0.05),
      rules: [
        .posterior(threshold: 0.95), .posterior(threshold: 0.99), .zTest, .fixed,
        .confidenceSequence(plannedUnits: 5000),
      ])
    study.looks = [100]
    study.replicates = 1500
    for (rate, wanted) in zip(try study.run(), [0.58, 0.19, 0.38, 0.051, 0.025]) {
      check(rate, wanted, 0.007)
    }
  }

  @Test("The same seed gives the same result on any number of threads")
  func threads() throws {
    var study = PeekingStudy(
      .binomial(rate: 0.2),
      rules: [.zTest, .posterior(threshold: 0.9), .mixture(effectVariance: 0.01)])
    (study.units, study.looks, study.replicates, study.spacing) = (500, [1, 7], 900, .log)
    study.threads = 1
    let one = try study.run()
    study.threads = 3
    #expect(try study.run() == one)
    study.seed = 2
    #expect(try study.run() != one)
  }

  @Test("Looks are where the spacing says")
  func sizes() {
    var study = PeekingStudy(.normal(sd: 1), rules: [.zTest])
    #expect(study.sizes(4) == [2500, 5000, 7500, 10_000])
    study.spacing = .log
    #expect(study.sizes(3) == [100, 1000, 10_000])
    #expect(study.sizes(1) == [10_000])
    study.units = 10
    #expect(study.sizes(10) == Array(1...10))
  }

  @Test("Studies that cannot be are refused")
  func refused() {
    func broken(_ change: (inout PeekingStudy) -> Void) -> Bool {
      var study = PeekingStudy(.binomial(rate: 0.5), rules: [.zTest])
      change(&study)
      return (try? study.run()) == nil
    }
    #expect(broken { $0.outcome = .binomial(rate: 1) })
    #expect(broken { $0.effect = 0.5 })
    #expect(broken { $0.outcome = .normal(sd: 0) })
    #expect(broken { $0.alpha = 0 })
    #expect(broken { $0.replicates = 0 })
    #expect(broken { $0.units = 0 })
    #expect(broken { $0.looks = [] })
    #expect(broken { $0.looks = [20_000] })
    #expect(
      broken {
        $0.units = 1_000_000_000
        $0.looks = [1_000_000_000]
      })
    #expect(broken { $0.rules = [] })
    #expect(broken { $0.rules = [.posterior(threshold: 0.5)] })
    #expect(broken { $0.rules = [.mixture(effectVariance: -1)] })
  }

  @Test("The sum for whole shapes is the reference's probability", arguments: betaPairs)
  func order(pair: BetaPair) {
    let found = probabilityExceeds(pair.a.0, pair.a.1, by: pair.b.0, pair.b.1)
    #expect(agree(found, pair.probability, 1e-11))
  }
}
