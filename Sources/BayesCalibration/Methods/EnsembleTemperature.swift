// A temperature mixed with the scores as they are and with equal probabilities.

import BayesNumerics
import Glibc

/// Ensemble temperature scaling: a mixture of tempered, unchanged and equal probabilities.
///
/// ```
/// p = w₁ softmax(z/T) + w₂ softmax(z) + w₃/K,   w ≥ 0, w₁ + w₂ + w₃ = 1
/// ```
///
/// T and w maximise the likelihood together. For a given T it is concave in w and is maximised by Newton's method on the
/// simplex; over log T, in which there may be several maxima, by a search of a grid, then a root of the derivative. The
/// order of classes is kept, as by a temperature; unlike by one, no label is ever given a probability near 0 where w₃ is positive.
///
/// Reference: Zhang, Kailkhura, Han 2020, "Mix-n-match: ensemble and compositional methods for uncertainty
/// calibration in deep learning", ICML, section 4.1. They fit T first and w then; here both are free.
public struct EnsembleTemperature: BinaryCalibrationMap, MulticlassCalibrationMap, Equatable {
  /// T; where w₁ is 0 it does not matter.
  public let temperature: Double
  /// w₁, of the tempered probabilities.
  public let tempered: Double
  /// w₂, of the probabilities as they are.
  public let unchanged: Double
  /// w₃, of equal probabilities.
  public let uniform: Double
  /// The mean negative log-likelihood of the rows it was fitted to, in nats.
  public let meanNegativeLogLikelihood: Double
  /// Whether T is at an end of the range searched, 10⁻³ to 10³ times the typical distance between logits: the likelihood then
  /// rises on towards predictions without doubt (T → 0) or towards equal ones (T → ∞), and w says how much they count.
  public let isAtBound: Bool

  /// `ensemble temperature`.
  public var name: String { "ensemble temperature" }

  init(
    temperature: Double, weights: [Double], meanNegativeLogLikelihood: Double, isAtBound: Bool
  ) {
    self.temperature = temperature
    (tempered, unchanged, uniform) = (weights[0], weights[1], weights[2])
    self.meanNegativeLogLikelihood = meanNegativeLogLikelihood
    self.isAtBound = isAtBound
  }

  /// The mixture of the largest likelihood of binary labels.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite or constant logits, `.separable`.
  public init(fittedTo predictions: BinaryPredictions) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions))
  }

  /// The mixture of the largest likelihood of labels of K classes.
  ///
  /// - Throws: as for binary labels.
  public init(fittedTo predictions: MulticlassPredictions) throws {
    try predictions.requireFit()
    try self.init(TemperatureLikelihood(predictions))
  }

  private init(_ likelihood: TemperatureLikelihood) throws {
    if likelihood.gaps.allSatisfy({ $0 == 0 }) { throw CalibrationError.constantScores }
    if likelihood.isSeparable {
      throw CalibrationError.separable(method: "ensemble temperature scaling")
    }
    self = EnsembleSearch(likelihood).best()
  }

  /// w₁/(1 + exp(−logit/T)) + w₂/(1 + exp(−logit)) + w₃/2.
  public func probability(atLogit logit: Double) -> Double { logistic(mixedLogit(logit)) }

  /// The mixed probabilities, with their log odds.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions {
    let logits = predictions.logits.map { mixedLogit($0) }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: logits, probabilities: logits.map { logistic($0) })
  }

  /// The log odds of the mixture, from both tails so that neither is lost beside 1.
  private func mixedLogit(_ logit: Double) -> Double {
    let size = abs(logit)
    func mixed(_ sign: Double) -> Double {
      tempered * logistic(sign * size / temperature) + unchanged * logistic(sign * size)
        + 0.5 * uniform
    }
    let magnitude = log(mixed(1)) - log(mixed(-1))
    return logit < 0 ? -magnitude : magnitude
  }

  /// The mixed probabilities, with their logarithms as logits.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    let k = predictions.classCount
    var mixed = predictions.logits.values.map { $0 / temperature }
    softmaxRows(&mixed, columns: k)
    let same = predictions.probabilities.values
    for i in mixed.indices {
      mixed[i] = log(tempered * mixed[i] + unchanged * same[i] + uniform / Double(k))
    }
    return MulticlassPredictions(
      unchecked: predictions.labels,
      logits: DenseMatrix(rows: predictions.count, columns: k, values: mixed))
  }
}

/// The search over log T.
private struct EnsembleSearch {
  let likelihood: TemperatureLikelihood
  /// The probability of each label as the scores are.
  let same: [Double]

  init(_ likelihood: TemperatureLikelihood) {
    self.likelihood = likelihood
    same = likelihood.labelProbabilities(1).values
  }

  /// The maximum at one T: Newton's method over the weights.
  func mixture(_ logT: Double) -> SimplexFit {
    let tempered = likelihood.labelProbabilities(exp(-logT)).values
    return SimplexFit(tempered, same, Double(likelihood.columns + 1))
  }

  /// The derivative of the mean NLL by log T at its best weights, up to a positive factor; by the envelope theorem the
  /// weights' own derivatives do not enter.
  private func slope(_ logT: Double, _ weights: inout [Double]) -> Double {
    let beta = exp(-logT)
    let (tempered, slopes) = likelihood.labelProbabilities(beta)
    let fit = SimplexFit(tempered, same, Double(likelihood.columns + 1), start: weights)
    weights = fit.weights
    var sum = 0.0
    for i in tempered.indices {
      sum += beta * slopes[i] / fit.mixture(tempered[i], same[i])
    }
    return fit.weights[0] * sum
  }

  func best() -> EnsembleTemperature {
    // The typical distance between logits; some are not 0.
    let gaps = likelihood.gaps
    let largest = gaps.reduce(0) { Swift.max($0, abs($1)) }
    let squares = gaps.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
    let typical = log(largest) + 0.5 * log(squares / Double(gaps.count))
    let reach = log(1000.0)
    // Six starts for each factor e, on a part of the rows where there are many.
    let rough = likelihood.rows > 60_000 ? EnsembleSearch(likelihood.sample(20_000)) : self
    let count = 84
    let grid = (0...count).map { typical - reach + 2 * reach * Double($0) / Double(count) }
    let values = grid.map { rough.mixture($0).value }
    // The three lowest valleys; a plateau is one.
    let valleys = grid.indices.filter {
      ($0 == 0 || values[$0] < values[$0 - 1]) && ($0 == count || values[$0] <= values[$0 + 1])
    }.sorted { values[$0] < values[$1] }.prefix(3)
    let found = valleys.map { i -> (logT: Double, fit: SimplexFit, isAtBound: Bool) in
      let bracket = grid[Swift.max(0, i - 1)]...grid[Swift.min(count, i + 1)]
      let logT = refined(bracket) ?? grid[i]
      return (logT, mixture(logT), logT == grid[0] || logT == grid[count])
    }
    let best = found.min { $0.fit.value < $1.fit.value }!
    return EnsembleTemperature(
      temperature: exp(best.logT), weights: best.fit.weights,
      meanNegativeLogLikelihood: best.fit.value, isAtBound: best.isAtBound)
  }

  /// Where the derivative changes from falling to rising.
  private func refined(_ bracket: ClosedRange<Double>) -> Double? {
    var weights = SimplexFit.middle
    return try? findRoot(in: bracket, tolerance: 1e-13) { slope($0, &weights) }
  }
}

/// The weights of a mixture of three known probabilities of each label that minimise the mean NLL.
///
/// Newton's method: every step minimises the quadratic model over the simplex, whose seven faces are tried in turn.
private struct SimplexFit {
  private(set) var weights: [Double]
  private(set) var value: Double
  private let classes: Double

  func mixture(_ tempered: Double, _ same: Double) -> Double {
    weights[0] * tempered + weights[1] * same + weights[2] / classes
  }

  /// Where the search starts.
  static let middle = [0.4, 0.4, 0.2]

  init(
    _ tempered: [Double], _ same: [Double], _ classes: Double, start: [Double] = Self.middle
  ) {
    self.classes = classes
    // Never quite on an edge, where a row may have no probability at all.
    weights = zip(start, Self.middle).map { 0.98 * $0 + 0.02 * $1 }
    value = .infinity
    var (gradient, hessian) = ([Double](), DenseMatrix(rows: 3, columns: 3))
    (value, gradient, hessian) = derivatives(tempered, same)
    for _ in 0..<60 {
      let goal = Self.minimum(gradient, hessian, from: weights)
      let step = zip(goal, weights).map { $0 - $1 }
      let descent = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      if descent >= -1e-17 { return }
      let (origin, before) = (weights, value)
      var scale = 1.0
      for _ in 0..<40 {
        weights = zip(origin, step).map { Swift.max(0, $0 + scale * $1) }
        (value, gradient, hessian) = derivatives(tempered, same)
        if value <= before + 1e-4 * scale * descent + 1e-16 * abs(before) { break }
        scale /= 2
      }
      if step.allSatisfy({ abs($0) < 1e-14 }) { return }
    }
  }

  private func derivatives(
    _ tempered: [Double], _ same: [Double]
  ) -> (value: Double, gradient: [Double], hessian: DenseMatrix) {
    var value = 0.0
    var (g0, g1, g2) = (0.0, 0.0, 0.0)
    var (h00, h01, h02, h11, h12, h22) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    let third = 1 / classes
    let (w0, w1, w2) = (weights[0], weights[1], weights[2] * third)
    tempered.withUnsafeBufferPointer { tempered in
      same.withUnsafeBufferPointer { same in
        for i in 0..<tempered.count {
          let total = w0 * tempered[i] + w1 * same[i] + w2
          let inverse = 1 / total
          let (a, b, c) = (tempered[i] * inverse, same[i] * inverse, third * inverse)
          value -= log(total)
          g0 -= a
          g1 -= b
          g2 -= c
          h00 += a * a
          h01 += a * b
          h02 += a * c
          h11 += b * b
          h12 += b * c
          h22 += c * c
        }
      }
    }
    let share = 1 / Double(tempered.count)
    return (
      value * share, [g0 * share, g1 * share, g2 * share],
      DenseMatrix(
        rows: 3, columns: 3,
        values: [h00, h01, h02, h01, h11, h12, h02, h12, h22].map { $0 * share })
    )
  }

  /// The minimum over the simplex of g·(w − v) + (w − v)·H·(w − v)/2.
  private static func minimum(
    _ g: [Double], _ h: DenseMatrix, from v: [Double]
  ) -> [Double] {
    // The linear part for w itself; a trace of the identity stands for the directions that do not matter.
    let ridge = 1e-13 * (h[0, 0] + h[1, 1] + h[2, 2])
    let b = (0..<3).map { i in g[i] - (0..<3).reduce(0) { $0 + h[i, $1] * v[$1] } - ridge * v[i] }
    func value(_ w: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<3 {
        sum += b[i] * w[i] + 0.5 * ridge * w[i] * w[i]
        for j in 0..<3 { sum += 0.5 * h[i, j] * w[i] * w[j] }
      }
      return sum
    }
    var best = v
    var least = value(v)
    for face in 1..<8 {
      let free = (0..<3).filter { face >> $0 & 1 == 1 }
      guard let w = stationary(h, b, free, ridge), w.allSatisfy({ $0 >= 0 }) else { continue }
      let height = value(w)
      if height < least { (best, least) = (w, height) }
    }
    return best
  }

  /// The stationary point on a face: the last free weight is what the others leave of 1.
  private static func stationary(
    _ h: DenseMatrix, _ b: [Double], _ free: [Int], _ ridge: Double
  ) -> [Double]? {
    let last = free[free.count - 1]
    var w = [0.0, 0, 0]
    func element(_ i: Int, _ j: Int) -> Double { h[i, j] + (i == j ? ridge : 0) }
    let others = free.dropLast()
    // With w = e_last + Σ t_i (e_i − e_last): M t = −r.
    let r = others.map { b[$0] - b[last] + element($0, last) - element(last, last) }
    func m(_ i: Int, _ j: Int) -> Double {
      element(i, j) - element(i, last) - element(last, j) + element(last, last)
    }
    switch others.count {
    case 0: break
    case 1: w[others[0]] = -r[0] / m(others[0], others[0])
    default:
      let (i, j) = (others[0], others[1])
      let determinant = m(i, i) * m(j, j) - m(i, j) * m(i, j)
      w[i] = (-r[0] * m(j, j) + r[1] * m(i, j)) / determinant
      w[j] = (-r[1] * m(i, i) + r[0] * m(i, j)) / determinant
    }
    w[last] = 1 - others.reduce(0) { $0 + w[$1] }
    return w.allSatisfy(\.isFinite) ? w : nil
  }
}
