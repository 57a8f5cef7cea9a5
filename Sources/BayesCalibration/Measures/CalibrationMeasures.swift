// All measures of one set of predictions, as a report shows them.

/// Everything that is measured of predictions: scores, errors beside those of a perfect model, and tests.
public struct CalibrationMeasures: Sendable, Equatable {
  /// The calibration errors of one event in one kind of bins.
  public struct EventErrors: Sendable, Equatable {
    /// The event whose probability is assessed.
    public let event: MethodComparison.Event
    /// The errors with their bands.
    public let errors: AssessedErrors
  }

  /// The number of rows.
  public let rows: Int
  /// The number of classes.
  public let classes: Int
  /// The mean negative log-likelihood, in nats; infinite where probability 0 was given to what came.
  public let negativeLogLikelihood: Double
  /// Its bootstrap distribution; `nil` where it is infinite.
  public let likelihoodBand: Band?
  /// Brier's score: of the event y = 1, or the sum over all classes.
  public let brier: Double
  /// Its bootstrap distribution.
  public let brierBand: Band
  /// The decomposition of the main event's Brier score over bins of equal width.
  public let decomposition: BrierDecomposition
  /// The errors: of the main event in bins of equal width and of equal mass; with one score also of the top label.
  public let errors: [EventErrors]
  /// The means over classes of each one's expected error, in bins of equal width and of equal mass; empty with one score.
  public let classwise: [AssessedErrors.Assessment]
  /// The smooth error of the main event, which needs no bins; beside perfect calibration with at most 200 replicates.
  public let smooth: AssessedErrors.Assessment
  /// Slope and intercept of the main event on its log odds; `nil` where `lineProblem` says why.
  public let line: CalibrationLine?
  /// Why there is no line.
  public let lineProblem: String?
  /// Spiegelhalter's test of the main event; `nil` where all forecasts are 0, ½ or 1.
  public let spiegelhalter: SpiegelhalterTest?
  /// The mean probability of the main event less its frequency.
  public let meanBias: Double
  /// The variance of the probabilities of the main event.
  public let sharpness: Double

  /// The event that the decomposition, Spiegelhalter's test, the bias and the sharpness are of: y = 1 with one score,
  /// else that the top label is right.
  public var mainEvent: MethodComparison.Event {
    classwise.isEmpty ? .positive : .topLabel
  }

  /// Measures labels 0 and 1 with one score.
  ///
  /// - Parameter bins: the number of bins of every error.
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  public init(_ predictions: BinaryPredictions, bins: Int = 15, _ replication: Replication) throws {
    let event = predictions.positive
    rows = predictions.count
    classes = 2
    negativeLogLikelihood = predictions.meanNegativeLogLikelihood
    brier = predictions.brierScore
    (likelihoodBand, brierBand) = try predictions.scoreBands(replication)
    decomposition = try BrierDecomposition(event, .equalWidth(bins))
    errors = [
      EventErrors(
        event: .positive, errors: try AssessedErrors(event, .equalWidth(bins), replication)),
      EventErrors(
        event: .positive, errors: try AssessedErrors(event, .equalMass(bins), replication)),
      EventErrors(
        event: .topLabel,
        errors: try AssessedErrors(predictions.topLabel, .equalWidth(bins), replication)),
    ]
    classwise = []
    smooth = try SmoothError.assess(event, Self.smoothing(replication))
    (line, lineProblem) = Self.line(predictions)
    spiegelhalter = SpiegelhalterTest(event)
    (meanBias, sharpness) = (event.meanBias, event.sharpness)
  }

  /// Measures scores of K classes; the event of errors is that the top label is right.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  public init(_ predictions: MulticlassPredictions, bins: Int = 15, _ replication: Replication)
    throws
  {
    let event = predictions.topLabel
    rows = predictions.count
    classes = predictions.classCount
    negativeLogLikelihood = predictions.meanNegativeLogLikelihood
    brier = predictions.brierScore
    (likelihoodBand, brierBand) = try predictions.scoreBands(replication)
    decomposition = try BrierDecomposition(event, .equalWidth(bins))
    errors = [
      EventErrors(
        event: .topLabel, errors: try AssessedErrors(event, .equalWidth(bins), replication)),
      EventErrors(
        event: .topLabel, errors: try AssessedErrors(event, .equalMass(bins), replication)),
    ]
    smooth = try SmoothError.assess(event, Self.smoothing(replication))
    classwise = try predictions.assessClasswiseErrors(
      [.equalWidth(bins), .equalMass(bins)], replication)
    (line, lineProblem) = Self.line(
      try BinaryPredictions(
        labels: event.outcomes.map { $0 ? 1 : 0 }, probabilities: event.probabilities))
    spiegelhalter = SpiegelhalterTest(event)
    (meanBias, sharpness) = (event.meanBias, event.sharpness)
  }

  private static func line(
    _ predictions: BinaryPredictions
  ) -> (line: CalibrationLine?, problem: String?) {
    do {
      return (try CalibrationLine(predictions), nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  /// Replicates that take about a second.
  private static func smoothing(_ replication: Replication) throws -> Replication {
    try Replication(
      replicates: Swift.min(replication.replicates, 200), seed: replication.seed,
      threads: replication.threads)
  }
}
