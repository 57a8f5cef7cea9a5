// Any fitted map, in one type that can be applied, compared and stored.

public import BayesNumerics

/// What fitting a method gives.
public enum FittedMap: Sendable, Equatable {
  /// The scores as they are.
  case none
  /// A temperature.
  case temperature(TemperatureScaling)
  /// The posterior of a temperature.
  case bayesianTemperature(BayesianTemperature)
  /// A line through the logits.
  case platt(PlattScaling)
  /// The posterior of a line through the logits.
  case bayesianPlatt(BayesianPlatt)
  /// Beta calibration.
  case beta(BetaCalibration)
  /// The posterior of beta calibration.
  case bayesianBeta(BayesianBeta)
  /// A mixture of tempered, unchanged and equal probabilities.
  case ensembleTemperature(EnsembleTemperature)
  /// Isotonic regression.
  case isotonic(IsotonicRegression)
  /// Histogram binning.
  case histogram(HistogramBinning)
  /// Averaged binnings.
  case bayesianBinning(BayesianBinning)
  /// Vector or matrix scaling.
  case affine(AffineScaling)

  /// The method that was fitted.
  public var method: CalibrationMethod {
    switch self {
    case .none: .none
    case .temperature: .temperature
    case .bayesianTemperature: .bayesianTemperature
    case .platt: .platt
    case .bayesianPlatt: .bayesianPlatt
    case .beta: .beta
    case .bayesianBeta: .bayesianBeta
    case .ensembleTemperature: .ensembleTemperature
    case .isotonic: .isotonic
    case .histogram: .histogram
    case .bayesianBinning: .bayesianBinning
    case .affine(let map): map.shape == .vector ? .vector : .matrix
    }
  }

  /// The map of one score, `nil` for a method of K classes.
  public var binary: (any BinaryCalibrationMap)? {
    switch self {
    case .none: NoCalibration()
    case .temperature(let map): map
    case .bayesianTemperature(let map): map
    case .platt(let map): map
    case .bayesianPlatt(let map): map
    case .beta(let map): map
    case .bayesianBeta(let map): map
    case .ensembleTemperature(let map): map
    case .isotonic(let map): map
    case .histogram(let map): map
    case .bayesianBinning(let map): map
    case .affine: nil
    }
  }

  /// The map of the scores of K classes, `nil` for a method of one score.
  public var multiclass: (any MulticlassCalibrationMap)? {
    switch self {
    case .none: NoCalibration()
    case .temperature(let map): map
    case .bayesianTemperature(let map): map
    case .ensembleTemperature(let map): map
    case .affine(let map): map
    case .platt, .bayesianPlatt, .beta, .bayesianBeta, .isotonic, .histogram, .bayesianBinning: nil
    }
  }

  /// The same rows with calibrated probabilities.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for a method of K classes.
  public func apply(_ predictions: BinaryPredictions) throws -> BinaryPredictions {
    guard let binary else { throw wrongScores(found: "one score") }
    return binary.apply(predictions)
  }

  /// The same rows with calibrated probabilities.
  ///
  /// - Throws: `CalibrationError` for a method of one score, other numbers of classes than were fitted, and
  ///   infinite logits where they are multiplied with each other's factors.
  public func apply(_ predictions: MulticlassPredictions) throws -> MulticlassPredictions {
    guard let multiclass else {
      throw wrongScores(found: "scores of \(predictions.classCount) classes")
    }
    if case .affine(let map) = self {
      guard map.intercepts.count == predictions.classCount else {
        throw wrongScores(
          found: "scores of \(predictions.classCount) classes, not \(map.intercepts.count)")
      }
      try predictions.requireFiniteLogits()
    }
    return multiclass.apply(predictions)
  }

  /// The calibrated probabilities of label 1 at some logits, where no labels are known.
  ///
  /// - Throws: as for predictions, with the row of a logit that is not finite.
  public func probabilities(ofLogits logits: [Double]) throws -> [Double] {
    guard !logits.isEmpty else { return [] }
    let labels = [Int](repeating: 0, count: logits.count)
    return try apply(BinaryPredictions(labels: labels, logits: logits)).probabilities
  }

  /// The calibrated probabilities of label 1 for some probabilities, where no labels are known.
  ///
  /// - Throws: as for predictions, with the row of a probability outside [0, 1].
  public func probabilities(ofProbabilities probabilities: [Double]) throws -> [Double] {
    guard !probabilities.isEmpty else { return [] }
    let labels = [Int](repeating: 0, count: probabilities.count)
    return try apply(BinaryPredictions(labels: labels, probabilities: probabilities)).probabilities
  }

  /// The calibrated probabilities of all classes, rows × classes, where no labels are known.
  ///
  /// - Throws: as for predictions, with the row of a logit that is not finite.
  public func probabilities(ofLogits logits: DenseMatrix) throws -> DenseMatrix {
    guard logits.rows > 0 else { return logits }
    let labels = [Int](repeating: 0, count: logits.rows)
    return try apply(MulticlassPredictions(labels: labels, logits: logits)).probabilities
  }

  /// The calibrated probabilities of all classes, rows × classes, where no labels are known.
  ///
  /// - Throws: as for predictions, with the row of a probability outside [0, 1] or of sums that are not 1.
  public func probabilities(ofProbabilities probabilities: DenseMatrix) throws -> DenseMatrix {
    guard probabilities.rows > 0 else { return probabilities }
    let labels = [Int](repeating: 0, count: probabilities.rows)
    return try apply(MulticlassPredictions(labels: labels, probabilities: probabilities))
      .probabilities
  }

  private func wrongScores(found: String) -> CalibrationError {
    .invalidSetting("the map of \(method.name) was not fitted to such scores: found \(found)")
  }
}

/// The scores as they are.
public struct NoCalibration: BinaryCalibrationMap, MulticlassCalibrationMap, Equatable {
  /// `none`.
  public var name: String { "none" }

  /// The map that changes nothing.
  public init() {}

  /// 1/(1 + exp(−logit)).
  public func probability(atLogit logit: Double) -> Double { logistic(logit) }

  /// The same rows.
  public func apply(_ predictions: BinaryPredictions) -> BinaryPredictions { predictions }

  /// The same rows.
  public func apply(_ predictions: MulticlassPredictions) -> MulticlassPredictions { predictions }
}
