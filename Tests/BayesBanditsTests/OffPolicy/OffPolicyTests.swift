// Off-policy estimates against small logs worked out by hand, and against known truths.

import BayesDiagnostics
import BayesNumerics
import Glibc
import Testing

@testable import BayesBandits

private func close(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-12) -> Bool {
  a.map { abs($0 - b) <= tolerance } ?? false
}

private func settings(_ policy: TargetPolicy) -> OffPolicySettings {
  var settings = OffPolicySettings(policy: policy)
  settings.replicates = 200
  return settings
}

/// Arm, reward, propensity by row.
private func list(_ rows: [(Int, Double, Double)], arms: [String] = ["A", "B"]) -> ChoiceList {
  ChoiceList(
    arms: arms,
    choices: rows.enumerated().map {
      LoggedChoice(arm: $1.0, reward: $1.1, propensity: $1.2, line: $0 + 2)
    })
}

/// Four rows: A pays 1 and 0 at .8, B pays 1 and 1 at .2 and .4.
private let four = list([(0, 1, 0.8), (0, 0, 0.8), (1, 1, 0.2), (1, 1, 0.4)])

@Suite struct OffPolicyTests {
  @Test("Four rows give what the formulas give by hand") func byHand() throws {
    var settings = settings(.fixed(["A": 0.4, "B": 0.6]))
    settings.priorReward = 1
    settings.priorCount = 2
    settings.switchThreshold = 2
    let result = try evaluateOffPolicy(four, settings)
    // Weights .5, .5, 3, 1.5; q = (2/4, 3/4); the policy's q is .65.
    #expect(close(result[.inversePropensity]?.value, 5 / 4.0))
    #expect(close(result[.selfNormalised]?.value, 5 / 5.5))
    #expect(close(result[.direct]?.value, 0.65))
    #expect(close(result[.doublyRobust]?.value, 0.65 + (0.25 - 0.25 + 0.75 + 0.375) / 4))
    #expect(close(result[.switchDoublyRobust]?.value, 0.65 + 0.375 / 4))
    #expect(close(result.weights.mean, 5.5 / 4))
    #expect(close(result.weights.effectiveSampleSize, 5.5 * 5.5 / 11.75))
    #expect(close(result[.switchDoublyRobust]?.effectiveSampleSize, 2.5 * 2.5 / 2.75))
    #expect(result.weights.largestLine == 4 && result.weights.aboveSwitch == 1)
    // Contributions .5, 0, 3, 1.5: squares about 1.25 sum to 5.25.
    #expect(close(result[.inversePropensity]?.standardError, (5.25 / 12).squareRoot()))
    // Σ w²(r − v)² with v = 10/11, over Σ w = 5.5.
    let (hit, miss) = (1.0 / 121, 100.0 / 121)
    let squares = 0.25 * hit + 0.25 * miss + 9 * hit + 2.25 * hit
    #expect(close(result[.selfNormalised]?.standardError, squares.squareRoot() / 5.5))
    // Beta(2, 2) and Beta(3, 1) have the variances 1/20 and 3/80.
    let variance = 0.16 / 20 + 0.36 * 3 / 80
    #expect(close(result[.direct]?.standardError, variance.squareRoot()))
  }

  @Test("A policy that is a function gives what the same probabilities in the log give")
  func function() throws {
    func rows(_ targets: (Int) -> [Double]) -> ChoiceList {
      ChoiceList(
        arms: four.arms,
        choices: four.choices.enumerated().map { i, row in
          LoggedChoice(
            arm: row.arm, reward: row.reward, propensity: row.propensity,
            target: targets(i).isEmpty ? nil : targets(i)[row.arm], targets: targets(i),
            context: [Double(i)], line: row.line)
        })
    }
    @Sendable func share(_ i: Double) -> [Double] { [0.2 * i, 1 - 0.2 * i] }
    let logged = try evaluateOffPolicy(rows { share(Double($0)) }, settings(.logged))
    let computed = try evaluateOffPolicy(
      rows { _ in [] },
      settings(
        .computed(
          RowPolicy("shares") { context, arms in
            #expect(arms == ["A", "B"])
            return share(context[0])
          })))
    #expect(computed.estimates == logged.estimates && computed.weights == logged.weights)
    #expect(computed.estimates.allSatisfy { $0.value != nil })
    for wrong in [[1.0], [0.5, 0.6], [1.5, -0.5], [.nan, 1]] {
      #expect(throws: OffPolicyError.self) {
        try evaluateOffPolicy(four, settings(.computed(RowPolicy("wrong") { _, _ in wrong })))
      }
    }
  }

  @Test("The reward model's prior is that of the log's own rewards, whatever their size")
  func priorScale() throws {
    for scale in [1.0, 1000] {
      let log = list(four.choices.map { ($0.arm, scale * $0.reward, $0.propensity) })
      let result = try evaluateOffPolicy(log, settings(.fixed(["A": 0.4, "B": 0.6])))
      // Ten rows of the mean ¾ for each arm.
      #expect(
        close(result[.direct]?.value, scale * (0.4 * 8.5 + 0.6 * 9.5) / 12, 1e-12 * scale))
    }
  }

  @Test("With folds a row's prediction comes from other rows, and so does the greedy arm")
  func folds() throws {
    var settings = settings(.uniform)
    settings.priorReward = 1
    settings.priorCount = 2
    settings.folds = 2
    // Fold 0 has rows 0 and 2, fold 1 has rows 1 and 3. q in fold 0: (1/3, 2/3); in fold 1: (2/3, 2/3).
    let result = try evaluateOffPolicy(four, settings)
    let direct = (2 * 0.5 + 2 * (2 / 3.0)) / 4
    #expect(close(result[.direct]?.value, direct))
    let residuals = 0.625 * (1 - 1 / 3.0) - 0.625 * (2 / 3.0) + 2.5 / 3 + 1.25 / 3
    #expect(close(result[.doublyRobust]?.value, direct + residuals / 4))
    settings.policy = .greedy
    // Rows of fold 0 get B, rows of fold 1 either, which is a tie for the last.
    #expect(
      try evaluateOffPolicy(four, settings).warnings.contains { $0.kind == .sameRows } == false)
  }

  @Test("A split keeps the rows of the model apart from those evaluated") func split() throws {
    var settings = settings(.greedy)
    settings.trainingShare = 0.5
    let rows = (0..<1000).map { ($0 % 2, $0 % 2 == 1 ? 1.0 : 0.0, 0.5) }
    let result = try evaluateOffPolicy(list(rows), settings)
    #expect(result.trainingCount + result.rowCount == 1000)
    #expect(abs(result.trainingCount - 500) <= 2)
    #expect(result.probabilities == [0, 1] && result[.selfNormalised]?.value == 1)
    settings.trainingShare = 0
    let same = try evaluateOffPolicy(list(rows), settings)
    #expect(same.warnings.contains { $0.kind == .sameRows })
  }

  @Test("Probabilities by row serve all methods, those of the choice alone the weighted ones")
  func targetsByRow() throws {
    let rows = [
      LoggedChoice(arm: 0, reward: 1, propensity: 0.5, target: 0.25, targets: [0.25, 0.75]),
      LoggedChoice(arm: 1, reward: 0, propensity: 0.5, target: 0.5, targets: [0.5, 0.5]),
      LoggedChoice(arm: 1, reward: 1, propensity: 0.5, target: 1, targets: [0, 1]),
    ]
    var settings = settings(.logged)
    settings.priorReward = 1
    settings.priorCount = 2
    let all = try evaluateOffPolicy(ChoiceList(arms: ["A", "B"], choices: rows), settings)
    // q = (2/3, 1/2).
    let expected = [0.25 * 2 / 3 + 0.75 / 2, 1 / 3.0 + 0.25, 0.5]
    #expect(close(all[.direct]?.value, expected.reduce(0, +) / 3))
    #expect(close(all[.inversePropensity]?.value, 2.5 / 3))
    let some = rows.map { row in
      var row = row
      row.targets = []
      return row
    }
    let result = try evaluateOffPolicy(ChoiceList(arms: ["A", "B"], choices: some), settings)
    #expect(close(result[.inversePropensity]?.value, 2.5 / 3))
    #expect(result[.doublyRobust]?.value == nil && result[.doublyRobust]?.note != nil)
  }

  @Test(
    "Estimates of a known truth are within four standard errors, and replay of any log too",
    arguments: [UInt64(1), 2, 3])
  func knownTruth(seed: UInt64) throws {
    let (rates, logging, target) = ([0.2, 0.5, 0.7], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7])
    var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
    let rows = (0..<20_000).map { _ -> (Int, Double, Double) in
      let arm = stream.categorical(logging)!
      return (arm, stream.uniform() < rates[arm] ? 1 : 0, logging[arm])
    }
    let truth = zip(rates, target).reduce(0) { $0 + $1.0 * $1.1 }
    let result = try evaluateOffPolicy(
      list(rows, arms: ["a", "b", "c"]), settings(.listed(target)))
    for estimate in result.estimates where estimate.method != .switchDoublyRobust {
      let slack = 4 * estimate.standardError! + (estimate.method == .direct ? 0.01 : 0)
      #expect(abs(estimate.value! - truth) < slack, "\(estimate.method)")
    }
    // The weights sum to n, and the largest is 7.
    #expect(abs(result[.replay]!.effectiveSampleSize! - 20_000 / 7) < 250)
    #expect(result.warnings.isEmpty)
  }

  @Test("Normal, bootstrap and Bernstein intervals are ordered as theory has it", arguments: [7])
  func intervals(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 1)
    let rows = (0..<3000).map { _ -> (Int, Double, Double) in
      let arm = stream.uniform() < 0.2 ? 1 : 0
      return (arm, stream.uniform() < 0.4 ? 1 : 0, arm == 1 ? 0.2 : 0.8)
    }
    var widths: [Double] = []
    for method in [IntervalMethod.normal, .bootstrap, .bernstein] {
      var settings = settings(.uniform)
      settings.interval = method
      settings.replicates = 300
      let estimate = try evaluateOffPolicy(list(rows), settings)[.doublyRobust]!
      #expect(estimate.intervalMethod == method)
      widths.append(estimate.interval!.upperBound - estimate.interval!.lowerBound)
    }
    #expect(abs(widths[1] / widths[0] - 1) < 0.2)
    #expect(widths[2] > widths[0])
  }

  @Test("Pareto's k of a stream is that of all weights, also where some are zero")
  func paretoShape() throws {
    var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: 2)
    for count in [30, 200, 5000] {
      let weights = (0..<count).map { _ in stream.logNormal(location: 0, scale: 1.5) }
      var tail = WeightTail()
      for weight in weights { tail.add(weight) }
      let all = SmoothedWeights(logRatios: weights.map { log($0) }).shape
      #expect(close(tail.shape(), all, 1e-9), "\(count)")
    }
  }

  @Test("The tail of a stream does not depend on what was forgotten on the way")
  func longStream() throws {
    var (tail, weights) = (WeightTail(), [Double]())
    var stream = RandomStream(seed: 6, chain: 0, purpose: .test, iteration: 3)
    for _ in 0..<1_100_000 {
      let weight = 1 / stream.uniform()
      tail.add(weight)
      weights.append(weight)
    }
    let all = SmoothedWeights(logRatios: weights.map { log($0) }).shape
    #expect(close(tail.shape(), all, 1e-9))
  }
}
