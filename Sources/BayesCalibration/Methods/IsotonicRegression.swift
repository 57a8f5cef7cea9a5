// The best increasing map, by pooling adjacent violators.

import BayesNumerics

/// Isotonic regression of the labels on the scores: the increasing function of least squares.
///
/// Rows with equal scores are one point, of their mean label and their number as weight (secondary ties: they stay
/// equal). Between points the map is linear in the logit or the probability, beyond them constant; at the points themselves
/// both scales agree. Only the two ends of a constant stretch are kept.
///
/// Reference: Ayer, Brunk, Ewing, Reid, Silverman 1955, doi 10.1214/aoms/1177728423; Zadrozny, Elkan 2002, KDD,
/// doi 10.1145/775047.775151.
public struct IsotonicRegression: BinaryCalibrationMap, Equatable {
  /// What the map is linear in between its points.
  public enum Scale: String, Sendable, Equatable, CaseIterable {
    /// The log odds, which must be finite. Tells apart what rounds to one probability.
    case logit
    /// The probability.
    case probability
  }

  /// What the map is linear in.
  public let scale: Scale
  /// The scores between which the map is linear, increasing, on its scale.
  public let thresholds: [Double]
  /// The calibrated probabilities there, never decreasing.
  public let values: [Double]

  /// `isotonic`.
  public var name: String { "isotonic" }

  /// Fits the map.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits on that scale.
  public init(fittedTo predictions: BinaryPredictions, scale: Scale = .logit) throws {
    try predictions.requireFit(finiteLogits: scale == .logit)
    self.init(
      scores: scale == .logit ? predictions.logits : predictions.probabilities,
      targets: predictions.labels.map(Double.init), scale: scale)
  }

  init(scores: [Double], targets: [Double], scale: Scale) {
    self.scale = scale
    var points: [(x: Double, sum: Double, weight: Double)] = []
    for i in sortedOrder(scores) {
      if let last = points.last, last.x == scores[i] {
        points[points.count - 1].sum += targets[i]
        points[points.count - 1].weight += 1
      } else {
        points.append((scores[i], targets[i], 1))
      }
    }
    // Blocks of points with one value; a block that falls below the one before is pooled with it.
    var blocks: [(sum: Double, weight: Double, end: Int)] = []
    for (i, point) in points.enumerated() {
      blocks.append((point.sum, point.weight, i + 1))
      while blocks.count > 1 {
        let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
        guard before.sum * last.weight >= last.sum * before.weight else { break }
        blocks.removeLast()
        blocks[blocks.count - 1] = (before.sum + last.sum, before.weight + last.weight, last.end)
      }
    }
    var (thresholds, values): ([Double], [Double]) = ([], [])
    var start = 0
    for block in blocks {
      let value = block.sum / block.weight
      thresholds.append(points[start].x)
      values.append(value)
      if block.end - start > 1 {
        thresholds.append(points[block.end - 1].x)
        values.append(value)
      }
      start = block.end
    }
    self.thresholds = thresholds
    self.values = values
  }

  /// The value of the map at a score on its scale.
  func value(at p: Double) -> Double {
    if p <= thresholds[0] { return values[0] }
    if p >= thresholds[thresholds.count - 1] { return values[values.count - 1] }
    var (low, high) = (0, thresholds.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if thresholds[middle] <= p { low = middle } else { high = middle }
    }
    let share = (p - thresholds[low]) / (thresholds[high] - thresholds[low])
    return values[low] + share * (values[high] - values[low])
  }

  /// The value of the map at a logit.
  public func probability(atLogit logit: Double) -> Double {
    value(at: scale == .logit ? logit : logistic(logit))
  }
}
