// `summary`: diagnoses draws that were saved before, its own and CmdStan's.

import BayesCore
import BayesDiagnostics
import BayesReport
import CommandLineKit
import Glibc

/// The settings of `summary`.
struct SummarySettings: Sendable, Equatable {
  var paths: [String] = []
  var format = OutputFormat.table
  var strict = false
}

/// `summary`.
let summaryCommand = Command(
  "summary", summary: "Diagnose saved draws, from sample --output or from CmdStan.",
  defaults: SummarySettings(),
  arguments: [
    .positionals("PATH", \.paths, help: "A folder of chains, or their CSV files."),
    .option("format", \.format, help: "What standard output gets."),
    .flag("strict", \.strict, help: "Exit with 1 if there is anything to warn of."),
  ],
  examples: [
    CommandExample("bayes summary fit", "The chains that sample --output fit wrote"),
    CommandExample("bayes summary output_1.csv output_2.csv", "Two chains of CmdStan"),
  ])

/// Runs `summary`.
func runSummary(_ settings: SummarySettings) throws -> ExitCode {
  let files = try settings.paths.flatMap { path in
    isFolder(path) ? try stanCSVFiles(in: path) : [path]
  }
  let draws = try readStanCSV(files)
  let sampler = RecordedSampler(beside: files[0])
  let summary = summarise(draws, maxTreeDepth: sampler.maxTreeDepth)
  let advice = advice(
    for: summary, maxTreeDepth: sampler.maxTreeDepth, targetAcceptance: sampler.targetAcceptance,
    isMetricDense: sampler.isMetricDense, relabelled: sampler.relabelled)
  switch settings.format {
  case .table:
    try StandardStream.output.write(
      tableText(summary) + "\n" + healthLines(summary.health).map { $0 + "\n" }.joined()
        + adviceText(advice))
  case .json:
    let object: JSONValue = [
      "variables": summaryJSON(summary), "advice": adviceJSON(advice),
    ]
    try StandardStream.output.write(jsonText(object, indented: true))
  }
  return settings.strict && advice.contains { $0.severity >= .warning } ? .strict : .success
}

private func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// What the record beside the draws, if there is one, says of the sampler.
private struct RecordedSampler {
  var maxTreeDepth: Int?
  var targetAcceptance: Double?
  var isMetricDense = false
  var relabelled: [String] = []

  init(beside path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    guard let record = try? parseJSON(path: folder + "run.json") else { return }
    let settings = record["settings"]
    if settings?["sampler"]?.string == "nuts" { maxTreeDepth = settings?["max_depth"]?.integer }
    targetAcceptance = settings?["target_acceptance"]?.number
    isMetricDense =
      record["sampler"]?["metric"]?.array?.allSatisfy { $0.string == "dense" } ?? false
    relabelled = record["relabelled"]?.array?.compactMap(\.string) ?? []
  }
}
