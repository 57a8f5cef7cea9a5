// Looks at a running test, from a CSV file of running totals or of raw rows in the order of time.

import BayesCore
import BayesExperiments
import CommandLineKit
import Glibc

/// All variants' data up to a look; `nil` for a variant without data yet.
struct LookData {
  let variants: [VariantData?]

  /// Two variants at this look, or `nil` where one has no variance yet.
  func look(_ control: Int, _ other: Int, sigma: Double?) -> Look? {
    guard let a = variants[control], let b = variants[other] else { return nil }
    guard let sigma else { return Look(control: a, treatment: b) }
    let variance = sigma * sigma
    return Look(
      control: (size(a), a.observedMean, variance), treatment: (size(b), b.observedMean, variance))
  }

  private func size(_ data: VariantData) -> Double {
    if case .poisson(_, let exposure) = data { return exposure }
    return data.units ?? 0
  }
}

/// The file of `ab monitor`.
struct LookTable {
  private let settings: MonitorSettings
  private let table: ABTable

  init(_ settings: MonitorSettings) throws {
    self.settings = settings
    table = try ABTable(
      path: settings.file, metric: settings.metric.metric, columns: settings.columns,
      extra: [settings.look] + monitorFields(settings.metric.metric))
  }

  /// The position of the control among the names.
  func controlPosition(_ names: [String]) -> Int {
    settings.control.flatMap { names.firstIndex(of: $0) } ?? 0
  }

  /// The variants' names in order of first appearance, and the looks.
  ///
  /// - Throws: `DataError`, `UsageError`.
  func read() throws -> (names: [String], looks: [LookData]) {
    let rows = try table.variantNames()
    var names: [String] = []
    for name in rows where !names.contains(name) { names.append(name) }
    guard names.count >= 2 else {
      throw table.invalid(
        "\(ExperimentError.tooFewVariants(names.count))",
        hint: "the variant is \(names[0]) in all rows")
    }
    if let control = settings.control, !names.contains(control) {
      throw UsageError(
        "\(ExperimentError.unknownVariant(control, known: names))", command: "bayes ab monitor")
    }
    let groups = rows.map { names.firstIndex(of: $0)! }
    let looks =
      table.data[settings.look] != nil && table.data[settings.columns.value] == nil
      ? try totals(groups, names) : try rawRows(groups, names)
    return (names, looks)
  }

  private func totals(_ groups: [Int], _ names: [String]) throws -> [LookData] {
    let fields = monitorFields(table.metric)
    let values = try fields.map { try table.column($0) }
    let numbers = try table.column(settings.look)
    let entry = table.data[settings.look]!
    var looks: [LookData] = []
    var current: [VariantData?] = names.map { _ in nil }
    var isNew = names.map { _ in false }
    for row in groups.indices {
      if row > 0, numbers[row] != numbers[row - 1] {
        guard numbers[row] > numbers[row - 1] else {
          throw table.invalid(
            "look \(numbers[row].argumentText) comes after look \(numbers[row - 1].argumentText)",
            row: row, in: entry, hint: "rows are in the order of time")
        }
        looks.append(LookData(variants: current))
        isNew = names.map { _ in false }
      }
      let k = groups[row]
      guard !isNew[k] else {
        throw table.invalid(
          "look \(numbers[row].argumentText) has two rows of \(names[k])", row: row, in: entry)
      }
      isNew[k] = true
      let data: VariantData
      do {
        data = try Variant(names[k], monitorData(table.metric, values.map { $0[row] })).data
      } catch let error as ExperimentError {
        throw table.invalid("\(error)", row: row, in: table.data[fields[0]]!)
      }
      if let earlier = current[k], size(data) < size(earlier) {
        throw table.invalid(
          "the total of \(names[k]) is smaller than at the look before", row: row,
          in: table.data[fields.last!]!,
          hint: "each look has running totals, not what came in since")
      }
      if let earlier = current[k], let name = fallen(from: earlier, to: data) {
        throw table.invalid(
          "the total of \(names[k]) is smaller than at the look before", row: row,
          in: table.data[name]!, hint: "each look has running totals, not what came in since")
      }
      current[k] = data
    }
    looks.append(LookData(variants: current))
    return looks
  }

  private func size(_ data: VariantData) -> Double {
    if case .poisson(_, let exposure) = data { return exposure }
    return data.units ?? 0
  }

  /// The column of a total that became smaller, or `nil`.
  private func fallen(from earlier: VariantData, to later: VariantData) -> String? {
    switch (earlier, later) {
    case (.binomial(let before, _), .binomial(let after, _)):
      after < before ? "successes" : nil
    case (.poisson(let before, _), .poisson(let after, _)): after < before ? "count" : nil
    case (.revenue(_, let before), .revenue(_, let after)):
      after.count < before.count
        ? "conversions"
        : after.sum < before.sum
          ? "sum" : after.sumOfSquares ?? 0 < before.sumOfSquares ?? 0 ? "sum_sq" : nil
    default: nil
    }
  }

  private func rawRows(_ groups: [Int], _ names: [String]) throws -> [LookData] {
    let values = try table.column(settings.columns.value)
    try table.check(values, nil)
    let every = settings.every ?? max(1, (values.count + 19) / 20)
    var running = names.map { _ in RunningData() }
    var looks: [LookData] = []
    for row in groups.indices {
      running[groups[row]].add(values[row])
      if (row + 1) % every == 0 || row == groups.count - 1 {
        looks.append(LookData(variants: running.map { $0.data(table.metric) }))
      }
    }
    return looks
  }
}

/// The columns of running totals.
private func monitorFields(_ metric: Metric) -> [String] {
  metric == .revenue ? ["conversions", "units", "sum", "sum_sq"] : abFields(metric)
}

/// The data of a variant from values in that order.
private func monitorData(_ metric: Metric, _ x: [Double]) throws -> VariantData {
  guard metric == .revenue else { return abData(metric, x) }
  let (count, sum, squares) = (x[0], x[2], x[3])
  guard squares * count >= sum * sum * (1 - 1e-9) else {
    throw ExperimentError.invalidSetting(
      "sum_sq is smaller than the squares of amounts with this sum can be")
  }
  // Only mean and variance are read; equal amounts have the largest sum of logarithms.
  return .revenue(
    units: x[1],
    amounts: AmountStatistics(
      count: count, sum: sum, sumOfLogs: count > 0 && sum > 0 ? count * log(sum / count) : 0,
      sumOfSquares: squares))
}

/// One variant's raw rows so far.
private struct RunningData {
  private var moments = MeanStatistics(count: 0, mean: 0, squaredDeviations: 0)
  private var amounts = AmountStatistics(count: 0, sum: 0, sumOfLogs: 0, sumOfSquares: 0)

  mutating func add(_ value: Double) {
    moments.add(value)
    if value > 0 { amounts.add(value) }
  }

  func data(_ metric: Metric) -> VariantData? {
    guard moments.count > 0 else { return nil }
    return switch metric {
    case .binomial: .binomial(successes: amounts.count, trials: moments.count)
    case .poisson: .poisson(count: amounts.sum, exposure: moments.count)
    case .normal: .normal(moments)
    case .revenue: .revenue(units: moments.count, amounts: amounts)
    }
  }
}
