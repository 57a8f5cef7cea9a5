// All measures together, held-out predictions and bands of bins.

import BayesNumerics
import Testing

@testable import BayesCalibration

/// Overconfident scores: the log odds of label 1 are the logit over `temperature`.
private func scores(_ rows: Int, temperature: Double, seed: UInt64 = 1) throws -> BinaryPredictions
{
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  var (labels, logits) = ([Int](), [Double]())
  for _ in 0..<rows {
    let logit = 3 * stream.normal()
    logits.append(logit)
    labels.append(stream.uniform() < logistic(logit / temperature) ? 1 : 0)
  }
  return try BinaryPredictions(labels: labels, logits: logits)
}

@Suite("All measures together")
struct MeasuresReportTests {
  @Test("The measures of a report are those of their own types")
  func parts() throws {
    let predictions = try scores(400, temperature: 2)
    let replication = try Replication(replicates: 20, seed: 3)
    let measures = try CalibrationMeasures(predictions, bins: 10, replication)
    #expect(measures.rows == 400 && measures.classes == 2 && measures.mainEvent == .positive)
    #expect(measures.negativeLogLikelihood == predictions.meanNegativeLogLikelihood)
    #expect(measures.brier == predictions.brierScore)
    #expect(measures.errors.map(\.event) == [.positive, .positive, .topLabel])
    let error = try ReliabilityTable(predictions.positive, .equalWidth(10)).expectedError
    #expect(measures.errors[0].errors.expected.value == error)
    #expect(measures.line?.slope == (try CalibrationLine(predictions)).slope)
    #expect(measures.classwise.isEmpty && measures.lineProblem == nil)
    #expect(try measures == CalibrationMeasures(predictions, bins: 10, replication))
  }

  @Test("Without a line the measures say why; an infinite likelihood has no band")
  func missing() throws {
    let replication = try Replication(replicates: 5)
    let one = try CalibrationMeasures(
      BinaryPredictions(labels: [1, 1], logits: [1, 2]), replication)
    #expect(one.line == nil && one.lineProblem?.contains("all 2 rows have label 1") == true)
    let impossible = try CalibrationMeasures(
      BinaryPredictions(labels: [1, 0], probabilities: [0, 0.5]), replication)
    #expect(impossible.negativeLogLikelihood == .infinity && impossible.likelihoodBand == nil)
  }

  @Test("Classes: the top label, and the mean over classes")
  func classes() throws {
    let logits = DenseMatrix(rows: 4, columns: 3, values: [2, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0])
    let predictions = try MulticlassPredictions(labels: [0, 1, 2, 1], logits: logits)
    let measures = try CalibrationMeasures(predictions, bins: 5, Replication(replicates: 5))
    #expect(measures.mainEvent == .topLabel)
    let classwise = try [Binning.equalWidth(5), .equalMass(5)].map {
      try predictions.classwiseExpectedError($0)
    }
    #expect(measures.classwise.map(\.value) == classwise)
    #expect(measures.errors.count == 2)
  }

  @Test("Held-out rows are calibrated by the map of the other folds, for any number of threads")
  func heldOut() throws {
    let predictions = try scores(120, temperature: 2)
    let result = try predictions.heldOut(by: .temperature, folds: 4, seed: 7, threads: 1)
    #expect(try result == predictions.heldOut(by: .temperature, folds: 4, seed: 7, threads: 3))
    #expect(result.labels == predictions.labels)
    let fold = stratifiedFolds(labels: predictions.labels, classes: 2, folds: 4, seed: 7)
    for k in 0..<4 {
      let map = try TemperatureScaling(
        fittedTo: predictions.rows(fold.indices.filter { fold[$0] != k }))
      for row in fold.indices where fold[row] == k {
        let expected = map.probability(atLogit: predictions.logits[row])
        #expect(abs(result.probabilities[row] - expected) < 1e-15)
      }
    }
    #expect(throws: CalibrationError.self) { try predictions.heldOut(by: .platt, folds: 121) }
    let comparison = try MethodComparison(predictions, methods: [.temperature], folds: 4, seed: 7)
    let mean = try #require(comparison[.temperature]?.likelihood?.mean)
    #expect(abs(mean - result.meanNegativeLogLikelihood) < 1e-13)
  }

  @Test(
    "The band of a bin has the quantiles of its binomial distribution",
    // scipy.stats.binom.ppf([.025, .975], n, p).
    arguments: [
      (10, 0.3, 0, 6), (1, 0.5, 0, 1), (40, 0.05, 0, 5), (1000, 0.9, 881, 918), (7, 1, 7, 7),
      (7, 0, 0, 0),
    ])
  func band(_ count: Int, _ p: Double, _ low: Int, _ high: Int) {
    let bin = ReliabilityTable.Bin(
      index: 0, count: count, meanForecast: p, frequency: 0.5, range: 0...1)
    let band = bin.consistencyBand()
    #expect(band.lowerBound == Double(low) / Double(count))
    #expect(band.upperBound == Double(high) / Double(count))
  }
}
