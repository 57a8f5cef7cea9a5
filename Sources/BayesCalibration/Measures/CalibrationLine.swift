// Numbers about the whole of the forecasts: slope and intercept, Spiegelhalter's z, sharpness.

import BayesNumerics
import Glibc

/// The logistic regression of the labels on the logits: slope 1 and intercept 0 for a calibrated model.
///
/// A slope below 1 means scores that are too extreme.
///
/// Reference: Cox 1958, "Two further applications of a model for binary regression", doi 10.1093/biomet/45.3-4.562;
/// Van Calster et al. 2019, "Calibration: the Achilles heel of predictive analytics", doi 10.1186/s12916-019-1466-7.
public struct CalibrationLine: Sendable, Equatable {
  /// The factor of the logit.
  public let slope: Double
  /// Its standard error.
  public let slopeError: Double
  /// The log odds at logit 0, with that slope.
  public let intercept: Double
  /// Its standard error.
  public let interceptError: Double
  /// Calibration in the large: the constant that is to be added to all logits when the slope is kept at 1.
  public let interceptAtSlopeOne: Double

  /// Fits both.
  ///
  /// - Throws: `CalibrationError` as Platt scaling does.
  public init(_ predictions: BinaryPredictions) throws {
    let line = try PlattScaling(fittedTo: predictions)
    (slope, intercept) = (line.slope, line.intercept)
    (slopeError, interceptError) = line.standardErrors
    interceptAtSlopeOne = try LogisticFit(
      columns: [Array(repeating: 1, count: predictions.count)],
      targets: predictions.labels.map(Double.init), offset: predictions.logits,
      method: "calibration in the large"
    ).coefficients[0]
  }
}

/// Spiegelhalter's test of perfect calibration.
///
/// ```
/// z = Σ (y − p)(1 − 2p) / √(Σ (1 − 2p)² p(1 − p))
/// ```
///
/// Under perfect calibration z is about standard normal: it compares Brier's score with its expectation.
///
/// Reference: Spiegelhalter 1986, "Probabilistic prediction in patient management and clinical trials", doi
/// 10.1002/sim.4780050506.
public struct SpiegelhalterTest: Sendable, Equatable {
  /// The statistic.
  public let z: Double
  /// The probability of a |z| as large.
  public let pValue: Double

  /// The test, or `nil` where all forecasts are 0, ½ or 1, which leaves nothing to test.
  public init?(_ forecasts: EventForecasts) {
    var (sum, variance) = (0.0, 0.0)
    for (p, came) in zip(forecasts.probabilities, forecasts.outcomes) {
      let weight = 1 - 2 * p
      sum += ((came ? 1 : 0) - p) * weight
      variance += weight * weight * p * (1 - p)
    }
    guard variance > 0 else { return nil }
    z = sum / variance.squareRoot()
    pValue = 2 * normalCDF(-abs(z))
  }
}

extension EventForecasts {
  /// Sharpness: the variance of the probabilities given, 0 for forecasts that are all alike.
  ///
  /// Reference: Murphy, Winkler 1987, "A general framework for forecast verification", Monthly Weather Review 115.
  public var sharpness: Double {
    let n = Double(count)
    let mean = probabilities.reduce(0, +) / n
    return probabilities.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
  }

  /// The mean probability less the share of events that came; positive for too much confidence.
  public var meanBias: Double {
    (probabilities.reduce(0, +) - Double(outcomes.count(where: { $0 }))) / Double(count)
  }
}
