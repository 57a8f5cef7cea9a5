// A test that may be looked at at any time: mixture likelihood ratio, always-valid p, confidence sequence.

import BayesNumerics
import Glibc

/// The mixture sequential probability ratio test of a difference of two means, and the confidence sequence that is its
/// inversion.
///
/// With the difference `D` of two means of variance `V = σ_A²/n_A + σ_B²/n_B`, and effects weighed by N(0, τ²):
///
/// ```
/// Λ = √(V/(V + τ²)) · exp(τ² D²/(2 V (V + τ²)))
/// always-valid p = min over looks of 1/Λ;   reject at Λ ≥ 1/α
/// D ± √(2 V (V + τ²)/τ² · log(√((V + τ²)/V)/α))
/// ```
///
/// Under a true difference of 0, Λ is a martingale of mean 1, and exceeds 1/α at any look, however many there are, with a
/// probability of at most α (Ville). This is exact for normal data with known variances, asymptotic with estimated ones.
/// For n units in each variant and one known σ it is the formula of Johari et al.; for one mean of variance σ²/n
/// and τ² = ρ² σ² the interval is the asymptotic confidence sequence of Waudby-Smith et al.
///
/// Reference: Robbins 1970, "Statistical methods related to the law of the iterated logarithm", doi
/// 10.1214/aoms/1177696786; Johari, Koomen, Pekelis, Walsh 2022, "Always valid inference", Operations Research 70(3),
/// doi 10.1287/opre.2021.2135; Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, "Time-uniform central limit theory and
/// asymptotic confidence sequences", Annals of Statistics 52(6), doi 10.1214/24-AOS2408.
public struct SequentialTest: Sendable, Equatable {
  /// How much the test weighs effects of which size.
  public enum Mixture: Sendable, Equatable {
    /// Effects ~ N(0, τ²), in the unit of the difference.
    case effect(variance: Double)
    /// Tuned to be sharpest when each variant has about this many units:
    /// τ² = ρ² n V with ρ² = (−2 log α + log(1 − 2 log α))/units, n the harmonic mean of the sizes.
    /// The same τ² at every look as long as the ratio of the sizes stays, or both variances are equal; where the ratio
    /// of units of unequal variances changes between looks, τ² changes with it and Λ is a martingale only roughly.
    case plannedUnits(Double)
  }

  /// The probability of ever rejecting a true difference of 0.
  public let alpha: Double
  /// The mixture.
  public let mixture: Mixture

  /// A test of level `alpha`.
  ///
  /// - Throws: `ExperimentError.invalidSetting`.
  public init(alpha: Double = 0.05, mixture: Mixture) throws {
    guard alpha > 0, alpha < 1 else {
      throw ExperimentError.invalidSetting("alpha lies between 0 and 1")
    }
    switch mixture {
    case .effect(let variance):
      guard variance > 0, variance.isFinite else {
        throw ExperimentError.invalidSetting("the variance of effects must be positive")
      }
    case .plannedUnits(let units):
      guard units >= 1, units.isFinite else {
        throw ExperimentError.invalidSetting("the planned number of units must be at least 1")
      }
    }
    self.alpha = alpha
    self.mixture = mixture
  }

  /// ρ² for a planned number of units.
  ///
  /// Reference: Waudby-Smith et al. 2024, appendix B.2.
  public static func rhoSquared(plannedUnits: Double, alpha: Double) -> Double {
    let logarithm = -2 * log(alpha)
    return (logarithm + log(1 + logarithm)) / plannedUnits
  }

  /// τ² at a look.
  ///
  /// - Parameters:
  ///   - variance: V, that of the difference.
  ///   - units: the harmonic mean of the two sizes.
  func mixtureVariance(variance: Double, units: Double) -> Double {
    switch mixture {
    case .effect(let variance): variance
    case .plannedUnits(let planned):
      Self.rhoSquared(plannedUnits: planned, alpha: alpha) * units * variance
    }
  }

  /// log Λ.
  public func logLikelihoodRatio(difference: Double, variance: Double, units: Double) -> Double {
    let tau = mixtureVariance(variance: variance, units: units)
    let total = variance + tau
    return 0.5 * log(variance / total) + tau * difference * difference / (2 * variance * total)
  }

  /// Half the width of the confidence sequence.
  public func halfWidth(variance: Double, units: Double) -> Double {
    let tau = mixtureVariance(variance: variance, units: units)
    let total = variance + tau
    return (2 * variance * (total / tau) * (0.5 * log(total / variance) - log(alpha))).squareRoot()
  }
}

/// Two variants at one look, everything up to then.
public struct Look: Sendable, Equatable {
  /// The control's size, mean and variance of one unit.
  public let control: (units: Double, mean: Double, variance: Double)
  /// The other variant's.
  public let treatment: (units: Double, mean: Double, variance: Double)

  /// Two sample means with the variances of single units.
  public init(
    control: (units: Double, mean: Double, variance: Double),
    treatment: (units: Double, mean: Double, variance: Double)
  ) {
    self.control = control
    self.treatment = treatment
  }

  /// Two variants with their variances estimated: that of the values, or p(1 − p) with half a success and half a
  /// failure more, so that it is never 0. `nil` where there is no variance yet, or for a revenue without squares.
  public init?(control: VariantData, treatment: VariantData) {
    guard let a = Self.moments(control), let b = Self.moments(treatment) else { return nil }
    self.init(control: a, treatment: b)
  }

  private static func moments(
    _ data: VariantData
  ) -> (units: Double, mean: Double, variance: Double)? {
    switch data {
    case .binomial(let successes, let trials):
      let rate = (successes + 0.5) / (trials + 1)
      return trials > 0 ? (trials, successes / trials, rate * (1 - rate)) : nil
    case .normal(let s):
      return s.count >= 2 && s.variance > 0 ? (s.count, s.mean, s.variance) : nil
    case .poisson(let count, let exposure):
      return exposure > 0 ? (exposure, count / exposure, (count + 0.5) / exposure) : nil
    case .revenue(let units, let amounts):
      guard let squares = amounts.sumOfSquares, units >= 2 else { return nil }
      let mean = amounts.sum / units
      let variance = (squares - units * mean * mean) / (units - 1)
      return variance > 0 ? (units, mean, variance) : nil
    }
  }

  /// The difference of the means, treatment minus control.
  public var difference: Double { treatment.mean - control.mean }
  /// The variance of the difference.
  public var variance: Double {
    control.variance / control.units + treatment.variance / treatment.units
  }
  /// The harmonic mean of the sizes.
  public var units: Double { 2 / (1 / control.units + 1 / treatment.units) }

  /// Equal sizes, means and variances.
  public static func == (a: Look, b: Look) -> Bool {
    a.control == b.control && a.treatment == b.treatment
  }
}

/// What a sequential test says at a look.
public struct SequentialReading: Sendable, Equatable {
  /// The look.
  public let look: Look
  /// log Λ.
  public let logLikelihoodRatio: Double
  /// The always-valid p value: the least of 1/Λ over this look and those before.
  public let pValue: Double
  /// The confidence sequence at this look; all of them together hold the true difference with probability 1 − α.
  public let interval: ClosedRange<Double>
  /// Whether the test rejects at this look or did before.
  public let isRejected: Bool
}

extension SequentialTest {
  /// Reads looks in their order.
  public func read(_ looks: [Look]) -> [SequentialReading] {
    var pValue = 1.0
    return looks.map { look in
      let ratio = logLikelihoodRatio(
        difference: look.difference, variance: look.variance, units: look.units)
      pValue = min(pValue, exp(-ratio))
      let half = halfWidth(variance: look.variance, units: look.units)
      return SequentialReading(
        look: look, logLikelihoodRatio: ratio, pValue: pValue,
        interval: (look.difference - half)...(look.difference + half),
        isRejected: pValue <= alpha)
    }
  }
}
