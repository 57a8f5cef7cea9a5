// Where the number of hits of a stated probability lies.

/// The counts that n independent trials of one probability give, all but 5 % of the time.
///
/// A number outside says that the probability is not what was stated, or that the trials are not independent: errors of
/// forecasts several steps ahead are not.
public struct BinomialBand: Sendable, Equatable {
  /// The number n of trials.
  public let count: Int
  /// The probability of a hit.
  public let probability: Double
  /// The smallest and the largest count inside the band: each tail outside has at most half of 5 %.
  public let counts: ClosedRange<Int>
  /// The probability of the band, at least 95 %.
  public let mass: Double

  /// The band as shares of the trials.
  public var shares: ClosedRange<Double> {
    Double(counts.lowerBound) / Double(count)...Double(counts.upperBound) / Double(count)
  }

  /// The band of the binomial distribution.
  ///
  /// - Throws: `CalibrationError` for a probability outside (0, 1) or fewer than 1 trial.
  public init(count: Int, probability: Double) throws {
    try checkLevel(probability)
    guard count >= 1 else { throw CalibrationError.tooFewRows(found: count, needed: 1) }
    self.count = count
    self.probability = probability
    // Ratios of neighbours lead away from the mode, as for the beta-binomial.
    let odds = probability / (1 - probability)
    let mode = Swift.min(count, Int(Double(count + 1) * probability))
    var masses = [Double](repeating: 0, count: count + 1)
    masses[mode] = 1
    for k in mode..<count { masses[k + 1] = masses[k] * odds * Double(count - k) / Double(k + 1) }
    for k in stride(from: mode - 1, through: 0, by: -1) {
      masses[k] = masses[k + 1] / odds * Double(k + 1) / Double(count - k)
    }
    let total = masses.reduce(0, +)
    (counts, mass) = CountLaw(first: 0, masses: masses.map { $0 / total }).central(0.95)
  }
}
