// Scores that the truth alone makes best: negative log-likelihood and Brier's, with its decomposition.

import BayesNumerics

extension BinaryPredictions {
  /// The mean negative log-likelihood of the labels, in nats, from the logits; infinite where probability 0
  /// was given to what came.
  public var meanNegativeLogLikelihood: Double {
    var sum = 0.0
    for i in 0..<count { sum += log1pExp(labels[i] == 1 ? -logits[i] : logits[i]) }
    return sum / Double(count)
  }

  /// Brier's score of the event that the label is 1: the mean of (p − y)², from 0 to 1.
  ///
  /// The sum over both classes, as for K classes, is twice this.
  public var brierScore: Double {
    var sum = 0.0
    for i in 0..<count {
      let error = probabilities[i] - Double(labels[i])
      sum += error * error
    }
    return sum / Double(count)
  }
}

extension MulticlassPredictions {
  /// The mean negative log-likelihood of the labels, in nats, from the logits; infinite where probability 0
  /// was given to what came.
  public var meanNegativeLogLikelihood: Double {
    var sum = 0.0
    let k = classCount
    for row in 0..<count {
      let values = Array(logits.values[row * k..<(row + 1) * k])
      sum += logSumExp(values) - values[labels[row]]
    }
    return sum / Double(count)
  }

  /// Brier's score: the mean over rows of the sum over classes of (p − y)², from 0 to 2.
  public var brierScore: Double {
    var sum = 0.0
    for (i, p) in probabilities.values.enumerated() {
      let error = p - (labels[i / classCount] == i % classCount ? 1 : 0)
      sum += error * error
    }
    return sum / Double(count)
  }

  /// Classwise expected calibration error: the mean over classes of the ECE of the event that the label is the
  /// class.
  ///
  /// Reference: Kull et al. 2019, "Beyond temperature scaling", NeurIPS.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  public func classwiseExpectedError(_ binning: Binning) throws -> Double {
    var sum = 0.0
    for k in 0..<classCount {
      sum += try ReliabilityTable(events(ofClass: k), binning).expectedError
    }
    return sum / Double(classCount)
  }
}

/// Brier's score of an event in parts.
///
/// ```
/// Brier = reliability − resolution + uncertainty + within-bin variance − within-bin covariance
/// ```
///
/// The first three are Murphy's; they sum to the score where all forecasts of a bin are equal. The last two are what
/// binning adds, so that the five sum to the score exactly.
///
/// Reference: Murphy 1973, doi 10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2; Stephenson, Coelho, Jolliffe
/// 2008, "Two extra components in the Brier score decomposition", doi 10.1175/2007WAF2006116.1.
public struct BrierDecomposition: Sendable, Equatable {
  /// The score itself: the mean of (p − y)².
  public let score: Double
  /// Σ n_b/n (mean forecast − frequency)²; 0 is best.
  public let reliability: Double
  /// Σ n_b/n (frequency − base rate)²; large is best.
  public let resolution: Double
  /// base rate · (1 − base rate), which no forecast changes.
  public let uncertainty: Double
  /// Σ (p − mean of its bin)²/n.
  public let withinBinVariance: Double
  /// 2 Σ (p − mean of its bin)(y − frequency of its bin)/n.
  public let withinBinCovariance: Double

  /// The decomposition over bins.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  public init(_ forecasts: EventForecasts, _ binning: Binning) throws {
    let table = try ReliabilityTable(forecasts, binning)
    let n = Double(forecasts.count)
    let indices = binning.indices(forecasts.probabilities)
    var means = [(forecast: Double, frequency: Double)](
      repeating: (0, 0), count: binning.count)
    for bin in table.bins { means[bin.index] = (bin.meanForecast, bin.frequency) }
    let rate = Double(forecasts.outcomes.count(where: { $0 })) / n
    var (score, variance, covariance) = (0.0, 0.0, 0.0)
    for i in 0..<forecasts.count {
      let p = forecasts.probabilities[i]
      let y = forecasts.outcomes[i] ? 1.0 : 0
      let bin = means[Int(indices[i])]
      score += (p - y) * (p - y)
      variance += (p - bin.forecast) * (p - bin.forecast)
      covariance += 2 * (p - bin.forecast) * (y - bin.frequency)
    }
    self.score = score / n
    reliability = table.bins.reduce(0) { $0 + Double($1.count) * $1.gap * $1.gap } / n
    resolution =
      table.bins.reduce(0) {
        $0 + Double($1.count) * ($1.frequency - rate) * ($1.frequency - rate)
      } / n
    uncertainty = rate * (1 - rate)
    withinBinVariance = variance / n
    withinBinCovariance = covariance / n
  }
}
