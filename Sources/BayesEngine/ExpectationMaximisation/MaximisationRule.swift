// Closed-form M-steps: what each maximises, and from which sums.

import BayesNumerics
import Glibc

/// Sets some elements of the parameters to the values that maximise the expected complete-data log
/// density, the others held.
protocol MaximisationRule: Sendable {
  /// What it does, for the report: `mu, sigma: weighted means and variances (Normal)`.
  var summary: String { get }
  /// Writes the new values into `x`.
  ///
  /// - Parameter sums: the kernel's statistics at the current `x`.
  /// - Returns: why the maximum is degenerate; `nil` if it is not.
  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy?
}

/// A maximum on the way to an unbounded likelihood or without data.
struct Degeneracy: Sendable {
  let reason: String
  /// The smallest variance relative to the data's; 0 for a component without data.
  let relativeVariance: Double
}

/// Where a parameter's elements may lie, for clipping a maximum to the support: exact where the
/// objective has one peak along the element.
struct ClosedInterval: Sendable {
  var lower = -Double.infinity
  var upper = Double.infinity

  func clipped(_ value: Double) -> Double { min(max(value, lower), upper) }

  /// Whether it holds all positive numbers and no negative ones.
  var isPositive: Bool { lower == 0 && upper == .infinity }
}

/// Expected counts of the categories of simplexes: p_k = n_k / Σ n.
struct ProportionRule: MaximisationRule {
  let summary: String
  /// The slots of each simplex.
  let simplexes: [[Int]]
  /// Slots with the places of their counts.
  let counts: [(slot: Int, place: Int)]
  /// By slot: what a Dirichlet prior adds, its concentration − 1.
  let priorCounts: [Int: Double]

  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy? {
    var totals = priorCounts
    for (slot, place) in counts { totals[slot, default: 0] += sums[place] }
    for simplex in simplexes {
      // The mode of a Dirichlet with concentrations below 1 lies on the edge.
      let own = simplex.map { max(0, totals[$0] ?? 0) }
      let total = own.reduce(0, +)
      guard total > 0 else { continue }
      for (slot, count) in zip(simplex, own) { x[slot] = count / total }
    }
    return nil
  }
}

/// Parameters that are a ratio of two sums: probabilities, means of counts, rates.
struct RatioRule: MaximisationRule {
  let summary: String
  /// Slots with the places of numerator and denominator.
  let parts: [(slot: Int, numerator: Int, denominator: Int)]
  /// By slot: what a conjugate prior adds to numerator and denominator.
  let priors: [Int: (numerator: Double, denominator: Double)]
  let intervals: [Int: ClosedInterval]

  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy? {
    var totals = priors
    for part in parts {
      totals[part.slot, default: (0, 0)].numerator += sums[part.numerator]
      totals[part.slot, default: (0, 0)].denominator += sums[part.denominator]
    }
    for (slot, total) in totals where total.denominator > 0 {
      let value = max(0, total.numerator) / total.denominator
      x[slot] = (intervals[slot] ?? ClosedInterval()).clipped(value)
    }
    return nil
  }
}

/// Shape and rate of gamma distributions: the shape a solves log a − ψ(a) = log ȳ − mean(log y), by Newton's
/// method on 1/a; the rate is a / ȳ.
///
/// Reference: Minka (2002), "Estimating a Gamma distribution".
struct GammaRule: MaximisationRule {
  struct Part: Sendable {
    let shape: Int
    let rate: Int
    /// Places of Σw, Σwy and Σw log y.
    let weight: Int
    let sum: Int
    let logSum: Int
  }

  let summary: String
  let parts: [Part]

  func maximise(_ x: inout [Double], _ sums: [Double]) -> Degeneracy? {
    var degeneracy: Degeneracy?
    for (pair, own) in Dictionary(grouping: parts, by: { [$0.shape, $0.rate] }) {
      let weight = own.reduce(0) { $0 + sums[$1.weight] }
      guard weight > 0 else {
        degeneracy = Degeneracy(reason: "a component has no data", relativeVariance: 0)
        continue
      }
      let mean = own.reduce(0) { $0 + sums[$1.sum] } / weight
      let gap = log(mean) - own.reduce(0) { $0 + sums[$1.logSum] } / weight
      guard let shape = Self.shape(gap: gap) else {
        degeneracy = Degeneracy(
          reason: "a component's values are all equal, its likelihood unbounded",
          relativeVariance: 0)
        continue
      }
      x[pair[0]] = shape
      x[pair[1]] = shape / mean
    }
    return degeneracy
  }

  /// The a with log a − ψ(a) = `gap`; `nil` for a gap that rounding cannot tell from 0, where a → ∞.
  static func shape(gap: Double) -> Double? {
    guard gap > 1e-13 else { return nil }
    var a = (3 - gap + ((gap - 3) * (gap - 3) + 24 * gap).squareRoot()) / (12 * gap)
    for _ in 0..<100 {
      let step = (log(a) - digamma(a) - gap) / (a * a * (1 / a - trigamma(a)))
      let next = 1 / (1 / a + step)
      let isDone = abs(next - a) <= 1e-15 * a
      a = next > 0 && next.isFinite ? next : a / 2
      if isDone { break }
    }
    return a
  }
}
