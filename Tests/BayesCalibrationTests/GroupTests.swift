// Tables of groups and criteria of fairness: by hand, by identities, and their sentences.

import BayesNumerics
import Testing

@testable import BayesCalibration

/// Two groups of five by hand.
private func byHand() throws -> (BinaryPredictions, Grouping) {
  let data = try BinaryPredictions(
    labels: [1, 1, 1, 0, 0, 1, 0, 0, 0, 0],
    probabilities: [0.9, 0.8, 0.3, 0.7, 0.1, 0.6, 0.5, 0.2, 0.2, 0.1])
  return (data, Grouping(["b", "b", "b", "b", "b", "a", "a", "a", "a", "a"]))
}

/// Calibrated scores in two groups of different base rates.
private func different(_ count: Int) throws -> (BinaryPredictions, Grouping) {
  var stream = RandomStream(seed: 31, chain: 0, purpose: .test, iteration: 12)
  let logits = (0..<2 * count).map { ($0 < count ? -1 : 0.8) + 1.5 * stream.normal() }
  let labels = logits.map { stream.uniform() < logistic($0) ? 1 : 0 }
  let names = (0..<2 * count).map { $0 < count ? "low" : "high" }
  return (try BinaryPredictions(labels: labels, logits: logits), Grouping(names))
}

@Suite struct GroupTests {
  @Test("Groups come in the order of their first rows")
  func grouping() {
    let groups = Grouping(["b", "a", "b", "c", "a"])
    #expect(groups.names == ["b", "a", "c"] && groups.rows == [[0, 2], [1, 4], [3]])
    #expect(groups.count == 5 && Grouping([]).names.isEmpty)
  }

  @Test("The table of two groups by hand")
  func table() throws {
    let (data, groups) = try byHand()
    let table = try GroupCalibration(data, groups: groups, replication: .init(replicates: 100))
    #expect(table.event == "label 1" && table.rows.map(\.name) == ["b", "a"])
    let (b, a) = (table.rows[0], table.rows[1])
    #expect(b.count == 5 && b.events == 3 && b.baseRate == 0.6)
    #expect(abs(b.meanForecast - 0.56) < 1e-15 && abs(b.bias + 0.04) < 1e-15)
    #expect(abs(a.bias - 0.12) < 1e-15 && !a.isBiased)
    // Beta(3.5, 2.5): 0.2094 and 0.9056 are its 2.5 % and 97.5 % quantiles.
    #expect(abs(b.rateInterval.lowerBound - betaQuantile(0.025, 3.5, 2.5)) < 1e-15)
    #expect(abs(b.biasInterval.lowerBound - (0.56 - b.rateInterval.upperBound)) < 1e-15)
    #expect(a.error.perfect.interval.contains(a.error.value) && a.error.name.contains("ECE"))
    #expect(a.partial == table.temperatures.partial[1])
  }

  @Test("A biased group is told, a calibrated one is not")
  func bias() throws {
    let (data, groups) = try different(1500)
    let shifted = try BinaryPredictions(
      labels: data.labels, logits: data.logits.enumerated().map { $1 + ($0 < 1500 ? 0 : 0.7) })
    let table = try GroupCalibration(
      shifted, groups: groups, replication: .init(replicates: 60))
    #expect(table.rows.map(\.isBiased) == [false, true])
    #expect(table.rows[1].error.pValue < 0.05)
    #expect(table.rows[0].partial.interval().contains(1))
  }

  @Test("Jeffreys' interval of 400 groups holds the rate it was drawn with")
  func jeffreys() {
    var stream = RandomStream(seed: 8, chain: 0, purpose: .test, iteration: 13)
    let inside = (0..<1000).count { _ in
      let rate = stream.beta(0.5, 0.5)
      let k = Int(stream.binomial(trials: 30, probability: rate))
      return jeffreysInterval(k, of: 30).contains(rate)
    }
    #expect(abs(Double(inside) / 1000 - 0.95) < 4 * (0.95 * 0.05 / 1000).squareRoot())
  }

  @Test("The table of top labels of K classes")
  func classes() throws {
    let data = try classified(200, classes: 3, seed: 4)
    let groups = Grouping((0..<200).map { $0 % 3 == 0 ? "x" : "y" })
    let table = try GroupCalibration(data, groups: groups, replication: .init(replicates: 20))
    #expect(table.event == "top label" && table.rows.map(\.count) == [67, 133])
    // The logits told are 1.7 times the true ones.
    #expect(table.temperatures.together.interval(0.999).contains(1.7))
  }

  @Test("Shares by hand")
  func shares() throws {
    let (data, groups) = try byHand()
    let criteria = try FairnessCriteria(data, groups: groups, threshold: 0.5)
    let (b, a) = (criteria.rows[0], criteria.rows[1])
    #expect(b.baseRate.value == 0.6 && a.baseRate.value == 0.2)
    #expect(b.predictiveValue.value == 2.0 / 3 && a.predictiveValue.value == 0.5)
    #expect(b.falsePositives.value == 0.5 && a.falsePositives.value == 0.25)
    #expect(b.falseNegatives.value == 1.0 / 3 && a.falseNegatives.value == 0)
    #expect(abs((b.meanOfPositives ?? 0) - 2.0 / 3) < 1e-15)
    #expect(abs((b.meanOfNegatives ?? 0) - 0.4) < 1e-15)
    #expect(a.meanOfPositives == 0.6 && abs((a.meanOfNegatives ?? 0) - 0.25) < 1e-15)
    // χ² of 3 of 5 and 1 of 5, both expected 2: 1/(5 · .4 · .6) twice is 5/3, with 1 degree.
    #expect(abs(criteria.equalRatesPValue - 2 * normalCDF(-(5.0 / 3).squareRoot())) < 1e-12)
    #expect(!criteria.ratesDiffer && criteria.statement.count == 2)
  }

  @Test("Chouldechova's identity holds in every group, Kleinberg's for calibrated scores")
  func identities() throws {
    let (data, groups) = try different(20_000)
    let criteria = try FairnessCriteria(data, groups: groups, threshold: 0.4)
    for (g, row) in criteria.rows.enumerated() {
      let needed = try #require(criteria.neededFalsePositives(g, asIn: g))
      #expect(abs(needed - (row.falsePositives.value ?? 0)) < 1e-12)
      // Calibrated scores imply their own base rate, up to sampling.
      let implied = try #require(criteria.baseRate(impliedBy: g))
      #expect(abs(implied - (row.baseRate.value ?? 0)) < 0.02)
      #expect(row.falsePositives.interval.contains(row.falsePositives.value ?? -1))
    }
    #expect(criteria.ratesDiffer && criteria.equalRatesPValue < 1e-10)
    // Calibrated in both groups, and so neither balance nor equal error rates.
    let (low, high) = (criteria.rows[0], criteria.rows[1])
    #expect((high.meanOfPositives ?? 0) - (low.meanOfPositives ?? 0) > 0.1)
    #expect(high.falsePositives.interval.lowerBound > low.falsePositives.interval.upperBound)
    let text = criteria.statement
    #expect(
      text.count == 6 && text[0].hasPrefix("Base rates go from ") && text[0].contains("(low)"))
    #expect(text[4].contains("low would need a false positive rate of "))
  }

  @Test("Perfect scores and groups without events have sentences without gaps")
  func edges() throws {
    let perfect = try BinaryPredictions(labels: [1, 0, 0, 0], probabilities: [1, 0, 0, 0])
    let groups = Grouping(["a", "a", "b", "b"])
    let criteria = try FairnessCriteria(perfect, groups: groups)
    #expect(criteria.isPerfect && criteria.statement[1].contains("every criterion holds"))
    let none = try FairnessCriteria(
      BinaryPredictions(labels: [0, 0, 0, 0], probabilities: [0.2, 0.9, 0, 0]), groups: groups)
    #expect(none.rows[1].falseNegatives.value == nil && none.rows[1].predictiveValue.value == nil)
    #expect(none.equalRatesPValue == 1 && none.statement.allSatisfy { !$0.contains("nan") })
    #expect(none.baseRate(impliedBy: 0) == nil && none.neededFalsePositives(0, asIn: 1) == nil)
    let labels = (0..<200).map { $0 < 100 ? ($0 < 90 ? 1 : 0) : ($0 < 110 ? 1 : 0) }
    let wide = try FairnessCriteria(
      BinaryPredictions(labels: labels, probabilities: labels.map { $0 == 1 ? 0.6 : 0.4 }),
      groups: Grouping((0..<200).map { $0 < 100 ? "a" : "b" }), threshold: 0.2)
    #expect(wide.ratesDiffer && wide.statement.allSatisfy { !$0.contains("nan") })
  }

  @Test("Fewer than two groups and impossible thresholds are refused")
  func refusals() throws {
    let (data, groups) = try byHand()
    #expect(
      message {
        _ = try FairnessCriteria(data, groups: Grouping(Array(repeating: "a", count: 10)))
      } == "criteria between groups need at least 2 groups, found 1")
    #expect(
      message { _ = try FairnessCriteria(data, groups: groups, threshold: 2) }
        == "a threshold lies between 0 and 1, found 2")
    #expect(
      message { _ = try GroupCalibration(data, groups: Grouping(["a"])) }
        == "there are 10 rows but groups of 1")
  }
}
