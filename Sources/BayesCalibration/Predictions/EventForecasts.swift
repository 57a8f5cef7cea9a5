// Probabilities of an event and whether it came: what measures of calibration look at.

/// Probabilities that were given to an event, with its outcomes.
///
/// A binary classifier has one such event, label 1; every classifier has the event that its top label is
/// right, and one event per class.
public struct EventForecasts: Sendable, Equatable {
  /// The probabilities given.
  public let probabilities: [Double]
  /// Whether the event came.
  public let outcomes: [Bool]

  /// The number of forecasts.
  public var count: Int { probabilities.count }

  /// Forecasts of an event.
  ///
  /// - Throws: `CalibrationError` for no rows, unequal counts, probabilities outside [0, 1].
  public init(probabilities: [Double], outcomes: [Bool]) throws {
    guard probabilities.count == outcomes.count else {
      throw CalibrationError.unequalCounts(labels: outcomes.count, scores: probabilities.count)
    }
    guard !outcomes.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    for (i, p) in probabilities.enumerated() where !(p >= 0 && p <= 1) {
      throw CalibrationError.invalidRow(
        i + 1, found: "probability \(p)", expected: "a number from 0 to 1")
    }
    self.init(unchecked: probabilities, outcomes: outcomes)
  }

  init(unchecked probabilities: [Double], outcomes: [Bool]) {
    self.probabilities = probabilities
    self.outcomes = outcomes
  }
}
