// How many units a test of fixed size needs, the power it has, and its assurance.

import BayesNumerics
import Glibc

/// A two-armed test that is looked at once, when both arms are complete.
public struct FixedTest: Sendable, Equatable {
  /// What is compared.
  public enum Comparison: Sendable, Equatable {
    /// Two success rates.
    case proportions(control: Double, treatment: Double, ProportionMethod)
    /// Two means of values with these standard deviations.
    case means(difference: Double, controlSD: Double, treatmentSD: Double)
    /// Two rates of events for a unit of exposure; sizes are exposures.
    case rates(control: Double, treatment: Double)
  }

  /// Which variance the test of two success rates uses.
  public enum ProportionMethod: String, Sendable, CaseIterable {
    /// Each variant's own variance, under both hypotheses.
    case unpooled
    /// The common rate's variance under the null hypothesis.
    case pooled
    /// Rates on the scale 2 asin √p, whose variance is 1/n whatever the rate.
    case arcsine
  }

  /// What is compared.
  public let comparison: Comparison
  /// The level.
  public let alpha: Double
  /// Whether both directions are tested.
  public let isTwoSided: Bool
  /// Units of the treatment for each unit of the control.
  public let ratio: Double

  /// A test.
  ///
  /// - Throws: `ExperimentError.invalidSetting` for rates, deviations or levels outside their ranges, or no effect.
  public init(
    _ comparison: Comparison, alpha: Double = 0.05, isTwoSided: Bool = true, ratio: Double = 1
  ) throws {
    func fail(_ problem: String) -> ExperimentError { .invalidSetting(problem) }
    guard alpha > 0, alpha < 1 else { throw fail("alpha lies between 0 and 1") }
    guard ratio > 0, ratio.isFinite else { throw fail("the ratio of the sizes must be positive") }
    switch comparison {
    case .proportions(let p, let q, _):
      guard p > 0, p < 1, q > 0, q < 1 else {
        throw fail(
          "success rates lie between 0 and 1, found \(short(p)) and \(short(q))")
      }
    case .means(let difference, let a, let b):
      guard difference.isFinite, a > 0, b > 0, a.isFinite, b.isFinite else {
        throw fail("standard deviations must be positive")
      }
    case .rates(let a, let b):
      guard a > 0, b > 0, a.isFinite, b.isFinite else { throw fail("rates must be positive") }
    }
    self.comparison = comparison
    self.alpha = alpha
    self.isTwoSided = isTwoSided
    self.ratio = ratio
    guard moments.effect != 0 else { throw fail("there is no effect to find: it is 0") }
  }

  /// The effect on the test's scale, and the standard deviations of its estimate times √(control's size), under no
  /// effect and under this one.
  private var moments: (effect: Double, null: Double, alternative: Double) {
    switch comparison {
    case .proportions(let p, let q, let method):
      let own = (p * (1 - p) + q * (1 - q) / ratio).squareRoot()
      switch method {
      case .unpooled: return (q - p, own, own)
      case .pooled:
        let common = (p + ratio * q) / (1 + ratio)
        return (q - p, (common * (1 - common) * (1 + 1 / ratio)).squareRoot(), own)
      case .arcsine:
        let sd = (1 + 1 / ratio).squareRoot()
        return (2 * (asin(q.squareRoot()) - asin(p.squareRoot())), sd, sd)
      }
    case .means(let difference, let a, let b):
      let sd = (a * a + b * b / ratio).squareRoot()
      return (difference, sd, sd)
    case .rates(let a, let b):
      let sd = (a + b / ratio).squareRoot()
      return (b - a, sd, sd)
    }
  }

  private var critical: Double { -normalQuantile(isTwoSided ? 0.5 * alpha : alpha) }

  /// The control's size for a power: ((z_α s₀ + z_β s₁)/effect)², the other direction's tiny share left out; a real number,
  /// to be rounded up. The treatment's is `ratio` times that.
  ///
  /// - Precondition: `power` lies in (0, 1).
  public func controlSize(power: Double) -> Double {
    let (effect, null, alternative) = moments
    let root = max(0, critical * null + normalQuantile(power) * alternative) / effect
    return root * root
  }

  /// The probability of a significant difference in the direction of the effect.
  public func power(controlSize: Double) -> Double {
    let (effect, null, alternative) = moments
    return normalCDF((abs(effect) * controlSize.squareRoot() - critical * null) / alternative)
  }

  /// The assurance: the power averaged over what is believed of the effect, treatment minus control ~
  /// N(this test's difference, `effectSD`²), cut where a rate would leave its range.
  ///
  /// It counts significant differences in the direction of this test's effect only. As the size grows, it
  /// tends to the prior probability of that direction, not to 1.
  ///
  /// Reference: O'Hagan, Stevens, Campbell 2005, "Assurance in clinical trial design", Pharmaceutical Statistics 4(3),
  /// doi 10.1002/pst.175.
  ///
  /// - Throws: `ExperimentError.invalidSetting` for a standard deviation that is not positive.
  public func assurance(controlSize: Double, effectSD: Double) throws -> Double {
    guard effectSD > 0, effectSD.isFinite else {
      throw ExperimentError.invalidSetting("the standard deviation of the effect must be positive")
    }
    let mean = difference
    let sign: Double = mean > 0 ? 1 : -1
    let root = controlSize.squareRoot()
    let range = differences
    func density(_ x: Double) -> Double {
      let z = (x - mean) / effectSD
      return exp(-0.5 * z * z)
    }
    let low = max(range.lowerBound, mean - 12 * effectSD)
    let high = min(range.upperBound, mean + 12 * effectSD)
    let inner = [-8.0, -4, -2, -1, 0, 1, 2, 4, 8].map { mean + $0 * effectSD }
      .filter { $0 > low && $0 < high }
    // Around 0 the power changes within a few standard errors.
    let error = moments.alternative / root
    let steep = [-4.0, 0, 2, 4, 8].map { sign * $0 * error }.filter { $0 > low && $0 < high }
    let breaks = Set([low, high] + inner + steep).sorted()
    let sums = integrate(2, over: breaks, limits: (low, high)) { x, out in
      let weight = density(x)
      (out[0], out[1]) = (0, weight)
      guard weight > 0, let (effect, null, alternative) = moved(to: x)?.moments else { return }
      out[0] = weight * normalCDF((sign * effect * root - critical * null) / alternative)
    }
    return sums[0] / sums[1]
  }

  /// Treatment minus control.
  public var difference: Double {
    switch comparison {
    case .proportions(let p, let q, _): q - p
    case .means(let difference, _, _): difference
    case .rates(let a, let b): b - a
    }
  }

  /// The differences that there can be.
  private var differences: ClosedRange<Double> {
    switch comparison {
    case .proportions(let p, _, _): (-p)...(1 - p)
    case .means: (-Double.greatestFiniteMagnitude)...Double.greatestFiniteMagnitude
    case .rates(let a, _): (-a)...Double.greatestFiniteMagnitude
    }
  }

  /// The same test with another difference; `nil` where there is none such.
  private func moved(to difference: Double) -> FixedTest? {
    switch comparison {
    case .proportions(let p, _, let method):
      try? FixedTest(
        .proportions(control: p, treatment: p + difference, method), alpha: alpha,
        isTwoSided: isTwoSided, ratio: ratio)
    case .means(_, let a, let b):
      try? FixedTest(
        .means(difference: difference, controlSD: a, treatmentSD: b), alpha: alpha,
        isTwoSided: isTwoSided, ratio: ratio)
    case .rates(let a, _):
      try? FixedTest(
        .rates(control: a, treatment: a + difference), alpha: alpha, isTwoSided: isTwoSided,
        ratio: ratio)
    }
  }
}
