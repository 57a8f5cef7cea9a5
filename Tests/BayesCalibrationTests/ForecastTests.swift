// Forecasts: scores against their definitions, transforms that are uniform, exact coverage, refusals.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

private func forecast(_ row: Peer) throws -> Forecast {
  switch row.json["kind"]?.string {
  case "normal":
    try .normal(mean: row.value("mean"), standardDeviation: row.value("sd"))
  case "draws": try .draws(row.values("x"))
  case "quantiles": try .quantiles(levels: row.values("levels"), values: row.values("values"))
  default: try .counts(probabilities: row.values("p"))
  }
}

@Suite struct ForecastTests {
  @Test("CRPS is the integral that defines it, or its double sum", arguments: coverageRows("crps"))
  func crps(row: Peer) throws {
    let forecast = try forecast(row)
    let y = row.value("y")
    #expect(abs(forecast.crps(y) - row.value("crps")) < 1e-10)
    #expect(abs(forecast.mean - row.value("average")) < 1e-6)
    if case .draws(let draws) = forecast.shape {
      if draws.count == 1 {
        #expect(forecast.fairCRPS(y) == nil)
      } else {
        #expect(abs((forecast.fairCRPS(y) ?? .nan) - row.value("fair")) < 1e-12)
      }
    } else {
      #expect(forecast.fairCRPS(y) == forecast.crps(y))
    }
    if row.json["low"] != nil {
      let range = forecast.integralTransform(y)
      #expect(abs(range.lowerBound - row.value("low")) < 1e-12)
      #expect(abs(range.upperBound - row.value("high")) < 1e-12)
    }
  }

  @Test("The fixture is there") func there() {
    #expect(coverageRows("crps").count == 22 && coverageRows("baselines").count == 3)
  }

  @Test("Quantiles and medians of each form, by hand")
  func quantiles() throws {
    let draws = try Forecast.draws([3, 1, 2, 4])
    #expect(draws.median == 2.5 && draws.quantile(0.2) == 1 && draws.quantile(0.99) == 4)
    #expect(draws.interval(0.6) == 1...4)
    let lines = try Forecast.quantiles(
      levels: [0.05, 0.25, 0.5, 0.75, 0.95], values: [0, 1, 2, 4, 9])
    #expect(lines.interval(0.5) == 1...4 && lines.interval(0.9) == 0...9)
    #expect(lines.interval(0.95) == nil && lines.quantile(0.35) == 1.4)
    #expect(lines.integralTransform(-1) == 0...0.05 && lines.integralTransform(10) == 0.95...1)
    #expect(lines.integralTransform(2) == 0.5...0.5 && lines.integralTransform(3) == 0.625...0.625)
    let counts = try Forecast.counts(probabilities: [0.5, 0.25, 0.25])
    #expect(counts.median == 0 && counts.mean == 0.75 && counts.interval(0.9) == 0...2)
    #expect(counts.integralTransform(1) == 0.5...0.75 && counts.integralTransform(-1) == 0...0)
    #expect(counts.integralTransform(7) == 1...1)
    let certain = try Forecast.normal(mean: 2, standardDeviation: 0)
    #expect(certain.crps(5) == 3 && certain.integralTransform(2) == 0...1)
    #expect(certain.interval(0.9) == 2...2 && certain.integralTransform(1) == 0...0)
  }

  @Test("A normal's CRPS is the limit of its draws' and of its quantiles'")
  func limits() throws {
    let normal = try Forecast.normal(mean: 1, standardDeviation: 2)
    let levels = (1..<4000).map { Double($0) / 4000 }
    let values = levels.map { 1 + 2 * normalQuantile($0) }
    let (draws, lines) = (
      try Forecast.draws(values), try Forecast.quantiles(levels: levels, values: values)
    )
    for y in [-4.0, 0.9, 3] {
      #expect(abs(draws.crps(y) - normal.crps(y)) < 1e-3)
      #expect(abs(lines.crps(y) - normal.crps(y)) < 1e-3)
    }
  }

  @Test("Interval scores and pinball losses, by hand")
  func scores() {
    #expect(abs(intervalScore(1...3, level: 0.8, outcome: 0.5) - 7) < 1e-12)
    #expect(intervalScore(1...3, level: 0.8, outcome: 2) == 2)
    #expect(pinballLoss(2, level: 0.9, outcome: 3) == 0.9)
    #expect(abs(pinballLoss(2, level: 0.9, outcome: 1) - 0.1) < 1e-15)
    // The interval score is the sum of the two ends' losses, times 2/(1 − level).
    for y in [-1.0, 1.2, 9] {
      let sum = pinballLoss(1, level: 0.1, outcome: y) + pinballLoss(3, level: 0.9, outcome: y)
      #expect(abs(intervalScore(1...3, level: 0.8, outcome: y) - 10 * sum) < 1e-12)
    }
  }

  @Test("Transforms of right forecasts are uniform, also of counts and of few draws")
  func uniform() throws {
    var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: 2)
    var outcomes: [Double] = []
    var kinds: [[Forecast]] = [[], [], []]
    var counts: [Double] = []
    let poisson = poissonProbabilities(mean: 1.3)
    for _ in 0..<4000 {
      outcomes.append(3 + 2 * stream.normal())
      kinds[0].append(try .normal(mean: 3, standardDeviation: 2))
      kinds[1].append(try .draws((0..<7).map { _ in 3 + 2 * stream.normal() }))
      counts.append(stream.poisson(mean: 1.3))
      kinds[2].append(try .counts(probabilities: poisson))
    }
    for (i, forecasts) in kinds.enumerated() {
      let result = try ForecastAssessment(forecasts, outcomes: i == 2 ? counts : outcomes)
      // χ² with 19 degrees: 99.99 % below 53.
      var cells = [Double](repeating: 0, count: 20)
      for u in result.transforms { cells[Swift.min(19, Int(u * 20))] += 1 }
      #expect(cells.reduce(0) { $0 + ($1 - 200) * ($1 - 200) / 200 } < 53)
    }
    let draws = try ForecastAssessment(kinds[1], outcomes: outcomes, levels: [0.5])
    // From the 2nd to the 6th of 7 draws: exactly one half.
    #expect(abs(draws.levels[0].coverage - 0.5) < 4 * 0.5 / 4000.0.squareRoot())
    #expect(draws.levels[0].interval.contains(draws.levels[0].coverage))
  }

  @Test("Measures of two forecasts, by hand")
  func byHand() throws {
    let forecasts = [
      try Forecast.draws([0, 1, 5]), try Forecast.normal(mean: 10, standardDeviation: 0),
    ]
    let result = try ForecastAssessment(forecasts, outcomes: [3, 8], levels: [0.5])
    #expect(result.count == 2 && result.meanAbsoluteError == 2)
    #expect(result.bias == 0.5 && result.rootMeanSquaredError == 2.5.squareRoot())
    // (3 + 2 + 2)/3 − (1 + 5 + 4)/9 = 11/9 and 2.
    #expect(abs(result.meanCRPS - (11.0 / 9 + 2) / 2) < 1e-14)
    #expect(result.levels[0].covered == 1 && result.levels[0].meanWidth == 2.5)
    #expect(abs(result.levels[0].meanScore - (5 + 4 * 2) / 2) < 1e-14)
  }

  @Test("Clopper and Pearson's interval covers at least 95 %", arguments: [1, 7, 40])
  func clopper(n: Int) {
    for p in stride(from: 0.01, to: 1, by: 0.0173) {
      var inside = 0.0
      for k in 0...n where binomialInterval(k, of: n).contains(p) {
        let (x, m) = (Double(k), Double(n))
        inside += exp(
          logGamma(m + 1) - logGamma(x + 1) - logGamma(m - x + 1) + x * log(p) + (m - x)
            * log(1 - p))
      }
      #expect(inside >= 0.95 - 1e-9)
    }
  }

  @Test("What is no forecast is refused")
  func refusals() throws {
    #expect(
      message { _ = try Forecast.normal(mean: 0, standardDeviation: -1) }
        == "a normal forecast needs a finite mean and a finite deviation of at least 0, found 0 and -1"
    )
    #expect(message { _ = try Forecast.draws([]) } == "a forecast needs at least 1 draw")
    #expect(message { _ = try Forecast.draws([.nan]) } == "the draws of a forecast are finite")
    #expect(throws: CalibrationError.self) {
      try Forecast.quantiles(levels: [0.1, 0.2], values: [1, 2])
    }
    #expect(
      message { _ = try Forecast.quantiles(levels: [0.1, 0.9], values: [2, 1]) }
        == "quantiles are finite and do not decrease")
    #expect(
      message { _ = try Forecast.counts(probabilities: [0.5, 0.4]) }
        == "the probabilities of counts are at least 0 and sum to 1, found a sum of 0.9")
    let lines = try Forecast.quantiles(levels: [0.1, 0.9], values: [1, 2])
    #expect(
      message { _ = try ForecastAssessment([lines], outcomes: [1]) }
        == "row 1: found quantiles that do not reach the interval of level 0.9, expected quantiles from 0.05 to 0.95"
    )
    #expect(
      message { _ = try ForecastAssessment([lines], outcomes: []) }
        == "there are 0 outcomes but 1 forecasts")
    #expect(
      message { _ = try ForecastAssessment([lines], outcomes: [.infinity]) }
        == "row 1: found outcome inf, expected a finite number")
    #expect(throws: CalibrationError.self) { try ForecastAssessment([], outcomes: []) }
  }
}

/// Poisson probabilities of 0…39.
private func poissonProbabilities(mean: Double) -> [Double] {
  (0..<40).map { exp(Double($0) * log(mean) - mean - logGamma(Double($0) + 1)) }
}
