// The posterior of Platt's line by quadrature, and predictions averaged over it.

import BayesNumerics

/// What is thought of the numbers of a line before labels are seen: that they are near 1 and 0, as they are where nothing
/// needs to be calibrated.
public struct LinePrior: Sendable, Equatable {
  /// The standard deviation of the logarithm of a factor; its mean is 0.
  public let slopeScale: Double
  /// The standard deviation of the constant; its mean is 0.
  public let interceptScale: Double

  /// A prior; the default has 95 % of a factor between 1/7 and 7, as the Bayesian temperature has it, and of the
  /// constant between −3.9 and 3.9.
  ///
  /// - Throws: `CalibrationError.invalidSetting` unless both are positive and finite.
  public init(slopeScale: Double = 1, interceptScale: Double = 2) throws {
    guard slopeScale > 0, slopeScale.isFinite, interceptScale > 0, interceptScale.isFinite else {
      throw CalibrationError.invalidSetting(
        "the scales of the priors of factors and constant are positive and finite")
    }
    self.slopeScale = slopeScale
    self.interceptScale = interceptScale
  }
}

/// Platt scaling with priors: the posterior of slope and intercept, and predictions that average over it.
///
/// log slope ~ N(0, slopeScale²), so that the map always rises and a slope beyond doubt near 0 or ∞ needs evidence;
/// intercept ~ N(0, interceptScale²). The log density is that of `PlattModel`, a model in the engine's own language. There is a
/// posterior for separable scores as well.
public struct BayesianPlatt: BinaryCalibrationMap, Equatable {
  /// The prior.
  public let prior: LinePrior
  /// The slope's posterior mean and standard deviation.
  public let slope: Moments
  /// The intercept's posterior mean and standard deviation.
  public let intercept: Moments
  let posterior: AveragedLogit

  /// `Bayesian Platt`.
  public var name: String { "Bayesian Platt" }

  /// The posterior after labels.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits, `.notIntegrated`.
  public init(fittedTo predictions: BinaryPredictions, prior: LinePrior? = nil) throws {
    try predictions.requireFit()
    let prior = try prior ?? LinePrior()
    let posterior = try AveragedLogit(
      of: PlattModel(predictions, prior), predictions, method: "Bayesian Platt scaling"
    ) { [$0, 1] }
    self.init(prior, posterior)
  }

  init(_ prior: LinePrior, _ posterior: AveragedLogit) {
    self.prior = prior
    self.posterior = posterior
    (slope, intercept) = (posterior.moments(0), posterior.moments(1))
  }

  /// The posterior mean of 1/(1 + exp(−(slope · logit + intercept))).
  public func probability(atLogit logit: Double) -> Double { logistic(posterior([logit, 1])) }

  /// The posterior means of the probabilities, with their log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let logits = posterior.logits(predictions.logits) { [$0, 1] }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: logits, probabilities: logits.map { logistic($0) })
  }
}
