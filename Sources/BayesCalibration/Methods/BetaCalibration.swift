// Beta calibration: a logistic regression on log p and log(1 − p).

import BayesNumerics

/// Beta calibration: logit of the new p = a log p − b log(1 − p) + c with a, b ≥ 0.
///
/// Log p and log(1 − p) are taken from the logit, so nothing needs clipping. Where a or b would be negative, which would
/// not be monotone, its term is left out and the rest fitted again, as the authors do.
///
/// Reference: Kull, Silva Filho, Flach 2017, "Beyond sigmoids: how to obtain well-calibrated probabilities from
/// binary classifiers with beta calibration", EJS 11(2), doi 10.1214/17-EJS1338SI.
public struct BetaCalibration: BinaryCalibrationMap, Equatable {
  /// The factor of log p.
  public let a: Double
  /// The factor of −log(1 − p).
  public let b: Double
  /// The constant.
  public let c: Double

  /// `beta`.
  public var name: String { "beta" }

  /// Fits a, b and c by maximum likelihood.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite or constant logits, `.separable`,
  ///   `.antiInformative` where neither a nor b can be positive.
  public init(fittedTo predictions: BinaryPredictions) throws {
    try predictions.requireFit()
    let logits = predictions.logits
    let distinct = Set(logits).count
    if distinct == 1 { throw CalibrationError.constantScores }
    let logP = logits.map { -log1pExp(-$0) }
    let minusLogQ = logits.map { log1pExp($0) }
    let ones = [Double](repeating: 1, count: logits.count)
    let targets = predictions.labels.map(Double.init)
    let method = "beta calibration"
    func fit(_ columns: [[Double]]) throws -> [Double] {
      try LogisticFit(columns: columns + [ones], targets: targets, method: method).coefficients
    }
    // With two distinct scores one factor is enough.
    var w = distinct == 2 ? [-1, 0, 0] : try fit([logP, minusLogQ])
    if w[0] < 0 {
      let rest = try fit([minusLogQ])
      w = [0, rest[0], rest[1]]
    } else if w[1] < 0 {
      let rest = try fit([logP])
      w = [rest[0], 0, rest[1]]
    }
    guard w[0] >= 0, w[1] >= 0 else { throw CalibrationError.antiInformative(method: method) }
    (a, b, c) = (w[0], w[1], w[2])
  }

  /// The calibrated probability at a logit.
  public func probability(atLogit logit: Double) -> Double { logistic(logOdds(atLogit: logit)) }

  /// The same rows with calibrated log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    predictions.mappingLogits(logOdds)
  }

  private func logOdds(atLogit logit: Double) -> Double {
    (a == 0 ? 0 : -a * log1pExp(-logit)) + (b == 0 ? 0 : b * log1pExp(logit)) + c
  }
}
