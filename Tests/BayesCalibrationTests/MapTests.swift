// What every fitted map must do, and vector and matrix scaling.

import BayesNumerics
import Testing

@testable import BayesCalibration

/// Three classes with logits that are too large, and a bias.
func threeClasses(_ count: Int) throws -> MulticlassPredictions {
  var stream = RandomStream(seed: 11, chain: 0, purpose: .test, iteration: 0)
  var labels: [Int] = []
  var logits: [Double] = []
  for _ in 0..<count {
    let truth = (0..<3).map { _ in 1.5 * stream.normal() }
    labels.append(stream.categorical(truth.map { logistic($0) / (1 - logistic($0)) })!)
    logits += [2 * truth[0] + 0.4, 2 * truth[1], 2 * truth[2] - 0.5]
  }
  return try MulticlassPredictions(
    labels: labels, logits: DenseMatrix(rows: count, columns: 3, values: logits))
}

@Suite struct MapTests {
  @Test(
    "A temperature undoes a scale, for two classes and for three", arguments: [0.01, 0.3, 7, 1000])
  func equivariance(scale: Double) throws {
    let data = try calibrated(400, seed: 21)
    let scaled = try BinaryPredictions(labels: data.labels, logits: data.logits.map { scale * $0 })
    let (a, b) = (try TemperatureScaling(fittedTo: data), try TemperatureScaling(fittedTo: scaled))
    #expect(abs(b.temperature / a.temperature / scale - 1) < 1e-13)
    let classes = try threeClasses(200)
    let larger = try MulticlassPredictions(
      labels: classes.labels,
      logits: DenseMatrix(rows: 200, columns: 3, values: classes.logits.values.map { scale * $0 }))
    let (c, d) = (
      try TemperatureScaling(fittedTo: classes), try TemperatureScaling(fittedTo: larger)
    )
    #expect(abs(d.temperature / c.temperature / scale - 1) < 1e-13)
  }

  @Test("The temperature is a minimum, and its gradient zero")
  func minimum() throws {
    let data = try calibrated(400, seed: 22)
    let fit = try TemperatureScaling(fittedTo: data)
    let likelihood = TemperatureLikelihood(data)
    #expect(abs(likelihood.derivatives(fit.inverse).slope) < 1e-11)
    for factor in [0.5, 0.99, 1.01, 2] {
      #expect(likelihood.value(fit.inverse * factor) > likelihood.value(fit.inverse))
    }
  }

  @Test("Many rows: the same answers by the shorter ways")
  func many() throws {
    let small = try calibrated(700, seed: 25)
    let copies = 100
    let large = small.rows((0..<70_000).map { $0 / copies })
    let (a, b) = (try TemperatureScaling(fittedTo: small), try TemperatureScaling(fittedTo: large))
    #expect(abs(a.temperature - b.temperature) < 1e-12)
    #expect(abs(a.inverseStandardError! - 10 * b.inverseStandardError!) < 1e-12)
    let posterior = try BayesianTemperature(fittedTo: large)
    // Normal to the second order around the mode.
    #expect(abs(posterior.mean - b.temperature) < 0.1 * b.standardError!)
    #expect(abs(posterior.standardDeviation / b.standardError! - 1) < 1e-2)
    let bands = try large.scoreBands(Replication(replicates: 20, seed: 3))
    let error = bands.brier.standardDeviation / 20.0.squareRoot()
    #expect(abs(bands.brier.mean - large.brierScore) < 5 * error)
  }

  @Test("Maps of held-out rows give probabilities and keep the order of scores")
  func monotone() throws {
    let data = try calibrated(500, seed: 23)
    let maps: [any BinaryCalibrationMap] = [
      try TemperatureScaling(fittedTo: data), try BayesianTemperature(fittedTo: data),
      try PlattScaling(fittedTo: data), try BetaCalibration(fittedTo: data),
      try IsotonicRegression(fittedTo: data),
      try IsotonicRegression(fittedTo: data, scale: .probability),
    ]
    let logits = stride(from: -800.0, through: 800, by: 1.7)
    for map in maps {
      var last = 0.0
      for logit in logits {
        let p = map.probability(atLogit: logit)
        #expect(p >= last - 1e-12 && p <= 1, "\(map.name) at \(logit)")
        last = p
      }
      let applied = map.apply(data)
      #expect(applied.labels == data.labels && applied.probabilities.allSatisfy { 0...1 ~= $0 })
      #expect(applied.meanNegativeLogLikelihood.isNaN == false)
    }
    for binning in [Binning.equalWidth(10), .equalMass(10)] {
      let map = try HistogramBinning(fittedTo: data, binning: binning)
      #expect(map.values.count == map.edges.count + 1)
      // On its own rows every bin's mean forecast is its frequency.
      #expect(
        try ReliabilityTable(map.apply(data).positive, .equalWidth(1000)).expectedError < 1e-12)
    }
  }

  @Test("Isotonic regression pools ties and violators, by hand")
  func isotonic() throws {
    let data = try BinaryPredictions(
      labels: [0, 1, 0, 1, 0, 1, 1], probabilities: [0.1, 0.2, 0.3, 0.4, 0.4, 0.8, 0.9])
    let map = try IsotonicRegression(fittedTo: data, scale: .probability)
    #expect(map.thresholds == [0.1, 0.2, 0.4, 0.8, 0.9])
    #expect(map.values == [0, 0.5, 0.5, 1, 1])
    #expect(abs(map.probability(atLogit: logit(0.6)) - 0.75) < 1e-12)
    #expect(map.probability(atLogit: -.infinity) == 0 && map.probability(atLogit: .infinity) == 1)
  }

  @Test("Isotonic regression is the increasing function of least squares")
  func isotonicOptimum() throws {
    let data = try calibrated(60, seed: 24)
    let fitted = try IsotonicRegression(fittedTo: data).apply(data)
    // Projections onto a cone: the residuals are orthogonal to the fit, and no increasing step improves it.
    let residuals = zip(data.labels, fitted.probabilities).map { Double($0) - $1 }
    #expect(abs(zip(residuals, fitted.probabilities).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-12)
    for threshold in data.logits {
      let slope = zip(residuals, data.logits).reduce(0) { $0 + ($1.1 >= threshold ? $1.0 : 0) }
      #expect(slope <= 1e-12)
    }
  }

  @Test("Vector and matrix scaling nest: NLL falls from temperature to vector to matrix")
  func affine() throws {
    let data = try threeClasses(400)
    let temperature = try TemperatureScaling(fittedTo: data)
    let vector = try AffineScaling(
      fittedTo: data, shape: .vector, regularisation: .maximumLikelihood)
    let matrix = try AffineScaling(
      fittedTo: data, shape: .matrix, regularisation: .maximumLikelihood)
    #expect(vector.meanNegativeLogLikelihood < temperature.meanNegativeLogLikelihood!)
    #expect(matrix.meanNegativeLogLikelihood <= vector.meanNegativeLogLikelihood)
    for fit in [vector, matrix] {
      let after = fit.apply(data)
      #expect(abs(after.meanNegativeLogLikelihood - fit.meanNegativeLogLikelihood) < 1e-13)
      // The intercepts' equations: each class's mean probability is its frequency.
      for k in 0..<3 { #expect(abs(after.events(ofClass: k).meanBias) < 1e-9) }
    }
    let strong = try AffineScaling(
      fittedTo: data, shape: .matrix, regularisation: .penalties(offDiagonal: 1e6, intercepts: 0))
    #expect(abs(strong.weights[0, 1]) < 1e-5)
    #expect(abs(strong.meanNegativeLogLikelihood - vector.meanNegativeLogLikelihood) < 1e-4)
  }
}
