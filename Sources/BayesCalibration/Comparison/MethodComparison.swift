// Methods compared on rows that they were not fitted to, and the one to take.

public import BayesCore

/// Cross-validation of methods of calibration.
///
/// Every row is scored once, by a map fitted to the other folds; all methods have the same folds. The method to take is the
/// simplest whose mean negative log-likelihood is within one standard error of the best: the standard error of the mean
/// of the differences between the two methods' rows, which share their labels.
///
/// Reference: Breiman, Friedman, Olshen, Stone 1984, "Classification and regression trees", section 3.4.3 (the
/// rule of one standard error); Hastie, Tibshirani, Friedman 2009, "The elements of statistical learning", section 7.10.
public struct MethodComparison: Sendable, Equatable {
  /// The event whose expected calibration error is measured.
  public enum Event: String, Sendable, Equatable, CaseIterable {
    /// The label is 1.
    case positive
    /// The most probable label is right.
    case topLabel

    /// The event, for titles.
    public var name: String { self == .positive ? "P(y = 1)" : "the top label" }
  }

  /// A mean with its standard error.
  public struct Estimate: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// The standard deviation over the root of the number.
    public let standardError: Double

    init(_ values: [Double]) {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      standardError = (squares / (n - 1) / n).squareRoot()
    }
  }

  /// A fold that a method could not be fitted to.
  public struct Failure: Sendable, Equatable {
    /// The fold, from 0.
    public let fold: Int
    /// The reason.
    public let reason: String
  }

  /// A method's scores on rows that it was not fitted to.
  public struct Entry: Sendable, Equatable {
    /// The method.
    public let method: CalibrationMethod
    /// The numbers it fits; `nil` where they grow with the rows.
    public let parameterCount: Int?
    /// The mean negative log-likelihood in nats, over rows; `nil` with failures, and where it is infinite.
    public let likelihood: Estimate?
    /// Brier's score over rows (of classes, the sum over all); `nil` with failures.
    public let brier: Estimate?
    /// The expected calibration error over folds, each with its own bins; `nil` with failures.
    public let expectedError: Estimate?
    /// What that error would be on average if the calibrated probabilities were right.
    public let perfectError: Estimate?
    /// The rows whose label was given probability 0, which makes the likelihood infinite.
    public let impossibleRows: Int
    /// The negative log-likelihood less that of the best method, row by row; `nil` where it has none.
    public let excess: Estimate?
    /// The folds that it could not be fitted to.
    public let failures: [Failure]

    /// Whether its likelihood is within one standard error of the best.
    public var isWithinOneStandardError: Bool {
      guard let excess, let likelihood else { return false }
      // Methods that predict the same differ by rounding, and so little that their standard error is rounding too.
      return excess.mean <= excess.standardError + 1e-12 * (1 + abs(likelihood.mean))
    }
  }

  /// The methods in the order given.
  public let entries: [Entry]
  /// The method with the smallest mean negative log-likelihood; `nil` where none has one.
  public let best: CalibrationMethod?
  /// The simplest method within one standard error of the best; of equally simple ones the one with the smallest
  /// mean negative log-likelihood.
  public let chosen: CalibrationMethod?
  /// The number of folds.
  public let folds: Int
  /// The rows that were scored: all.
  public let rows: Int
  /// The seed of the folds.
  public let seed: UInt64
  /// The event whose expected calibration error is measured.
  public let event: Event
  /// The bins of that error.
  public let binning: Binning

  /// The entry of a method.
  public subscript(method: CalibrationMethod) -> Entry? { entries.first { $0.method == method } }

  /// How the choice was made, in a sentence without a full stop.
  public var rule: String {
    guard let best, let chosen else {
      return "no method has a finite likelihood on held-out rows, so that none is chosen"
    }
    let others = entries.count(where: \.isWithinOneStandardError) - 1
    if others == 0 {
      return
        "\(chosen.name) has the smallest held-out NLL, and no other method is within one standard error of it"
    }
    let close =
      "of \(others + 1) methods within one standard error of the smallest held-out NLL"
    let isAlone =
      entries.count {
        $0.isWithinOneStandardError && $0.parameterCount == self[chosen]?.parameterCount
      } == 1
    let simplest =
      isAlone
      ? "is the simplest"
      : "has no more parameters than any, and the smallest NLL of those with as few,"
    return chosen == best
      ? "\(chosen.name) has the smallest held-out NLL and \(isAlone ? "is the simplest" : "no more parameters than any") \(close)"
      : "\(chosen.name) \(simplest) \(close), that of \(best.name)"
  }

  /// Compares methods on labels 0 and 1.
  ///
  /// - Parameters:
  ///   - methods: the methods; `.none` is put before them where it is absent.
  ///   - folds: from 2 to the number of rows.
  ///   - event: the event of the expected calibration error.
  ///   - binning: its bins.
  /// - Throws: `CalibrationError.invalidSetting` for methods of K classes, other numbers of folds, and fewer than 1 bin.
  ///   A method that cannot be fitted to a fold is no error but recorded.
  public init(
    _ predictions: BinaryPredictions, methods: [CalibrationMethod] = CalibrationMethod.binary,
    folds: Int = 5, seed: UInt64 = 1, event: Event = .positive,
    binning: Binning = .equalWidth(15), settings: MethodSettings = MethodSettings(),
    threads: Int = availableProcessors()
  ) throws {
    if let method = methods.first(where: { !$0.isBinary }) {
      throw method.unsuitable(classes: 2)
    }
    let task = ComparisonTask(
      methods: methods, classes: 2, folds: folds, seed: seed, event: event, binning: binning,
      settings: settings, threads: threads)
    try self.init(predictions, task)
  }

  /// Compares methods on labels of K classes, with the expected calibration error of the top label.
  ///
  /// - Throws: as for labels 0 and 1, for methods of one score.
  public init(
    _ predictions: MulticlassPredictions,
    methods: [CalibrationMethod] = CalibrationMethod.multiclass, folds: Int = 5, seed: UInt64 = 1,
    binning: Binning = .equalWidth(15), settings: MethodSettings = MethodSettings(),
    threads: Int = availableProcessors()
  ) throws {
    if let method = methods.first(where: { !$0.isMulticlass }) {
      throw method.unsuitable(classes: predictions.classCount)
    }
    let task = ComparisonTask(
      methods: methods, classes: predictions.classCount, folds: folds, seed: seed,
      event: .topLabel, binning: binning, settings: settings, threads: threads)
    try self.init(predictions, task)
  }

  private init(_ predictions: some CrossValidated, _ task: ComparisonTask) throws {
    let scores = try task.scores(predictions)
    let means = scores.map { $0.likelihood?.mean ?? .infinity }
    let leader = means.indices.min { means[$0] < means[$1] }.flatMap {
      means[$0].isFinite ? $0 : nil
    }
    let entries = scores.map { score in
      Entry(score, excessOver: leader.map { scores[$0] })
    }
    func rank(_ index: Int) -> (Int, Double) {
      (entries[index].parameterCount ?? .max, means[index])
    }
    let close = entries.indices.filter { entries[$0].isWithinOneStandardError }
    self.entries = entries
    best = leader.map { scores[$0].method }
    chosen = close.min { rank($0) < rank($1) }.map { scores[$0].method }
    (folds, rows, seed) = (task.folds, predictions.count, task.seed)
    (event, binning) = (task.event, task.binning)
  }
}

extension MethodComparison.Entry {
  fileprivate init(_ score: ComparisonTask.Score, excessOver best: ComparisonTask.Score?) {
    method = score.method
    parameterCount = score.parameterCount
    likelihood = score.likelihood
    brier = score.rows.isEmpty ? nil : .init(score.rows.map(\.brier))
    expectedError = score.rows.isEmpty ? nil : .init(score.expectedErrors)
    perfectError = score.rows.isEmpty ? nil : .init(score.perfectErrors)
    impossibleRows = score.rows.count { $0.loss == .infinity }
    excess =
      score.likelihood == nil
      ? nil : best.map { .init(zip(score.rows, $0.rows).map { $0.loss - $1.loss }) }
    failures = score.failures
  }
}
