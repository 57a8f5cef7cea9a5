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

  /// The files to read: those named, or those of `stem.json` and `stem.csv` that are there.
  private var files: [String] {
    if !data.isEmpty { return data }
    return ["\(stem).json", "\(stem).csv"].filter { access($0, F_OK) == 0 }
  }

  /// What was looked for in vain where no data were named and none found.
  var missingFilesHint: String? {
    files.isEmpty
      ? "  hint: there is neither \(stem).json nor \(stem).csv; name data with --data" : nil
  }

  /// Reads all files; values of later files replace those of earlier ones.
  ///
  /// - Parameters:
  ///   - needed: the names that the model reads; nothing else needs to make sense.
  ///   - gapped: those of them that may lack values.
  /// - Throws: `DataError`, `UsageError`; also where no file is named and two lie beside the model,
  ///   since whichever was taken, the other one could have been meant.
  func read(needed: Set<String>, gapped: Set<String> = []) throws -> DataSet {
    let files = files
    if data.isEmpty, files.count > 1 {
      throw UsageError(
        "there are both \(files[0]) and \(files[1])",
        hint: "say which: --data \(files[0]), or name both, values of the later one count",
        command: "bayes sample")
    }
    if !columns.isEmpty, !files.contains(where: { $0.hasSuffix(".csv") }) {
      throw UsageError(
        "--columns needs a CSV file", hint: "name one with --data", command: "bayes sample")
    }
    var all = DataSet()
    for file in files {
      let set: DataSet
      if file.hasSuffix(".csv") || file.hasSuffix(".tsv") {
        set = try readCSV(
          file, columns: columns.isEmpty ? nil : columns, needed: needed, gapped: gapped)
      } else {
        set = try readJSON(file, needed: needed, gapped: gapped)
      }
      all.merge(set)
    }
    return all
  }
}
