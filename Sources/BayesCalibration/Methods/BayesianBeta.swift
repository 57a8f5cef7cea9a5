// The posterior of beta calibration by quadrature, and predictions averaged over it.

import BayesNumerics

/// Beta calibration with priors: the posterior of a, b and c, and predictions that average over it.
///
/// log a, log b ~ N(0, slopeScale²), which keeps both positive without an edge at 0, and c ~ N(0, interceptScale²): the same priors
/// as those of `BayesianPlatt`, around the map that changes nothing. The log density is that of `BetaModel`, a model in
/// the engine's own language.
public struct BayesianBeta: BinaryCalibrationMap, Equatable {
  /// The prior.
  public let prior: LinePrior
  /// The posterior mean and standard deviation of the factor of log p.
  public let a: Moments
  /// The posterior mean and standard deviation of the factor of −log(1 − p).
  public let b: Moments
  /// The posterior mean and standard deviation of the constant.
  public let c: Moments
  let posterior: AveragedLogit

  /// `Bayesian beta`.
  public var name: String { "Bayesian beta" }

  /// The posterior after labels.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits, `.notIntegrated`.
  public init(fittedTo predictions: BinaryPredictions, prior: LinePrior? = nil) throws {
    try predictions.requireFit()
    let prior = try prior ?? LinePrior()
    let posterior = try AveragedLogit(
      of: BetaModel(predictions, prior), predictions, method: "Bayesian beta calibration",
      features: Self.features)
    self.init(prior, posterior)
  }

  init(_ prior: LinePrior, _ posterior: AveragedLogit) {
    self.prior = prior
    self.posterior = posterior
    (a, b, c) = (posterior.moments(0), posterior.moments(1), posterior.moments(2))
  }

  /// log p, −log(1 − p) and 1, from the logit.
  static func features(_ logit: Double) -> [Double] { [-log1pExp(-logit), log1pExp(logit), 1] }

  /// The posterior mean of the calibrated probability at a logit.
  public func probability(atLogit logit: Double) -> Double {
    logistic(posterior(Self.features(logit)))
  }

  /// The posterior means of the probabilities, with their log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let logits = posterior.logits(predictions.logits, Self.features)
    return BinaryPredictions(
      unchecked: predictions.labels, logits: logits, probabilities: logits.map { logistic($0) })
  }
}
