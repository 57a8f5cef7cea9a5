// Bands of distribution functions: against the recursion over all counts, and by simulation.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

@Suite struct RankUniformityTests {
  @Test(
    "Bands and tests are those of the recursion over all counts",
    arguments: coverageRows("uniformity"))
  func oracle(row: Peer) throws {
    let (n, possible) = (Int(row.value("n")), Int(row.value("possible")))
    let result: RankUniformity
    if possible > 0 {
      result = try RankUniformity(ranks: row.values("values").map { Int($0) }, possible: possible)
    } else {
      let band = try UniformityBand(count: n, points: Int(row.value("points")))
      result = try RankUniformity(row.values("values"), in: band)
    }
    #expect(abs(result.band.pointwise / row.value("pointwise") - 1) < 1e-9)
    #expect(abs(result.band.probability - row.value("probability")) < 1e-10)
    #expect(result.band.counts.map { Double($0.lowerBound) } == row.values("low"))
    #expect(result.band.counts.map { Double($0.upperBound) } == row.values("high"))
    #expect(abs(result.leastProbability / row.value("least") - 1) < 1e-9)
    #expect(abs(result.pValue - row.value("pvalue")) < 1e-10)
    #expect(result.isInside == (result.leastProbability >= result.band.pointwise * (1 - 1e-9)))
  }

  @Test("The fixture is there") func there() { #expect(coverageRows("uniformity").count == 5) }

  @Test(
    "2 000 uniform samples leave the band as often as it says",
    arguments: [(7, 0), (150, 0), (90, 33)])
  func coverage(n: Int, possible: Int) throws {
    let band =
      try possible > 0
      ? UniformityBand(count: n, possibleRanks: possible, level: 0.9)
      : UniformityBand(count: n, points: 20, level: 0.9)
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 5)
    var inside = 0
    for _ in 0..<2000 {
      let values = (0..<n).map { _ in stream.uniform() }
      let counts = band.positions.map { z in
        values.count {
          possible > 0
            ? Int($0 * Double(possible)) < Int((z * Double(possible)).rounded()) : $0 <= z
        }
      }
      if zip(counts, band.counts).allSatisfy({ $1.contains($0) }) { inside += 1 }
    }
    let p = band.probability
    #expect(p >= 0.9 && p < 0.96)
    #expect(abs(Double(inside) / 2000 - p) < 4 * (p * (1 - p) / 2000).squareRoot())
  }

  @Test("The p-value of uniform samples is at most p with probability at most p")
  func pValues() throws {
    let band = try UniformityBand(count: 40, possibleRanks: 10)
    var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: 6)
    let p = try (0..<600).map { _ in
      try RankUniformity(ranks: (0..<40).map { _ in Int(stream.uniform() * 10) }, in: band).pValue
    }
    for cut in [0.05, 0.2, 0.5] {
      let share = Double(p.count { $0 <= cut }) / 600
      #expect(share < cut + 4 * (cut * (1 - cut) / 600).squareRoot())
      #expect(share > 0.6 * cut - 4 * (cut * (1 - cut) / 600).squareRoot())
    }
  }

  @Test("Ranks that are too often low, high, central or extreme are found")
  func found() throws {
    var stream = RandomStream(seed: 7, chain: 0, purpose: .test, iteration: 7)
    let uniform = (0..<400).map { _ in stream.uniform() }
    let band = try UniformityBand(count: 400, points: 100)
    #expect(try RankUniformity(uniform, in: band).isInside)
    let shapes: [@Sendable (Double) -> Double] = [
      { $0 * $0.squareRoot() }, { 1 - (1 - $0) * (1 - $0).squareRoot() },
      { 0.5 + 0.4 * ($0 - 0.5) * 2 * 0.8 },
      { $0 < 0.5 ? $0 * $0 * 2 : 1 - 2 * (1 - $0) * (1 - $0) },
    ]
    for shape in shapes {
      let result = try RankUniformity(uniform.map(shape), in: band)
      #expect(!result.isInside && result.pValue < 1e-4)
    }
    let allEqual = try RankUniformity(ranks: Array(repeating: 0, count: 100), possible: 100)
    #expect(!allEqual.isInside && allEqual.pValue < 1e-9 && allEqual.pValue >= 0)
  }

  @Test("Inside the band and a p-value above 5 % are the same")
  func same() throws {
    for n in [3, 20, 77] {
      let band = try UniformityBand(count: n, points: 15)
      var stream = RandomStream(seed: UInt64(n), chain: 0, purpose: .test, iteration: 8)
      for power in [0.5, 0.8, 1, 1.3, 2] {
        let result = try RankUniformity((0..<n).map { _ in pow(stream.uniform(), power) }, in: band)
        #expect(result.isInside == (result.pValue > 1 - band.probability + 1e-12))
        #expect(result.points.allSatisfy { $0.position > 0 && $0.position < 1 })
      }
    }
  }

  @Test("Many values: a band of 20 000 at 100 positions")
  func large() throws {
    let band = try UniformityBand(count: 20_000, points: 100)
    #expect(band.probability >= 0.95 && band.probability < 0.951)
    let middle = band.counts[49]
    // Kolmogorov's band of 95 % is ±1.358 √N everywhere; this one is a little wider in the middle.
    #expect(middle.upperBound - 10_000 > 192 && middle.upperBound - 10_000 < 260)
    #expect(middle.lowerBound + middle.upperBound == 20_000)
  }

  @Test("What is not in [0, 1] or no rank is refused")
  func refusals() throws {
    #expect(message { _ = try RankUniformity([]) } == "found 0 rows, need at least 1")
    #expect(
      message { _ = try RankUniformity([0.5, 1.5]) }
        == "row 2: found value 1.5, expected a number from 0 to 1")
    #expect(throws: CalibrationError.self) { try RankUniformity([.nan]) }
    #expect(
      message { _ = try RankUniformity(ranks: [0, 4], possible: 4) }
        == "row 2: found rank 4, expected a whole number from 0 to 3")
    #expect(
      message { _ = try RankUniformity(ranks: [0], possible: 1) }
        == "there are at least 2 possible ranks, found 1")
    let band = try UniformityBand(count: 3)
    #expect(
      message { _ = try RankUniformity([0.5], in: band) }
        == "the band is one of 3 values, found 1")
    #expect(throws: CalibrationError.self) { try RankUniformity(ranks: [1, 2, 3], in: band) }
    #expect(throws: CalibrationError.self) { try UniformityBand(count: 3, level: 1) }
    #expect(throws: CalibrationError.self) { try UniformityBand(count: 3, points: 1) }
  }

  @Test("The transforms of right forecasts are in their band")
  func forecasts() throws {
    var stream = RandomStream(seed: 21, chain: 0, purpose: .test, iteration: 9)
    let outcomes = (0..<150).map { _ in stream.normal() }
    func assess(_ deviation: Double) throws -> ForecastAssessment {
      try ForecastAssessment(
        Array(repeating: .normal(mean: 0, standardDeviation: deviation), count: 150),
        outcomes: outcomes)
    }
    #expect(try assess(1).uniformity().isInside)
    #expect(try !assess(0.6).uniformity().isInside && !assess(1.8).uniformity().isInside)
  }
}
