// A CSV file of an experiment: a row for each variant or a row for each unit, every value checked.

import BayesCore
import BayesExperiments
import CommandLineKit

/// A CSV file of variants or of units.
struct ABTable {
  let path: String
  let metric: Metric
  let columns: ABColumns
  let data: DataSet

  /// - Parameter extra: further columns that are needed.
  init(path: String, metric: Metric, columns: ABColumns, extra: [String] = []) throws {
    (self.path, self.metric, self.columns) = (path, metric, columns)
    var needed = Set(abFields(metric) + [columns.variant, columns.value] + extra)
    for name in [columns.exposure, columns.covariate] { if let name { needed.insert(name) } }
    data = try readCSV(path, needed: needed)
  }

  /// The names of all columns, for messages.
  private var columnNames: String {
    ((try? CSVRows(path: path).names) ?? data.names).joined(separator: ", ")
  }

  /// Reads the file in the form that its columns tell.
  func read() throws -> ABInput {
    let names = try variantNames()
    let summaries = abFields(metric)
    let hasSummaries = summaries.allSatisfy { data[$0] != nil }
    if hasSummaries, columns.covariate == nil, columns.exposure == nil,
      data[columns.value] == nil || Set(names).count == names.count
    {
      return try summaryRows(names, summaries)
    }
    guard data[columns.value] != nil else {
      throw invalid(
        "there is no column \(columns.value)",
        hint:
          "a row for each unit needs a column of values, named with --value; a row for each variant needs the columns "
          + "\(summaries.joined(separator: ", ")); there are \(columnNames)")
    }
    return try unitRows(names)
  }

  /// The names of the variants, row by row.
  func variantNames() throws -> [String] {
    guard let entry = data[columns.variant] else {
      throw invalid(
        "there is no column \(columns.variant)",
        hint: "the variant's column is named with --variant; there are "
          + columnNames)
    }
    let names: [String]
    switch entry.value {
    case .text(_, let values): names = values
    case .numbers(_, let values): names = values.map(\.argumentText)
    }
    guard !names.isEmpty else {
      throw invalid("the file has no rows below the names of the columns", hint: nil)
    }
    for (row, name) in names.enumerated() where isMissing(name) || name == "nan" {
      throw invalid("column \(columns.variant) has no variant here", row: row, in: entry)
    }
    return names
  }

  private func summaryRows(_ names: [String], _ fields: [String]) throws -> ABInput {
    let values = try fields.map { try column($0) }
    var seen: Set<String> = []
    let variants = try names.indices.map { row -> Variant in
      guard seen.insert(names[row]).inserted else {
        throw invalid(
          "variant \(names[row]) has a second row", row: row, in: data[columns.variant]!,
          hint: "one row for each unit needs a column of values, named with --value")
      }
      if metric == .normal, values[1][row] < 0 {
        throw invalid("the standard deviation is negative", row: row, in: data["sd"]!)
      }
      do {
        return try Variant(names[row], abData(metric, values.map { $0[row] }))
      } catch let error as ExperimentError {
        throw invalid("\(error)", row: row, in: data[fields[0]]!)
      }
    }
    return ABInput(variants: variants)
  }

  /// A column of finite numbers.
  func column(_ name: String) throws -> [Double] {
    guard let entry = data[name] else {
      throw invalid(
        "there is no column \(name)",
        hint: (name == "sum_sq" ? "it is the sum of the squares of the amounts; " : "")
          + "there are \(columnNames)")
    }
    let values: [Double]
    switch entry.value {
    case .numbers(_, let numbers): values = numbers
    case .text(_, let texts):
      let row = texts.firstIndex { number(fromText: $0) == nil } ?? 0
      throw invalid(
        "column \(name) has '\(texts[row])', where a number was expected", row: row, in: entry)
    }
    for (row, value) in values.enumerated() where !value.isFinite {
      throw invalid(
        "column \(name) has \(value), which is not a finite number", row: row, in: entry)
    }
    return values
  }

  private func unitRows(_ names: [String]) throws -> ABInput {
    var values = try column(columns.value)
    let exposures = try columns.exposure.map { try column($0) }
    if columns.exposure != nil, metric != .poisson {
      throw UsageError("--exposure goes with --metric poisson", command: "bayes ab")
    }
    try check(values, exposures)
    var order: [String] = []
    var positions: [String: Int] = [:]
    let groups = names.map { name -> Int in
      if let position = positions[name] { return position }
      positions[name] = order.count
      order.append(name)
      return order.count - 1
    }
    var adjustment: CovariateAdjustment?
    if let covariate = columns.covariate {
      guard metric == .normal else {
        throw UsageError("--covariate goes with --metric normal", command: "bayes ab")
      }
      let own = CovariateAdjustment(
        values: values, covariate: try column(covariate), groups: groups, groupCount: order.count)
      values = own.adjusted
      adjustment = own
    }
    let variants = try order.indices.map { k -> Variant in
      let rows = groups.indices.filter { groups[$0] == k }
      do {
        return try Variant(
          order[k], unitData(rows.map { values[$0] }, rows.map { exposures?[$0] ?? 1 }))
      } catch let error as ExperimentError {
        throw invalid("\(error)", hint: nil)
      }
    }
    return ABInput(variants: variants, adjustment: adjustment, rowCount: names.count)
  }

  func unitData(_ values: [Double], _ exposures: [Double]) -> VariantData {
    switch metric {
    case .binomial:
      return .binomial(successes: values.reduce(0, +), trials: Double(values.count))
    case .poisson:
      return .poisson(count: values.reduce(0, +), exposure: exposures.reduce(0, +))
    case .normal: return .normal(MeanStatistics(values))
    case .revenue: return .revenue(units: Double(values.count), amounts: AmountStatistics(values))
    }
  }

  /// Refuses values that the metric cannot have, with their row.
  func check(_ values: [Double], _ exposures: [Double]?) throws {
    let entry = data[columns.value]!
    for (row, value) in values.enumerated() {
      let problem: String? =
        switch metric {
        case .binomial: value == 0 || value == 1 ? nil : "where 0 or 1 was expected"
        case .poisson: value >= 0 && value == value.rounded() ? nil : "which is no count"
        case .normal: nil
        case .revenue: value >= 0 ? nil : "a negative amount"
        }
      if let problem {
        throw invalid(
          "column \(columns.value) has \(value.argumentText), \(problem)", row: row, in: entry)
      }
    }
    guard let exposures, let name = columns.exposure else { return }
    for (row, value) in exposures.enumerated() where value <= 0 {
      throw invalid(
        "column \(name) has \(value.argumentText); an exposure is positive", row: row,
        in: data[name]!)
    }
  }

  func invalid(_ message: String, hint: String?) -> DataError {
    .invalid(DataPlace(path: path), message: message, hint: hint)
  }

  func invalid(
    _ message: String, row: Int, in entry: DataSet.Entry, hint: String? = nil
  ) -> DataError {
    guard case .csv(_, let column, let lines) = entry.origin, lines.indices.contains(row) else {
      return invalid(message, hint: hint)
    }
    return .invalid(
      DataPlace(path: path, line: lines[row]), message: "column \(column): \(message)", hint: hint)
  }
}
