// Conformal thresholds of each group by itself, so that the promise holds within every group.

/// Sets or intervals with a threshold of its own for each group of rows (Mondrian conformal prediction).
///
/// The group must be known of a new row before its outcome is. Each group is calibrated on its own rows alone, so that a
/// small group has large sets: below `ConformalQuantile.rowsNeeded` rows they hold everything.
///
/// Reference: Vovk, Gammerman, Shafer 2005, "Algorithmic learning in a random world", section 4.5.
public struct ConformalGroups<Rule: Sendable & Equatable>: Sendable, Equatable {
  /// The groups' names.
  public let names: [String]
  /// What each group has.
  public let rules: [Rule]

  /// Groups and what each has.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for no groups, unequal counts, or a name that occurs twice.
  public init(names: [String], rules: [Rule]) throws {
    guard !names.isEmpty, names.count == rules.count, Set(names).count == names.count else {
      throw CalibrationError.invalidSetting(
        "groups have different names and one rule each, found \(names.count) names and \(rules.count) rules"
      )
    }
    (self.names, self.rules) = (names, rules)
  }

  /// What a group has; `nil` for a name that was not there.
  public subscript(name: String) -> Rule? { names.firstIndex(of: name).map { rules[$0] } }
}

extension ConformalGroups where Rule == ConformalSets {
  /// Calibrates the sets of each group on its rows.
  ///
  /// - Throws: `CalibrationError` as `ConformalSets`, and where groups and rows are not equally many.
  public init(
    calibratedOn predictions: MulticlassPredictions, groups: Grouping,
    score: ConformalScore = .threshold, level: Double = 0.9, isByClass: Bool = false,
    seed: UInt64 = 1
  ) throws {
    try groups.require(predictions.count)
    try self.init(
      names: groups.names,
      rules: groups.rows.map {
        try ConformalSets(
          calibratedOn: predictions.rows($0), score: score, level: level, isByClass: isByClass,
          seed: seed)
      })
  }

  /// How often the sets of each group hold the right class, in the order of `groups`.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for a group that was not calibrated, or other classes.
  public func assess(
    _ predictions: MulticlassPredictions, groups: Grouping
  ) throws -> [SetCoverage] {
    try groups.require(predictions.count)
    return try zip(groups.names, groups.rows).map { name, rows in
      try rule(name).assess(predictions.rows(rows))
    }
  }
}

extension ConformalGroups where Rule == ConformalIntervals {
  /// Calibrates the intervals of each group on its rows: of two quantiles, or, without `upper`, of predictions.
  ///
  /// - Throws: `CalibrationError` as `ConformalIntervals`, and where groups and rows are not equally many.
  public init(
    outcomes: [Double], lower: [Double], upper: [Double]?, groups: Grouping, level: Double = 0.9
  ) throws {
    try groups.require(outcomes.count)
    try self.init(
      names: groups.names,
      rules: groups.rows.map { rows in
        guard let upper else {
          return try ConformalIntervals(
            outcomes: rows.map { outcomes[$0] }, predictions: rows.map { lower[$0] }, level: level)
        }
        return try ConformalIntervals(
          outcomes: rows.map { outcomes[$0] }, lower: rows.map { lower[$0] },
          upper: rows.map { upper[$0] }, level: level)
      })
  }

  /// How often the intervals of each group hold the outcome, in the order of `groups`.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for a group that was not calibrated; numbers that are not finite.
  public func assess(
    outcomes: [Double], lower: [Double], upper: [Double]?, groups: Grouping
  ) throws -> [IntervalCoverage] {
    try groups.require(outcomes.count)
    let upper = upper ?? lower
    return try zip(groups.names, groups.rows).map { name, rows in
      try rule(name).assess(
        outcomes: rows.map { outcomes[$0] }, lower: rows.map { lower[$0] },
        upper: rows.map { upper[$0] })
    }
  }
}

extension ConformalGroups {
  private func rule(_ name: String) throws -> Rule {
    guard let rule = self[name] else {
      throw CalibrationError.invalidSetting(
        "the group \(name) has no threshold; there are \(names.joined(separator: ", "))")
    }
    return rule
  }
}
