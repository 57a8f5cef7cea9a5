// Sets of classes that hold the right one with a stated probability, whatever the classifier.

public import BayesNumerics

/// Split conformal prediction: the classes whose score is at most a quantile of calibration scores.
///
/// The set of a new row holds its class with probability at least `level`, over calibration and new rows
/// together, if they are exchangeable; the classifier must not have been trained on the calibration rows.
/// With one quantile nothing is promised for single classes; with a quantile of each class the promise holds for the
/// rows of every class by itself, and sets are larger. Groups of rows: see `ConformalGroups`.
///
/// Reference: Vovk 2012, "Conditional validity of inductive conformal predictors", ACML, for quantiles by class.
public struct ConformalSets: Sendable, Equatable {
  /// How much larger than the quantile a score may be: what rounding does to probabilities that come as logits in one file and
  /// as probabilities in another. Equal scores must not be told apart by it.
  static let slack = 1e-14

  /// The score.
  public let score: ConformalScore
  /// The largest scores allowed: one for all classes, or one for each.
  public let quantiles: [ConformalQuantile]
  /// Whether each class has a quantile of its own.
  public let isByClass: Bool
  /// Whether the most probable class is in every set; else sets may be empty, which says that no class fits.
  public let includesTopLabel: Bool
  /// The number of classes.
  public let classCount: Int
  /// The seed of the randomised scores.
  public let seed: UInt64

  /// The largest score allowed of all classes, or of class 0 where each has its own.
  public var quantile: ConformalQuantile { quantiles[0] }
  /// The probability asked for.
  public var level: Double { quantiles[0].level }

  /// Calibrates on rows that the classifier has not seen.
  ///
  /// - Parameters:
  ///   - score: the score.
  ///   - level: the probability that a set holds the right class.
  ///   - isByClass: whether each class gets a quantile of its own rows; a class without enough is in every set.
  ///   - includesTopLabel: whether the most probable class is always in the set, which only adds coverage.
  ///   - seed: of the numbers u of randomised scores.
  /// - Throws: `CalibrationError` for a level outside (0, 1) or invalid settings of the score.
  public init(
    calibratedOn predictions: MulticlassPredictions, score: ConformalScore = .threshold,
    level: Double = 0.9, isByClass: Bool = false, includesTopLabel: Bool = false, seed: UInt64 = 1
  ) throws {
    try score.check()
    let k = predictions.classCount
    let probabilities = predictions.probabilities.values
    var (order, row) = (Array(0..<k), [Double](repeating: 0, count: k))
    var scores = [[Double]](repeating: [], count: isByClass ? k : 1)
    for (i, label) in predictions.labels.enumerated() {
      score.write(
        probabilities[i * k..<(i + 1) * k], u: rowUniform(score, seed, .calibration, row: i),
        order: &order, to: &row)
      scores[isByClass ? label : 0].append(row[label])
    }
    self.score = score
    quantiles = try scores.map {
      try $0.isEmpty
        ? ConformalQuantile(level: level, rows: 0, value: nil)
        : ConformalQuantile(of: $0, level: level)
    }
    self.isByClass = isByClass
    self.includesTopLabel = includesTopLabel
    classCount = k
    self.seed = seed
  }

  /// Calibrates on labels 0 and 1, which are two classes.
  ///
  /// - Throws: as for K classes.
  public init(
    calibratedOn predictions: BinaryPredictions, score: ConformalScore = .threshold,
    level: Double = 0.9, isByClass: Bool = false, includesTopLabel: Bool = false, seed: UInt64 = 1
  ) throws {
    try self.init(
      calibratedOn: MulticlassPredictions(predictions), score: score, level: level,
      isByClass: isByClass, includesTopLabel: includesTopLabel, seed: seed)
  }

  /// Sets by quantiles that were found before.
  ///
  /// - Parameter quantiles: one, or one for each class.
  /// - Throws: `CalibrationError.invalidSetting` for invalid settings of the score, fewer than 2 classes, another number of
  ///   quantiles, or quantiles of different levels.
  public init(
    score: ConformalScore, quantiles: [ConformalQuantile], classCount: Int,
    includesTopLabel: Bool = false, seed: UInt64 = 1
  ) throws {
    try score.check()
    guard classCount >= 2, quantiles.count == 1 || quantiles.count == classCount,
      quantiles.allSatisfy({ $0.level == quantiles[0].level })
    else {
      throw CalibrationError.invalidSetting(
        "\(classCount) classes need 1 threshold, or \(classCount) of one level, found \(quantiles.count)"
      )
    }
    (self.score, self.quantiles, self.classCount) = (score, quantiles, classCount)
    (self.includesTopLabel, self.seed) = (includesTopLabel, seed)
    isByClass = quantiles.count > 1
  }

  /// The quantile that a class's score is compared with.
  ///
  /// - Precondition: the class exists.
  public func quantile(ofClass index: Int) -> ConformalQuantile {
    precondition(index >= 0 && index < classCount, "a class from 0")
    return quantiles[isByClass ? index : 0]
  }

  /// The sets of new rows.
  ///
  /// - Parameters:
  ///   - probabilities: rows × classes.
  ///   - firstRow: the number of the first row, where these follow others; randomised scores depend on it.
  /// - Precondition: as many columns as calibrated classes.
  public func sets(of probabilities: DenseMatrix, firstRow: Int = 0) -> ClassSets {
    let k = classCount
    precondition(probabilities.columns == k, "\(k) classes")
    var sets = ClassSets(classCount: k)
    var (order, scores) = (Array(0..<k), [Double](repeating: 0, count: k))
    for i in 0..<probabilities.rows {
      let p = probabilities.values[i * k..<(i + 1) * k]
      score.write(
        p, u: rowUniform(score, seed, .prediction, row: firstRow + i), order: &order, to: &scores)
      var top = 0
      for j in 1..<k where p[i * k + j] > p[i * k + top] { top = j }
      sets.append {
        quantile(ofClass: $0).allows(scores[$0] - Self.slack) || (includesTopLabel && $0 == top)
      }
    }
    return sets
  }

  /// The sets of rows whose classes are known, and how often they hold them.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for another number of classes.
  public func assess(_ predictions: MulticlassPredictions) throws -> SetCoverage {
    guard predictions.classCount == classCount else {
      throw CalibrationError.invalidSetting(
        "the sets were calibrated on \(classCount) classes, found \(predictions.classCount)")
    }
    return try SetCoverage(
      sets(of: predictions.probabilities), labels: predictions.labels, self)
  }

  /// The sets of rows with labels 0 and 1, and how often they hold them.
  ///
  /// - Throws: as for K classes.
  public func assess(_ predictions: BinaryPredictions) throws -> SetCoverage {
    try assess(MulticlassPredictions(predictions))
  }
}

/// Which rows a uniform number belongs to: those of calibration and of prediction must be independent.
private enum RowPurpose: Int {
  case calibration = 0
  case prediction = 1
}

/// The number u of a row of a randomised score.
private func rowUniform(
  _ score: ConformalScore, _ seed: UInt64, _ purpose: RowPurpose, row: Int
) -> Double {
  guard score.isRandomised else { return 1 }
  var stream = RandomStream(
    seed: seed, chain: purpose.rawValue, purpose: .predictive, iteration: row)
  return stream.uniform()
}

extension MulticlassPredictions {
  /// Labels 0 and 1 as two classes.
  ///
  /// - Throws: nothing for predictions that exist.
  public init(_ predictions: BinaryPredictions) throws {
    try self.init(
      labels: predictions.labels,
      probabilities: DenseMatrix(
        rows: predictions.count, columns: 2,
        values: predictions.logits.flatMap { [logistic(-$0), logistic($0)] }))
  }
}
