// Whether the units were split as planned: if not, something is broken and no result can be trusted.

import BayesNumerics
import Glibc

/// A test of the observed numbers of units against the planned split.
///
/// Reference: Fabijan et al. 2019, "Diagnosing sample ratio mismatch in online controlled experiments", KDD'19,
/// doi 10.1145/3292500.3330722.
public struct SampleRatioTest: Sendable, Equatable {
  /// How the p value was computed.
  public enum Method: String, Sendable {
    /// The sum of the multinomial probabilities of all splits that are no more probable than this one.
    case exactMultinomial = "exact multinomial"
    /// Pearson's statistic and the chi-square distribution.
    case chiSquare = "chi-square"
  }

  /// Below this p value the split is called broken.
  public static let alarm = 0.001

  /// The observed numbers of units.
  public let observed: [Double]
  /// What the plan expects.
  public let expected: [Double]
  /// Pearson's statistic Σ (observed − expected)²/expected.
  public let statistic: Double
  /// The probability of a split at least this far from the plan, if the plan was carried out.
  public let pValue: Double
  /// How it was computed.
  public let method: Method
  /// Whether the split is broken: p below `alarm`.
  public var isMismatch: Bool { pValue < Self.alarm }

  /// Tests numbers of units against a plan.
  ///
  /// The exact test is used where there are at most 200 000 possible splits.
  ///
  /// - Parameters:
  ///   - observed: whole numbers, at least one unit in all.
  ///   - plan: relative sizes; equal ones where absent.
  /// - Throws: `ExperimentError.invalidSetting` for a plan of another length or sizes that are not positive.
  public init(observed: [Double], plan: [Double]? = nil) throws {
    let plan = plan ?? observed.map { _ in 1 }
    guard plan.count == observed.count, plan.count >= 2 else {
      throw ExperimentError.invalidSetting(
        "the planned split has \(plan.count) parts for \(observed.count) variants")
    }
    guard plan.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ExperimentError.invalidSetting("the parts of the planned split must be positive")
    }
    let total = observed.reduce(0, +)
    guard total > 0, observed.allSatisfy({ $0 >= 0 && $0.isFinite && $0 == $0.rounded() }) else {
      throw ExperimentError.invalidSetting("numbers of units are whole, and at least one")
    }
    let whole = plan.reduce(0, +)
    self.observed = observed
    expected = plan.map { total * $0 / whole }
    statistic = zip(observed, expected).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1
    }
    if Self.splits(total, observed.count) <= 200_000 {
      method = .exactMultinomial
      pValue = Self.exact(observed, plan.map { $0 / whole }, total)
    } else {
      method = .chiSquare
      // Chi-square with k − 1 degrees: twice a gamma of shape (k − 1)/2.
      pValue =
        statistic == 0
        ? 1
        : gammaTails(logValue: log(0.5 * statistic), shape: 0.5 * Double(plan.count - 1)).upper
    }
  }

  /// How many ways there are to split `total` units over `parts`: the binomial coefficient
  /// (total + parts − 1 over parts − 1).
  private static func splits(_ total: Double, _ parts: Int) -> Double {
    (1..<parts).reduce(1.0) { $0 * (total + Double($1)) / Double($1) }
  }

  private static func exact(
    _ observed: [Double], _ shares: [Double], _ total: Double
  ) -> Double {
    let logShares = shares.map { log($0) }
    func term(_ count: Double, _ part: Int) -> Double {
      count * logShares[part] - logGamma(count + 1)
    }
    let constant = logGamma(total + 1)
    let own = constant + observed.indices.reduce(0) { $0 + term(observed[$1], $1) }
    // Equal probabilities must not be told apart by rounding.
    let limit = own + 1e-9
    var sum = 0.0
    func walk(_ part: Int, _ left: Double, _ logProbability: Double) {
      if part == shares.count - 1 {
        let value = logProbability + term(left, part)
        if value <= limit { sum += exp(value) }
        return
      }
      for count in stride(from: 0, through: left, by: 1) {
        walk(part + 1, left - count, logProbability + term(count, part))
      }
    }
    walk(0, total, constant)
    // Where all splits count, the sum misses 1 by rounding.
    return sum > 1 - 1e-9 ? 1 : sum
  }
}
