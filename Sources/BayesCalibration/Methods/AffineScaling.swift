// Vector and matrix scaling: an affine map of the logits of K classes, shrunk towards temperature scaling.

public import BayesNumerics

/// New logits W · logits + b, with W diagonal (vector scaling) or full (matrix scaling).
///
/// Without regularisation matrix scaling overfits a few thousand rows badly, and where a class can be told apart by its
/// logit neither shape has a finite maximum. By default the map is therefore shrunk towards one temperature for all
/// classes, as far as the data have it: `Shrinkage` is the prior, and its widths are those of the largest evidence.
///
/// Logits enter as they are: a constant added to a row's logits, which changes no probability before, may change some
/// after.
///
/// Reference: Guo et al. 2017 (vector and matrix scaling); Kull et al. 2019, "Beyond temperature scaling", NeurIPS
/// (ODIR); MacKay 1992, "Bayesian interpolation", Neural Computation 4(3) (evidence).
public struct AffineScaling: MulticlassCalibrationMap, Equatable {
  /// Which elements of W are free.
  public enum Shape: String, Sendable, Equatable, CaseIterable {
    /// The diagonal.
    case vector
    /// All.
    case matrix
  }

  /// What keeps W and b from following noise.
  public enum Regularisation: Sendable, Equatable {
    /// Shrinkage towards temperature scaling, as strong as Laplace's approximation of the evidence has it.
    case byEvidence
    /// Shrinkage towards temperature scaling of a given strength.
    case shrinkage(Shrinkage)
    /// ODIR: the minimum of
    /// `mean NLL + offDiagonal · Σ_{i≠j} W_ij²/(K(K − 1)) + intercepts · Σ b_j²/K`; with both 0 the largest likelihood.
    case penalties(offDiagonal: Double, intercepts: Double)

    /// The largest likelihood.
    public static var maximumLikelihood: Regularisation {
      .penalties(offDiagonal: 0, intercepts: 0)
    }
  }

  /// Which elements of W are free.
  public let shape: Shape
  /// W, K × K.
  public let weights: DenseMatrix
  /// b.
  public let intercepts: [Double]
  /// The mean negative log-likelihood of the rows it was fitted to, in nats, without penalties.
  public let meanNegativeLogLikelihood: Double
  /// The prior, where the map was shrunk towards temperature scaling.
  public let shrinkage: Shrinkage?
  /// The logarithm of the evidence of the prior, where there is one; differences between shapes fitted to the same rows
  /// are logarithms of Bayes factors.
  public let logEvidence: Double?

  /// `vector` or `matrix`.
  public var name: String { shape.rawValue }

  /// Fits W and b.
  ///
  /// - Throws: `CalibrationError`: too few rows, one class, infinite logits, negative weights, more than 2 500
  ///   unknowns. Where the map is shrunk towards a temperature, as `TemperatureScaling` does where there is none; where
  ///   it is not, `.notConverged`, which separable classes lead to.
  public init(
    fittedTo predictions: MulticlassPredictions, shape: Shape,
    regularisation: Regularisation = .byEvidence
  ) throws {
    try predictions.requireFit()
    let k = predictions.classCount
    let size = shape == .vector ? 2 * k : k * (k + 1)
    guard size <= 2500 else {
      throw CalibrationError.invalidSetting(
        "\(shape.rawValue) scaling of \(k) classes has \(size) unknowns, more than 2500; use temperature or vector"
      )
    }
    switch regularisation {
    case .byEvidence:
      var path = try ShrinkagePath(predictions, shape)
      self.init(path, try path.best())
    case .shrinkage(let shrinkage):
      var path = try ShrinkagePath(predictions, shape)
      self.init(path, try path.mode(shrinkage))
    case .penalties(let offDiagonal, let intercept):
      guard offDiagonal >= 0, intercept >= 0, offDiagonal.isFinite, intercept.isFinite else {
        throw CalibrationError.invalidSetting(
          "weights of regularisation are finite and at least 0")
      }
      var likelihood = AffineLikelihood(predictions, shape)
      for i in 0..<k {
        if shape == .matrix {
          for j in 0..<k where j != i {
            likelihood.penalty.squares[i * likelihood.width + j] =
              offDiagonal / Double(k * (k - 1))
          }
        }
        likelihood.penalty.squares[likelihood.intercept(i)] = intercept / Double(k)
      }
      let best = try likelihood.minimise(from: likelihood.identity)
      self.init(likelihood, best, scale: 1, nil, logEvidence: nil)
    }
  }

  private init(_ path: ShrinkagePath, _ mode: ShrinkagePath.Mode) {
    self.init(
      path.likelihood, mode.minimum, scale: path.scale, mode.shrinkage,
      logEvidence: mode.logEvidence)
  }

  /// The unknowns of logits that were multiplied by `scale`, as a map of the logits themselves.
  private init(
    _ likelihood: AffineLikelihood, _ minimum: AffineLikelihood.Minimum, scale: Double,
    _ shrinkage: Shrinkage?, logEvidence: Double?
  ) {
    let (k, unknowns) = (likelihood.classes, minimum.unknowns)
    var weights = DenseMatrix(rows: k, columns: k)
    for i in 0..<k {
      switch likelihood.shape {
      case .vector: weights[i, i] = scale * unknowns[likelihood.diagonal(i)]
      case .matrix:
        for j in 0..<k { weights[i, j] = scale * unknowns[i * likelihood.width + j] }
      }
    }
    shape = likelihood.shape
    self.weights = weights
    intercepts = (0..<k).map { unknowns[likelihood.intercept($0)] }
    meanNegativeLogLikelihood = minimum.meanNegativeLogLikelihood
    self.shrinkage = shrinkage
    self.logEvidence = logEvidence
  }

  /// The same rows with new logits.
  ///
  /// - Precondition: as many classes as it was fitted to.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions {
    precondition(predictions.classCount == intercepts.count, "the same classes")
    var logits = predictions.logits.multiply(weights.transposed())
    for i in 0..<predictions.count {
      for (j, b) in intercepts.enumerated() { logits[i, j] += b }
    }
    return MulticlassPredictions(unchecked: predictions.labels, logits: logits)
  }
}
