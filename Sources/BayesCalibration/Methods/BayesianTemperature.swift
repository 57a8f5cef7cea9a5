// The posterior of a temperature by quadrature, and predictions averaged over it.

import BayesNumerics
import Glibc

/// Temperature scaling with a prior: the posterior of T, and predictions that average over it.
///
/// log T ~ N(location, scale²). The posterior of log T is integrated by the trapezoidal rule around its mode, with steps of
/// a third of its standard deviation until the density is below e⁻⁴⁵ of its height; for smooth densities that is
/// exact to rounding. There is a posterior for separable and anti-informative scores as well: the prior bounds T.
public struct BayesianTemperature: BinaryCalibrationMap, MulticlassCalibrationMap, Equatable {
  /// The prior: log T is normal.
  public struct Prior: Sendable, Equatable {
    /// The mean of log T.
    public let location: Double
    /// The standard deviation of log T.
    public let scale: Double

    /// A prior; LogNormal(0, 1) has 95 % of T between 1/7 and 7.
    ///
    /// - Throws: `CalibrationError.invalidSetting` unless both are finite and `scale` is positive.
    public init(location: Double = 0, scale: Double = 1) throws {
      guard location.isFinite, scale > 0, scale.isFinite else {
        throw CalibrationError.invalidSetting(
          "the prior of log T needs a finite location and a positive scale")
      }
      self.location = location
      self.scale = scale
    }
  }

  /// The prior.
  public let prior: Prior
  /// The posterior mean of T.
  public let mean: Double
  /// The posterior standard deviation of T.
  public let standardDeviation: Double
  /// The temperatures over which predictions are averaged.
  public let temperatures: [Double]
  /// Their weights, which sum to 1.
  public let weights: [Double]
  let posterior: LogTemperatureGrid

  /// `Bayesian temperature`.
  public var name: String { "Bayesian temperature" }

  /// The posterior after binary labels.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits.
  public init(fittedTo predictions: BinaryPredictions, prior: Prior? = nil) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions), prior)
  }

  /// The posterior after labels of K classes.
  ///
  /// - Throws: as for binary labels.
  public init(fittedTo predictions: MulticlassPredictions, prior: Prior? = nil) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions), prior)
  }

  private init(_ likelihood: TemperatureLikelihood, _ given: Prior?) throws {
    let prior = try given ?? Prior()
    try self.init(prior, LogTemperatureGrid(likelihood, prior))
  }

  /// The posterior that a grid holds.
  init(_ prior: Prior, _ grid: LogTemperatureGrid) throws {
    let heights = grid.logDensities.map { exp($0) }
    let total = heights.reduce(0, +)
    let temperatures = grid.nodes.map { exp($0) }
    let weights = heights.map { $0 / total }
    let mean = zip(weights, temperatures).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(weights, temperatures).reduce(0) {
      $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
    }
    // Logits whose products leave the range of numbers.
    guard mean.isFinite, variance.isFinite else {
      throw CalibrationError.outOfRange(method: "the posterior of the temperature")
    }
    self.prior = prior
    self.mean = mean
    standardDeviation = variance.squareRoot()
    self.temperatures = temperatures
    self.weights = weights
    posterior = grid
  }

  /// The posterior quantile of T.
  ///
  /// - Precondition: `probability` lies between 0 and 1, both excluded.
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability between 0 and 1")
    return exp(posterior.quantile(probability))
  }

  /// The central interval of T with a posterior probability.
  ///
  /// - Precondition: `probability` lies between 0 and 1, both excluded.
  public func interval(_ probability: Double = 0.95) -> ClosedRange<Double> {
    quantile(0.5 - 0.5 * probability)...quantile(0.5 + 0.5 * probability)
  }

  /// The posterior mean of 1/(1 + exp(−logit/T)).
  public func probability(atLogit logit: Double) -> Double { logistic(averagedLogit(logit)) }

  /// The posterior means of 1/(1 + exp(−logit/T)), with their log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    predictions.mappingLogits(averagedLogit)
  }

  /// The log odds of the mean probability, from both tails so that neither is lost beside 1.
  private func averagedLogit(_ logit: Double) -> Double {
    var (upper, lower) = (0.0, 0.0)
    for i in weights.indices {
      let eta = abs(logit) / temperatures[i]
      lower += weights[i] * logistic(-eta)
      upper += weights[i] * logistic(eta)
    }
    let magnitude = Glibc.log(upper) - Glibc.log(lower)
    return logit < 0 ? -magnitude : magnitude
  }

  /// The posterior mean of the softmax of logits/T.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    let k = predictions.classCount
    let source = predictions.logits.values
    var result = [Double](repeating: 0, count: source.count)
    var row = [Double](repeating: 0, count: k)
    for start in stride(from: 0, to: source.count, by: k) {
      for i in weights.indices {
        for j in 0..<k { row[j] = source[start + j] / temperatures[i] }
        softmaxRows(&row, columns: k)
        for j in 0..<k { result[start + j] += weights[i] * row[j] }
      }
    }
    return MulticlassPredictions(
      unchecked: predictions.labels,
      logits: DenseMatrix(
        rows: predictions.count, columns: k, values: result.map { Glibc.log($0) }))
  }
}

/// The unnormalised posterior of u = log T at equal steps.
struct LogTemperatureGrid: Sendable, Equatable {
  /// Values of log T, increasing, a constant step apart.
  let nodes: [Double]
  /// Log densities there, less the largest.
  let logDensities: [Double]
  /// Their derivatives.
  let slopes: [Double]
  let step: Double
  /// The probability below each node.
  private let cumulative: [Double]

  init(_ likelihood: TemperatureLikelihood, _ prior: BayesianTemperature.Prior) {
    func logDensity(_ u: Double) -> Double {
      let z = (u - prior.location) / prior.scale
      return -likelihood.value(exp(-u)) - 0.5 * z * z
    }
    let mode = Self.mode(likelihood, prior, logDensity)
    let height = logDensity(mode)
    let beta = exp(-mode)
    let (slope, curvature) = likelihood.derivatives(beta)
    // d²/du² of NLL(exp(−u)).
    let precision =
      beta * beta * curvature + beta * slope + 1 / (prior.scale * prior.scale)
    let deviation = precision > 0 ? 1 / precision.squareRoot() : prior.scale
    let step = Swift.min(deviation, prior.scale) / 3
    func walk(_ direction: Double) -> [(u: Double, value: Double)] {
      var points: [(u: Double, value: Double)] = []
      while points.count < 2000 {
        let u = mode + direction * step * Double(points.count + 1)
        let value = logDensity(u) - height
        points.append((u, value))
        if value < -45 { break }
      }
      return points
    }
    let points = walk(-1).reversed() + [(mode, 0)] + walk(1)
    self.init(
      nodes: points.map(\.u), logDensities: points.map(\.value),
      slopes: points.map { point in
        let beta = exp(-point.u)
        return beta * likelihood.derivatives(beta).slope
          - (point.u - prior.location) / (prior.scale * prior.scale)
      }, step: step)
  }

  /// A density whose values and derivatives are known at equal steps.
  init(nodes: [Double], logDensities: [Double], slopes: [Double], step: Double) {
    self.nodes = nodes
    self.logDensities = logDensities
    self.slopes = slopes
    self.step = step
    var cumulative = [0.0]
    for i in 1..<nodes.count {
      cumulative.append(
        cumulative[i - 1]
          + Self.mass(1, step, (logDensities[i - 1], slopes[i - 1]), (logDensities[i], slopes[i])))
    }
    let total = cumulative[nodes.count - 1]
    self.cumulative = cumulative.map { $0 / total }
  }

  /// Where the density is largest, well enough to put the grid there.
  ///
  /// Likelihood and prior each have one maximum in log T, so that the density's lies between the two. With many rows that is one
  /// Newton step from the maximum of the likelihood; else a coarse search finds the best of some points, and Brent's method
  /// the maximum between its neighbours.
  private static func mode(
    _ likelihood: TemperatureLikelihood, _ prior: BayesianTemperature.Prior,
    _ logDensity: (Double) -> Double
  ) -> Double {
    let precision = 1 / (prior.scale * prior.scale)
    var points: [(u: Double, value: Double)] = []
    func add(_ u: Double) { points.append((u, logDensity(u))) }
    if let beta = try? likelihood.maximumLikelihood(method: "temperature scaling") {
      let u = -log(beta)
      let curvature = beta * beta * likelihood.derivatives(beta).curvature + precision
      let step = precision * (u - prior.location) / curvature
      // Where the step is small beside the prior the likelihood has the last word.
      if likelihood.rows > 10_000, abs(step) < 0.01 * prior.scale { return u - step }
      for k in 0...48 { add(u + (prior.location - u) * Double(k) / 48) }
      // Both may be far narrower than the distance between them.
      for k in -3...3 { add(u - step * (1 + Double(k) / 4)) }
      for k in -3...3 { add(prior.location + prior.scale * Double(k) / 3) }
    } else {
      // The likelihood rises for ever in one direction. No log-likelihood is above 0, so that the prior ends the search.
      add(prior.location)
      for direction in [-1.0, 1] {
        for k in 1...4000 {
          let z = Double(k) / 3
          add(prior.location + direction * prior.scale * z)
          let best = points.reduce(-Double.infinity) { Swift.max($0, $1.value) }
          if -0.5 * z * z < best { break }
        }
      }
    }
    points.sort { $0.u < $1.u }
    let best = points.indices.max { points[$0].value < points[$1].value }!
    let margin = prior.scale / 3
    let low = best > 0 ? points[best - 1].u : points[best].u - margin
    let high = best + 1 < points.count ? points[best + 1].u : points[best].u + margin
    guard low < high else { return points[best].u }
    return (try? minimise(in: low...high) { -logDensity($0) })?.argument ?? points[best].u
  }

  /// The mass of the first part of a cell, by Gauss's rule of 5 points over the exponential of Hermite's cubic.
  private static func mass(
    _ share: Double, _ step: Double, _ a: (value: Double, slope: Double),
    _ b: (value: Double, slope: Double)
  ) -> Double {
    let points: [(Double, Double)] = [
      (0.046_910_077_030_668_0, 0.118_463_442_528_094_5),
      (0.230_765_344_947_158_5, 0.239_314_335_249_683_2), (0.5, 0.284_444_444_444_444_4),
      (0.769_234_655_052_841_5, 0.239_314_335_249_683_2),
      (0.953_089_922_969_332_0, 0.118_463_442_528_094_5),
    ]
    var sum = 0.0
    for (x, weight) in points {
      let t = x * share
      let s = 1 - t
      let value =
        a.value * (1 + 2 * t) * s * s + b.value * (1 + 2 * s) * t * t
        + step * (a.slope * t * s * s - b.slope * t * t * s)
      sum += weight * exp(value)
    }
    return sum * share * step
  }

  /// The quantile of log T.
  func quantile(_ probability: Double) -> Double {
    let upper = cumulative.firstIndex { $0 >= probability } ?? nodes.count - 1
    let i = Swift.max(1, upper)
    let (a, b) = ((logDensities[i - 1], slopes[i - 1]), (logDensities[i], slopes[i]))
    let goal = (probability - cumulative[i - 1]) / (cumulative[i] - cumulative[i - 1])
    let whole = Self.mass(1, step, a, b)
    let share = try? findRoot(in: 0...1) { Self.mass($0, step, a, b) / whole - goal }
    return nodes[i - 1] + step * (share ?? goal)
  }
}
