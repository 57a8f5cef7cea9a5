// One probability per bin: the share of label 1 among the rows in it.

import BayesNumerics

/// Histogram binning: every probability becomes the frequency of label 1 in its bin.
///
/// A bin of equal width without rows keeps its middle. Bins of equal mass end halfway between neighbours.
///
/// Reference: Zadrozny, Elkan 2001, "Obtaining calibrated probability estimates from decision trees and naive
/// Bayesian classifiers", ICML.
public struct HistogramBinning: BinaryCalibrationMap, Equatable {
  /// The ends between bins, increasing: one fewer than `values`. A probability equal to an end is in the lower bin.
  public let edges: [Double]
  /// The calibrated probability of each bin.
  public let values: [Double]

  /// `histogram`.
  public var name: String { "histogram" }

  /// Fits the frequencies.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, fewer than 1 bin.
  public init(fittedTo predictions: BinaryPredictions, binning: Binning = .equalWidth(15)) throws {
    try predictions.requireFit(finiteLogits: false)
    let table = try ReliabilityTable(predictions.positive, binning)
    switch binning {
    case .equalWidth(let count):
      edges = (1..<Swift.max(1, count)).map { Double($0) / Double(count) }
      var values = (0..<count).map { (Double($0) + 0.5) / Double(count) }
      for bin in table.bins { values[bin.index] = bin.frequency }
      self.values = values
    case .equalMass:
      // Bins that share a score at their border cannot be told apart there and are joined.
      var (edges, values): ([Double], [Double]) = ([], [])
      var weight = 0.0
      var upper = -1.0
      for bin in table.bins {
        let count = Double(bin.count)
        if bin.range.lowerBound == upper, let last = values.last {
          values[values.count - 1] = (last * weight + bin.frequency * count) / (weight + count)
          weight += count
        } else {
          if !values.isEmpty { edges.append(upper + 0.5 * (bin.range.lowerBound - upper)) }
          values.append(bin.frequency)
          weight = count
        }
        upper = bin.range.upperBound
      }
      self.edges = edges
      self.values = values
    }
  }

  /// The value of the bin of a probability.
  public func value(at p: Double) -> Double {
    StepFunction(edges: edges, values: values).value(at: p)
  }

  /// The value of the bin of the probability that belongs to a logit.
  public func probability(atLogit logit: Double) -> Double { value(at: logistic(logit)) }

  /// The same rows with calibrated probabilities, looked up by probability.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let calibrated = predictions.probabilities.map { value(at: $0) }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: calibrated.map { logit($0) },
      probabilities: calibrated)
  }
}
