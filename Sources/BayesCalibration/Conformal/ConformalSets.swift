// Sets of classes that hold the right one with a stated probability, whatever the classifier.

public import BayesNumerics

/// Split conformal prediction: the classes whose score is at most a quantile of calibration scores.
///
/// The set of a new row holds its class with probability at least `quantile.level`, over calibration and new rows
/// together, if they are exchangeable; the classifier must not have been trained on the calibration rows.
/// Nothing is promised for single classes or groups of rows: `SetCoverage` shows them.
public struct ConformalSets: Sendable, Equatable {
  /// The score.
  public let score: ConformalScore
  /// The largest score allowed.
  public let quantile: ConformalQuantile
  /// Whether the most probable class is in every set; else sets may be empty, which says that no class fits.
  public let includesTopLabel: Bool
  /// The number of classes.
  public let classCount: Int
  /// The seed of the randomised scores.
  public let seed: UInt64

  /// Calibrates on rows that the classifier has not seen.
  ///
  /// - Parameters:
  ///   - score: the score.
  ///   - level: the probability that a set holds the right class.
  ///   - includesTopLabel: whether the most probable class is always in the set, which only adds coverage.
  ///   - seed: of the numbers u of randomised scores.
  /// - Throws: `CalibrationError` for a level outside (0, 1) or invalid settings of the score.
  public init(
    calibratedOn predictions: MulticlassPredictions, score: ConformalScore = .threshold,
    level: Double = 0.9, includesTopLabel: Bool = false, seed: UInt64 = 1
  ) throws {
    try score.check()
    let k = predictions.classCount
    let probabilities = predictions.probabilities.values
    var (order, row) = (Array(0..<k), [Double](repeating: 0, count: k))
    let scores = (0..<predictions.count).map { i in
      score.write(
        probabilities[i * k..<(i + 1) * k], u: rowUniform(score, seed, .calibration, row: i),
        order: &order, to: &row)
      return row[predictions.labels[i]]
    }
    self.score = score
    quantile = try ConformalQuantile(of: scores, level: level)
    self.includesTopLabel = includesTopLabel
    classCount = k
    self.seed = seed
  }

  /// Calibrates on labels 0 and 1, which are two classes.
  ///
  /// - Throws: as for K classes.
  public init(
    calibratedOn predictions: BinaryPredictions, score: ConformalScore = .threshold,
    level: Double = 0.9, includesTopLabel: Bool = false, seed: UInt64 = 1
  ) throws {
    try self.init(
      calibratedOn: MulticlassPredictions(predictions), score: score, level: level,
      includesTopLabel: includesTopLabel, seed: seed)
  }

  /// The sets of new rows.
  ///
  /// - Parameter probabilities: rows × classes.
  /// - Precondition: as many columns as calibrated classes.
  public func sets(of probabilities: DenseMatrix) -> ClassSets {
    let k = classCount
    precondition(probabilities.columns == k, "\(k) classes")
    var sets = ClassSets(classCount: k)
    var (order, scores) = (Array(0..<k), [Double](repeating: 0, count: k))
    for i in 0..<probabilities.rows {
      let p = probabilities.values[i * k..<(i + 1) * k]
      score.write(p, u: rowUniform(score, seed, .prediction, row: i), order: &order, to: &scores)
      var top = 0
      for j in 1..<k where p[i * k + j] > p[i * k + top] { top = j }
      sets.append { quantile.allows(scores[$0]) || (includesTopLabel && $0 == top) }
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
      sets(of: predictions.probabilities), labels: predictions.labels, quantile)
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
  init(_ predictions: BinaryPredictions) throws {
    try self.init(
      labels: predictions.labels,
      probabilities: DenseMatrix(
        rows: predictions.count, columns: 2,
        values: predictions.logits.flatMap { [logistic(-$0), logistic($0)] }))
  }
}

/// Sets of classes, one per row.
public struct ClassSets: Sendable, Equatable {
  /// The number of classes.
  public let classCount: Int
  private var ends: [Int] = []
  private var members: [Int32] = []

  init(classCount: Int) { self.classCount = classCount }

  mutating func append(_ contains: (Int) -> Bool) {
    for j in 0..<classCount where contains(j) { members.append(Int32(j)) }
    ends.append(members.count)
  }

  /// The number of rows.
  public var count: Int { ends.count }

  /// The classes of a row's set, increasing.
  ///
  /// - Precondition: the row exists.
  public subscript(row: Int) -> [Int] { members[range(row)].map { Int($0) } }

  /// The number of classes in a row's set.
  ///
  /// - Precondition: the row exists.
  public func size(_ row: Int) -> Int { range(row).count }

  /// Whether a row's set holds a class.
  ///
  /// - Precondition: the row exists.
  public func contains(_ label: Int, inRow row: Int) -> Bool {
    members[range(row)].contains(Int32(label))
  }

  private func range(_ row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }
}

/// How often prediction sets hold the right class, and how large they are.
public struct SetCoverage: Sendable, Equatable {
  /// The rows of one class.
  public struct ClassCoverage: Sendable, Equatable {
    /// The class.
    public let label: Int
    /// Its rows.
    public let rows: Int
    /// Those whose set holds it.
    public let covered: Int
    /// The share of covered rows; `nil` without rows.
    public var coverage: Double? { rows > 0 ? Double(covered) / Double(rows) : nil }
  }

  /// The number of rows.
  public let rows: Int
  /// The rows whose set holds the right class.
  public let covered: Int
  /// The exact 95 % band of `covered` under exchangeability.
  public let band: CoverageBand
  /// How many sets have 0, 1, …, K classes.
  public let sizes: [Int]
  /// Each class by itself, which conformal sets do not promise.
  public let classes: [ClassCoverage]

  /// The share of covered rows.
  public var coverage: Double { Double(covered) / Double(rows) }
  /// The mean number of classes in a set.
  public var meanSize: Double {
    Double(sizes.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / Double(rows)
  }
  /// Whether fewer rows are covered than exchangeable ones would be.
  public var isTooLow: Bool { covered < band.counts.lowerBound }

  init(_ sets: ClassSets, labels: [Int], _ quantile: ConformalQuantile) throws {
    var sizes = [Int](repeating: 0, count: sets.classCount + 1)
    var (counts, hits) = (sizes, sizes)
    for (i, label) in labels.enumerated() {
      sizes[sets.size(i)] += 1
      counts[label] += 1
      if sets.contains(label, inRow: i) { hits[label] += 1 }
    }
    rows = labels.count
    covered = hits.reduce(0, +)
    band = try CoverageBand(quantile, testRows: labels.count)
    self.sizes = sizes
    classes = (0..<sets.classCount).map {
      ClassCoverage(label: $0, rows: counts[$0], covered: hits[$0])
    }
  }
}
