// Whether ranks or probability integral transforms are uniform: their distribution function in its band.

import BayesNumerics

/// The empirical distribution function of values that should be uniform, with a band for all of it and an exact test.
///
/// Used for the ranks of simulation-based calibration and for the transforms of forecasts; both must be
/// independent for the band to hold. Windows of forecasts that overlap, and forecasts of several steps, are not.
///
/// Reference: Säilynoja, Bürkner, Vehtari 2022, doi 10.1007/s11222-022-10090-6; Talts, Betancourt, Simpson, Vehtari, Gelman
/// 2018, "Validating Bayesian inference algorithms with simulation-based calibration", arXiv 1804.06788.
public struct RankUniformity: Sendable, Equatable {
  /// One position of the distribution function.
  public struct Point: Sendable, Equatable {
    /// z.
    public let position: Double
    /// The share of values at most z, or, of ranks, of ranks below z times the possible ones.
    public let share: Double
    /// The band of the share.
    public let band: ClosedRange<Double>
    /// Whether the share is in its band.
    public var isInside: Bool { band.contains(share) }
  }

  /// The band.
  public let band: UniformityBand
  /// The distribution function, by increasing position.
  public let points: [Point]
  /// The least two-sided probability of a count at its position.
  public let leastProbability: Double
  /// The probability that a uniform sample has a `leastProbability` as small: the exact test that the band is the picture of.
  public let pValue: Double

  /// Whether the whole function is in the band.
  public var isInside: Bool { points.allSatisfy(\.isInside) }

  /// Values from 0 to 1 in a band, which may serve many samples of one size.
  ///
  /// - Throws: `CalibrationError` for another number of values than the band's, values outside [0, 1], a band of ranks.
  public init(_ values: [Double], in band: UniformityBand) throws {
    guard band.possibleRanks == nil else {
      throw CalibrationError.invalidSetting("the band is one of ranks; give whole numbers")
    }
    try Self.check(values.count, band)
    for (i, u) in values.enumerated() where !(u >= 0 && u <= 1) {
      throw CalibrationError.invalidRow(
        i + 1, found: "value \(u)", expected: "a number from 0 to 1")
    }
    let sorted = values.sorted()
    var k = 0
    self.init(
      band,
      band.positions.map { z in
        while k < sorted.count, sorted[k] <= z { k += 1 }
        return k
      })
  }

  /// Values from 0 to 1.
  ///
  /// - Throws: `CalibrationError` for no values, values outside [0, 1], a level outside (0, 1).
  public init(_ values: [Double], level: Double = 0.95) throws {
    try self.init(values, in: UniformityBand(count: values.count, level: level))
  }

  /// Ranks from 0 in a band, which may serve many samples of one size.
  ///
  /// - Throws: `CalibrationError` for another number of ranks than the band's, impossible ranks, a band of continuous
  ///   values.
  public init(ranks: [Int], in band: UniformityBand) throws {
    guard let possible = band.possibleRanks else {
      throw CalibrationError.invalidSetting("the band is one of values from 0 to 1, not of ranks")
    }
    try Self.check(ranks.count, band)
    var counts = [Int](repeating: 0, count: possible + 1)
    for (i, rank) in ranks.enumerated() {
      guard rank >= 0, rank < possible else {
        throw CalibrationError.invalidRow(
          i + 1, found: "rank \(rank)", expected: "a whole number from 0 to \(possible - 1)")
      }
      counts[rank + 1] += 1
    }
    for k in 1...possible { counts[k] += counts[k - 1] }
    self.init(band, band.ranksBelow.map { counts[$0] })
  }

  /// Ranks among 0, 1, …, `possible` − 1: of L draws there are L + 1.
  ///
  /// - Throws: `CalibrationError` for no ranks, impossible ones, fewer than 2 possible, a level outside (0, 1).
  public init(ranks: [Int], possible: Int, level: Double = 0.95) throws {
    try self.init(
      ranks: ranks,
      in: UniformityBand(count: ranks.count, possibleRanks: possible, level: level))
  }

  private static func check(_ count: Int, _ band: UniformityBand) throws {
    guard count == band.count else {
      throw CalibrationError.invalidSetting(
        "the band is one of \(band.count) values, found \(count)")
    }
  }

  private init(_ band: UniformityBand, _ counts: [Int]) {
    self.band = band
    let n = Double(band.count)
    points = counts.indices.map { k in
      Point(
        position: band.positions[k], share: Double(counts[k]) / n,
        band: Double(band.counts[k].lowerBound) / n...Double(band.counts[k].upperBound) / n)
    }
    (leastProbability, pValue) = band.test(counts)
  }
}

extension ForecastAssessment {
  /// Whether the transforms are uniform, as they are for right forecasts of independent outcomes.
  ///
  /// - Throws: `CalibrationError` for a level outside (0, 1).
  public func uniformity(level: Double = 0.95) throws -> RankUniformity {
    try RankUniformity(transforms, level: level)
  }
}
