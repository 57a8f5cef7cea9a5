// The options of `ab` and its companions against the library's own values.

import BayesCore
import BayesExperiments
import Foundation
import Testing

/// A test of fixed size with the words that plan it.
private struct Plan: CustomTestStringConvertible, Sendable {
  let words: String
  let test: FixedTest
  var units: Double?
  var effectSD: Double?
  var testDescription: String { words }
}

private let rise = FixedTest.Comparison.proportions(control: 0.05, treatment: 0.06, .unpooled)

private let plans: [Plan] = [
  Plan(
    words: "--baseline 0.05 --effect 0.01 --units 20000", test: try! FixedTest(rise),
    units: 20_000),
  Plan(
    words: "--baseline 0.05 --effect 0.01 --units 20000 --effect-sd 0.003",
    test: try! FixedTest(rise), units: 20_000, effectSD: 0.003),
  Plan(
    words: "--baseline 0.05 --relative 0.2 --one-sided",
    test: try! FixedTest(rise, isTwoSided: false)),
  Plan(
    words: "--baseline 0.05 --effect 0.01 --ratio 2.5 --alpha 0.01",
    test: try! FixedTest(rise, alpha: 0.01, ratio: 2.5)),
  Plan(
    words: "--metric normal --effect 0.5 --sd 4 --treatment-sd 5 --effect-sd 0.2",
    test: try! FixedTest(.means(difference: 0.5, controlSD: 4, treatmentSD: 5)), effectSD: 0.2),
  Plan(
    words: "--metric poisson --baseline 2 --relative 0.05",
    test: try! FixedTest(.rates(control: 2, treatment: 2.1))),
]

private func near(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-11) -> Bool {
  guard let a, let b else { return a == nil && b == nil }
  return abs(a - b) <= tolerance * max(1, abs(b))
}

@Suite("Options of bayes ab")
struct ABOptionTests {
  @Test("--rope and --threshold", arguments: [(0.001, 0.01), (0.02, 0.0001)])
  func regions(_ rope: Double, _ threshold: Double) throws {
    let json = try bayes(
      "ab", "A=80/1500", "B=98/1490", "--rope", "\(rope)", "--threshold", "\(threshold)",
      "--format", "json"
    ).json()
    var experiment = try Experiment([
      Variant("A", .binomial(successes: 80, trials: 1500)),
      Variant("B", .binomial(successes: 98, trials: 1490)),
    ])
    experiment.equivalence = rope
    experiment.lossThreshold = threshold
    let result = try experiment.analyse()
    let comparison = try #require(result.variants[1].comparison)
    let found = try #require(json["variants"]?.array?[1]["comparison"]?["rope"])
    #expect(near(found["inside"]?.number, comparison.equivalence.inside))
    #expect(near(found["below"]?.number, comparison.equivalence.below))
    #expect(near(found["above"]?.number, comparison.equivalence.above))
    #expect(json["rope"]?.number == rope && json["loss_threshold"]?.number == threshold)
    let isChosen = result.decision.action != .continueTest
    #expect(isChosen == (threshold == 0.01))
    #expect(json["decision"]?["action"]?.string == (isChosen ? "choose" : "continue"))
    #expect(json["decision"]?["candidate"]?.string == "B")
    #expect(json["decision"]?["best"]?.array?.compactMap(\.string) == ["B"])
  }

  @Test("Equal losses are said to be equal, and warned of no prior")
  func tie() throws {
    let outcome = try bayes("ab", "A=5000/10000", "B=4000/8000", "--split", "10,8", "--strict")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Decision: A or B, as you like; without a reason to change, A"))
    #expect(outcome.output.contains("The decision is the same under all these priors."))
    let json = try bayes(
      "ab", "A=5000/10000", "B=4000/8000", "--split", "10,8", "--control", "B", "--format", "json"
    ).json()
    #expect(json["decision"]?["candidate"]?.string == "B")
    #expect(json["decision"]?["best"]?.array?.compactMap(\.string) == ["A", "B"])
  }

  @Test("A lift without an expectation says why") func noExpectation() throws {
    let outcome = try bayes("ab", "A=10/2/200", "B=10.5/2/200", "--metric", "normal")
    #expect(outcome.output.contains("No E[lift]: the control's mean may be close to 0"))
    let rates = try bayes("ab", "A=80/1500", "B=98/1490")
    #expect(!rates.output.contains("No E[lift]"))
  }

  @Test("--covariate takes out what the covariate explains, and goes with normal only")
  func covariate() throws {
    let scratch = try Scratch()
    let rows = (0..<120).map { i -> (group: Int, value: Double, before: Double) in
      let before = Double((i * 37) % 23)
      return (i % 2, 0.8 * before + Double((i * 13) % 7) + (i % 2 == 1 ? 0.5 : 0), before)
    }
    try scratch.write(
      "variant,value,before\n"
        + rows.map { "\($0.group == 0 ? "A" : "B"),\($0.value),\($0.before)\n" }.joined(),
      to: "units.csv")
    let words = ["ab", "units.csv", "--covariate", "before"]
    let json = try bayes(
      words: words + ["--metric", "normal", "--format", "json"], in: scratch.folder
    ).json()
    let adjustment = CovariateAdjustment(
      values: rows.map(\.value), covariate: rows.map(\.before), groups: rows.map(\.group),
      groupCount: 2)
    #expect(near(json["cuped"]?["slope"]?.number, adjustment.slope))
    #expect(near(json["cuped"]?["variance_reduction"]?.number, adjustment.varianceReduction))
    #expect(adjustment.varianceReduction > 0.5)
    let variants = try [0, 1].map { group in
      try Variant(
        "\(group)",
        .normal(
          MeanStatistics(
            rows.indices.filter { rows[$0].group == group }.map { adjustment.adjusted[$0] })))
    }
    let result = try Experiment(variants).analyse()
    let difference = try #require(result.variants[1].comparison?.difference)
    let found = try #require(json["variants"]?.array?[1]["comparison"]?["difference"])
    #expect(near(found["median"]?.number, difference.median, 1e-9))
    #expect(near(found["sd"]?.number, difference.posterior.standardDeviation, 1e-9))
    let wrong = try bayes(words: words + ["--metric", "revenue"], in: scratch.folder)
    #expect(wrong.status == 64 && wrong.errors.contains("--covariate goes with --metric normal"))
  }

  @Test("--exposure weighs counts, as the totals do") func exposure() throws {
    let scratch = try Scratch()
    try scratch.write(
      "variant,value,hours\nA,3,2\nB,4,1.5\nA,1,0.5\nB,5,2.5\nA,0,1\n", to: "units.csv")
    func variants(_ words: String...) throws -> [JSONValue] {
      let outcome = try bayes(
        words: ["ab", "--metric", "poisson", "--format", "json"] + words, in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require(try outcome.json()["variants"]?.array)
    }
    let rows = try variants("units.csv", "--exposure", "hours")
    let totals = try variants("A=4/3.5", "B=9/4")
    for (a, b) in zip(rows, totals) {
      for name in ["mean", "probability_best", "expected_loss"] {
        let total = try #require(b[name]?.number)
        #expect(near(a[name]?.number, total), "\(name)")
      }
    }
    let wrong = try bayes(
      "ab", "units.csv", "--exposure", "hours", "--metric", "normal", in: scratch.folder)
    #expect(wrong.status == 64 && wrong.errors.contains("--exposure goes with --metric poisson"))
  }

  @Test("ab plan: sizes, power and assurance", arguments: plans)
  fileprivate func plan(_ plan: Plan) throws {
    let outcome = try bayes(
      words: ["ab", "plan", "--format", "json"] + plan.words.split(separator: " ").map(String.init))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let methods = try #require(try outcome.json()["methods"]?.array)
    let method = try #require(
      methods.first { $0["name"]?.string == "unpooled" } ?? methods.first)
    let exact = plan.units ?? plan.test.controlSize(power: 0.8)
    #expect(near(method["control_size_exact"]?.number, exact))
    let control = try #require(method["control_size"]?.number)
    #expect(control >= exact * (1 - 1e-12) && control < exact + 1)
    #expect(near(method["power"]?.number, plan.test.power(controlSize: control)))
    let assurance = try plan.effectSD.map {
      try plan.test.assurance(controlSize: control, effectSD: $0)
    }
    #expect(near(method["assurance"]?.number, assurance))
    let treatment = try #require(method["treatment_size"]?.number)
    #expect(treatment >= exact * plan.test.ratio - 1e-9)
    #expect(treatment < exact * plan.test.ratio + 1)
  }

  @Test("ab monitor --sigma 1 --tau 0.1: the reference's likelihood ratio and p")
  func mixture() throws {
    let scratch = try Scratch()
    try scratch.write(
      "look,variant,mean,sd,units\n1,A,0,3,1000\n1,B,0.1,3,1000\n", to: "looks.csv")
    let json = try bayes(
      "ab", "monitor", "looks.csv", "--metric", "normal", "--sigma", "1", "--tau", "0.1",
      "--format", "json", in: scratch.folder
    ).json()
    let look = try #require(json["comparisons"]?.array?.first?["looks"]?.array?.first)
    #expect(look["log_likelihood_ratio"]?.number.map { abs(exp($0) - 3.2787216275) < 1e-9 } == true)
    #expect(look["p_value"]?.number.map { abs($0 - 0.3049969206) < 1e-10 } == true)
    let both = try bayes(
      "ab", "monitor", "looks.csv", "--metric", "normal", "--tau", "0.1", "--planned", "100",
      in: scratch.folder)
    #expect(both.status == 64 && both.errors.contains("--tau and --planned"))
  }

  @Test("ab monitor --every: a look at so many rows", arguments: [25, 50, 200])
  func every(_ rows: Int) throws {
    let scratch = try Scratch()
    let values = (0..<200).map { i -> (group: Int, value: Double) in
      let step = i % 2 == 1 ? 0.4 : 0
      return (i % 2, Double((i * 29) % 11) + step)
    }
    try scratch.write(
      "variant,value\n" + values.map { "\($0.group == 0 ? "A" : "B"),\($0.value)\n" }.joined(),
      to: "units.csv")
    let json = try bayes(
      "ab", "monitor", "units.csv", "--metric", "normal", "--every", "\(rows)", "--format", "json",
      in: scratch.folder
    ).json()
    let looks = try #require(json["comparisons"]?.array?.first?["looks"]?.array)
    #expect(looks.count == 200 / rows)
    let test = try SequentialTest(mixture: .plannedUnits(5000))
    let own = stride(from: rows, through: 200, by: rows).compactMap { end -> Look? in
      func data(_ group: Int) -> VariantData {
        .normal(MeanStatistics(values[..<end].filter { $0.group == group }.map(\.value)))
      }
      return Look(control: data(0), treatment: data(1))
    }
    for (found, reading) in zip(looks, test.read(own)) {
      #expect(near(found["p_value"]?.number, reading.pValue))
      #expect(near(found["difference"]?.number, reading.look.difference))
    }
  }

  @Test("ab peek --spacing: the study's own rates", arguments: ["equal", "log"])
  func spacing(_ spacing: String) throws {
    let json = try bayes(
      "ab", "peek", "--metric", "normal", "--sd", "2", "--effect", "0.1", "--rules",
      "z,posterior:0.95", "--looks", "1,7", "--units", "900", "--replicates", "500", "--seed", "4",
      "--spacing", spacing, "--format", "json"
    ).json()
    var study = PeekingStudy(.normal(sd: 2), rules: [.zTest, .posterior(threshold: 0.95)])
    study.effect = 0.1
    study.units = 900
    study.looks = [1, 7]
    study.spacing = spacing == "log" ? .log : .equal
    study.replicates = 500
    study.seed = 4
    let rates = try study.run()
    #expect(json["spacing"]?.string == spacing)
    let found = try #require(json["rates"]?.array)
    #expect(found.compactMap { $0["stopped"]?.number } == rates.map(\.share))
    #expect(found.compactMap { $0["mean_units"]?.number } == rates.map(\.meanUnits))
  }
}
