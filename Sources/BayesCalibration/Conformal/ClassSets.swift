// Sets of classes, one per row, and how often they hold the right one.

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
    /// The exact 95 % band of `covered`; `nil` where the class has no threshold of its own, or no rows.
    public let band: CoverageBand?
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
  /// Each class by itself, for which a common threshold promises nothing.
  public let classes: [ClassCoverage]

  /// The share of covered rows.
  public var coverage: Double { Double(covered) / Double(rows) }
  /// The mean number of classes in a set.
  public var meanSize: Double {
    Double(sizes.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / Double(rows)
  }
  /// Whether fewer rows are covered than exchangeable ones would be.
  public var isTooLow: Bool { covered < band.counts.lowerBound }

  init(_ sets: ClassSets, labels: [Int], _ rule: ConformalSets) throws {
    var sizes = [Int](repeating: 0, count: sets.classCount + 1)
    var (counts, hits) = (sizes, sizes)
    for (i, label) in labels.enumerated() {
      sizes[sets.size(i)] += 1
      counts[label] += 1
      if sets.contains(label, inRow: i) { hits[label] += 1 }
    }
    rows = labels.count
    covered = hits.reduce(0, +)
    band =
      rule.isByClass
      ? try CoverageBand((0..<sets.classCount).map { (rule.quantiles[$0], counts[$0]) })
      : try CoverageBand(rule.quantile, testRows: labels.count)
    self.sizes = sizes
    classes = try (0..<sets.classCount).map {
      ClassCoverage(
        label: $0, rows: counts[$0], covered: hits[$0],
        band: rule.isByClass && counts[$0] > 0
          ? try CoverageBand(rule.quantiles[$0], testRows: counts[$0]) : nil)
    }
  }
}
