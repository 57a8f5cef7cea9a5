// Thresholds of groups and classes, their records, bands of counts, intervals as given, paired differences.

import BayesCore
import BayesNumerics
import Foundation
import Testing

@testable import BayesCalibration

/// The answers of Tests/oracles/calibration_uncertainty.py, table by table.
private let oracle: JSONValue? = {
  let path =
    URL(filePath: #filePath).deletingLastPathComponent().path(percentEncoded: false)
    + "/Fixtures/uncertainty.json"
  return try? parseJSON(path: path)
}()

private func oracleRows(_ table: String) -> [Peer] {
  oracle?[table]?.array?.map { Peer(json: $0) } ?? []
}

/// Some records, of every kind.
private func records() throws -> [ConformalRecord] {
  let data = try classified(60, classes: 3, seed: 3)
  let groups = Grouping((0..<60).map { $0 % 3 == 0 ? "north" : "the \"south\"" })
  let one = Grouping(Array(repeating: "", count: 60))
  let y = data.logits.values.prefix(60).map { $0 }
  let prediction = y.map { $0 * 0.5 }
  func sets(
    _ score: ConformalScore, _ groups: Grouping, _ column: String?, byClass: Bool = false
  ) throws -> ConformalRecord {
    try ConformalRecord(
      rule: .sets(
        ConformalGroups(
          calibratedOn: data, groups: groups, score: score, level: 0.9, isByClass: byClass,
          seed: .max)), scores: .logits, columns: ["a", "b", "c"], label: "y",
      classes: ["ant", "bee", "wasp"], group: column)
  }
  func intervals(
    _ lower: [Double], _ upper: [Double]?, _ groups: Grouping, _ column: String?,
    level: Double = 0.8
  ) throws -> ConformalRecord {
    try ConformalRecord(
      rule: .intervals(
        ConformalGroups(outcomes: y, lower: lower, upper: upper, groups: groups, level: level)),
      scores: nil, columns: upper == nil ? ["m"] : ["q1", "q2"], label: "y", classes: [],
      group: column)
  }
  return [
    try sets(.threshold, one, nil), try sets(.adaptive(), groups, "town"),
    try sets(.regularised(weight: 0.1, freeRank: 1), one, nil),
    try sets(.adaptive(isRandomised: false), one, nil, byClass: true),
    try intervals(prediction, nil, one, nil), try intervals(prediction, nil, groups, "town"),
    try intervals(prediction.map { $0 - 9 }, prediction.map { $0 + 9 }, one, nil),
    // Too few rows for a threshold.
    try intervals(prediction, nil, groups, "town", level: 0.99),
  ]
}

@Suite("Uncertainty of predictions") struct UncertaintyTests {
  @Test("The fixture is there") func there() {
    #expect(
      ["binomial", "sums", "by_class", "given", "differences"].map { oracleRows($0).count }
        == [7, 3, 2, 3, 6])
  }

  @Test("The band of a right coverage is the binomial's", arguments: oracleRows("binomial"))
  func binomial(row: Peer) throws {
    let band = try BinomialBand(count: Int(row.value("n")), probability: row.value("p"))
    #expect(band.counts == Int(row.value("low"))...Int(row.value("high")))
    #expect(abs(band.mass - row.value("mass")) < 1e-9)
  }

  @Test("Parts with thresholds of their own add up to a convolution", arguments: oracleRows("sums"))
  func sums(row: Peer) throws {
    let numbers = row.values("parts")
    let parts = try stride(from: 0, to: numbers.count, by: 3).map { i in
      let scores = (0..<Int(numbers[i])).map(Double.init)
      return (
        quantile: try ConformalQuantile(of: scores, level: numbers[i + 1]),
        testRows: Int(numbers[i + 2])
      )
    }
    let band = try CoverageBand(parts)
    #expect(band.counts == Int(row.value("low"))...Int(row.value("high")))
    #expect(abs(band.probability - row.value("probability")) < 1e-9)
    #expect(try CoverageBand(parts.shuffled()).counts == band.counts)
    #expect(throws: CalibrationError.self) { try CoverageBand([(parts[0].quantile, 0)]) }
  }

  @Test("Thresholds by class are those of sorted lists", arguments: oracleRows("by_class"))
  func byClass(row: Peer) throws {
    let (n, level) = (Int(row.value("n")), row.value("level"))
    let all = try MulticlassPredictions(
      labels: row.values("labels").map { Int($0) },
      probabilities: DenseMatrix(rows: n + 10, columns: 3, values: row.values("p")))
    let sets = try ConformalSets(calibratedOn: all.rows(0..<n), level: level, isByClass: true)
    let wanted = try #require(row.json["thresholds"]?.array).map(\.number)
    for (found, wanted) in zip(sets.quantiles, wanted) {
      #expect((found.value == nil) == (wanted == nil))
      #expect(abs((found.value ?? 0) - (wanted ?? 0)) < 1e-12)
    }
    let found = sets.sets(of: all.rows(n..<n + 10).probabilities)
    #expect((0..<10).map { found.size($0) } == row.values("sizes").map { Int($0) })
    #expect((0..<10).flatMap { found[$0] } == row.values("members").map { Int($0) })
  }

  @Test("Thresholds by class cover every class; a common one does not")
  func everyClass() throws {
    // Class 2 is rare and hard: a common threshold covers it too seldom.
    func data(_ seed: UInt64) throws -> MulticlassPredictions {
      var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
      var logits: [Double] = []
      let labels = (0..<1600).map { i in
        let label = i % 8 == 0 ? 2 : i % 2
        logits += (0..<3).map { ($0 == label && label != 2 ? 2 : 0) + stream.normal() }
        return label
      }
      return try MulticlassPredictions(
        labels: labels, logits: DenseMatrix(rows: 1600, columns: 3, values: logits))
    }
    var (own, common) = (0.0, 0.0)
    for seed in 0..<20 {
      let (fitted, tested) = (try data(UInt64(seed)), try data(UInt64(1000 + seed)))
      let result = try ConformalSets(calibratedOn: fitted, isByClass: true).assess(tested)
      #expect(result.classes.allSatisfy { $0.band != nil })
      own += try #require(result.classes[2].coverage) / 20
      let pooled = try ConformalSets(calibratedOn: fitted).assess(tested)
      #expect(pooled.classes.allSatisfy { $0.band == nil })
      common += try #require(pooled.classes[2].coverage) / 20
    }
    #expect(abs(own - 0.9) < 0.02 && common < 0.75)
  }

  @Test("Each group has the threshold of its own rows, and an unknown one is refused")
  func groups() throws {
    let y = (0..<40).map { Double($0 % 2 == 0 ? 1 : 10) * Double($0 + 1) }
    let groups = Grouping((0..<40).map { $0 % 2 == 0 ? "small" : "large" })
    let zero = [Double](repeating: 0, count: 40)
    let rules = try ConformalGroups(
      outcomes: y, lower: zero, upper: nil, groups: groups, level: 0.8)
    for (name, rows) in zip(groups.names, groups.rows) {
      let alone = try ConformalIntervals(
        outcomes: rows.map { y[$0] }, predictions: rows.map { zero[$0] }, level: 0.8)
      #expect(rules[name] == alone)
    }
    let coverage = try rules.assess(outcomes: y, lower: zero, upper: nil, groups: groups)
    #expect(coverage.map(\.rows) == [20, 20] && coverage.map(\.covered) == [17, 17])
    #expect(throws: CalibrationError.self) {
      try rules.assess(outcomes: [1], lower: [0], upper: nil, groups: Grouping(["other"]))
    }
    #expect(throws: CalibrationError.self) {
      try ConformalGroups(names: ["a", "a"], rules: rules.rules)
    }
  }

  @Test("A record reads back as it was written")
  func roundTrip() throws {
    for record in try records() {
      let text = jsonText(record.json)
      let back = try ConformalRecord(json: parseJSON(text: text, path: "r"), path: "r")
      #expect(back == record)
    }
  }

  @Test(
    "A damaged record is refused with its key",
    arguments: [
      ("\"bayes conformal thresholds\"", "\"bayes calibration map\"", "no conformal thresholds"),
      ("\"version\":1", "\"version\":2", "version"), ("\"lac\"", "\"lab\"", "method"),
      ("\"level\":0.9", "\"level\":1", "level"), ("\"level\":0.9", "\"level\":0.99", "threshold"),
      ("\"rows\":60", "\"rows\":-1", "thresholds[0].threshold"),
      ("\"rows\":60", "\"rows\":\"60\"", "thresholds[0].rows"),
      ("\"threshold\":", "\"treshold\":", "thresholds[0].threshold"),
      ("\"ant\",", "", "classes"), ("\"ant\"", "\"bee\"", "classes"), ("\"a\",", "", "columns"),
      ("\"logits\"", "\"logit\"", "classes"),
      ("\"thresholds\":[{", "\"thresholds\":[{},{", "group"),
      ("\"by_class\":false", "\"by_class\":true", "thresholds"),
      ("\"seed\":\"18446744073709551615\"", "\"seed\":\"-1\"", "seed"),
    ])
  func damaged(part: String, replacement: String, key: String) throws {
    let text = try jsonText(records()[0].json)
    #expect(text.contains(part), "\(text)")
    let json = try parseJSON(
      text: text.replacingOccurrences(of: part, with: replacement), path: "r.json")
    do {
      _ = try ConformalRecord(json: json, path: "r.json")
      Issue.record("\(part) → \(replacement) was read")
    } catch let error as DataError {
      let isNamed = "\(error)".contains(key) && "\(error)".contains("r.json")
      // Without a group's column there can be but one threshold.
      #expect(isNamed || key == "group" && "\(error)".contains("rows"), "\(error)")
    }
  }

  @Test("Rows in blocks have the sets of all rows at once")
  func blocks() throws {
    let data = try classified(200, classes: 4, seed: 9)
    let sets = try ConformalSets(calibratedOn: data.rows(0..<100), score: .adaptive())
    let whole = sets.sets(of: data.probabilities)
    let part = sets.sets(of: data.rows(120..<200).probabilities, firstRow: 120)
    #expect((0..<80).allSatisfy { part[$0] == whole[120 + $0] })
    let wrong = sets.sets(of: data.rows(120..<200).probabilities)
    #expect((0..<80).contains { wrong[$0] != whole[120 + $0] })
  }

  @Test("Probabilities as given and through their logarithms have the same sets")
  func rounding() throws {
    // Three decimals: many equal scores, which rounding must not tell apart.
    var stream = RandomStream(seed: 4, chain: 0, purpose: .test, iteration: 0)
    var values: [Double] = []
    let labels = (0..<500).map { _ in
      let p = (10 + (80 * stream.uniform()).rounded(.down)) / 100
      values += [p, 1 - p]
      return stream.uniform() < p ? 0 : 1
    }
    let data = try MulticlassPredictions(
      labels: labels, probabilities: DenseMatrix(rows: 500, columns: 2, values: values))
    for score in [ConformalScore.threshold, .adaptive(isRandomised: false)] {
      let sets = try ConformalSets(calibratedOn: data.rows(0..<500), score: score, level: 0.8)
      #expect(sets.sets(of: data.probabilities) == sets.sets(of: data.rows(0..<500).probabilities))
    }
  }

  @Test(
    "Intervals as given are counted and scored as by independent code",
    arguments: oracleRows("given"))
  func given(row: Peer) throws {
    let found = try ForecastAssessment.Level(
      level: row.value("level"), outcomes: row.values("y"), lower: row.values("lower"),
      upper: row.values("upper"))
    #expect(found.covered == Int(row.value("covered")))
    #expect(abs(found.interval.lowerBound - row.value("low")) < 1e-10)
    #expect(abs(found.interval.upperBound - row.value("high")) < 1e-10)
    #expect(abs(found.meanWidth - row.value("width")) < 1e-12)
    #expect(abs(found.meanScore - row.value("score")) < 1e-11)
    #expect(throws: CalibrationError.self) {
      try ForecastAssessment.Level(level: 0.9, outcomes: [0], lower: [1], upper: [0])
    }
  }

  @Test("Paired differences and their errors", arguments: oracleRows("differences"))
  func differences(row: Peer) throws {
    let found = try PairedDifference(
      row.values("a"), row.values("b"), overlap: Int(row.value("overlap")))
    #expect(abs(found.mean - row.value("mean")) < 1e-13 && found.lag == Int(row.value("lag")))
    guard found.count >= 8 else {
      #expect(found.standardError == nil && found.interval == nil)
      return
    }
    let interval = try #require(found.interval)
    #expect(abs((found.standardError ?? 0) - row.value("error")) < 1e-12)
    #expect(abs(interval.lowerBound - row.value("low")) < 1e-12)
    #expect(abs(interval.upperBound - row.value("high")) < 1e-12)
  }

  @Test("The interval of a difference holds 0 for equal methods, also with overlapping windows")
  func differenceCoverage() throws {
    var held = 0
    for seed in 0..<400 {
      var stream = RandomStream(seed: UInt64(seed), chain: 0, purpose: .test, iteration: 0)
      let noise = (0..<205).map { _ in stream.normal() }
      let a = (0..<200).map { t in noise[t...t + 5].reduce(0, +) }
      let difference = try PairedDifference(a, [Double](repeating: 0, count: 200), overlap: 5)
      if try #require(difference.interval).contains(0) { held += 1 }
    }
    // .93 or so in 2 000 simulations by independent code; without lags it would be .55.
    #expect(held > 350 && held < 395, "\(held)")
  }

  @Test("A walk's differences know which windows overlap")
  func overlap() throws {
    let series = (0..<60).map { sin(Double($0) * 1.3) * Double($0 % 7) }
    for (horizon, step, lag) in [(1, 1, 10), (12, 1, 22), (12, 12, 3), (12, 5, 4)] {
      let walk = try WalkForward(training: .expanding(from: 10), horizon: horizon, step: step)
      let results = try walk.evaluate(series, with: [LastValue(), HistoricalMean()])
      let difference = try #require(try results[1].difference(from: results[0]))
      let windows = results[0].rows.count
      let overlap = (horizon - 1) / step
      #expect(
        difference.lag
          == min(
            windows - 1, max(2 * overlap, Int((1.3 * Double(windows).squareRoot()).rounded(.up)))))
      #expect(difference.lag == lag, "\(horizon) \(step) \(difference.lag)")
      let means = results.map { $0.rows.reduce(0) { $0 + ($1.assessment?.meanCRPS ?? 0) } }
      #expect(abs(difference.mean - (means[1] - means[0]) / Double(windows)) < 1e-12)
    }
  }
}
