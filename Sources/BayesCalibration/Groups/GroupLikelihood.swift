// The likelihood of one group's log temperature as a table, and its integral against a normal.

import BayesNumerics
import Glibc

/// A group's log likelihood of u = log T, less its value at the mode, as polynomials and as points.
struct GroupLikelihood: Sendable {
  /// The place of the largest value, or, where there is none, of the posterior's under the prior.
  let mode: Double
  /// A width: of the curvature at the mode, at most 0.4, the scale on which likelihoods of log T bend anyway.
  let width: Double
  private let table: PiecewiseChebyshev
  private let nodes: [Double]
  private let heights: [Double]
  private let step: Double

  /// Tables the likelihood where it is more than e⁻⁴⁵ of its largest value, within the range of the prior.
  init(_ likelihood: TemperatureLikelihood, _ prior: HierarchicalTemperature.Prior) {
    let reach = 8 * prior.common.scale + 16 * prior.spread
    let range = prior.common.location - reach...prior.common.location + reach
    func value(_ u: Double) -> Double { -likelihood.value(exp(-u)) }
    let (mode, width) = Self.peak(likelihood, range, prior.common, value)
    let height = value(mode)
    func edge(_ direction: Double, _ limit: Double) -> Double {
      var reach = width
      while abs(limit - mode) > reach, value(mode + direction * reach) - height > -45 {
        reach *= 1.5
      }
      return direction > 0
        ? Swift.min(limit, mode + reach) : Swift.max(limit, mode - reach)
    }
    let (low, high) = (edge(-1, range.lowerBound), edge(1, range.upperBound))
    let step = 0.4 * width
    // Sums over many rows are rounded to about 10⁻¹³ of them. The nearest singularities are π/2 above and below the line: panels of width 1 need few halvings.
    let panels = Swift.max(1, Int((high - low).rounded(.up)))
    let table = PiecewiseChebyshev(
      breaks: (0...panels).map { low + (high - low) * Double($0) / Double(panels) },
      tolerance: Swift.max(1e-11, 1e-13 * abs(height)), depth: 3
    ) { value($0) - height }
    let nodes = stride(from: low, through: high, by: step).map { $0 }
    self.mode = mode
    self.width = width
    self.table = table
    self.nodes = nodes
    heights = nodes.map { exp(table($0)) }
    self.step = step
  }

  /// The mode, and the width of the likelihood there.
  ///
  /// Likelihoods without a maximum near the prior rise to one end of the range and are flat there: they get the mode of
  /// the posterior under the prior, as if the group were alone.
  private static func peak(
    _ likelihood: TemperatureLikelihood, _ range: ClosedRange<Double>,
    _ prior: BayesianTemperature.Prior, _ value: (Double) -> Double
  ) -> (mode: Double, width: Double) {
    func deviation(_ u: Double) -> Double { (u - prior.location) / prior.scale }
    var mode = prior.location
    if let beta = try? likelihood.maximumLikelihood(method: "temperature scaling"),
      abs(deviation(-log(beta))) < 3
    {
      mode = -log(beta)
    } else if let found = try? minimise(
      in: range, { -value($0) + 0.5 * deviation($0) * deviation($0) })
    {
      mode = found.argument
    }
    let beta = exp(-mode)
    let (slope, curvature) = likelihood.derivatives(beta)
    let precision = beta * beta * curvature + beta * slope
    return (mode, precision > 1 / 0.16 ? 1 / precision.squareRoot() : 0.4)
  }

  /// The posterior of log T under a normal prior, for this group alone.
  func density(_ prior: BayesianTemperature.Prior) -> LogDensityTable {
    let precision = 1 / (width * width) + 1 / (prior.scale * prior.scale)
    return LogDensityTable(around: mode, step: 0.25 / precision.squareRoot()) { u in
      let z = (u - prior.location) / prior.scale
      return self(u) - 0.5 * z * z
    }
  }

  /// The log likelihood; -∞ outside the table.
  func callAsFunction(_ u: Double) -> Double { table.range.contains(u) ? table(u) : -.infinity }

  /// The integral Z of likelihood times N(m, s²), and the first two moments of u under it.
  ///
  /// The trapezoidal rule, exact to rounding for such functions: where s is the larger width at the points of the
  /// likelihood, else at points of the normal.
  func integral(_ m: Double, _ s: Double) -> (value: Double, mean: Double, square: Double) {
    var (sum, first, second) = (0.0, 0.0, 0.0)
    if s > 0.7 * width {
      for i in nodes.indices {
        let distance = nodes[i] - m
        let z = distance / s
        guard abs(z) < 12 else { continue }
        let mass = heights[i] * exp(-0.5 * z * z)
        sum += mass
        first += mass * distance
        second += mass * distance * distance
      }
      let value = sum * step / (s * (2 * Double.pi).squareRoot())
      return sum > 0 ? (value, m + first / sum, Self.square(m, first, second, sum)) : (0, m, m * m)
    }
    for (z, weight) in normalRule {
      let likelihood = self(m + s * z)
      guard likelihood > -.infinity else { continue }
      let mass = weight * exp(likelihood)
      sum += mass
      first += mass * s * z
      second += mass * s * s * z * z
    }
    return sum > 0 ? (sum, m + first / sum, Self.square(m, first, second, sum)) : (0, m, m * m)
  }

  /// The mean of u² from moments around m.
  private static func square(_ m: Double, _ first: Double, _ second: Double, _ sum: Double)
    -> Double
  {
    m * m + 2 * m * first / sum + second / sum
  }
}

/// The trapezoidal rule for a standard normal: steps of 0.5 out to 7.
let normalRule: [(Double, Double)] = {
  let points = (-14...14).map { 0.5 * Double($0) }
  let heights = points.map { exp(-0.5 * $0 * $0) }
  let total = heights.reduce(0, +)
  return zip(points, heights).map { ($0, $1 / total) }
}()
