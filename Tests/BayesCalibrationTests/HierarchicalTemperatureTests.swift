// Pooled temperatures: against dense grids, against their limits, and what must hold between them.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

/// Rows of groups with a temperature each.
private func grouped(
  _ sizes: [Int], _ temperatures: [Double], seed: UInt64
) throws -> (data: BinaryPredictions, groups: Grouping) {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 10)
  var (labels, logits, names) = ([Int](), [Double](), [String]())
  for (g, size) in sizes.enumerated() {
    for _ in 0..<size {
      let x = 2 * stream.normal()
      logits.append(x)
      labels.append(stream.uniform() < logistic(x / temperatures[g]) ? 1 : 0)
      names.append("g\(g)")
    }
  }
  return (try BinaryPredictions(labels: labels, logits: logits), Grouping(names))
}

@Suite struct HierarchicalTemperatureTests {
  @Test(
    "Means, deviations and intervals are those of dense grids", arguments: coverageRows("pooling"))
  func oracle(row: Peer) throws {
    let names = row.json["names"]?.array?.compactMap(\.string) ?? []
    let data = try BinaryPredictions(
      labels: row.values("labels").map { Int($0) }, logits: row.values("logits"))
    let fit = try HierarchicalTemperature(
      fittedTo: data, groups: Grouping(names), prior: .init(spread: row.value("scale")))
    #expect(abs(fit.spread / row.value("spread") - 1) < 1e-4)
    #expect(fit.spreadInterval.contains(fit.spread))
    for group in row.json["groups"]?.array ?? [] {
      let wanted = Peer(json: group)
      let found = fit.temperature(of: group["name"]?.string ?? "")
      #expect(abs(found.logMean - wanted.value("mean")) < 1e-5)
      #expect(abs(found.logDeviation - wanted.value("deviation")) < 1e-5)
      #expect(abs(found.median / wanted.value("median") - 1) < 2e-4)
      let interval = found.interval()
      #expect(abs(interval.lowerBound / wanted.value("low") - 1) < 3e-4)
      #expect(abs(interval.upperBound / wanted.value("high") - 1) < 3e-4)
    }
  }

  @Test("The fixture is there") func there() { #expect(coverageRows("pooling").count == 3) }

  @Test("Alone, a group has the Bayesian temperature of its rows; together, that of all")
  func ends() throws {
    let (data, groups) = try grouped([80, 200], [0.8, 1.7], seed: 1)
    let fit = try HierarchicalTemperature(fittedTo: data, groups: groups)
    let all = try BayesianTemperature(fittedTo: data)
    #expect(abs(fit.together.quantile(0.9) / all.quantile(0.9) - 1) < 2e-4)
    for (rows, separate) in zip(groups.rows, fit.separate) {
      let own = try BayesianTemperature(fittedTo: data.rows(rows))
      #expect(abs(separate.interval().lowerBound / own.interval().lowerBound - 1) < 2e-4)
      for logit in [-3.0, 0.2, 40] {
        let (a, b) = (separate.probability(atLogit: logit), own.probability(atLogit: logit))
        #expect(abs(a - b) < 1e-10)
      }
    }
  }

  @Test("A spread of nearly 0 is full pooling, one group is itself with a wider prior")
  func limits() throws {
    let (data, groups) = try grouped([70, 90, 60], [0.8, 1, 1.3], seed: 2)
    let tight = try HierarchicalTemperature(
      fittedTo: data, groups: groups, prior: .init(spread: 1e-4))
    for partial in tight.partial {
      #expect(abs(partial.logMean - tight.together.logMean) < 1e-5)
      #expect(abs(partial.logDeviation / tight.together.logDeviation - 1) < 1e-4)
      #expect(abs(partial.quantile(0.1) / tight.together.quantile(0.1) - 1) < 5e-4)
    }
    let one = Grouping(Array(repeating: "all", count: data.count))
    let fit = try HierarchicalTemperature(fittedTo: data, groups: one, prior: .init(spread: 1e-4))
    #expect(abs(fit.partial[0].logMean - fit.together.logMean) < 1e-5)
  }

  @Test("Small groups are pulled together, large ones hardly")
  func shrinkage() throws {
    let (data, groups) = try grouped([20, 20, 20, 20, 2000, 2000], [1, 1, 1, 1, 2, 2], seed: 3)
    let fit = try HierarchicalTemperature(fittedTo: data, groups: groups)
    for g in 4..<6 { #expect(abs(fit.partial[g].logMean - fit.separate[g].logMean) < 0.01) }
    let spread = (0..<4).map { fit.partial[$0].logMean }
    let alone = (0..<4).map { fit.separate[$0].logMean }
    #expect(spread.max()! - spread.min()! < alone.max()! - alone.min()!)
    #expect(fit.newGroup.logDeviation > fit.spread)
    #expect(fit.temperature(of: "unheard") == fit.newGroup)
  }

  @Test("Groups of one class, of one row, and that separate have temperatures too")
  func odd() throws {
    let data = try BinaryPredictions(
      labels: [1, 1, 1, 0, 0, 1, 1, 0, 1], logits: [2, 1, 3, -1, 2, 3, -0.5, -2, 1])
    let groups = Grouping(["a", "a", "a", "b", "c", "c", "c", "c", "c"])
    let fit = try HierarchicalTemperature(fittedTo: data, groups: groups)
    for posterior in fit.partial + fit.separate + [fit.newGroup] {
      let interval = posterior.interval()
      #expect(interval.lowerBound > 0 && interval.upperBound.isFinite)
      #expect(abs(posterior.weights.reduce(0, +) - 1) < 1e-12)
      #expect(posterior.probability(atLogit: 0) == 0.5)
    }
  }

  @Test("Intervals of 12 sets of groups hold their temperatures, drawn from the prior")
  func coverage() throws {
    var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: 11)
    var (inside, spreads, total) = (0, 0, 0)
    for seed in 0..<12 {
      let (m, s) = (stream.normal(), 0.5 * abs(stream.normal()))
      let logs = (0..<3).map { _ in m + s * stream.normal() }
      let (data, groups) = try grouped(
        [15, 40, 80], logs.map { exp($0) }, seed: UInt64(100 + seed))
      let fit = try HierarchicalTemperature(fittedTo: data, groups: groups)
      for (g, value) in logs.enumerated() {
        total += 1
        if fit.partial[g].interval(0.8).contains(exp(value)) { inside += 1 }
      }
      if fit.spreadInterval.contains(s) { spreads += 1 }
    }
    // 80 % of 36, which come in threes: as if at least 12 were independent. 95 % of 12.
    #expect(abs(Double(inside) / Double(total) - 0.8) < 3 * (0.16 / 12).squareRoot())
    #expect(spreads >= 9)
  }

  @Test("Both kinds of predictions, the same answers for two classes")
  func classes() throws {
    let (data, groups) = try grouped([50, 60], [0.7, 1.8], seed: 6)
    let two = try MulticlassPredictions(
      labels: data.labels,
      logits: DenseMatrix(rows: data.count, columns: 2, values: data.logits.flatMap { [0, $0] }))
    let (a, b) = (
      try HierarchicalTemperature(fittedTo: data, groups: groups),
      try HierarchicalTemperature(fittedTo: two, groups: groups)
    )
    #expect(abs(a.partial[0].logMean - b.partial[0].logMean) < 1e-9)
    let (p, q) = (try a.apply(data, groups: groups), try b.apply(two, groups: groups))
    for i in 0..<data.count { #expect(abs(p.probabilities[i] - q.probabilities[i, 1]) < 1e-9) }
    let whole = a.together.apply(two)
    #expect(abs(whole.probabilities[3, 1] - a.together.apply(data).probabilities[3]) < 1e-12)
  }

  @Test("Groups of another number of rows are refused")
  func refusals() throws {
    let (data, _) = try grouped([10], [1], seed: 7)
    #expect(
      message { _ = try HierarchicalTemperature(fittedTo: data, groups: Grouping(["a"])) }
        == "there are 10 rows but groups of 1")
    #expect(throws: CalibrationError.self) { try HierarchicalTemperature.Prior(spread: 0) }
    #expect(throws: CalibrationError.self) { try HierarchicalTemperature.Prior(spread: .nan) }
  }
}
