// Whether one series of scores is better than another on the same occasions, with an error that knows of autocorrelation.

import BayesNumerics
import Glibc

/// The mean of paired differences in the order of time, with Newey and West's standard error.
///
/// ```
/// s.e.² = (γ₀ + 2 Σ_{j=1…L} (1 − j/(L + 1)) γ_j)/n,   γ_j = Σ (d_t − d̄)(d_{t−j} − d̄)/n
/// ```
///
/// Scores of neighbouring windows are alike: windows that overlap share outcomes, and a method that is wrong is wrong for a
/// while. L is therefore never 0; it is the larger of ⌈1.3 √n⌉ and of twice the windows that overlap a given one, at most n − 1. The
/// interval uses the wider quantiles that hold for such an L beside n:
///
/// ```
/// c(b) = 1.9600 + 2.9694 b + 0.4160 b² − 0.5324 b³,   b = (L + 1)/n
/// ```
///
/// Reference: Newey, West 1987, "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance
/// matrix", doi 10.2307/1913610; Kiefer, Vogelsang 2005, "A new asymptotic theory for heteroskedasticity-autocorrelation
/// robust tests", doi 10.1017/S0266466605050565, table 1; Lazarus, Lewis, Stock, Watson 2018, "HAR inference:
/// recommendations for practice", doi 10.1080/07350015.2018.1506926, for L; Diebold, Mariano 1995, "Comparing predictive
/// accuracy", doi 10.1080/07350015.1995.10524599.
public struct PairedDifference: Sendable, Equatable {
  /// The number n of pairs.
  public let count: Int
  /// The mean of first − second.
  public let mean: Double
  /// L.
  public let lag: Int
  /// The standard error; `nil` for fewer than 8 pairs.
  public let standardError: Double?

  /// The 95 % interval of the expected difference; `nil` for fewer than 8 pairs.
  public var interval: ClosedRange<Double>? {
    guard let standardError else { return nil }
    let b = Double(lag + 1) / Double(count)
    let half = standardError * (1.96 + b * (2.9694 + b * (0.4160 - 0.5324 * b)))
    return mean - half...mean + half
  }

  /// Compares scores of the same occasions, oldest first.
  ///
  /// - Parameter overlap: how many later windows share an outcome with one.
  /// - Throws: `CalibrationError` for unequal counts, no pairs, a negative overlap, scores that are not finite.
  public init(_ first: [Double], _ second: [Double], overlap: Int = 0) throws {
    guard first.count == second.count, overlap >= 0 else {
      throw CalibrationError.invalidSetting(
        "scores come in pairs, found \(first.count) and \(second.count), with an overlap of \(overlap)"
      )
    }
    guard !first.isEmpty else { throw CalibrationError.tooFewRows(found: 0, needed: 1) }
    let differences = zip(first, second).map { $0 - $1 }
    if let i = differences.firstIndex(where: { !$0.isFinite }) {
      throw CalibrationError.invalidRow(
        i + 1, found: "scores \(first[i]) and \(second[i])", expected: "finite numbers")
    }
    let n = differences.count
    let mean = differences.reduce(0, +) / Double(n)
    let lag = Swift.min(
      n - 1, Swift.max(2 * overlap, Int((1.3 * Double(n).squareRoot()).rounded(.up))))
    let centred = differences.map { $0 - mean }
    var sum = 0.0
    for j in 0...lag {
      var product = 0.0
      for t in j..<n { product += centred[t] * centred[t - j] }
      sum += (j == 0 ? 1 : 2 * (1 - Double(j) / Double(lag + 1))) * product
    }
    count = n
    self.mean = mean
    self.lag = lag
    standardError = n < 8 ? nil : Swift.max(0, sum).squareRoot() / Double(n)
  }
}
