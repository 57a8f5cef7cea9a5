// The methods by name: what each does, how many numbers it fits, and how to fit it.

/// A method of calibration.
public enum CalibrationMethod: String, Sendable, CaseIterable, Equatable {
  /// The scores as they are: what every method is compared with.
  case none
  /// `TemperatureScaling`.
  case temperature
  /// `BayesianTemperature`.
  case bayesianTemperature = "bayesian-temperature"
  /// `PlattScaling`.
  case platt
  /// `BayesianPlatt`.
  case bayesianPlatt = "bayesian-platt"
  /// `BetaCalibration`.
  case beta
  /// `BayesianBeta`.
  case bayesianBeta = "bayesian-beta"
  /// `EnsembleTemperature`.
  case ensembleTemperature = "ensemble-temperature"
  /// `HistogramBinning`.
  case histogram
  /// `IsotonicRegression`.
  case isotonic
  /// `BayesianBinning`.
  case bayesianBinning = "bayesian-binning"
  /// `AffineScaling` with a diagonal matrix.
  case vector
  /// `AffineScaling` with a full matrix.
  case matrix

  /// The method's name, as options and files have it.
  public var name: String { rawValue }

  /// What the method does, in a line.
  public var summary: String {
    switch self {
    case .none: "the scores as they are"
    case .temperature: "logits divided by one temperature, by maximum likelihood"
    case .bayesianTemperature: "predictions averaged over the posterior of a temperature"
    case .platt: "a line through the logits, by maximum likelihood"
    case .bayesianPlatt: "predictions averaged over the posterior of a line through the logits"
    case .bayesianBeta: "predictions averaged over the posterior of beta calibration"
    case .beta: "a line through log p and log(1 - p) with factors of at least 0"
    case .ensembleTemperature: "a mixture of tempered, unchanged and equal probabilities"
    case .bayesianBinning: "binnings of all sizes, averaged by their evidence"
    case .isotonic: "the increasing function of least squares"
    case .histogram: "in every bin of probabilities the share of label 1"
    case .vector: "a factor and a constant for the logit of every class"
    case .matrix: "an affine map of all logits of a row"
    }
  }

  /// Whether it can be fitted to labels 0 and 1 with one score.
  public var isBinary: Bool { self != .vector && self != .matrix }

  /// Whether it can be fitted to scores of K classes.
  public var isMulticlass: Bool {
    switch self {
    case .none, .temperature, .bayesianTemperature, .ensembleTemperature, .vector, .matrix: true
    case .platt, .bayesianPlatt, .beta, .bayesianBeta, .isotonic, .histogram, .bayesianBinning:
      false
    }
  }

  /// The methods for labels 0 and 1 with one score, from the simplest on.
  public static var binary: [CalibrationMethod] { allCases.filter(\.isBinary) }

  /// The methods for scores of K classes, from the simplest on.
  public static var multiclass: [CalibrationMethod] { allCases.filter(\.isMulticlass) }

  /// The numbers that are fitted, or `nil` where there are the more the more rows there are: what "simple" means
  /// where methods are compared.
  ///
  /// A prior makes a method no simpler here: a Bayesian temperature, too, is one number.
  public func parameterCount(classes: Int, _ settings: MethodSettings = MethodSettings()) -> Int? {
    switch self {
    case .none: 0
    case .temperature, .bayesianTemperature: 1
    case .platt, .bayesianPlatt: 2
    case .beta, .bayesianBeta, .ensembleTemperature: 3
    case .isotonic, .bayesianBinning: nil
    case .histogram: settings.binning.count
    case .vector: 2 * classes
    case .matrix: classes * (classes + 1)
    }
  }

  /// Fits the method to labels 0 and 1.
  ///
  /// - Throws: `CalibrationError` where the method is one for K classes, and as the method's own type does.
  public func fit(
    _ predictions: BinaryPredictions, _ settings: MethodSettings = MethodSettings()
  ) throws -> FittedMap {
    switch self {
    case .none: .none
    case .temperature: .temperature(try TemperatureScaling(fittedTo: predictions))
    case .bayesianTemperature:
      .bayesianTemperature(
        try BayesianTemperature(fittedTo: predictions, prior: settings.temperaturePrior))
    case .platt:
      .platt(try PlattScaling(fittedTo: predictions, targets: settings.plattTargets))
    case .bayesianPlatt:
      .bayesianPlatt(try BayesianPlatt(fittedTo: predictions, prior: settings.linePrior))
    case .beta: .beta(try BetaCalibration(fittedTo: predictions))
    case .bayesianBeta:
      .bayesianBeta(try BayesianBeta(fittedTo: predictions, prior: settings.linePrior))
    case .ensembleTemperature:
      .ensembleTemperature(try EnsembleTemperature(fittedTo: predictions))
    case .bayesianBinning: .bayesianBinning(try BayesianBinning(fittedTo: predictions))
    case .isotonic:
      .isotonic(try IsotonicRegression(fittedTo: predictions, scale: settings.isotonicScale))
    case .histogram:
      .histogram(try HistogramBinning(fittedTo: predictions, binning: settings.binning))
    case .vector, .matrix: throw unsuitable(classes: 2)
    }
  }

  /// Fits the method to labels of K classes.
  ///
  /// - Throws: `CalibrationError` where the method is one for labels 0 and 1, and as the method's own type does.
  public func fit(
    _ predictions: MulticlassPredictions, _ settings: MethodSettings = MethodSettings()
  ) throws -> FittedMap {
    switch self {
    case .none: .none
    case .temperature: .temperature(try TemperatureScaling(fittedTo: predictions))
    case .bayesianTemperature:
      .bayesianTemperature(
        try BayesianTemperature(fittedTo: predictions, prior: settings.temperaturePrior))
    case .ensembleTemperature:
      .ensembleTemperature(try EnsembleTemperature(fittedTo: predictions))
    case .vector, .matrix:
      .affine(
        try AffineScaling(
          fittedTo: predictions, shape: self == .vector ? .vector : .matrix,
          regularisation: settings.affine))
    case .platt, .bayesianPlatt, .beta, .bayesianBeta, .isotonic, .histogram, .bayesianBinning:
      throw unsuitable(classes: predictions.classCount)
    }
  }

  /// That a method was asked for scores it has no map of.
  func unsuitable(classes: Int) -> CalibrationError {
    let others = isBinary ? Self.multiclass : Self.binary
    return .invalidSetting(
      (isBinary
        ? "\(name) is a method for labels 0 and 1 with one score, but there are scores of \(classes) classes"
        : "\(name) is a method for scores of several classes, but there is one score")
        + "; use \(others.filter { $0 != .none }.map(\.name).joined(separator: ", "))")
  }
}

/// What some methods can be told before they are fitted; every default is that of the method's own type.
public struct MethodSettings: Sendable, Equatable {
  /// The bins of histogram binning.
  public var binning = Binning.equalWidth(15)
  /// What isotonic regression is linear in between its points.
  public var isotonicScale = IsotonicRegression.Scale.logit
  /// What Platt scaling is fitted to.
  public var plattTargets = PlattScaling.Targets.labels
  /// The prior of the Bayesian temperature; `nil` for log T ~ N(0, 1).
  public var temperaturePrior: BayesianTemperature.Prior?
  /// The prior of the Bayesian Platt and beta maps; `nil` for the default.
  public var linePrior: LinePrior?
  /// What keeps vector and matrix scaling from following noise.
  public var affine = AffineScaling.Regularisation.byEvidence

  /// The defaults.
  public init() {}
}
