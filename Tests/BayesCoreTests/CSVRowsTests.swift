// Tables read as a stream: the same cells through any window.

import Foundation
import Testing

@testable import BayesCore

@Suite struct CSVRowsTests {
  private func cells(_ text: String, windowSize: Int) throws -> [[String]] {
    let path = NSTemporaryDirectory() + "rows-\(UUID().uuidString).csv"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = try CSVRows(path: path, windowSize: windowSize)
    var result = [rows.names]
    while try rows.next() {
      result.append(rows.names.indices.map { rows.text($0) } + ["line \(rows.line)"])
    }
    return result
  }

  @Test(
    "A row is the same however the file is cut into windows",
    arguments: [1, 2, 3, 5, 7, 16, 64, 1 << 20])
  func windows(size: Int) throws {
    let text =
      "# made by hand\n\narm,note,reward\r\nA,\"two\nlines, \"\"quoted\"\"\",1\r\n"
      + "# a comment\nB,é ü,0.5\r\n\nC,,\"2\""
    #expect(
      try cells(text, windowSize: size) == [
        ["arm", "note", "reward"], ["A", "two\nlines, \"quoted\"", "1", "line 4"],
        ["B", "é ü", "0.5", "line 7"], ["C", "", "2", "line 9"],
      ])
  }

  @Test("Mistakes name line and column as for a table in memory", arguments: [1, 1 << 20])
  func mistakes(size: Int) throws {
    #expect(throws: DataError.self) { try cells("", windowSize: size) }
    #expect(throws: DataError.self) { try cells("a,a\n1,2\n", windowSize: size) }
    let short = #expect(throws: DataError.self) { try cells("a,b\n1,2\n3\n", windowSize: size) }
    #expect(short?.description.contains(":3: error: the row has 1 cell, where 2") == true)
    let open = #expect(throws: DataError.self) { try cells("a,b\n1,\"2\n", windowSize: size) }
    #expect(open?.description.contains(":2:3: error: the cell that starts here") == true)
  }

  @Test("A missing file and a folder are named")
  func unreadable() {
    #expect(throws: DataError.missing(path: "/nowhere/log.csv")) {
      try CSVRows(path: "/nowhere/log.csv")
    }
    #expect(throws: DataError.unreadable(path: "/", reason: "it is a directory")) {
      try CSVRows(path: "/")
    }
  }
}
