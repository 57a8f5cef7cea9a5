// Bayesian binning, ensemble temperature and the Bayesian line and beta maps against Tests/oracles/calibration_methods.py.

import BayesCore
import BayesNumerics
import Foundation
import Testing

@testable import BayesCalibration

private let fixtures: (datasets: [Peer], classes: [Peer]) = {
  let path =
    URL(filePath: #filePath).deletingLastPathComponent().path(percentEncoded: false)
    + "/Fixtures/methods.json"
  let json = try? parseJSON(path: path)
  func list(_ key: String) -> [Peer] { json?[key]?.array?.map { Peer(json: $0) } ?? [] }
  return (list("datasets"), list("classes"))
}()

/// The first rows of the peers' data set of the same name.
private func predictions(_ answers: Peer) throws -> BinaryPredictions {
  let name = answers.json["name"]?.string
  let peer = try #require(peers.first { $0.json["name"]?.string == name })
  return try peer.predictions().rows(0..<Int(answers.value("count")))
}

/// The largest distance between two lists of one length.
private func distance(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

@Suite struct MethodTests {
  @Test("There are answers for six data sets and one of classes")
  func answers() { #expect(fixtures.datasets.count == 6 && fixtures.classes.count == 1) }

  @Test("Bayesian binning by its definition", arguments: fixtures.datasets)
  func binning(answers: Peer) throws {
    let map = try BayesianBinning(fittedTo: predictions(answers))
    #expect(abs(map.logEvidence - answers.value("bbq_log_evidence")) < 1e-11)
    let found = answers.values("grid").map { map.probability(atLogit: $0) }
    #expect(distance(found, answers.values("bbq_grid")) < 1e-11)
    let best = try #require(map.models.max { $0.weight < $1.weight })
    #expect(best.bins == Int(answers.value("bbq_best_bins")))
    #expect(abs(best.weight - answers.value("bbq_best_weight")) < 1e-11)
    #expect(abs(map.models.reduce(0) { $0 + $1.weight } - 1) < 1e-12)
  }

  @Test(
    "Ensemble temperature is the best of SciPy's starts",
    arguments: fixtures.datasets.filter { $0.json["ets_value"] != nil } + fixtures.classes)
  func ensemble(answers: Peer) throws {
    let map: EnsembleTemperature
    let rows: [Double]
    if answers.json["labels"] != nil {
      let logits = answers.values("logits")
      let data = try MulticlassPredictions(
        labels: answers.values("labels").map { Int($0) },
        logits: DenseMatrix(rows: logits.count / 3, columns: 3, values: logits))
      map = try EnsembleTemperature(fittedTo: data)
      let applied = map.apply(data).probabilities
      rows = (0..<7).map { applied[$0, 2] }
      for i in 0..<data.count {
        #expect(abs((0..<3).reduce(0) { $0 + applied[i, $1] } - 1) < 1e-14)
      }
    } else {
      let data = try predictions(answers)
      map = try EnsembleTemperature(fittedTo: data)
      rows = Array(map.apply(data).probabilities.prefix(7))
    }
    // No worse than the oracle's optimum, and better by its tolerance at most.
    let gain = answers.value("ets_value") - map.meanNegativeLogLikelihood
    #expect(gain > -1e-12 && gain < 1e-8, "\(gain)")
    #expect(distance(rows, answers.values("ets_rows")) < 2e-5)
    #expect(abs(map.temperature - answers.value("ets_temperature")) < 1e-3 * map.temperature)
    let weights = [map.tempered, map.unchanged, map.uniform]
    #expect(distance(weights, answers.values("ets_weights")) < 1e-3)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-12 && !map.isAtBound)
  }

  @Test("Bayesian Platt scaling by sums over a grid", arguments: fixtures.datasets)
  func platt(answers: Peer) throws {
    let map = try BayesianPlatt(fittedTo: predictions(answers))
    let found = answers.values("grid").map { map.probability(atLogit: $0) }
    #expect(distance(found, answers.values("platt_grid")) < 1e-8)
    #expect(
      distance([map.slope.mean, map.intercept.mean], answers.values("platt_mean")) < 1e-6)
    let deviations = [map.slope.standardDeviation, map.intercept.standardDeviation]
    #expect(distance(deviations, answers.values("platt_sd")) < 1e-5)
  }

  @Test("Bayesian beta calibration by sums over a grid", arguments: fixtures.datasets.prefix(3))
  func beta(answers: Peer) throws {
    let map = try BayesianBeta(fittedTo: predictions(answers))
    let found = answers.values("grid").map { map.probability(atLogit: $0) }
    #expect(distance(found, answers.values("beta_grid")) < 1e-7)
    #expect(distance([map.a.mean, map.b.mean, map.c.mean], answers.values("beta_mean")) < 1e-5)
    let deviations = [map.a, map.b, map.c].map(\.standardDeviation)
    #expect(distance(deviations, answers.values("beta_sd")) < 1e-4)
  }
}
