// Runs the built `bayes` program in a folder of its own.

import BayesCore
import Foundation
import Glibc
import Testing

/// The package's root.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path(percentEncoded: false)

/// The program: the one that `./test` names, or the one that the tests were built with.
let program =
  ProcessInfo.processInfo.environment["BAYES_PROGRAM"] ?? packageRoot + ".build/debug/bayes"

/// What a run of the program gave.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// Standard output as JSON.
  func json() throws -> JSONValue { try parseJSON(text: output, path: "standard output") }
}

/// Runs the program on words, in a folder.
///
/// - Parameter interruptAfter: seconds after which it gets a Ctrl-C.
func bayes(
  _ words: String..., in folder: String = packageRoot, environment: [String: String] = [:],
  output: FileHandle? = nil, interruptAfter: Double? = nil
) throws -> Outcome {
  try bayes(
    words: words, in: folder, environment: environment, output: output,
    interruptAfter: interruptAfter)
}

/// Runs the program on words, in a folder.
func bayes(
  words: [String], in folder: String = packageRoot, environment: [String: String] = [:],
  output: FileHandle? = nil, interruptAfter: Double? = nil
) throws -> Outcome {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = words
  process.currentDirectoryURL = URL(filePath: folder)
  process.environment = ProcessInfo.processInfo.environment
    .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }.merging(environment) { $1 }
  // Files, not pipes: nothing that the program says can block it.
  let scratch = try Scratch()
  let (outPath, errPath) = (scratch.path("out"), scratch.path("err"))
  for path in [outPath, errPath] { try Data().write(to: URL(filePath: path)) }
  process.standardOutput = try output ?? FileHandle(forWritingTo: URL(filePath: outPath))
  process.standardError = try FileHandle(forWritingTo: URL(filePath: errPath))
  try process.run()
  if let interruptAfter {
    usleep(UInt32(interruptAfter * 1e6))
    kill(process.processIdentifier, SIGINT)
  }
  process.waitUntilExit()
  return Outcome(
    status: process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus,
    output: try String(contentsOfFile: outPath, encoding: .utf8),
    errors: try String(contentsOfFile: errPath, encoding: .utf8))
}

/// A folder that goes with its owner.
final class Scratch {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "bayes-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    return path(name)
  }
}
