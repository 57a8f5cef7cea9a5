// Every model file there is: kernel = interpreter, and the gradient is the density's.

import Foundation
import Testing

/// A model file with its data.
private struct ModelFile: Sendable, CustomTestStringConvertible {
  /// From the package's root.
  let path: String
  /// A data file; the one beside the model where `nil`.
  let data: String?
  var testDescription: String { path }
}

private func swiftFiles(in folder: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: packageRoot + folder)) ?? []
  return names.filter { $0.hasSuffix(".swift") }.sorted()
}

/// `models/`, `diagnostics/sbc` and `diagnostics/posteriordb`.
private let modelFiles: [ModelFile] =
  ["models", "diagnostics/sbc", "diagnostics/posteriordb"].flatMap { folder in
    swiftFiles(in: folder).map { name -> ModelFile in
      // NAME.latent.swift has the data of NAME.
      let data = "\(folder)/\(name.prefix { $0 != "." })/data.json"
      return ModelFile(
        path: "\(folder)/\(name)", data: folder.hasSuffix("posteriordb") ? data : nil)
    }
  }

/// Benchmark models are those of `models/` and of posteriordb, but for two of simulated data.
private let simulated = ["radon", "logistic_100k_20"]

@Suite("Checks of all models", .serialized) struct ModelCheckTests {
  @Test("no model file is left out") func complete() {
    #expect(modelFiles.count > 20)
    let names = modelFiles.map {
      URL(filePath: $0.path).resolvingSymlinksInPath().lastPathComponent
    }
    for name in swiftFiles(in: "diagnostics/benchmarks/models") {
      let target = URL(filePath: packageRoot + "diagnostics/benchmarks/models/" + name)
        .resolvingSymlinksInPath().lastPathComponent
      #expect(names.contains(target) || simulated.contains(String(name.dropLast(6))), "\(name)")
    }
  }

  @Test(
    "value and gradient are the interpreter's and those of finite differences",
    arguments: modelFiles)
  fileprivate func model(_ file: ModelFile) throws {
    guard let data = file.data else { return try check([file.path]) }
    if FileManager.default.fileExists(atPath: packageRoot + data) {
      return try check([file.path, "--data", data])
    }
    let scratch = try Scratch()
    try check([file.path, "--data", try scratch.unpack(packageRoot + data + ".gz")])
  }

  @Test("so are those of the benchmarks' simulated data", arguments: simulated)
  fileprivate func benchmark(_ name: String) throws {
    let scratch = try Scratch()
    let data = try scratch.write(name == "radon" ? radon : logistic, to: "data.json")
    try check(["diagnostics/benchmarks/models/\(name).swift", "--data", data])
  }

  private func check(_ words: [String]) throws {
    let outcome = try bayes(words: ["compile"] + words + ["--check"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasPrefix("passed at "), "\(outcome.output)")
    print(words[0], outcome.output, terminator: "")
  }
}

extension Scratch {
  /// The unpacked copy of a gzip file.
  fileprivate func unpack(_ packed: String) throws -> String {
    let target = try write("", to: "data.json")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", packed]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: target))
    try process.run()
    process.waitUntilExit()
    return target
  }
}

/// Enough rows for several blocks of a loop.
private let rows = 1000

private func list(_ value: (Int) -> Double) -> String {
  "[" + (0..<rows).map { "\(value($0))" }.joined(separator: ", ") + "]"
}

/// 1000 houses in 386 counties.
private let radon = """
  {"log_radon": \(list { sin(Double($0)) + 1 }), "log_uppm": \(list { cos(3 * Double($0)) }),
   "county_idx": [\((0..<rows).map { "\($0 * 7 % 386 + 1)" }.joined(separator: ", "))],
   "floor_measure": \(list { Double($0 % 5 / 4) })}
  """

/// 1000 rows of 20 columns.
private let logistic = """
  {"y": [\((0..<rows).map { "\($0 * $0 % 7 % 2)" }.joined(separator: ", "))],
   "X": [\((0..<rows).map { row in
     "[" + (0..<20).map { "\(sin(Double(row * 20 + $0)))" }.joined(separator: ", ") + "]"
   }.joined(separator: ", "))]}
  """
