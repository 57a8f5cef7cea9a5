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

  @Test("The language's temperature and the fast one are the same posterior", arguments: peers)
  func temperature(peer: Peer) throws {
    let data = try peer.predictions()
    let prior = try BayesianTemperature.Prior(location: 0.2, scale: 0.7)
    let fast = try BayesianTemperature(fittedTo: data, prior: prior)
    let probes = [-4.0, -1, 0.3, 2]
    let model = try PosteriorQuadrature(
      TemperatureModel(data, prior), rows: data.count, method: "the temperature"
    ) { t in t + t.map { $0 * $0 } + probes.map { logistic($0 / t[0]) } }
    let means = model.average { t in [t[0], t[0] * t[0]] + probes.map { logistic($0 / t[0]) } }
    #expect(abs(means[0] - fast.mean) < 1e-8)
    #expect(abs((means[1] - means[0] * means[0]).squareRoot() - fast.standardDeviation) < 1e-7)
    #expect(distance(Array(means[2...]), probes.map { fast.probability(atLogit: $0) }) < 1e-8)
  }

  @Test("Bayesian lines of separable and of reversed labels are bounded by their priors")
  func separable() throws {
    for labels in [[0, 0, 1, 1], [1, 1, 0, 0]] {
      let data = try BinaryPredictions(labels: labels, logits: [-3, -1, 1, 3])
      let line = try BayesianPlatt(fittedTo: data)
      #expect(line.slope.mean > 0.05 && line.slope.mean < 7)
      #expect((line.slope.mean > 1) == (labels[0] == 0))
      let p = [-1000, -3, 0, 3, 1000].map { line.probability(atLogit: $0) }
      #expect(p == p.sorted() && p.allSatisfy { 0...1 ~= $0 })
      // Symmetric data: no preference for either label.
      #expect(abs(line.intercept.mean) < 1e-8 && abs(p[2] - 0.5) < 1e-9)
    }
  }

  @Test(
    "Scores far from log odds have a posterior too", .enabled(if: hasFixtures, "no fixtures"),
    arguments: [1.0, 0.05, 20])
  func farScores(scale: Double) throws {
    // Logits up to some hundreds, whose slope is near 1/9.
    let cancer = try Shared.cancer.get()
    let data = try BinaryPredictions(
      labels: cancer.labels, logits: cancer.logits.map { scale * $0 })
    let line = try BayesianPlatt(fittedTo: data)
    let likelihood = try PlattScaling(fittedTo: data)
    #expect(abs(line.slope.mean / likelihood.slope - 1) < 0.15)
    if scale == 1 {
      let beta = try BayesianBeta(fittedTo: data)
      let best = try BetaCalibration(fittedTo: data).apply(data).meanNegativeLogLikelihood
      let mean = beta.apply(data).meanNegativeLogLikelihood
      #expect(mean > best && mean < best + 0.005)
    }
  }

  @Test("Wide priors leave the line to the likelihood")
  func wide() throws {
    let data = try calibrated(3000, seed: 51)
    let line = try BayesianPlatt(
      fittedTo: data, prior: LinePrior(slopeScale: 50, interceptScale: 100))
    let likelihood = try PlattScaling(fittedTo: data)
    #expect(abs(line.slope.mean - likelihood.slope) < 0.1 * likelihood.standardErrors.slope)
    #expect(
      abs(line.slope.standardDeviation / likelihood.standardErrors.slope - 1) < 0.01)
    #expect(throws: CalibrationError.self) { try LinePrior(slopeScale: 0) }
    #expect(throws: CalibrationError.self) { try LinePrior(interceptScale: .infinity) }
  }

  @Test("Many rows read averages from polynomials that agree with the averages")
  func table() throws {
    let line = try BayesianPlatt(fittedTo: calibrated(60, seed: 52))
    let logits = (0..<6000).map { 0.01 * Double($0) - 30 } + [.infinity, -.infinity]
    let fast = line.posterior.logits(logits) { [$0, 1] }
    for i in stride(from: 0, to: 6000, by: 37) + [6000, 6001] {
      let slow = line.posterior([logits[i], 1])
      #expect(fast[i] == slow || abs(fast[i] - slow) < 1e-11 * (1 + abs(slow)))
    }
  }

  @Test("Bayesian binning does not divide equal scores, and knows certain ones")
  func binningTies() throws {
    let half = try BinaryPredictions(
      labels: (0..<40).map { $0 % 4 == 0 ? 1 : 0 }, probabilities: Array(repeating: 0.3, count: 40))
    let one = try BayesianBinning(fittedTo: half)
    #expect(one.models.count == 1 && one.steps.edges.isEmpty)
    // Beta(2 · ½, 2 · ½) and 10 of 40.
    #expect(abs(one.probability(atLogit: 0) - 11.0 / 42) < 1e-15)
    #expect(abs(one.logEvidence - logBeta(11, 31)) < 1e-12)
    let certain = try BinaryPredictions(
      labels: [0, 0, 0, 1, 1, 1], probabilities: [0, 0, 0, 1, 1, 1])
    let two = try BayesianBinning(fittedTo: certain)
    #expect(two.steps.value(at: 0) < 0.25 && two.steps.value(at: 1) > 0.75)
    #expect(throws: CalibrationError.self) {
      try BayesianBinning(fittedTo: BinaryPredictions(labels: [1, 1], logits: [0, 1]))
    }
  }

  @Test("The mixture's derivative by the temperature is that of differences")
  func ensembleGradient() throws {
    let binary = try TemperatureLikelihood(calibrated(40, seed: 54))
    let classes = try TemperatureLikelihood(threeClasses(40))
    for (likelihood, beta) in [(binary, 0.4), (binary, 3), (classes, 0.01), (classes, 0.4)] {
      let h = 1e-6 * beta
      let (_, slopes) = likelihood.labelProbabilities(beta)
      let (above, below) = (
        likelihood.labelProbabilities(beta + h).values,
        likelihood.labelProbabilities(beta - h).values
      )
      for i in slopes.indices {
        #expect(abs((above[i] - below[i]) / (2 * h) - slopes[i]) < 1e-8)
      }
    }
  }

  @Test("Mixtures: separable and constant scores are named, reversed ones become equal")
  func ensembleLimits() throws {
    let scores = [-3.0, -1, 1, 3]
    let right = try BinaryPredictions(labels: [0, 0, 1, 1], logits: scores)
    let wrong = try BinaryPredictions(labels: [1, 1, 0, 0], logits: scores)
    let constant = try BinaryPredictions(labels: [1, 1, 0, 0], logits: [0, 0, 0, 0])
    #expect(throws: CalibrationError.separable(method: "ensemble temperature scaling")) {
      try EnsembleTemperature(fittedTo: right)
    }
    #expect(throws: CalibrationError.constantScores) {
      try EnsembleTemperature(fittedTo: constant)
    }
    let equal = try EnsembleTemperature(fittedTo: wrong)
    #expect(equal.apply(wrong).probabilities.allSatisfy { abs($0 - 0.5) < 1e-3 })
    // Two classes as K = 2.
    let data = try calibrated(200, seed: 53)
    let classes = try MulticlassPredictions(
      labels: data.labels,
      logits: DenseMatrix(rows: 200, columns: 2, values: data.logits.flatMap { [0, 1.5 * $0] }))
    let scaled = try BinaryPredictions(labels: data.labels, logits: data.logits.map { 1.5 * $0 })
    let (a, b) = (
      try EnsembleTemperature(fittedTo: scaled), try EnsembleTemperature(fittedTo: classes)
    )
    #expect(abs(a.meanNegativeLogLikelihood - b.meanNegativeLogLikelihood) < 1e-13)
    #expect(abs(a.temperature / b.temperature - 1) < 1e-6)
  }
}
