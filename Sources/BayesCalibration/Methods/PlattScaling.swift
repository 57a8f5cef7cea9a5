// A line through the logits: Platt's method, with and without his smoothed targets.

import BayesNumerics

/// Platt scaling: p = 1/(1 + exp(−(slope · logit + intercept))).
///
/// Reference: Platt 1999, "Probabilistic outputs for support vector machines"; Lin, Lin, Weng 2007, "A note on
/// Platt's probabilistic outputs", Machine Learning 68, doi 10.1007/s10994-007-5018-6.
public struct PlattScaling: BinaryCalibrationMap, Equatable {
  /// What the labels 0 and 1 count for.
  public enum Targets: String, Sendable, Equatable, CaseIterable {
    /// 0 and 1: maximum likelihood.
    case labels
    /// Platt's: (N₁ + 1)/(N₁ + 2) for label 1 and 1/(N₀ + 2) for label 0, which shrinks a little and has a
    /// maximum even for separable data.
    case smoothed
  }

  /// The factor of the logit.
  public let slope: Double
  /// The log odds at logit 0.
  public let intercept: Double
  /// The standard errors of slope and intercept, from the curvature of the likelihood.
  public let standardErrors: (slope: Double, intercept: Double)
  /// What it was fitted to.
  public let targets: Targets

  /// `Platt` with its targets.
  public var name: String { targets == .labels ? "Platt" : "Platt, smoothed targets" }

  /// Fits slope and intercept.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits; `.separable` for labels as
  ///   targets.
  public init(fittedTo predictions: BinaryPredictions, targets: Targets = .labels) throws {
    try predictions.requireFit()
    let ones = Double(predictions.labels.reduce(0, +))
    let zeros = Double(predictions.count) - ones
    let values: (Double, Double) =
      targets == .labels ? (0, 1) : (1 / (zeros + 2), (ones + 1) / (ones + 2))
    if predictions.logits.allSatisfy({ $0 == predictions.logits[0] }) {
      throw CalibrationError.constantScores
    }
    let fit = try LogisticFit(
      columns: [predictions.logits, Array(repeating: 1, count: predictions.count)],
      targets: predictions.labels.map { $0 == 1 ? values.1 : values.0 }, method: "Platt scaling")
    slope = fit.coefficients[0]
    intercept = fit.coefficients[1]
    standardErrors = (fit.standardErrors[0], fit.standardErrors[1])
    self.targets = targets
  }

  /// 1/(1 + exp(−(slope · logit + intercept))).
  public func probability(atLogit logit: Double) -> Double { logistic(logOdds(atLogit: logit)) }

  /// The same rows with calibrated log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    predictions.mappingLogits(logOdds)
  }

  private func logOdds(atLogit logit: Double) -> Double {
    // An infinite logit times a slope of 0 is no number.
    slope == 0 ? intercept : slope * logit + intercept
  }

  /// Whether all numbers agree.
  public static func == (a: PlattScaling, b: PlattScaling) -> Bool {
    a.slope == b.slope && a.intercept == b.intercept && a.standardErrors == b.standardErrors
      && a.targets == b.targets
  }
}
