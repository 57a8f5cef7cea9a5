// The data of a model: files named on the command line, or the one beside the model.

import BayesCore
import CommandLineKit
import Glibc

extension ModelInput {
  /// The model's path without `.swift`, or the running executable's.
  private var stem: String {
    if let model { return model.hasSuffix(".swift") ? String(model.dropLast(6)) : model }
    return CommandLine.arguments.first ?? ""
  }

  /// The files to read: those named, or the first of `stem.json` and `stem.csv` that is there.
  var files: [String] {
    if !data.isEmpty { return data }
    let candidates = ["\(stem).json", "\(stem).csv"]
    return candidates.first { access($0, F_OK) == 0 }.map { [$0] } ?? []
  }

  /// What was looked for in vain where no data were named and none found.
  var missingFilesHint: String? {
    files.isEmpty
      ? "  hint: there is neither \(stem).json nor \(stem).csv; name data with --data" : nil
  }

  /// Reads all files; values of later files replace those of earlier ones.
  ///
  /// - Parameter needed: the names that the model declares.
  /// - Throws: `DataError`, `UsageError`.
  func read(needed: Set<String>?) throws -> DataSet {
    let files = files
    if !columns.isEmpty, !files.contains(where: { $0.hasSuffix(".csv") }) {
      throw UsageError(
        "--columns needs a CSV file", hint: "name one with --data", command: "bayes sample")
    }
    var all = DataSet()
    for file in files {
      let set: DataSet
      if file.hasSuffix(".csv") || file.hasSuffix(".tsv") {
        set = try readCSV(file, columns: columns.isEmpty ? nil : columns, needed: needed)
      } else {
        set = try readJSON(file)
      }
      for entry in set.entries { all.set(entry.name, entry.value, origin: entry.origin) }
    }
    return all
  }
}
