// One temperature for all logits, by maximum likelihood.

import BayesNumerics

/// Temperature scaling: logits divided by one T > 0, binary or of K classes.
///
/// The likelihood is maximised in β = 1/T, in which it is concave, to machine precision.
///
/// Reference: Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks", ICML.
public struct TemperatureScaling: BinaryCalibrationMap, MulticlassCalibrationMap, Equatable {
  /// T; above 1 the scores were too confident.
  public let temperature: Double
  /// The standard error of 1/T from the curvature of the likelihood; `nil` for a given temperature.
  public let inverseStandardError: Double?
  /// The mean negative log-likelihood of the rows it was fitted to, in nats; `nil` for a given temperature.
  public let meanNegativeLogLikelihood: Double?

  /// 1/T.
  public var inverse: Double { 1 / temperature }
  /// The standard error of T, T² times that of 1/T.
  public var standardError: Double? { inverseStandardError.map { $0 * temperature * temperature } }
  /// `temperature`.
  public var name: String { "temperature" }

  /// A given temperature.
  ///
  /// - Throws: `CalibrationError.invalidSetting` unless it is positive and finite.
  public init(temperature: Double) throws {
    guard temperature > 0, temperature.isFinite else {
      throw CalibrationError.invalidSetting(
        "a temperature is positive and finite, found \(temperature)")
    }
    self.temperature = temperature
    inverseStandardError = nil
    meanNegativeLogLikelihood = nil
  }

  /// The temperature of the largest likelihood of binary labels.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite or constant logits, and the two cases
  ///   without a maximum, `.separable` (T → 0) and `.antiInformative` (T → ∞).
  public init(fittedTo predictions: BinaryPredictions) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions))
  }

  /// The temperature of the largest likelihood of labels of K classes.
  ///
  /// - Throws: as for binary labels.
  public init(fittedTo predictions: MulticlassPredictions) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions))
  }

  private init(_ likelihood: TemperatureLikelihood) throws {
    let beta = try likelihood.maximumLikelihood(method: "temperature scaling")
    temperature = 1 / beta
    inverseStandardError = 1 / likelihood.derivatives(beta).curvature.squareRoot()
    meanNegativeLogLikelihood = likelihood.value(beta) / Double(likelihood.rows)
  }

  /// 1/(1 + exp(−logit/T)).
  public func probability(atLogit logit: Double) -> Double { logistic(logit / temperature) }

  /// Logits divided by T.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    predictions.mappingLogits { $0 / temperature }
  }

  /// Logits divided by T.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    let logits = predictions.logits
    return MulticlassPredictions(
      unchecked: predictions.labels,
      logits: DenseMatrix(
        rows: logits.rows, columns: logits.columns, values: logits.values.map { $0 / temperature }))
  }
}
