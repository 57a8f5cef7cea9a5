// Conformal sets and intervals: ranks, scores by independent code, exact bands, and coverage of simulated rows.

import BayesCore
import BayesNumerics
import Foundation
import Testing

@testable import BayesCalibration

/// The answers of Tests/oracles/calibration_coverage.py, table by table.
let coverageOracle: JSONValue? = {
  let path =
    URL(filePath: #filePath).deletingLastPathComponent().path(percentEncoded: false)
    + "/Fixtures/coverage.json"
  return try? parseJSON(path: path)
}()

/// The rows of one table.
func coverageRows(_ table: String) -> [Peer] {
  coverageOracle?[table]?.array?.map { Peer(json: $0) } ?? []
}

/// Rows of K classes whose labels are drawn from probabilities that are not those told.
func classified(_ count: Int, classes: Int, seed: UInt64) throws -> MulticlassPredictions {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  var logits: [Double] = []
  let labels = (0..<count).map { _ in
    let row = (0..<classes).map { _ in 1.5 * stream.normal() }
    logits += row.map { 1.7 * $0 }
    return stream.categorical(row.map { exp($0) }) ?? 0
  }
  return try MulticlassPredictions(
    labels: labels, logits: DenseMatrix(rows: count, columns: classes, values: logits))
}

private let everyScore: [ConformalScore] = [
  .threshold, .adaptive(), .adaptive(isRandomised: false),
  .regularised(weight: 0.05, freeRank: 2), .regularised(isRandomised: false),
]

@Suite struct ConformalTests {
  @Test(
    "The rank is ⌈(n + 1) · level⌉, by decimals",
    arguments: [
      (9, 0.9, 9), (8, 0.9, 9), (10, 0.9, 10), (99, 0.07, 7), (999, 0.95, 950), (1, 0.5, 1),
      (199, 0.995, 199), (198, 0.995, 199), (5, 0.01, 1), (4, 0.99, 5),
    ])
  func ranks(n: Int, level: Double, rank: Int) throws {
    let scores = (0..<n).map { Double(($0 * 7 + 3) % n) }.reversed()
    let quantile = try ConformalQuantile(of: Array(scores), level: level)
    #expect(quantile.rank == rank)
    #expect(quantile.value == (rank <= n ? scores.sorted()[rank - 1] : nil))
    #expect(quantile.expectedCoverage == Double(rank) / Double(n + 1))
  }

  @Test(
    "So many rows are needed for a finite quantile",
    arguments: [(0.5, 1), (0.9, 9), (0.95, 19), (0.99, 99), (0.6, 2), (0.01, 1), (0.999, 999)])
  func needed(level: Double, rows: Int) throws {
    #expect(try ConformalQuantile.rowsNeeded(level: level) == rows)
  }

  @Test("Scores of classes are those of independent code", arguments: coverageRows("scores"))
  func scores(row: Peer) throws {
    let p = row.values("p")
    var (order, found) = (Array(0..<p.count), p)
    for (score, key, u) in [
      (ConformalScore.threshold, "threshold", row.value("u")),
      (.adaptive(), "adaptive", row.value("u")),
      (.regularised(weight: 0.05, freeRank: 2), "regularised", row.value("u")),
      (.adaptive(isRandomised: false), "whole", 0.3),
    ] {
      score.write(p[...], u: u, order: &order, to: &found)
      let wanted = row.values(key)
      #expect(wanted.count == p.count)
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-15 })
    }
  }

  @Test("The band of coverage is the beta-binomial's", arguments: coverageRows("bands"))
  func bands(row: Peer) throws {
    let scores = (0..<Int(row.value("n"))).map(Double.init)
    let quantile = try ConformalQuantile(of: scores, level: row.value("level"))
    let band = try CoverageBand(quantile, testRows: Int(row.value("m")))
    #expect(quantile.rank == Int(row.value("rank")))
    #expect(band.counts == Int(row.value("low"))...Int(row.value("high")))
    #expect(abs(band.probability - row.value("probability")) < 1e-9)
  }

  @Test("The fixture is there") func there() {
    #expect(coverageRows("scores").count == 6 && coverageRows("bands").count == 5)
  }

  @Test("400 calibrations cover as the beta-binomial says", arguments: everyScore)
  func coverage(score: ConformalScore) throws {
    // Each calibration tests 50 rows; the 400 counts have a known mean and variance and their band a known share.
    let (n, m, level) = (59, 50, 0.8)
    var (total, inside) = (0.0, 0)
    var share = 0.0
    for seed in 0..<400 {
      let data = try classified(n + m, classes: 6, seed: UInt64(seed))
      let sets = try ConformalSets(
        calibratedOn: data.rows(0..<n), score: score, level: level, seed: UInt64(seed))
      let result = try sets.assess(data.rows(n..<n + m))
      total += Double(result.covered)
      if result.band.counts.contains(result.covered) { inside += 1 }
      share = result.band.probability
    }
    // Beta-binomial with k = 48, n + 1 = 60: mean 40, standard deviation 3.8 of each count.
    let (a, b) = (48.0, 12.0)
    let deviation = (50 * a * b * (60 + 50) / (60 * 60 * 61)).squareRoot() / 20
    if score.isRandomised || score == .threshold {
      #expect(abs(total / 400 - 40) < 4 * deviation)
      #expect(abs(Double(inside) / 400 - share) < 4 * (share * (1 - share) / 400).squareRoot())
    } else {
      #expect(total / 400 > 40 - 4 * deviation)
    }
  }

  @Test("Counts of sizes and classes agree with the sets", arguments: everyScore)
  func counts(score: ConformalScore) throws {
    let data = try classified(300, classes: 4, seed: 5)
    let sets = try ConformalSets(calibratedOn: data.rows(0..<150), score: score, level: 0.9)
    let test = data.rows(150..<300)
    let result = try sets.assess(test)
    let found = sets.sets(of: test.probabilities)
    #expect(result.rows == 150 && found.count == 150 && result.sizes.reduce(0, +) == 150)
    #expect(result.classes.reduce(0) { $0 + $1.rows } == 150)
    let covered = (0..<150).filter { found[$0].contains(test.labels[$0]) }.count
    #expect(result.covered == covered && result.classes.reduce(0) { $0 + $1.covered } == covered)
    let sizes = (0..<150).map { found[$0].count }
    #expect(abs(result.meanSize - Double(sizes.reduce(0, +)) / 150) < 1e-12)
    #expect(found == sets.sets(of: test.probabilities), "the same seed gives the same sets")
    let topped = try ConformalSets(
      calibratedOn: data.rows(0..<150), score: score, level: 0.9, includesTopLabel: true)
    let full = try topped.assess(test)
    #expect(full.sizes[0] == 0 && full.covered >= result.covered)
  }

  @Test("Sets hold the likeliest classes first, and larger levels hold more")
  func nested() throws {
    let data = try classified(400, classes: 5, seed: 8)
    let levels = [0.5, 0.7, 0.9, 0.99]
    let nested = try levels.map {
      try ConformalSets(calibratedOn: data.rows(0..<200), score: .threshold, level: $0)
        .sets(of: data.probabilities)
    }
    for row in 0..<400 {
      for (small, large) in zip(nested, nested.dropFirst()) {
        #expect(Set(small[row]).isSubset(of: large[row]))
      }
      let p = (0..<5).map { data.probabilities[row, $0] }
      let members = nested[2][row]
      let least = members.map { p[$0] }.min() ?? 1
      #expect((0..<5).allSatisfy { members.contains($0) || p[$0] <= least })
    }
  }

  @Test("Too few rows allow every class and the whole line")
  func tooFew() throws {
    let data = try classified(8, classes: 3, seed: 1)
    let sets = try ConformalSets(calibratedOn: data, level: 0.9)
    #expect(sets.quantile.value == nil && sets.quantile.rank == 9)
    #expect(sets.sets(of: data.probabilities)[0] == [0, 1, 2])
    let result = try sets.assess(data)
    #expect(result.coverage == 1 && result.band.counts == 8...8 && result.band.probability == 1)
    let lines = try ConformalIntervals(outcomes: [1, 2], predictions: [1, 2], level: 0.9)
    #expect(lines.interval(around: 0) == -Double.infinity...Double.infinity)
    let lengths = try lines.assess(outcomes: [5], predictions: [0])
    #expect(lengths.covered == 1 && lengths.meanWidth == nil && lengths.meanIntervalScore == nil)
  }

  @Test("Equal scores: all of them are in, none of a smaller rank is lost")
  func ties() throws {
    let p = DenseMatrix(rows: 9, columns: 2, values: (0..<9).flatMap { _ in [0.75, 0.25] })
    let labels = [0, 0, 0, 0, 0, 0, 0, 0, 1]
    let data = try MulticlassPredictions(labels: labels, probabilities: p)
    let eight = try ConformalSets(calibratedOn: data, level: 0.8)
    #expect(eight.quantile.value == 0.25 && eight.sets(of: p)[0] == [0])
    let nine = try ConformalSets(calibratedOn: data, level: 0.9)
    #expect(nine.quantile.value == 0.75 && nine.sets(of: p)[0] == [0, 1])
    #expect(try eight.assess(data).covered == 8 && nine.assess(data).covered == 9)
  }

  @Test("Labels 0 and 1 are two classes")
  func binary() throws {
    let data = try calibrated(200, seed: 12)
    let sets = try ConformalSets(calibratedOn: data, level: 0.9)
    let result = try sets.assess(data)
    #expect(sets.classCount == 2 && result.classes.map(\.rows).reduce(0, +) == 200)
    // ⌈201 · 0.9⌉ = 181 calibration scores are at most the quantile, all different.
    #expect(result.covered == 181)
  }

  @Test("Intervals of residuals and quantiles, by hand")
  func intervals() throws {
    let outcomes = [1.0, 2, 3, 4]
    let residual = try ConformalIntervals(
      outcomes: outcomes, predictions: [1.5, 2, 2, 4.25], level: 0.6)
    #expect(residual.quantile.rank == 3 && residual.quantile.value == 0.5)
    #expect(residual.interval(around: 10) == 9.5...10.5)
    let quantiles = try ConformalIntervals(
      outcomes: outcomes, lower: [0, 1, 3.5, 3], upper: [2, 3, 5, 4.5], level: 0.6)
    // Scores −1, −1, .5, −.5: the third is −.5, so that intervals become narrower.
    #expect(quantiles.quantile.value == -0.5)
    #expect(quantiles.interval(lower: 0, upper: 3) == 0.5...2.5)
    #expect(quantiles.interval(lower: 0, upper: 0.5) == nil)
    let result = try quantiles.assess(
      outcomes: [0.75, 2], lower: [0, 0], upper: [3, 0.5])
    #expect(result.covered == 1 && result.meanWidth == 1)
    // The second interval is empty; its score is 2/(1 − level) times the distance 1.5 + .5 by which it misses.
    #expect(abs((result.meanIntervalScore ?? 0) - (2 + 5 * 2) / 2) < 1e-12)
  }

  @Test("Intervals of 300 calibrations cover as they should", arguments: [false, true])
  func intervalCoverage(usesQuantiles: Bool) throws {
    var covered = 0
    for seed in 0..<300 {
      var stream = RandomStream(seed: UInt64(seed), chain: 0, purpose: .test, iteration: 1)
      let x = (0..<79).map { _ in stream.uniform() * 4 }
      let y = x.map { $0 * $0 + $0 * stream.studentT(degrees: 3) }
      let (fit, spread) = (x.map { 3 * $0 }, x.map { 0.7 * $0 })
      func part(_ values: [Double], _ rows: Range<Int>) -> [Double] { Array(values[rows]) }
      let low = usesQuantiles ? zip(fit, spread).map { $0 - $1 } : fit
      let high = usesQuantiles ? zip(fit, spread).map { $0 + $1 } : fit
      let map = try ConformalIntervals(
        outcomes: part(y, 0..<39), lower: part(low, 0..<39), upper: part(high, 0..<39), level: 0.8)
      covered += try map.assess(
        outcomes: part(y, 39..<79), lower: part(low, 39..<79), upper: part(high, 39..<79)
      ).covered
    }
    // Each coverage is beta-binomial (40; 32, 8), with mean 32 and standard deviation 3.56.
    #expect(abs(Double(covered) / 300 - 32) < 4 * 3.56 / 300.0.squareRoot())
  }

  @Test("What cannot be calibrated is refused")
  func refusals() throws {
    let data = try classified(20, classes: 3, seed: 2)
    #expect(
      message { _ = try ConformalSets(calibratedOn: data, level: 1) }
        == "a level lies between 0 and 1, both excluded, found 1")
    #expect(
      message { _ = try ConformalSets(calibratedOn: data, score: .regularised(weight: -1)) }
        == "RAPS needs a finite weight λ ≥ 0 and a rank k ≥ 0, found -1 and 5")
    let sets = try ConformalSets(calibratedOn: data)
    #expect(
      message { _ = try sets.assess(classified(5, classes: 4, seed: 1)) }
        == "the sets were calibrated on 3 classes, found 4")
    #expect(
      message { _ = try ConformalIntervals(outcomes: [1], predictions: []) }
        == "there are 1 outcomes but predictions for 0 rows")
    #expect(
      message { _ = try ConformalIntervals(outcomes: [1, .nan], predictions: [1, 1]) }
        == "row 2: found outcome nan, expected a finite number")
    #expect(
      message { _ = try ConformalIntervals(outcomes: [], predictions: []) }
        == "found 0 rows, need at least 1")
    #expect(throws: CalibrationError.self) { try ConformalQuantile.rowsNeeded(level: .nan) }
  }
}
