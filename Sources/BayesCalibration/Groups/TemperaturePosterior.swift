// A posterior of a temperature kept as points, and predictions averaged over it.

import BayesNumerics
import Glibc

/// The posterior of a temperature, as points in log T with weights.
public struct TemperaturePosterior: BinaryCalibrationMap, MulticlassCalibrationMap, Equatable {
  /// What it belongs to: `temperature` and which.
  public let name: String
  /// The temperatures over which predictions are averaged, increasing.
  public let temperatures: [Double]
  /// Their weights, which sum to 1.
  public let weights: [Double]
  /// The posterior mean of log T. The mean of T itself need not exist: its tail is that of the prior's mixture.
  public let logMean: Double
  /// The posterior standard deviation of log T.
  public let logDeviation: Double
  private let density: LogDensityTable

  /// A density of log T at equal steps.
  init(name: String, _ density: LogDensityTable) {
    let heights = density.logDensities.map { exp($0) }
    let total = heights.reduce(0, +)
    let weights = heights.map { $0 / total }
    let mean = zip(weights, density.nodes).reduce(0) { $0 + $1.0 * $1.1 }
    self.name = name
    temperatures = density.nodes.map { exp($0) }
    self.weights = weights
    logMean = mean
    logDeviation = zip(weights, density.nodes).reduce(0) {
      $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
    }.squareRoot()
    self.density = density
  }

  /// The posterior quantile of T.
  ///
  /// - Precondition: `probability` lies between 0 and 1, both excluded.
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability between 0 and 1")
    return exp(density.quantile(probability))
  }

  /// The posterior median of T.
  public var median: Double { quantile(0.5) }

  /// The central interval of T with a posterior probability.
  ///
  /// - Precondition: `probability` lies between 0 and 1, both excluded.
  public func interval(_ probability: Double = 0.95) -> ClosedRange<Double> {
    quantile(0.5 - 0.5 * probability)...quantile(0.5 + 0.5 * probability)
  }

  /// The posterior mean of 1/(1 + exp(−logit/T)).
  public func probability(atLogit logit: Double) -> Double { logistic(averagedLogit(logit)) }

  /// The log odds of the mean probability, from both tails so that neither is lost beside 1.
  func averagedLogit(_ logit: Double) -> Double {
    var (upper, lower) = (0.0, 0.0)
    for i in weights.indices {
      let eta = abs(logit) / temperatures[i]
      lower += weights[i] * logistic(-eta)
      upper += weights[i] * logistic(eta)
    }
    let magnitude = log(upper) - log(lower)
    return logit < 0 ? -magnitude : magnitude
  }

  /// The posterior mean of the softmax of logits/T.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    let k = predictions.classCount
    var result: [Double] = []
    result.reserveCapacity(predictions.logits.values.count)
    for row in 0..<predictions.count {
      result += averaged(predictions.logits.values[row * k..<(row + 1) * k])
    }
    return MulticlassPredictions(
      unchecked: predictions.labels,
      logits: DenseMatrix(
        rows: predictions.count, columns: k, values: result.map { log($0) }))
  }

  /// The posterior mean of the softmax of one row.
  func averaged(_ logits: ArraySlice<Double>) -> [Double] {
    var result = [Double](repeating: 0, count: logits.count)
    for i in weights.indices {
      var row = logits.map { $0 / temperatures[i] }
      softmaxRows(&row, columns: row.count)
      for j in row.indices { result[j] += weights[i] * row[j] }
    }
    return result
  }
}

/// The logarithm of an unnormalised density at equal steps, from one negligible end to the other.
struct LogDensityTable: Sendable, Equatable {
  let nodes: [Double]
  /// Less the largest.
  let logDensities: [Double]
  private static let parts = 32
  /// The probability below each of the points that divide every step in 32.
  private let cumulative: [Double]

  /// - Precondition: at least 2 nodes, increasing at equal steps.
  init(nodes: [Double], logDensities: [Double]) {
    precondition(nodes.count >= 2 && nodes.count == logDensities.count, "two nodes or more")
    self.nodes = nodes
    let largest = logDensities.max() ?? 0
    let values = logDensities.map { $0 - largest }
    self.logDensities = values
    var sums = [0.0]
    var last = exp(values[0])
    for i in 0..<nodes.count - 1 {
      for j in 1...Self.parts {
        let next = exp(cubic(values, i, Double(j) / Double(Self.parts)))
        sums.append(sums[sums.count - 1] + 0.5 * (last + next))
        last = next
      }
    }
    let total = sums[sums.count - 1]
    cumulative = sums.map { $0 / total }
  }

  /// A density around a peak: steps to both sides until it is e⁻³⁵ of its largest value, or 400 of them.
  init(around start: Double, step: Double, _ logDensity: (Double) -> Double) {
    let middle = logDensity(start)
    var largest = middle
    func walk(_ direction: Double) -> [(Double, Double)] {
      var points: [(Double, Double)] = []
      while points.count < 400 {
        let u = start + direction * step * Double(points.count + 1)
        let value = logDensity(u)
        // Where the density underflows there is nothing more.
        guard value > -.infinity else { break }
        largest = Swift.max(largest, value)
        points.append((u, value))
        if value < largest - 35 { break }
      }
      return points
    }
    let below = walk(-1)
    let points = below.reversed() + [(start, middle)] + walk(1)
    self.init(nodes: points.map(\.0), logDensities: points.map(\.1))
  }

  /// The quantile, to about 10⁻⁴ of the density's width.
  func quantile(_ probability: Double) -> Double {
    var (low, high) = (0, cumulative.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if cumulative[middle] < probability { low = middle } else { high = middle }
    }
    let share = (probability - cumulative[low]) / (cumulative[high] - cumulative[low])
    let step = (nodes[1] - nodes[0]) / Double(Self.parts)
    return nodes[0] + step * (Double(low) + share)
  }
}

/// The cubic through the four values around step i, at a share of the step; fewer at the ends.
func cubic(_ values: [Double], _ i: Int, _ t: Double) -> Double {
  let first = Swift.min(Swift.max(0, i - 1), Swift.max(0, values.count - 4))
  let last = Swift.min(values.count - 1, first + 3)
  var sum = 0.0
  for j in first...last {
    var term = values[j]
    for k in first...last where k != j {
      term *= (Double(i - k) + t) / Double(j - k)
    }
    sum += term
  }
  return sum
}
