// The oracle's table, and comparison of numbers.

import BayesCore
import Glibc
import Testing

/// The folder of the oracle's files.
private let folder =
  #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures/"

/// The rows of a table of `ab_reference.json`.
func oracle(_ table: String) throws -> [JSONValue] {
  let file = try parseJSON(path: folder + "ab_reference.json")
  return try #require(file[table]?.array)
}

extension JSONValue {
  /// A number of an object.
  func value(_ key: String) throws -> Double {
    if let text = self[key]?.string { return try #require(Double(text)) }
    return try #require(self[key]?.number)
  }

  /// An array of numbers of an object.
  func values(_ key: String) throws -> [Double] {
    try #require(self[key]?.array).map { try #require($0.number) }
  }
}

/// Whether two numbers agree to a relative error.
func agree(_ a: Double, _ b: Double, _ relative: Double = 1e-10) -> Bool {
  a == b || abs(a - b) <= relative * max(abs(a), abs(b))
}
