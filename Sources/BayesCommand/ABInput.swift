// The data of `ab`: variants on the command line, or a CSV file with a row for each variant or unit.

import BayesCore
import BayesExperiments
import CommandLineKit

/// The names of the columns of a CSV file.
struct ABColumns: Sendable, Equatable {
  var variant = "variant"
  var value = "value"
  var exposure: String?
  var covariate: String?

  /// The options that name them.
  static var arguments: [Argument<ABSettings>] {
    [
      .option(
        "variant", \.input.variant, placeholder: "COLUMN",
        help: "The column that names the variant."),
      .option(
        "value", \.input.value, placeholder: "COLUMN",
        help:
          "With a row for each unit, the column of its value: 0 or 1, a count, a number, or an amount that is 0 for "
          + "none."),
      .option(
        "exposure", \.input.exposure, placeholder: "COLUMN",
        help: "With a row for each unit, the column of its exposure (poisson); without, 1 each."),
      .option(
        "covariate", \.input.covariate, placeholder: "COLUMN",
        help:
          "With a row for each unit, a column of what was known of it before the test; the variance that it "
          + "explains is taken out (CUPED; normal)."),
    ]
  }
}

/// The variants, and how they came to be.
struct ABInput {
  var variants: [Variant]
  /// The variance reduction by a covariate.
  var adjustment: CovariateAdjustment?
  /// Rows of units, where there are such rows.
  var rowCount: Int?
}

/// Reads the data that the settings name.
///
/// - Throws: `UsageError`, `DataError`, `Failure`.
func abInput(_ settings: ABSettings) throws -> ABInput {
  let files = settings.data.filter { !$0.contains("=") }
  if files.isEmpty {
    if settings.input != ABColumns() {
      throw UsageError(
        "--variant, --value, --exposure and --covariate name columns of a CSV file, and there is none",
        command: "bayes ab")
    }
    return ABInput(
      variants: try settings.data.map { try inlineVariant($0, settings.metric.metric) })
  }
  guard settings.data.count == 1 else {
    throw UsageError(
      "DATA is either variants, NAME=VALUES, or one CSV file, found '\(files[0])' beside others",
      hint: "for example bayes ab A=80/1500 B=98/1490", command: "bayes ab")
  }
  return try ABTable(path: files[0], metric: settings.metric.metric, columns: settings.input).read()
}

/// The values of a variant in the order of the command line, with the columns of the same names.
func abFields(_ metric: Metric) -> [String] {
  switch metric {
  case .binomial: ["successes", "trials"]
  case .poisson: ["count", "exposure"]
  case .normal: ["mean", "sd", "units"]
  case .revenue: ["conversions", "units", "sum", "sum_log"]
  }
}

/// The data of a variant from values in that order.
func abData(_ metric: Metric, _ x: [Double]) -> VariantData {
  switch metric {
  case .binomial: .binomial(successes: x[0], trials: x[1])
  case .poisson: .poisson(count: x[0], exposure: x[1])
  case .normal: .normal(MeanStatistics(count: x[2], mean: x[0], standardDeviation: x[1]))
  case .revenue:
    .revenue(
      units: x[1], amounts: AmountStatistics(count: x[0], sum: x[2], sumOfLogs: x[3]))
  }
}

/// A variant as the command line states it: `A=80/1500`.
private func inlineVariant(_ word: String, _ metric: Metric) throws -> Variant {
  let place = word.lastIndex(of: "=")!
  let name = String(word[..<place])
  let form = abFields(metric).map { $0.uppercased() }.joined(separator: "/")
  let parts = word[word.index(after: place)...].split(
    separator: "/", omittingEmptySubsequences: false)
  let values = parts.compactMap { Double(argument: String($0)) }
  guard !name.isEmpty, values.count == parts.count, values.count == abFields(metric).count else {
    throw UsageError(
      "a variant of the metric \(metric.rawValue) is NAME=\(form), found '\(word)'",
      hint: metric == .binomial ? "for example A=80/1500; other metrics: --metric" : nil,
      command: "bayes ab")
  }
  if metric == .normal, values[1] < 0 {
    throw Failure("error: variant \(name): the standard deviation is negative", .data)
  }
  do {
    return try Variant(name, abData(metric, values))
  } catch let error as ExperimentError {
    throw abFailure(error, command: "bayes ab")
  }
}
