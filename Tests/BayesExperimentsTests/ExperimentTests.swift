// Whole experiments: properties that hold for any data, decisions, priors, covariates, and mistakes.

import BayesNumerics
import Glibc
import Testing

@testable import BayesExperiments

/// A variant with successes among trials.
private func rate(_ name: String, _ successes: Double, _ trials: Double) throws -> Variant {
  try Variant(name, .binomial(successes: successes, trials: trials))
}

@Suite struct ExperimentTests {
  static let sets: [[VariantPosterior]] = [
    try! [.beta(50, 950), .beta(60, 940)],
    try! [.beta(1, 1), .beta(1, 1), .beta(1, 1)],
    try! [.beta(1, 1001), .beta(1, 51), .beta(3, 9)],
    try! [.beta(0.5, 1e6), .beta(7.5, 1e6), .beta(2, 30)],
    try! [.beta(999, 1), .beta(99_999, 3)],
    try! [
      .gamma(shape: 0.5, rate: 10), .gamma(shape: 3.5, rate: 12), .gamma(shape: 1e6, rate: 4e6),
    ],
    try! [
      .studentT(location: 0, scale: 1, degrees: 3), .studentT(location: 1, scale: 100, degrees: 5),
      .studentT(location: 0.5, scale: 1e-3, degrees: 1e6),
    ],
  ]

  @Test("Probabilities to be best add up to 1", arguments: sets)
  func sum(arms: [VariantPosterior]) {
    for isLessBetter in [false, true] {
      let best = BestArm(among: arms, isLessBetter: isLessBetter)
      #expect(abs(best.probabilities.reduce(0, +) - 1) < 1e-10, "\(best)")
    }
  }

  @Test("Losses differ by what the means differ", arguments: sets)
  func losses(arms: [VariantPosterior]) {
    let best = BestArm(among: arms)
    let least = BestArm(among: arms, isLessBetter: true)
    for (a, b) in zip(arms.indices, arms.indices.dropFirst()) {
      let gap = arms[b].mean! - arms[a].mean!
      let losses = best.expectedLosses.map { $0! }
      #expect(abs(losses[a] - losses[b] - gap) < 1e-10 * max(losses.max()!, abs(gap)))
      let other = least.expectedLosses.map { $0! }
      #expect(abs(other[b] - other[a] - gap) < 1e-10 * max(other.max()!, abs(gap)))
    }
  }

  @Test(
    "Equal losses are one loss, whatever their rounding: the control is chosen, under every prior",
    arguments: [(5000.0, 10_000.0, 4000.0, 8000.0), (50, 100, 500, 1000), (3, 9, 3, 9)])
  func ties(_ s: (Double, Double, Double, Double)) throws {
    for control in ["A", "B"] {
      var experiment = try Experiment(
        [try rate("A", s.0, s.1), try rate("B", s.2, s.3)], control: control)
      experiment.lossThreshold = 1
      experiment.plannedSplit = [s.1, s.3]
      let result = try experiment.analyse()
      let tied = result.sensitivity.filter { $0.decision.best == [0, 1] }
      #expect(s.0 * s.3 != s.1 * s.2 || tied.count >= 2, "\(result.sensitivity.map(\.best))")
      for row in tied { #expect(row.decision.candidate == (control == "A" ? 0 : 1)) }
      #expect(result.isRobust, "\(result.sensitivity.map(\.decision))")
    }
    // A difference that is there is none of rounding.
    var experiment = try Experiment([try rate("A", 5000, 10_000), try rate("B", 5001, 10_000)])
    experiment.lossThreshold = 1
    #expect(try experiment.analyse().decision.best == [1])
  }

  @Test("The order of the arms does not matter", arguments: sets)
  func symmetry(arms: [VariantPosterior]) {
    let forth = BestArm(among: arms)
    let back = BestArm(among: arms.reversed())
    for (a, b) in zip(forth.probabilities, back.probabilities.reversed()) { #expect(agree(a, b)) }
    for (a, b) in zip(forth.expectedLosses, back.expectedLosses.reversed()) {
      #expect(agree(a!, b!))
    }
  }

  @Test("Equal arms are equally probable to be best, and their difference is symmetric")
  func equal() throws {
    let arm = try VariantPosterior.gamma(shape: 20, rate: 4)
    let best = BestArm(among: [arm, arm, arm, arm])
    for p in best.probabilities { #expect(agree(p, 0.25, 1e-12)) }
    let difference = MarginalPosterior.difference(arm, minus: arm)
    #expect(abs(difference.median) < 1e-10)
    let interval = difference.highestDensityInterval(0.9)
    #expect(abs(interval.lowerBound + interval.upperBound) < 1e-7)
  }

  @Test(
    "P(better) is the probability of a difference above 0 and of a lift above 0",
    arguments: [sets[0], sets[2], sets[5]])
  func consistency(arms: [VariantPosterior]) {
    let pair = BestArm(among: [arms[0], arms[1]])
    let difference = MarginalPosterior.difference(arms[1], minus: arms[0])
    #expect(agree(difference.probability(above: 0), pair.probabilities[1], 1e-9))
    if let lift = MarginalPosterior.lift(of: arms[1], over: arms[0]) {
      #expect(agree(lift.probability(above: 0), pair.probabilities[1], 1e-9))
    }
  }

  @Test(
    "Quantiles and probabilities undo each other; the shortest interval is no longer",
    arguments: sets)
  func intervals(arms: [VariantPosterior]) {
    for posterior in arms.map(\.marginal) {
      for p in [1e-6, 0.025, 0.5, 0.8, 0.999] {
        #expect(agree(posterior.probability(below: posterior.quantile(p)), p, 1e-9))
      }
      let equal = posterior.equalTailedInterval(0.95)
      let shortest = posterior.highestDensityInterval(0.95)
      let (a, b) = (equal.upperBound - equal.lowerBound, shortest.upperBound - shortest.lowerBound)
      #expect(b <= a * (1 + 1e-9))
      #expect(abs(posterior.probability(in: shortest) - 0.95) < 1e-9)
    }
  }

  @Test("A density with its peak at an end of the range has its shortest interval there")
  func edge() throws {
    let none = try VariantPosterior.beta(1, 101).marginal
    let shortest = none.highestDensityInterval(0.95)
    #expect(shortest.lowerBound == 0)
    #expect(agree(shortest.upperBound, 1 - pow(0.05, 1.0 / 101), 1e-10))
    #expect(try VariantPosterior.beta(101, 1).marginal.highestDensityInterval(0.95).upperBound == 1)
  }

  @Test("The decision is the cheapest choice, if it is cheap enough")
  func decision() throws {
    var experiment = try Experiment([rate("A", 80, 1500), rate("B", 80, 1200)])
    experiment.lossThreshold = 0.001
    let result = try experiment.analyse()
    #expect(result.decision.action == .choose(1))
    #expect(result.decision.expectedLoss == result.variants[1].expectedLoss)
    #expect(result.isRobust)
    #expect(result.sensitivity.count == 4)
    #expect(try #require(result.sampleRatio).isMismatch)
    experiment.lossThreshold = 1e-6
    #expect(try experiment.analyse().decision.action == .continueTest)
    experiment.isLessBetter = true
    experiment.lossThreshold = 0.01
    experiment.plannedSplit = [5, 4]
    let less = try experiment.analyse()
    #expect(less.decision.action == .choose(0))
    #expect(
      agree(less.variants[1].comparison!.probabilityBetter, result.variants[0].probabilityBest))
    #expect(agree(less.sampleRatio!.pValue, 1, 1e-9))
  }

  @Test("The control can be any variant, and its comparison is absent")
  func control() throws {
    let experiment = try Experiment(
      [rate("A", 10, 100), rate("B", 12, 100), rate("C", 9, 100)], control: "B")
    let result = try experiment.analyse()
    #expect(result.variants.map { $0.comparison == nil } == [false, true, false])
    let (a, c) = (result.variants[0].comparison!, result.variants[2].comparison!)
    #expect(a.difference.median > c.difference.median)
    let parts = a.equivalence
    #expect(abs(parts.inside + parts.below + parts.above - 1) < 1e-12)
  }

  @Test(
    "A normal metric with a flat prior has Student t posteriors with the sample's mean and error")
  func normal() throws {
    let statistics = MeanStatistics([3, 5, 4, 8, 6, 4])
    let variant = try Variant("A", .normal(statistics))
    let posterior = try MetricPrior.standard(.normal).posterior(variant, typicalAmount: 1)
    #expect(agree(posterior.mean!, 5, 1e-15))
    // Degrees 5, scale s/√n; mpmath's quantile 2.570581835636315.
    let half = 2.570581835636315 * (statistics.variance / 6).squareRoot()
    #expect(agree(posterior.marginal.quantile(0.975), 5 + half, 1e-12))
    let strong = try MetricPrior.normalInverseGamma(mean: 0, weight: 6, shape: 1, scale: 1)
      .posterior(variant, typicalAmount: 1)
    #expect(agree(strong.mean!, 2.5, 1e-14))
  }

  @Test("The threshold of a normal metric is a share of the deviation, whatever the control's mean")
  func normalThreshold() throws {
    for shift in [0.0, -40] {
      let values = [[3, 5, 4, 8, 6, 4], [2, 7, 4, 9, 6, 5]].map { $0.map { $0 + shift - 5 } }
      let variants = try zip(["A", "B"], values).map {
        try Variant($0, .normal(MeanStatistics($1)))
      }
      let result = try Experiment(variants).analyse()
      let pooled = values.map { MeanStatistics($0).variance }.reduce(0, +) / 2
      #expect(agree(result.lossThreshold, 0.01 * pooled.squareRoot(), 1e-12))
    }
  }

  @Test(
    "Posteriors of no events at all have the loss of the formula, however wide their logarithm",
    arguments: [0.5, 0.025, 0.0025, 0.001])
  func noEvents(shape: Double) throws {
    let arms = try [VariantPosterior](repeating: .gamma(shape: shape, rate: 10), count: 2)
    let best = BestArm(among: arms)
    // Half of E|X − Y| = 2 Γ(a + ½)/(√π Γ(a)).
    let loss = exp(logGamma(shape + 0.5) - logGamma(shape)) / Double.pi.squareRoot() / 10
    for (probability, found) in zip(best.probabilities, best.expectedLosses) {
      #expect(abs(probability - 0.5) < 1e-10 && probability <= 1)
      #expect(agree(found!, loss, 1e-10), "\(found!) \(loss)")
    }
  }

  @Test("A covariate takes out its share of the variance and leaves the means of equal groups")
  func covariate() {
    let x: [Double] = [1, 2, 3, 4, 5, 6, 7, 8]
    let noise: [Double] = [0.1, -0.2, 0.1, 0, 0.05, -0.1, 0.2, -0.15]
    let y = zip(x, noise).map { 2 * $0 + $1 }
    let groups = [0, 1, 1, 0, 0, 1, 1, 0]
    let adjustment = CovariateAdjustment(values: y, covariate: x, groups: groups, groupCount: 2)
    #expect(abs(adjustment.slope - 2) < 0.05)
    #expect(adjustment.varianceReduction > 0.99)
    #expect(adjustment.covariateMeans == [4.5, 4.5])
    func mean(_ values: [Double], _ group: Int) -> Double {
      MeanStatistics(zip(values, groups).filter { $0.1 == group }.map(\.0)).mean
    }
    for group in [0, 1] { #expect(abs(mean(adjustment.adjusted, group) - mean(y, group)) < 1e-12) }
    // The variance within groups is that of the regression's residuals, whose slope is a parameter too.
    func squares(_ values: [Double], _ group: Int) -> Double {
      MeanStatistics(zip(values, groups).filter { $0.1 == group }.map(\.0)).squaredDeviations
    }
    let residuals = zip(x, y).map { $1 - adjustment.slope * $0 }
    let within = squares(residuals, 0) + squares(residuals, 1)
    let found = squares(adjustment.adjusted, 0) + squares(adjustment.adjusted, 1)
    #expect(agree(found / 6, within / 5, 1e-12))
    let constant = CovariateAdjustment(
      values: y, covariate: y.map { _ in 3 }, groups: groups, groupCount: 2)
    #expect(constant.adjusted == y && constant.varianceReduction == 0)
  }

  @Test("Amounts of a gamma law show no excess, those of a heavy tail do")
  func dispersion() {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 0)
    let gamma = AmountStatistics((0..<4000).map { _ in stream.gamma(shape: 2, rate: 0.1) })
    #expect(abs(gamma.excessDispersion! - 1) < 0.2)
    let heavy = AmountStatistics((0..<4000).map { _ in stream.logNormal(location: 1, scale: 1.8) })
    #expect(heavy.excessDispersion! > 3)
    #expect(AmountStatistics([1, 2]).excessDispersion == nil)
  }

  @Test(
    "Amounts that are all or nearly the same leave the conversion rate alone unknown",
    arguments: [
      // 9.99 a hundred times, as sums that were rounded; the same exactly; one amount in a hundred differs.
      AmountStatistics(count: 100, sum: 999, sumOfLogs: 230.1584592660462),
      AmountStatistics(count: 100_000, sum: 999_000, sumOfLogs: 1e5 * log(9.99)),
      AmountStatistics(
        count: 1000, sum: 990 * 9.99 + 109.9, sumOfLogs: 990 * log(9.99) + 10 * log(10.99)),
    ])
  func constantPrice(amounts: AmountStatistics) throws {
    let units = 10 * amounts.count
    let data = VariantData.revenue(units: units, amounts: amounts)
    let posterior = try MetricPrior.standard(.revenue).posterior(
      Variant("A", data), typicalAmount: 9.99)
    let rate = try VariantPosterior.beta(1 + amounts.count, 1 + units - amounts.count)
    let price = (9.99 + amounts.sum) / (1 + amounts.count)
    #expect(agree(posterior.mean!, rate.mean! * price, 1e-12))
    for p in [0.025, 0.5, 0.975] {
      #expect(agree(posterior.marginal.quantile(p), rate.marginal.quantile(p) * price, 2e-4))
    }
  }

  @Test(
    "Rates that are known to many digits, or of different orders of magnitude, come to an end",
    arguments: [
      [
        VariantData.poisson(count: 1e12, exposure: 1e13),
        .poisson(count: 1.000003e12, exposure: 1e13),
      ],
      [.poisson(count: 5, exposure: 1e30), .poisson(count: 5, exposure: 1e-30)],
      [
        .normal(MeanStatistics(count: 1e6, mean: 1e8, squaredDeviations: 1e6)),
        .normal(MeanStatistics(count: 1e6, mean: 1e8 + 2e-3, squaredDeviations: 1e6)),
      ],
    ])
  func manyDigits(data: [VariantData]) throws {
    let variants = try zip(["A", "B"], data).map { try Variant($0, $1) }
    let result = try Experiment(variants).analyse()
    let better = result.variants[1].probabilityBest
    #expect(abs(better + result.variants[0].probabilityBest - 1) < 1e-4)
    // Two or three standard errors of the difference apart, or certain.
    #expect(better > 0.9)
  }

  @Test("A gamma distribution of a huge shape is known at once, and to its last tail")
  func hugeShape() {
    // mpmath 1.3, 40 digits: gammainc regularised at shape + k √shape.
    for (k, wanted) in [
      (-35.0, 4.750189713132106e-275), (-8, 5.2401228154308307e-16), (-0.1, 0.4603031602514001),
      (0.1, 0.46004117156827642), (5, 2.9874901401146349e-7), (30, 3.262430144876734e-194),
    ] {
      let tails = gammaTails(logValue: log(1e6 + k * 1e3), shape: 1e6)
      #expect(agree(min(tails.lower, tails.upper), wanted, 1e-10), "\(k)")
    }
    let tails = gammaTails(logValue: log(1e14), shape: 1e14)
    #expect(abs(tails.lower - 0.5) < 1e-6)
  }

  @Test(
    "An experiment with a single variant, equal names or mixed metrics is refused")
  func structure() throws {
    let a = try rate("A", 1, 2)
    #expect(throws: ExperimentError.tooFewVariants(1)) { try Experiment([a]) }
    #expect(throws: ExperimentError.repeatedName("A")) { try Experiment([a, a]) }
    let other = try Variant("B", .poisson(count: 1, exposure: 2))
    #expect(throws: ExperimentError.self) { try Experiment([a, other]) }
    #expect(throws: ExperimentError.unknownVariant("Z", known: ["A", "B"])) {
      try Experiment([a, rate("B", 1, 2)], control: "Z")
    }
    #expect(throws: ExperimentError.self) {
      try Experiment([a, rate("B", 1, 2)], prior: .gamma(shape: 1, rate: 1)).analyse()
    }
    #expect(throws: ExperimentError.self) {
      try Experiment([a, rate("B", 1, 2)], prior: .beta(a: 0, b: 1)).analyse()
    }
    var experiment = try Experiment([a, rate("B", 1, 2)])
    experiment.mass = 1
    #expect(throws: ExperimentError.self) { try experiment.analyse() }
    experiment.mass = 0.9
    experiment.plannedSplit = [1]
    #expect(throws: ExperimentError.self) { try experiment.analyse() }
    experiment.plannedSplit = nil
    experiment.lossThreshold = 0
    #expect(throws: ExperimentError.self) { try experiment.analyse() }
  }

  @Test(
    "Data that cannot be are refused",
    arguments: [
      VariantData.binomial(successes: 5, trials: 4), .binomial(successes: -1, trials: 4),
      .binomial(successes: 1, trials: 0), .binomial(successes: .nan, trials: 4),
      .binomial(successes: 0.5, trials: 4), .poisson(count: 3, exposure: 0),
      .poisson(count: -3, exposure: 1), .poisson(count: 3, exposure: .infinity),
      .normal(MeanStatistics([1, 2])), .normal(MeanStatistics([2, 2, 2])),
      .normal(MeanStatistics(count: 9, mean: .nan, squaredDeviations: 1)),
      .binomial(successes: 1e12, trials: 1e13), .poisson(count: 1, exposure: 1e300),
      .poisson(count: 5, exposure: 1e-300), .poisson(count: 1e300, exposure: 1),
      .normal(MeanStatistics(count: 9, mean: 1e9, squaredDeviations: 1e-20)),
      .normal(MeanStatistics(count: 9, mean: 1e300, squaredDeviations: 1e300)),
      .revenue(units: 5, amounts: AmountStatistics(count: 6, sum: 1, sumOfLogs: 0)),
      .revenue(units: 5, amounts: AmountStatistics(count: 0, sum: 1, sumOfLogs: 0)),
      .revenue(units: 5, amounts: AmountStatistics(count: 2, sum: 4, sumOfLogs: 9)),
      .revenue(units: 0, amounts: AmountStatistics(count: 0, sum: 0, sumOfLogs: 0)),
    ])
  func refused(data: VariantData) {
    #expect(throws: ExperimentError.self) { try Variant("A", data) }
  }

  @Test("Sample sizes of the reference")
  func sizes() throws {
    for (method, wanted) in [
      (FixedTest.ProportionMethod.unpooled, 8154.986), (.pooled, 8157.731), (.arcsine, 8142.615),
    ] {
      let test = try FixedTest(.proportions(control: 0.05, treatment: 0.06, method))
      #expect(abs(test.controlSize(power: 0.8) - wanted) < 0.6e-3)
    }
  }

  @Test(
    "Assurance of means has its closed form, and tends to the prior probability of the direction")
  func assurance() throws {
    let test = try FixedTest(.means(difference: 0.5, controlSD: 2, treatmentSD: 3), ratio: 0.5)
    let n = 150.0
    let variance = (4 + 9 / 0.5) / n
    let critical = 1.959963984540054 * variance.squareRoot()
    let wanted = normalCDF((0.5 - critical) / (variance + 0.09).squareRoot())
    #expect(agree(try test.assurance(controlSize: n, effectSD: 0.3), wanted, 1e-10))
    let large = try test.assurance(controlSize: 1e14, effectSD: 0.3)
    #expect(abs(large - normalCDF(0.5 / 0.3)) < 1e-5)
    #expect(throws: ExperimentError.self) { try test.assurance(controlSize: n, effectSD: 0) }
    #expect(throws: ExperimentError.self) {
      try FixedTest(.means(difference: 0, controlSD: 1, treatmentSD: 1))
    }
    #expect(throws: ExperimentError.self) {
      try FixedTest(.proportions(control: 0.5, treatment: 1.2, .unpooled))
    }
    let rates = try FixedTest(.rates(control: 2, treatment: 2.1))
    #expect(agree(rates.power(controlSize: rates.controlSize(power: 0.9)), 0.9, 1e-12))
  }
}
