// The finite-sample quantile of conformal scores, and the exact law of the coverage it gives.

import BayesNumerics
import Glibc

/// The score below which a new row's falls with at least a given probability.
///
/// ```
/// k = ⌈(n + 1) · level⌉,   value = the k-th smallest of n scores
/// ```
///
/// If the n calibration rows and a new one are exchangeable, the new score is at most `value` with
/// probability at least `level`, and with probability exactly k/(n + 1) if no two scores are equal. With
/// fewer than level/(1 − level) rows k exceeds n: no finite value gives the level, and everything is allowed.
///
/// Reference: Vovk, Gammerman, Shafer 2005, "Algorithmic learning in a random world", section 4.2; Angelopoulos, Bates
/// 2021, "A gentle introduction to conformal prediction", arXiv 2107.07511, appendix D.
public struct ConformalQuantile: Sendable, Equatable {
  /// The probability asked for.
  public let level: Double
  /// The number n of calibration rows.
  public let rows: Int
  /// The rank k, from 1; n + 1 where there are too few rows.
  public let rank: Int
  /// The k-th smallest score; `nil` where there are too few rows for any.
  public let value: Double?

  /// The probability k/(n + 1) with which a new score, if all differ, is at most `value`; 1 without a value.
  public var expectedCoverage: Double { Double(rank) / Double(rows + 1) }

  /// The fewest calibration rows with which a level has a finite value.
  public static func rowsNeeded(level: Double) throws -> Int {
    try checkLevel(level)
    var rows = Swift.max(1, Int((level / (1 - level)).rounded(.down)) - 1)
    while rank(level: level, rows: rows) > rows { rows += 1 }
    return rows
  }

  /// The quantile of scores, none of them NaN.
  ///
  /// - Throws: `CalibrationError` for a level outside (0, 1) or no scores.
  init(of scores: [Double], level: Double) throws {
    try checkLevel(level)
    guard !scores.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    self.level = level
    rows = scores.count
    rank = Self.rank(level: level, rows: rows)
    value = rank <= rows ? scores.sorted()[rank - 1] : nil
  }

  /// The quantile that a file holds, or that of no scores, which allows everything.
  ///
  /// - Throws: `CalibrationError` for a level outside (0, 1), a negative number of rows, a value where there are too few
  ///   rows for one, or none where there are enough.
  public init(level: Double, rows: Int, value: Double?) throws {
    try checkLevel(level)
    guard rows >= 0, rows < 1 << 53, value?.isFinite ?? true else {
      throw CalibrationError.invalidSetting("a threshold has a finite value and at least 0 rows")
    }
    rank = Self.rank(level: level, rows: rows)
    guard (rank <= rows) == (value != nil) else {
      throw CalibrationError.invalidSetting(
        "a threshold of level \(short(level)) from \(rows) rows has \(value == nil ? "a" : "no") value"
      )
    }
    (self.level, self.rows, self.value) = (level, rows, value)
  }

  /// ⌈(n + 1) · level⌉, at most n + 1; products within 10⁻¹⁰ of a whole number are that number, as the level is a decimal.
  private static func rank(level: Double, rows: Int) -> Int {
    let product = Double(rows + 1) * level
    let nearest = product.rounded()
    let rank = abs(product - nearest) <= 1e-10 * product ? nearest : product.rounded(.up)
    return Swift.min(rows + 1, Swift.max(1, Int(rank)))
  }

  /// Whether a score is allowed.
  func allows(_ score: Double) -> Bool { value.map { score <= $0 } ?? true }
}

/// Throws unless a probability lies strictly between 0 and 1.
func checkLevel(_ level: Double) throws {
  guard level > 0, level < 1 else {
    throw CalibrationError.invalidSetting(
      "a level lies between 0 and 1, both excluded, found \(short(level))")
  }
}

/// Where the coverage on test rows must lie if calibration and test rows are exchangeable.
///
/// With scores that all differ, the coverage of one calibrated threshold over endless test rows is
/// Beta(k, n + 1 − k), and the number of m test rows covered is beta-binomial. Equal scores only raise it.
///
/// Reference: Vovk 2012, "Conditional validity of inductive conformal predictors", ACML; Angelopoulos, Bates 2021,
/// section 3.2.
public struct CoverageBand: Sendable, Equatable {
  /// The number of test rows m.
  public let testRows: Int
  /// The smallest and the largest number of covered rows inside the band.
  public let counts: ClosedRange<Int>
  /// The probability that the number lies in the band, at least what was asked for.
  public let probability: Double

  /// The band as shares of the test rows.
  public var coverage: ClosedRange<Double> {
    Double(counts.lowerBound) / Double(testRows)...Double(counts.upperBound) / Double(testRows)
  }

  /// The band of the number of covered rows, each tail with at most half of what is left.
  ///
  /// - Throws: `CalibrationError` for a probability outside (0, 1) or fewer than 1 test row.
  public init(_ quantile: ConformalQuantile, testRows: Int, probability: Double = 0.95) throws {
    try self.init([(quantile, testRows)], probability: probability)
  }

  /// The band of the sum over parts with thresholds of their own, given the numbers of their test rows.
  ///
  /// The parts are independent: their probabilities are convolved, without those below 10⁻²⁰ of the largest.
  ///
  /// - Throws: `CalibrationError` for a probability outside (0, 1) or fewer than 1 test row altogether.
  public init(
    _ parts: [(quantile: ConformalQuantile, testRows: Int)], probability: Double = 0.95
  ) throws {
    try checkLevel(probability)
    testRows = parts.reduce(0) { $0 + $1.testRows }
    guard testRows >= 1 else { throw CalibrationError.tooFewRows(found: testRows, needed: 1) }
    var law = CountLaw(first: 0, masses: [1])
    for (quantile, rows) in parts where rows > 0 {
      guard quantile.value != nil else {
        law.first += rows
        continue
      }
      law.add(
        CountLaw(
          first: 0,
          masses: betaBinomial(
            rows, Double(quantile.rank), Double(quantile.rows + 1 - quantile.rank))))
    }
    (counts, self.probability) = law.central(probability)
  }
}

/// The probabilities of 0…m of the beta-binomial distribution.
///
/// Ratios of neighbours, which are rational, lead away from the mode and the sum is made 1: no large
/// logarithms cancel.
func betaBinomial(_ m: Int, _ a: Double, _ b: Double) -> [Double] {
  let n = Double(m)
  func ratio(_ k: Int) -> Double {  // P(k + 1)/P(k)
    let x = Double(k)
    return (n - x) * (a + x) / ((x + 1) * (n - x - 1 + b))
  }
  let guess = Int((n * a / (a + b)).rounded())
  var masses = [Double](repeating: 0, count: m + 1)
  masses[guess] = 1
  for k in guess..<m { masses[k + 1] = masses[k] * ratio(k) }
  for k in stride(from: guess - 1, through: 0, by: -1) { masses[k] = masses[k + 1] / ratio(k) }
  // With a shape below 1 the mode is at an end, and all is still finite.
  let total = masses.reduce(0, +)
  return masses.map { $0 / total }
}
