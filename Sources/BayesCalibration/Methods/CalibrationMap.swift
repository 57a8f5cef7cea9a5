// What a fitted calibration is: a map from predictions to better ones.

import BayesNumerics

/// A fitted map of a binary classifier's scores.
public protocol BinaryCalibrationMap: Sendable {
  /// The method, in words.
  var name: String { get }
  /// The calibrated probability of label 1 at a logit.
  func probability(atLogit logit: Double) -> Double
  /// The same rows with calibrated probabilities.
  func apply(_ predictions: BinaryPredictions) -> BinaryPredictions
}

extension BinaryCalibrationMap {
  /// The same rows, by `probability(atLogit:)`; a map that knows the log odds, or many rows at once, has its own.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let calibrated = predictions.logits.map { probability(atLogit: $0) }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: calibrated.map { BayesNumerics.logit($0) },
      probabilities: calibrated)
  }
}

/// A fitted map of a classifier's scores of K classes.
public protocol MulticlassCalibrationMap: Sendable {
  /// The method, in words.
  var name: String { get }
  /// The same rows with calibrated probabilities.
  func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions
}

extension BinaryPredictions {
  /// The same rows with other log odds, which keep what a probability of 1 to rounding loses.
  func mappingLogits(_ map: (Double) -> Double) -> BinaryPredictions {
    let mapped = logits.map(map)
    return BinaryPredictions(
      unchecked: labels, logits: mapped, probabilities: mapped.map { logistic($0) })
  }
}
