// Bad input: the row, what was found and what was expected; fits without a finite answer.

import BayesNumerics
import Testing

@testable import BayesCalibration

/// The message of the error that a call throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}

@Suite struct InputTests {
  @Test(
    "Binary predictions are refused with their row",
    arguments: [
      ([0, 2], [0.0, 1], "row 2: found label 2, expected 0 or 1"),
      ([0, -1], [0, 1], "row 2: found label -1, expected 0 or 1"),
      ([0], [0, 1], "there are 1 labels but scores for 2 rows"),
      ([], [], "found 0 rows, need at least 1"),
      (
        [0, 1], [.nan, 1],
        "row 1: found logit nan, expected a finite logit; give certain predictions as probabilities 0 and 1"
      ),
      (
        [0, 1], [1, -.infinity],
        "row 2: found logit -inf, expected a finite logit; give certain predictions as probabilities 0 and 1"
      ),
    ] as [([Int], [Double], String)])
  func binary(labels: [Int], logits: [Double], text: String) {
    #expect(message { _ = try BinaryPredictions(labels: labels, logits: logits) } == text)
  }

  @Test("Probabilities outside [0, 1] are refused", arguments: [-0.1, 1.5, .nan, .infinity])
  func probability(p: Double) {
    let text = message { _ = try BinaryPredictions(labels: [0, 1], probabilities: [0.5, p]) }
    #expect(text == "row 2: found probability \(p), expected a number from 0 to 1")
    #expect(
      throws: CalibrationError.self,
      performing: { try EventForecasts(probabilities: [p], outcomes: [true]) })
  }

  @Test("Predictions of classes are refused with their row")
  func classes() {
    func logits(_ values: [Double], columns: Int) -> DenseMatrix {
      DenseMatrix(rows: values.count / columns, columns: columns, values: values)
    }
    #expect(
      message {
        _ = try MulticlassPredictions(
          labels: [0, 3], logits: logits([1, 2, 3, 4, 5, 6], columns: 3))
      } == "row 2: found label 3, expected a whole number from 0 to 2")
    #expect(
      message {
        _ = try MulticlassPredictions(
          labels: [0, 1], probabilities: logits([0.2, 0.8, 0.5, 0.6], columns: 2))
      } == "row 2: found probabilities that sum to 1.1, expected a sum of 1")
    #expect(
      message {
        _ = try MulticlassPredictions(
          labels: [0, 1], probabilities: logits([0.2, 0.8, -0.5, 1.5], columns: 2))
      } == "row 2: found probability -0.5 of class 0, expected numbers from 0 to 1")
    #expect(
      message {
        _ = try MulticlassPredictions(
          labels: [0, 1], logits: logits([0.2, .infinity, 0, 0], columns: 2))
      }.hasPrefix("row 1: found logit inf of class 1, expected finite logits"))
    #expect(
      message { _ = try MulticlassPredictions(labels: [0], logits: logits([1], columns: 1)) }
        == "scores of at least 2 classes are needed, found 1")
  }

  @Test("Fits need two rows, two classes and finite logits")
  func fits() throws {
    let one = try BinaryPredictions(labels: [1], logits: [2])
    let same = try BinaryPredictions(labels: [1, 1, 1], logits: [2, 1, 0])
    let certain = try BinaryPredictions(labels: [1, 0, 1], probabilities: [0.2, 0.7, 1])
    #expect(message { _ = try TemperatureScaling(fittedTo: one) } == "found 1 row, need at least 2")
    #expect(
      message { _ = try PlattScaling(fittedTo: same) }
        == "all 3 rows have label 1; a fit needs rows of at least two classes")
    #expect(
      message { _ = try BetaCalibration(fittedTo: certain) }.hasPrefix(
        "row 3: found probability 1, whose logit is infinite, expected a finite logit"))
    #expect(try IsotonicRegression(fittedTo: certain, scale: .probability).values.count > 0)
    #expect(throws: Never.self) { try TemperatureScaling(fittedTo: certain.clipped(to: 1e-6)) }
  }

  @Test("Temperatures of 0 and of infinity are named")
  func limits() throws {
    let scores = [-3.0, -1, 1, 3]
    let right = try BinaryPredictions(labels: [0, 0, 1, 1], logits: scores)
    let wrong = try BinaryPredictions(labels: [1, 1, 0, 0], logits: scores)
    let constant = try BinaryPredictions(labels: [1, 1, 0, 0], logits: [0, 0, 0, 0])
    #expect(throws: CalibrationError.separable(method: "temperature scaling")) {
      try TemperatureScaling(fittedTo: right)
    }
    #expect(throws: CalibrationError.antiInformative(method: "temperature scaling")) {
      try TemperatureScaling(fittedTo: wrong)
    }
    #expect(throws: CalibrationError.constantScores) { try TemperatureScaling(fittedTo: constant) }
    #expect(throws: CalibrationError.separable(method: "Platt scaling")) {
      try PlattScaling(fittedTo: right)
    }
    #expect(throws: CalibrationError.separable(method: "beta calibration")) {
      try BetaCalibration(fittedTo: right)
    }
    #expect(try PlattScaling(fittedTo: right, targets: .smoothed).slope > 0)
    #expect(try PlattScaling(fittedTo: wrong, targets: .smoothed).slope < 0)
  }
}
