// Walking forward: no row of the future, the right window, baselines against independent code.

import BayesCore
import BayesNumerics
import Testing

@testable import BayesCalibration

/// Forecasts the sum and the last of what it sees, so that a test can tell what that was.
private struct Witness: Forecaster {
  let name = "witness"
  func forecasts(after history: [Double], horizon: Int) throws -> [Forecast] {
    if history.count == 7 { throw CalibrationError.tooFewRows(found: 7, needed: 8) }
    return try (1...horizon).map {
      try .draws([
        Double(history.count), history[0], history[history.count - 1], 1000 * Double($0),
      ])
    }
  }
}

@Suite struct WalkForwardTests {
  @Test(
    "Windows touch, never overlap, and are whole",
    arguments: [
      (10, WalkForward.Training.expanding(from: 4), 1, 1, 6, 0, 4, 10),
      (10, .expanding(from: 4), 3, 1, 4, 0, 4, 10), (10, .expanding(from: 4), 3, 2, 2, 0, 4, 9),
      (10, .sliding(length: 4), 2, 2, 3, 0, 4, 10), (10, .sliding(length: 9), 1, 5, 1, 0, 9, 10),
    ])
  func windows(
    n: Int, training: WalkForward.Training, horizon: Int, step: Int, count: Int, first: Int,
    origin: Int, end: Int
  ) throws {
    let walk = try WalkForward(training: training, horizon: horizon, step: step)
    let windows = try walk.windows(count: n)
    #expect(windows.count == count)
    #expect(windows[0].training == first..<origin)
    #expect(windows[count - 1].test.upperBound == end)
    for (i, window) in windows.enumerated() {
      #expect(window.training.upperBound == window.test.lowerBound)
      #expect(window.test.count == horizon && window.test.lowerBound == origin + i * step)
      switch training {
      case .expanding: #expect(window.training.lowerBound == 0)
      case .sliding(let length): #expect(window.training.count == length)
      }
    }
  }

  @Test(
    "A forecaster sees the rows before its window and no others", arguments: [false, true])
  func leaks(isSliding: Bool) throws {
    let series = (0..<20).map(Double.init)
    let walk = try WalkForward(
      training: isSliding ? .sliding(length: 5) : .expanding(from: 5), horizon: 3, step: 2)
    let result = try walk.evaluate(series, with: [Witness()], threads: 3)[0]
    #expect(result.failures == (isSliding ? 0 : 1))
    for (i, row) in result.rows.enumerated() {
      let origin = 5 + 2 * i
      #expect(row.window.test == origin..<origin + 3)
      if origin == 7, !isSliding {
        #expect(row.failure == "found 7 rows, need at least 8" && row.assessment == nil)
        continue
      }
      let start = isSliding ? origin - 5 : 0
      for h in 1...3 {
        let seen = [Double(origin - start), Double(start), Double(origin - 1), 1000 * Double(h)]
        #expect(row.forecasts[h - 1] == (try Forecast.draws(seen)))
      }
    }
    let good = result.rows.count - result.failures
    #expect(
      result.overall?.count == 3 * good && result.byHorizon.map(\.count) == [good, good, good])
  }

  @Test("On 0, 1, 2, … the last value errs by −h, h steps ahead, and drift by nothing")
  func offByOne() throws {
    let series = (0..<30).map(Double.init)
    let walk = try WalkForward(training: .expanding(from: 10), horizon: 4, step: 3)
    let results = try walk.evaluate(series, with: [LastValue(), Drift(), SeasonalNaive(period: 5)])
    for h in 1...4 {
      let last = results[0].byHorizon[h - 1]
      #expect(last.bias == -Double(h) && last.meanAbsoluteError == Double(h))
      #expect(abs(results[1].byHorizon[h - 1].bias) < 1e-12)
      // A certain forecast's CRPS is its absolute error; drift is certain on a line, and season errs by 5.
      #expect(abs(results[1].byHorizon[h - 1].meanCRPS) < 1e-12)
      #expect(results[2].byHorizon[h - 1].bias == -5)
    }
    #expect(results[1].skill(over: results[0]) == 1)
    #expect(results[0].skill(over: results[1]) == nil || results[0].skill(over: results[1])! < -1e9)
  }

  @Test("Baselines are those of independent code", arguments: coverageRows("baselines"))
  func baselines(row: Peer) throws {
    let y = row.values("y")
    let forecasters: [(String, any Forecaster, Double)] = [
      ("last", LastValue(), 1e-12), ("season", try SeasonalNaive(period: 2), 1e-12),
      ("mean", HistoricalMean(), 1e-12), ("drift", Drift(), 1e-12),
      ("smoothing", ExponentialSmoothing(), 1e-6),
      ("autoregression", try Autoregression(order: 2), 1e-9),
    ]
    for (key, forecaster, tolerance) in forecasters {
      let wanted = row.json[key]?.array?.map { $0.array?.compactMap(\.number) ?? [] } ?? []
      let found = try forecaster.forecasts(after: y, horizon: 3)
      #expect(found.count == 3 && wanted.count == 2)
      for h in 0..<3 {
        guard case .normal(let mean, let deviation) = found[h].shape else {
          Issue.record("not normal")
          continue
        }
        #expect(abs(mean - wanted[0][h]) <= tolerance * (1 + abs(mean)), "\(key)")
        #expect(abs(deviation - wanted[1][h]) <= tolerance * (1 + deviation), "\(key)")
      }
    }
    #expect(abs(ExponentialSmoothing.fit(y).weight - row.value("weight")) < 1e-5)
  }

  @Test("An autoregression's intervals cover its own process", arguments: [1, 5])
  func coverage(horizon: Int) throws {
    var stream = RandomStream(seed: 17, chain: 0, purpose: .test, iteration: 3)
    var series = [0.0, 0.0]
    for _ in 0..<1300 {
      let n = series.count
      series.append(0.9 * series[n - 1] - 0.3 * series[n - 2] + stream.normal() + 2)
    }
    let walk = try WalkForward(training: .expanding(from: 300), horizon: horizon, step: horizon)
    let result = try walk.evaluate(
      Array(series[2...]), with: [Autoregression(order: 2), HistoricalMean()])
    for level in try #require(result[0].overall).levels {
      // Errors within a window of 5 are correlated: the deviation is at most √5 times the binomial's.
      let deviation =
        (level.level * (1 - level.level) * Double(horizon) / Double(1000)).squareRoot()
      #expect(abs(level.coverage - level.level) < 4 * deviation)
    }
    #expect((result[0].skill(over: result[1]) ?? 0) > (horizon == 1 ? 0.2 : 0.05))
  }

  @Test("Results do not depend on threads")
  func threads() throws {
    var stream = RandomStream(seed: 2, chain: 0, purpose: .test, iteration: 4)
    let series = (0..<60).map { _ in stream.poisson(mean: 4) }
    let walk = try WalkForward(training: .sliding(length: 20), horizon: 2)
    let results = try [1, 4].map {
      try walk.evaluate(series, with: [ExponentialSmoothing()], threads: $0)[0].overall
    }
    #expect(results[0] == results[1] && results[0] != nil)
  }

  @Test("A constant series is forecast with certainty by all")
  func constant() throws {
    let forecasters: [any Forecaster] = [
      LastValue(), try SeasonalNaive(period: 3), HistoricalMean(), Drift(), ExponentialSmoothing(),
      try Autoregression(order: 2),
    ]
    let walk = try WalkForward(training: .expanding(from: 12), horizon: 2)
    for result in try walk.evaluate(Array(repeating: 1e6, count: 20), with: forecasters) {
      #expect(result.failures == 0)
      #expect(abs(result.overall?.meanCRPS ?? .nan) < 1e-6)
      #expect(result.overall?.levels.allSatisfy { $0.coverage == 1 } ?? false)
    }
  }

  @Test("What cannot be walked is refused or kept as the window's failure")
  func refusals() throws {
    #expect(
      message { _ = try WalkForward(training: .sliding(length: 0)) }
        == "walk-forward windows need at least 1 training row, a horizon and a step of at least 1, found 0, 1 and 1"
    )
    let walk = try WalkForward(training: .expanding(from: 5), horizon: 3)
    #expect(message { _ = try walk.windows(count: 7) } == "found 7 rows, need at least 8")
    #expect(
      message { _ = try walk.evaluate([1, .nan], with: []) }
        == "row 2: found value nan, expected a finite number")
    let short = try walk.evaluate(
      Array(repeating: 1, count: 9), with: [Autoregression(order: 4)])[0]
    #expect(short.failures == 2 && short.overall == nil && short.byHorizon.isEmpty)
    #expect(short.rows[0].failure == "found 5 rows, need at least 10")
    #expect(throws: CalibrationError.self) { try Autoregression(order: 0) }
    #expect(throws: CalibrationError.self) { try SeasonalNaive(period: 0) }
  }
}
