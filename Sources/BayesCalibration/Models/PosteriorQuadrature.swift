// The posterior of a model with a few unknowns as weighted points, by adaptive quadrature.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage
import BayesNumerics
import Glibc

/// A posterior as points with weights: averages over it are weighted sums.
///
/// The points are those of Gauss and Hermite's product rule, moved to the mode of the unconstrained density and stretched by its
/// curvature there, so that the rule is exact for a normal posterior and for polynomials times one: with many rows few points
/// are enough. Ever finer rules are tried until the averages that are asked for change by no more than 10⁻⁸. Where that takes
/// too many points, as with few rows, whose posteriors are skewed, lattices follow with steps that shrink by √2; when
/// one step changes the averages by 10⁻⁶ or less, the error left is below 10⁻⁸ (10⁻⁶ to the power √2).
///
/// Reference: Naylor, Smith 1982, "Applications of a method for the efficient computation of posterior
/// distributions", Applied Statistics 31, doi 10.2307/2347995.
struct PosteriorQuadrature {
  /// The parameters' values at every point, in the order of declaration.
  private(set) var points: [[Double]] = []
  /// Their weights, which sum to 1.
  private(set) var weights: [Double] = []

  /// Whether a compiled kernel pays: with many rows, or with many points.
  private static func wantsNative(rows: Int, dimension: Int) -> Bool {
    rows > 2000 || dimension > 2
  }

  /// Integrates the posterior of a model whose parameters are all scalars.
  ///
  /// - Parameters:
  ///   - rows: the number of rows of data.
  ///   - method: what is integrated, for messages.
  ///   - averages: what is averaged, of the parameters' values.
  /// - Throws: `CalibrationError.notIntegrated` where the rules do not agree.
  init(
    _ model: some Model, rows: Int, method: String, averages: ([Double]) -> [Double]
  ) throws {
    let traced = try trace(model)
    let dimension = traced.dimension
    var settings = KernelSettings()
    settings.isNative = Self.wantsNative(rows: rows, dimension: dimension)
    let compiled = try CompiledModel(traced, settings: settings)
    let surface = DensitySurface(compiled)
    guard let mode = try surface.mode(), let scale = mode.inverseRoot else {
      throw CalibrationError.notIntegrated(method: method)
    }
    let interpreter = Interpreter(traced.graph)
    let nodes = traced.parameters.map(\.node)
    func position(_ point: [Double]) -> [Double] {
      var result = mode.position
      for i in result.indices {
        for j in point.indices { result[i] += scale[i, j] * point[j] }
      }
      return result
    }
    func height(_ point: [Double]) throws -> Double {
      let value = try surface.value(position(point)) - mode.value
      return value.isNaN ? -.infinity : value
    }
    var last: [Double]?
    func isSettled(_ rule: RulePoints, _ tolerance: Double) -> Bool {
      weigh(rule) { interpreter.values(of: nodes, at: position($0)).map { $0[0] } }
      let found = average(averages)
      defer { last = found }
      guard let last else { return false }
      return zip(last, found).allSatisfy { abs($0 - $1) <= tolerance }
    }
    for size in [3, 5, 7, 9, 13] {
      if isSettled(try HermiteRule(size).product(dimension: dimension, height), 1e-8) { return }
    }
    last = nil
    // Each point costs a pass over all rows; a posterior of many rows that needs many points is that of rare events.
    let limit = Swift.min(200_000, Swift.max(20_000, 400_000_000 / rows))
    for step in [1, 0.5.squareRoot(), 0.5, 0.125.squareRoot(), 0.25] {
      guard
        let rule = try lattice(step: step, dimension: dimension, limit: limit, height)
      else { break }
      if isSettled(rule, 1e-6) { return }
    }
    throw CalibrationError.notIntegrated(method: method)
  }

  /// Takes a rule's points, without those whose weights sum to 10⁻¹⁰.
  private mutating func weigh(_ rule: RulePoints, _ values: ([Double]) -> [Double]) {
    let logWeights = zip(rule.logWeights, rule.heights).map { $0 + $1 }
    let total = logSumExp(logWeights)
    let all = logWeights.map { exp($0 - total) }
    var least = 0.0
    var dropped = 0.0
    for weight in all.sorted() {
      dropped += weight
      if dropped > 1e-10 { break }
      least = weight
    }
    let kept = all.indices.filter { all[$0] > least }
    let sum = kept.reduce(0) { $0 + all[$1] }
    weights = kept.map { all[$0] / sum }
    points = kept.map { values(rule.points[$0]) }
  }

  /// The posterior means of functions of the parameters.
  func average(_ functions: ([Double]) -> [Double]) -> [Double] {
    var sums: [Double] = []
    for (point, weight) in zip(points, weights) {
      let values = functions(point)
      if sums.isEmpty { sums = Array(repeating: 0, count: values.count) }
      for i in sums.indices { sums[i] += weight * values[i] }
    }
    return sums
  }
}
