// Labels 0…K−1 with the logits or probabilities that a classifier gave to all classes.

public import BayesNumerics
import Glibc

/// A classifier's scores of K classes and the labels that came.
///
/// Row `i` of both matrices holds the K scores of one case; probabilities are the softmax of logits, which
/// are determined up to a constant per row.
public struct MulticlassPredictions: Sendable, Equatable {
  /// The labels, 0…K−1.
  public let labels: [Int]
  /// The unnormalised log probabilities, rows × classes.
  public let logits: DenseMatrix
  /// The probabilities, rows × classes.
  public let probabilities: DenseMatrix

  /// The number of rows.
  public var count: Int { labels.count }
  /// The number of classes.
  public var classCount: Int { logits.columns }

  /// Predictions given as logits.
  ///
  /// - Throws: `CalibrationError` for no rows, fewer than 2 classes, unequal counts, labels outside
  ///   0…K−1, logits that are not finite.
  public init(labels: [Int], logits: DenseMatrix) throws {
    try Self.check(labels, logits)
    let k = logits.columns
    for (i, value) in logits.values.enumerated() where !value.isFinite {
      throw CalibrationError.invalidRow(
        i / k + 1, found: "logit \(value) of class \(i % k)",
        expected: "finite logits; give certain predictions as probabilities 0 and 1")
    }
    self.init(unchecked: labels, logits: logits)
  }

  /// Predictions given as probabilities, which must sum to 1 within `tolerance` in every row and are
  /// then divided by their sum.
  ///
  /// - Throws: `CalibrationError` for no rows, fewer than 2 classes, unequal counts, labels outside
  ///   0…K−1, probabilities outside [0, 1], sums that are not 1.
  public init(labels: [Int], probabilities: DenseMatrix, tolerance: Double = 1e-5) throws {
    try Self.check(labels, probabilities)
    let k = probabilities.columns
    var normalised = probabilities.values
    for row in 0..<labels.count {
      var sum = 0.0
      for j in 0..<k {
        let p = probabilities.values[row * k + j]
        guard p >= 0, p <= 1 else {
          throw CalibrationError.invalidRow(
            row + 1, found: "probability \(p) of class \(j)", expected: "numbers from 0 to 1")
        }
        sum += p
      }
      guard abs(sum - 1) <= tolerance else {
        throw CalibrationError.invalidRow(
          row + 1, found: "probabilities that sum to \(short(sum))", expected: "a sum of 1")
      }
      for j in 0..<k { normalised[row * k + j] /= sum }
    }
    self.labels = labels
    self.probabilities = DenseMatrix(rows: labels.count, columns: k, values: normalised)
    logits = DenseMatrix(rows: labels.count, columns: k, values: normalised.map { log($0) })
  }

  /// Checked logits, or ones that a map made.
  init(unchecked labels: [Int], logits: DenseMatrix) {
    self.labels = labels
    self.logits = logits
    var values = logits.values
    softmaxRows(&values, columns: logits.columns)
    probabilities = DenseMatrix(rows: logits.rows, columns: logits.columns, values: values)
  }

  private static func check(_ labels: [Int], _ scores: DenseMatrix) throws {
    guard labels.count == scores.rows else {
      throw CalibrationError.unequalCounts(labels: labels.count, scores: scores.rows)
    }
    guard !labels.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    let k = scores.columns
    guard k >= 2 else {
      throw CalibrationError.invalidSetting("scores of at least 2 classes are needed, found \(k)")
    }
    for (i, label) in labels.enumerated() where label < 0 || label >= k {
      throw CalibrationError.invalidRow(
        i + 1, found: "label \(label)", expected: "a whole number from 0 to \(k - 1)")
    }
  }

  /// Some of the rows, in the order given.
  ///
  /// - Precondition: the rows exist and there is at least one.
  public func rows(_ rows: some Sequence<Int>) -> MulticlassPredictions {
    let rows = Array(rows)
    precondition(!rows.isEmpty, "at least one row")
    let k = classCount
    return MulticlassPredictions(
      unchecked: rows.map { labels[$0] },
      logits: DenseMatrix(
        rows: rows.count, columns: k,
        values: rows.flatMap { logits.values[$0 * k..<($0 + 1) * k] }))
  }

  /// The event that the label is one class.
  ///
  /// - Precondition: the class exists.
  public func events(ofClass index: Int) -> EventForecasts {
    precondition(index >= 0 && index < classCount, "a class from 0")
    return EventForecasts(
      unchecked: (0..<count).map { probabilities.values[$0 * classCount + index] },
      outcomes: labels.map { $0 == index })
  }

  /// The event that the most probable class is right; among equally probable ones the first is predicted.
  public var topLabel: EventForecasts {
    let k = classCount
    var scores: [Double] = []
    var outcomes: [Bool] = []
    scores.reserveCapacity(count)
    outcomes.reserveCapacity(count)
    for row in 0..<count {
      var best = 0
      for j in 1..<k
      where probabilities.values[row * k + j] > probabilities.values[row * k + best] {
        best = j
      }
      scores.append(probabilities.values[row * k + best])
      outcomes.append(best == labels[row])
    }
    return EventForecasts(unchecked: scores, outcomes: outcomes)
  }

  /// Throws where nothing can be fitted: one row, one class, infinite logits.
  func requireFit() throws {
    guard count >= 2 else { throw CalibrationError.tooFewRows(found: count, needed: 2) }
    if labels.allSatisfy({ $0 == labels[0] }) {
      throw CalibrationError.oneClass(label: labels[0], rows: count)
    }
    try requireFiniteLogits()
  }

  /// Throws where a logit is infinite, which no method can multiply.
  func requireFiniteLogits() throws {
    guard let i = logits.values.firstIndex(where: { !$0.isFinite }) else { return }
    throw CalibrationError.invalidRow(
      i / classCount + 1,
      found: "probability 0 of class \(i % classCount), whose logit is infinite",
      expected: "probabilities above 0, or finite logits")
  }
}

/// Replaces every row of logits by its softmax; -∞ gives 0.
func softmaxRows(_ values: inout [Double], columns: Int) {
  values.withUnsafeMutableBufferPointer { v in
    var start = 0
    while start < v.count {
      var largest = v[start]
      for j in start..<start + columns { largest = Swift.max(largest, v[j]) }
      var sum = 0.0
      for j in start..<start + columns {
        v[j] = exp(v[j] - largest)
        sum += v[j]
      }
      for j in start..<start + columns { v[j] /= sum }
      start += columns
    }
  }
}
