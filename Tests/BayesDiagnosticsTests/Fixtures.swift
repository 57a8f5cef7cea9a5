// Files that the tests read: Stan's CSV and a table of reference values.

import BayesDiagnostics
import Glibc
import Testing

/// A numeric CSV file with a header; lines that start with `#` are comments.
struct CSVTable {
  let header: [String]
  let rows: [[String]]

  init(path: String) throws {
    let quote = UInt8(ascii: "\"")
    let file = try #require(fopen(path, "r"), "cannot open \(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var byte = getc(file)
    while byte != EOF {
      bytes.append(UInt8(byte))
      byte = getc(file)
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
      .filter { $0.first != UInt8(ascii: "#") }
      .map { line in
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
          String(
            decoding: field.first == quote ? field.dropFirst().dropLast() : field, as: UTF8.self)
        }
      }
    header = try #require(lines.first, "\(path) is empty")
    rows = Array(lines.dropFirst())
  }

  func column(_ name: String) throws -> [Double] {
    let index = try #require(header.firstIndex(of: name), "no column \(name)")
    return try rows.map { try #require(Double($0[index])) }
  }
}

enum Fixtures {
  private static let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast().joined(separator: "/")

  /// A file beside the tests.
  static func local(_ name: String) -> String { "\(folder)/Fixtures/\(name)" }

  /// The folder of fixtures that all packages share, beside the package.
  static let shared = "\(folder)/../../../shared/fixtures/diagnostics"

  /// False where the shared fixtures are absent, which continuous integration does not allow.
  static let hasShared: Bool = {
    if access(shared, R_OK) == 0 || getenv("CI").map({ String(cString: $0) }) == "true" {
      return true
    }
    print("skipped: no shared fixtures at \(shared)")
    return false
  }()

  /// The chains of one column in several Stan files.
  static func chains(_ column: String, _ paths: [String]) throws -> [[Double]] {
    try paths.map { try CSVTable(path: $0).column(column) }
  }
}

/// Passes where `value` is within `tolerance`, relative to `expected`.
func expectClose(
  _ value: DiagnosticValue, _ expected: Double, _ tolerance: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let number = value.number ?? .nan
  #expect(
    abs(number - expected) <= tolerance * abs(expected), "\(what): \(value), not \(expected)",
    sourceLocation: sourceLocation)
}
