// Vector and matrix scaling shrunk towards a temperature: modes and evidence against Tests/oracles/calibration_affine.py.

import BayesCore
import BayesNumerics
import Foundation
import Testing

@testable import BayesCalibration

private let datasets: [Peer] = {
  let path =
    URL(filePath: #filePath).deletingLastPathComponent().path(percentEncoded: false)
    + "/Fixtures/affine.json"
  return (try? parseJSON(path: path))?["datasets"]?.array?.map { Peer(json: $0) } ?? []
}()

/// Three classes of a fixture.
private func predictions(_ peer: Peer) throws -> MulticlassPredictions {
  let logits = peer.values("logits")
  return try MulticlassPredictions(
    labels: peer.values("labels").map { Int($0) },
    logits: DenseMatrix(rows: logits.count / 3, columns: 3, values: logits))
}

/// The largest distance between two lists of one length.
private func distance(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

/// The same rows with other logits.
private func mapped(
  _ data: MulticlassPredictions, _ transform: (Double) -> Double
) throws -> MulticlassPredictions {
  try MulticlassPredictions(
    labels: data.labels,
    logits: DenseMatrix(
      rows: data.count, columns: data.classCount, values: data.logits.values.map(transform)))
}

@Suite struct AffineScalingTests {
  @Test("There are answers for two data sets")
  func answers() { #expect(datasets.count == 2) }

  @Test("Modes and Laplace evidence of given priors, to ten digits", arguments: datasets)
  func oracle(peer: Peer) throws {
    let data = try predictions(peer)
    let fits = try #require(peer.json["fits"]?.array).map { Peer(json: $0) }
    #expect(fits.count == 8)
    for answer in fits {
      let shape = try #require(AffineScaling.Shape(rawValue: answer.json["shape"]?.string ?? ""))
      let prior = try AffineScaling.Shrinkage(
        weights: answer.value("s"), intercepts: answer.value("r"))
      let map = try AffineScaling(
        fittedTo: data, shape: shape, regularisation: .shrinkage(prior))
      #expect(map.shrinkage == prior)
      #expect(distance(map.weights.values, answer.values("weights")) < 1e-10, "\(prior)")
      #expect(distance(map.intercepts, answer.values("intercepts")) < 1e-10, "\(prior)")
      #expect(abs(map.logEvidence! - answer.value("log_evidence")) < 1e-10, "\(prior)")
      #expect(abs(map.meanNegativeLogLikelihood - answer.value("mean_nll")) < 1e-12)
    }
  }

  @Test("The search finds the largest evidence on the grid", arguments: datasets)
  func search(peer: Peer) throws {
    let data = try predictions(peer)
    for shape in AffineScaling.Shape.allCases {
      let found = try AffineScaling(fittedTo: data, shape: shape)
      var path = try ShrinkagePath(data, shape)
      var best = -Double.infinity
      for weights in ShrinkagePath.grid {
        for intercepts in ShrinkagePath.grid {
          let prior = try AffineScaling.Shrinkage(weights: weights, intercepts: intercepts)
          best = Swift.max(best, try path.mode(prior).logEvidence)
        }
      }
      #expect(abs(found.logEvidence! - best) < 1e-9, "\(shape)")
    }
  }

  @Test("Strong shrinkage is temperature scaling", arguments: AffineScaling.Shape.allCases)
  func strong(shape: AffineScaling.Shape) throws {
    let data = try threeClasses(200)
    let inverse = try TemperatureScaling(fittedTo: data).inverse
    var distances: [Double] = []
    for width in [1e-3, 1e-4, 1e-5] {
      let map = try AffineScaling(
        fittedTo: data, shape: shape,
        regularisation: .shrinkage(.init(weights: width, intercepts: width)))
      distances.append(
        distance(map.weights.values, DenseMatrix.identity(3).values.map { inverse * $0 })
          + distance(map.intercepts, [0, 0, 0]))
    }
    // What is left falls with the variance of the prior.
    #expect(distances[0] < 1e-3)
    #expect(abs(distances[0] / distances[1] - 100) < 1)
    #expect(abs(distances[1] / distances[2] - 100) < 1)
  }

  @Test("Many rows make it the largest likelihood", arguments: AffineScaling.Shape.allCases)
  func manyRows(shape: AffineScaling.Shape) throws {
    let source = try threeClasses(8000)
    // One class has another factor, so that no temperature will do.
    let logits = source.logits.values.enumerated().map { $0 % 3 == 0 ? 2 * $1 : $1 }
    let data = try MulticlassPredictions(
      labels: source.labels, logits: DenseMatrix(rows: 8000, columns: 3, values: logits))
    let shrunk = try AffineScaling(fittedTo: data, shape: shape)
    let best = try AffineScaling(
      fittedTo: data, shape: shape, regularisation: .maximumLikelihood)
    #expect(best.shrinkage == nil && best.logEvidence == nil)
    let loss = shrunk.meanNegativeLogLikelihood - best.meanNegativeLogLikelihood
    #expect(loss > 0 && loss < 1e-4)
    let temperature = try TemperatureScaling(fittedTo: data)
    #expect(temperature.meanNegativeLogLikelihood! > shrunk.meanNegativeLogLikelihood + 0.01)
    let (a, b) = (shrunk.apply(data).probabilities, best.apply(data).probabilities)
    #expect(distance(a.values, b.values) < 0.03)
  }

  @Test(
    "Constants and factors are shrunk apart: a bias alone leaves the factors at one temperature")
  func biasAlone() throws {
    let map = try AffineScaling(fittedTo: threeClasses(2000), shape: .vector)
    let prior = try #require(map.shrinkage)
    #expect(prior.weights < 0.05 && prior.intercepts > 0.09)
    let factors = (0..<3).map { map.weights[$0, $0] }
    #expect(factors.max()! / factors.min()! < 1.02)
  }

  @Test("Separable classes settle", arguments: AffineScaling.Shape.allCases)
  func separable(shape: AffineScaling.Shape) throws {
    let data = try predictions(#require(datasets.first { $0.json["name"]?.string == "separable" }))
    #expect(throws: CalibrationError.notConverged(method: "\(shape.rawValue) scaling")) {
      try AffineScaling(fittedTo: data, shape: shape, regularisation: .maximumLikelihood)
    }
    let map = try AffineScaling(fittedTo: data, shape: shape)
    let temperature = try TemperatureScaling(fittedTo: data)
    #expect(map.meanNegativeLogLikelihood <= temperature.meanNegativeLogLikelihood!)
    #expect(map.intercepts.allSatisfy { abs($0) < 20 })
  }

  /// Steps along directions that change no probability once kept some of these from settling.
  @Test("The largest likelihood of ordinary rows is found, whatever the seed")
  func ordinary() throws {
    for seed in 100..<140 {
      var stream = RandomStream(seed: UInt64(seed), chain: 0, purpose: .test, iteration: 200)
      var labels: [Int] = []
      var logits: [Double] = []
      for _ in 0..<200 {
        let truth = (0..<3).map { _ in 1.5 * stream.normal() }
        labels.append(stream.categorical(truth.map { exp($0) })!)
        logits += truth.map { 2 * $0 }
      }
      let data = try MulticlassPredictions(
        labels: labels, logits: DenseMatrix(rows: 200, columns: 3, values: logits))
      for shape in AffineScaling.Shape.allCases {
        let map = try AffineScaling(
          fittedTo: data, shape: shape, regularisation: .maximumLikelihood)
        for k in 0..<3 { #expect(abs(map.apply(data).events(ofClass: k).meanBias) < 1e-12) }
      }
    }
  }

  @Test("The units of logits do not matter", arguments: [0.01, 0.3, 7, 1000])
  func units(scale: Double) throws {
    let data = try threeClasses(150)
    let scaled = try mapped(data) { scale * $0 }
    for shape in AffineScaling.Shape.allCases {
      let (a, b) = (
        try AffineScaling(fittedTo: data, shape: shape),
        try AffineScaling(fittedTo: scaled, shape: shape)
      )
      #expect(a.shrinkage == b.shrinkage)
      #expect(distance(a.weights.values, b.weights.values.map { scale * $0 }) < 1e-11)
      #expect(distance(a.intercepts, b.intercepts) < 1e-11)
      #expect(abs(a.logEvidence! - b.logEvidence!) < 1e-9)
    }
  }

  @Test("Penalties are those of ODIR: the gradient of its objective is 0")
  func penalties() throws {
    let data = try threeClasses(100)
    let map = try AffineScaling(
      fittedTo: data, shape: .matrix,
      regularisation: .penalties(offDiagonal: 0.06, intercepts: 0.03))
    let p = map.apply(data).probabilities
    for i in 0..<3 {
      for j in 0...3 {
        var gradient = 0.0
        for row in 0..<100 {
          let error = p[row, i] - (data.labels[row] == i ? 1 : 0)
          gradient += error * (j == 3 ? 1 : data.logits[row, j]) / 100
        }
        if j == 3 {
          gradient += 2 * 0.03 / 3 * map.intercepts[i]
        } else if j != i {
          gradient += 2 * 0.06 / 6 * map.weights[i, j]
        }
        #expect(abs(gradient) < 1e-13)
      }
    }
  }

  @Test("Where there is no temperature to shrink to, the reason is named")
  func noTemperature() throws {
    let labels = [0, 1, 2, 0, 1, 2]
    let right = DenseMatrix(
      rows: 6, columns: 3,
      values: labels.flatMap { label in (0..<3).map { $0 == label ? 2 : 0 } })
    let name = "vector scaling shrunk to a temperature"
    for (factor, expected) in [
      (1.0, CalibrationError.separable(method: name)), (-1, .antiInformative(method: name)),
      (0, .constantScores),
    ] {
      let data = try MulticlassPredictions(
        labels: labels,
        logits: DenseMatrix(rows: 6, columns: 3, values: right.values.map { factor * $0 }))
      #expect(throws: expected) { try AffineScaling(fittedTo: data, shape: .vector) }
    }
  }

  @Test("Settings, rows and sizes that make no sense are refused")
  func refusals() throws {
    let data = try threeClasses(50)
    for (weights, intercepts) in [(0.0, 1.0), (1, -1), (.infinity, 1), (1, .nan), (1, 1e7)] {
      #expect(throws: CalibrationError.self) {
        try AffineScaling.Shrinkage(weights: weights, intercepts: intercepts)
      }
    }
    for (offDiagonal, intercepts) in [(-1.0, 0.0), (0, -1), (.infinity, 0), (0, .nan)] {
      #expect(throws: CalibrationError.self) {
        try AffineScaling(
          fittedTo: data, shape: .matrix,
          regularisation: .penalties(offDiagonal: offDiagonal, intercepts: intercepts))
      }
    }
    #expect(throws: CalibrationError.tooFewRows(found: 1, needed: 2)) {
      try AffineScaling(fittedTo: data.rows([0]), shape: .vector)
    }
    let infinite = try MulticlassPredictions(
      labels: [0, 1], probabilities: DenseMatrix(rows: 2, columns: 2, values: [1, 0, 0.5, 0.5]))
    #expect(throws: CalibrationError.self) { try AffineScaling(fittedTo: infinite, shape: .matrix) }
    let many = try MulticlassPredictions(
      labels: [0, 1], logits: DenseMatrix(rows: 2, columns: 50, repeating: 0))
    #expect(throws: CalibrationError.self) { try AffineScaling(fittedTo: many, shape: .matrix) }
  }
}
