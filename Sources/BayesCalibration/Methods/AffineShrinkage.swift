// How far an affine map of logits may leave temperature scaling: a prior, its evidence, and the search for the best.

import BayesNumerics
import Glibc

extension AffineScaling {
  /// A normal prior that pulls the map to temperature scaling.
  ///
  /// With the logits divided by the temperature T of the largest likelihood, the diagonal of W is N(t, s²) around a
  /// common t of flat prior, what is off the diagonal N(0, s²), and b is N(0, r²). Nothing of this depends on the
  /// units of the logits. As s and r fall to 0 the map becomes temperature scaling, as they grow it becomes that of
  /// the largest likelihood.
  public struct Shrinkage: Sendable, Equatable {
    /// s, relative to the factor 1/T.
    public let weights: Double
    /// r, in nats.
    public let intercepts: Double

    /// Standard deviations of the prior.
    ///
    /// - Throws: `CalibrationError.invalidSetting` unless both are from 1e-6 to 1e6.
    public init(weights: Double, intercepts: Double) throws {
      guard 1e-6...1e6 ~= weights, 1e-6...1e6 ~= intercepts else {
        throw CalibrationError.invalidSetting(
          "standard deviations of shrinkage are from 1e-6 to 1e6, found \(short(weights)) and \(short(intercepts))"
        )
      }
      self.init(unchecked: weights, intercepts)
    }

    fileprivate init(unchecked weights: Double, _ intercepts: Double) {
      (self.weights, self.intercepts) = (weights, intercepts)
    }
  }
}

/// Maps of the highest posterior density under priors of several widths, and the evidence of each.
///
/// Laplace's approximation, exact but for the likelihood's departure from a normal around its mode ŵ:
///
/// ```
/// log p(y | s, r) ≈ −n NLL(ŵ) − ½ ŵᵀΛŵ + ½ log|Λ| − ½ log|H| + ½ log 2π,   H = ∇²(n NLL) + Λ
/// ```
///
/// The common t is integrated out: Λ of the diagonal becomes (1 − 11ᵀ/K)/s², of rank K − 1, and |Λ| that of the rest
/// divided by K, as ∫ Π N(W_ii; t, s²) dt has it. The evidence is determined up to the unit of t's flat prior, which
/// is the same for all s and r. A vector added to all rows of W, or a constant to b, changes no probability; the
/// proper priors hold these directions, in Λ and H alike.
///
/// Reference: MacKay 1992, "The evidence framework applied to classification networks", Neural Computation 4(5);
/// Rasmussen & Williams 2006, "Gaussian processes for machine learning", section 3.4.
struct ShrinkagePath {
  /// A mode, in units of logits divided by T, and the evidence of its prior.
  struct Mode {
    let shrinkage: AffineScaling.Shrinkage
    let minimum: AffineLikelihood.Minimum
    let logEvidence: Double
  }

  /// Half decades of both standard deviations, strong shrinkage first: .01 is a temperature for all purposes, 10 the
  /// largest likelihood wherever that is finite.
  static let grid = (0...6).map { pow(10, 0.5 * Double($0) - 2) }

  private(set) var likelihood: AffineLikelihood
  /// 1/T.
  let scale: Double

  /// - Throws: `CalibrationError`, where there is no temperature to shrink to.
  init(_ predictions: MulticlassPredictions, _ shape: AffineScaling.Shape) throws {
    scale = try TemperatureLikelihood(predictions).maximumLikelihood(
      method: "\(shape.rawValue) scaling shrunk to a temperature")
    likelihood = AffineLikelihood(predictions, shape, scale: scale)
  }

  /// The mode under one prior; `start` is a mode under another.
  ///
  /// - Throws: `CalibrationError.notConverged`.
  mutating func mode(
    _ shrinkage: AffineScaling.Shrinkage, from start: [Double]? = nil, tolerance: Double = 1e-8
  ) throws -> Mode {
    let (n, k, size) = (Double(likelihood.rows), likelihood.classes, likelihood.size)
    let ofWeights = 1 / (shrinkage.weights * shrinkage.weights)
    let ofIntercepts = 1 / (shrinkage.intercepts * shrinkage.intercepts)
    var squares = [Double](repeating: 0.5 * ofWeights / n, count: size)
    for i in 0..<k {
      squares[likelihood.diagonal(i)] = 0
      squares[likelihood.intercept(i)] = 0.5 * ofIntercepts / n
    }
    likelihood.penalty = AffinePenalty(squares: squares, spread: ofWeights / n)
    let minimum = try likelihood.minimise(
      from: start ?? likelihood.identity, tolerance: tolerance)
    guard let lower = cholesky(minimum.hessian) else {
      throw CalibrationError.notConverged(method: "\(likelihood.shape.rawValue) scaling")
    }
    // One direction, that of t, has no prior.
    let weights = Double(size - k - 1)
    let logPrior = weights * log(ofWeights) + Double(k) * log(ofIntercepts) - log(Double(k))
    let logCurvature = logDeterminant(ofCholesky: lower) + Double(size) * log(n)
    return Mode(
      shrinkage: shrinkage, minimum: minimum,
      logEvidence: -n * minimum.value + 0.5 * (logPrior - logCurvature + log(2 * Double.pi)))
  }

  /// The mode of the largest evidence on the grid: s = r from strong to weak shrinkage, each from the mode before, until
  /// the evidence has fallen twice; from the best of these to the best neighbour in s and r, as long as one is better.
  ///
  /// - Throws: `CalibrationError.notConverged` where no prior had a mode.
  mutating func best() throws -> Mode {
    var visited: Set<[Int]> = []
    var best: (mode: Mode, place: [Int])?
    var last: [Double]?
    for i in Self.grid.indices {
      visited.insert([i, i])
      guard let found = try? mode(at: [i, i], from: last) else { continue }
      last = found.minimum.unknowns
      if found.logEvidence > best?.mode.logEvidence ?? -.infinity { best = (found, [i, i]) }
      if let best, i >= best.place[0] + 2 { break }
    }
    guard var (top, place) = best else {
      throw CalibrationError.notConverged(method: "\(likelihood.shape.rawValue) scaling")
    }
    var centre: [Int]
    repeat {
      centre = place
      let start = top.minimum.unknowns
      for (di, dj) in [(0, 1), (0, -1), (1, 0), (-1, 0)] {
        let next = [centre[0] + di, centre[1] + dj]
        guard next.allSatisfy(Self.grid.indices.contains), visited.insert(next).inserted,
          let found = try? mode(at: next, from: start)
        else { continue }
        if found.logEvidence > top.logEvidence { (top, place) = (found, next) }
      }
    } while place != centre
    return try mode(top.shrinkage, from: top.minimum.unknowns)
  }

  /// The mode at a place of the grid, near enough to compare evidence by: the error of log|H|, the largest, is about
  /// the square of the last step.
  private mutating func mode(at place: [Int], from start: [Double]?) throws -> Mode {
    try mode(
      .init(unchecked: Self.grid[place[0]], Self.grid[place[1]]), from: start, tolerance: 1e-3)
  }
}
