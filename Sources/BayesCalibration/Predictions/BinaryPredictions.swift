// Labels 0 and 1 with the logits or probabilities that a classifier gave to 1.

import BayesNumerics

/// A binary classifier's scores and the labels that came.
///
/// Both scales are kept: `probabilities[i]` is `1/(1 + exp(−logits[i]))`. A probability of exactly 0 or 1
/// is allowed, with an infinite logit; what cannot take one says so.
public struct BinaryPredictions: Sendable, Equatable {
  /// The labels, 0 or 1.
  public let labels: [Int]
  /// The log odds of label 1.
  public let logits: [Double]
  /// The probabilities of label 1.
  public let probabilities: [Double]

  /// The number of rows.
  public var count: Int { labels.count }

  /// Predictions given as log odds of label 1.
  ///
  /// - Throws: `CalibrationError` for no rows, unequal counts, labels other than 0 and 1, logits that
  ///   are not finite.
  public init(labels: [Int], logits: [Double]) throws {
    try Self.check(labels, scores: logits.count)
    for (i, logit) in logits.enumerated() where !logit.isFinite {
      throw CalibrationError.invalidRow(
        i + 1, found: "logit \(logit)",
        expected: "a finite logit; give certain predictions as probabilities 0 and 1")
    }
    self.init(unchecked: labels, logits: logits, probabilities: logits.map { logistic($0) })
  }

  /// Predictions given as probabilities of label 1.
  ///
  /// - Throws: `CalibrationError` for no rows, unequal counts, labels other than 0 and 1, probabilities
  ///   outside [0, 1].
  public init(labels: [Int], probabilities: [Double]) throws {
    try Self.check(labels, scores: probabilities.count)
    for (i, p) in probabilities.enumerated() where !(p >= 0 && p <= 1) {
      throw CalibrationError.invalidRow(
        i + 1, found: "probability \(p)", expected: "a number from 0 to 1")
    }
    self.init(
      unchecked: labels, logits: probabilities.map { logit($0) }, probabilities: probabilities)
  }

  init(unchecked labels: [Int], logits: [Double], probabilities: [Double]) {
    self.labels = labels
    self.logits = logits
    self.probabilities = probabilities
  }

  private static func check(_ labels: [Int], scores: Int) throws {
    guard labels.count == scores else {
      throw CalibrationError.unequalCounts(labels: labels.count, scores: scores)
    }
    guard !labels.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    for (i, label) in labels.enumerated() where label != 0 && label != 1 {
      throw CalibrationError.invalidRow(i + 1, found: "label \(label)", expected: "0 or 1")
    }
  }

  /// The same rows with every probability moved into `[epsilon, 1 − epsilon]`.
  ///
  /// - Precondition: `epsilon` lies between 0 and ½.
  public func clipped(to epsilon: Double) -> BinaryPredictions {
    precondition(epsilon > 0 && epsilon < 0.5, "an epsilon between 0 and 1/2")
    let (lowest, highest) = (logit(epsilon), logit(1 - epsilon))
    return BinaryPredictions(
      unchecked: labels, logits: logits.map { Swift.min(highest, Swift.max(lowest, $0)) },
      probabilities: probabilities.map { Swift.min(1 - epsilon, Swift.max(epsilon, $0)) })
  }

  /// Some of the rows, in the order given.
  ///
  /// - Precondition: the rows exist and there is at least one.
  public func rows(_ rows: some Sequence<Int>) -> BinaryPredictions {
    let rows = Array(rows)
    precondition(!rows.isEmpty, "at least one row")
    return BinaryPredictions(
      unchecked: rows.map { labels[$0] }, logits: rows.map { logits[$0] },
      probabilities: rows.map { probabilities[$0] })
  }

  /// The event that the label is 1.
  public var positive: EventForecasts {
    EventForecasts(unchecked: probabilities, outcomes: labels.map { $0 == 1 })
  }

  /// The event that the more probable label is right; ½ predicts 1.
  public var topLabel: EventForecasts {
    EventForecasts(
      unchecked: probabilities.map { Swift.max($0, 1 - $0) },
      outcomes: zip(probabilities, labels).map { ($0 >= 0.5) == ($1 == 1) })
  }

  /// Throws where nothing can be fitted: one row, one class, or, for methods on logits, one that is infinite.
  func requireFit(finiteLogits: Bool = true) throws {
    guard count >= 2 else { throw CalibrationError.tooFewRows(found: count, needed: 2) }
    if labels.allSatisfy({ $0 == labels[0] }) {
      throw CalibrationError.oneClass(label: labels[0], rows: count)
    }
    guard finiteLogits, let i = logits.firstIndex(where: { !$0.isFinite }) else { return }
    throw CalibrationError.invalidRow(
      i + 1, found: "probability \(short(probabilities[i])), whose logit is infinite",
      expected:
        "a finite logit; move probabilities away from 0 and 1 (clip), or use histogram binning"
    )
  }
}
