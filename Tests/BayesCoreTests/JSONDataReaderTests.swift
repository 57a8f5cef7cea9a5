// Data from JSON: Stan's conventions, shapes, and what is refused.

import BayesCore
import Testing

@Suite("Data from JSON")
struct JSONDataReaderTests {
  private func read(_ text: String) throws -> DataSet {
    try dataSet(from: try parseJSON(text: text, path: "d.json"), path: "d.json")
  }

  @Test(
    "A value has the shape it is written in",
    arguments: [
      ("3", .numbers(shape: [], values: [3])),
      ("[1, 2.5]", .numbers(shape: [2], values: [1, 2.5])),
      ("[[1, 2, 3], [4, 5, 6]]", .numbers(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])),
      ("[]", .numbers(shape: [0], values: [])),
      ("[[], []]", .numbers(shape: [2, 0], values: [])),
      ("[true, false]", .numbers(shape: [2], values: [1, 0])),
      ("[\"a\", \"b\"]", .text(shape: [2], values: ["a", "b"])),
      ("\"a\"", .text(shape: [], values: ["a"])),
      ("[\"1\", \"2\"]", .text(shape: [2], values: ["1", "2"])),
      ("[\"a\", \"nan\"]", .text(shape: [2], values: ["a", "nan"])),
      ("[[\"a\"], [\"b\"]]", .text(shape: [2, 1], values: ["a", "b"])),
      (
        "[1, \"Infinity\", \"-inf\", \"+inf\"]",
        .numbers(shape: [4], values: [1, .infinity, -.infinity, .infinity])
      ),
      ("[\"Inf\", \"-Infinity\"]", .numbers(shape: [2], values: [.infinity, -.infinity])),
    ] as [(String, DataValue)])
  func shapes(text: String, expected: DataValue) throws {
    #expect(try read("{\"x\": \(text)}")["x"]?.value == expected)
  }

  @Test("NaN is let through, for the binder to judge")
  func lettingNaNThrough() throws {
    guard case .numbers(_, let values)? = try read("{\"x\": [1, \"NaN\"]}")["x"]?.value else {
      Issue.record("numbers expected")
      return
    }
    #expect(values[0] == 1 && values[1].isNaN)
  }

  @Test("Entries keep the order of the file and know where they stand")
  func origins() throws {
    let data = try read("{\n  \"b\": 1,\n  \"a\": [2]\n}")
    #expect(data.names == ["b", "a"])
    #expect(data["a"]?.origin == .json(file: "d.json", line: 3, column: 8))
  }

  @Test(
    "What is no data is refused with its place and a remedy",
    arguments: [
      (
        "[1]",
        "d.json:1:1: error: found an array of 1 where an object of named values was expected\n"
          + "  hint: wrap it in braces and name it: {\"y\": [1, 2, 3]}"
      ),
      (
        "{\"x\": [[1, 2],\n[3]]}",
        "d.json:2:1: error: row 2 of x has 1 element, row 1 has 2\n"
          + "  hint: all rows of a matrix have the same length"
      ),
      (
        "{\"x\": [[1, 2], 3]}",
        "d.json:1:16: error: row 2 of x is the number 3, the rows before it are arrays\n"
          + "  hint: every row of a matrix is an array"
      ),
      (
        "{\"x\": [1, [2]]}",
        "d.json:1:8: error: row 1 of x is the number 1, the rows before it are arrays\n"
          + "  hint: every row of a matrix is an array"
      ),
      (
        "{\"x\": [[[[1]]]]}",
        "d.json:1:10: error: x has more than three dimensions\n"
          + "  hint: give it as matrices, or as one vector with an index column"
      ),
      (
        "{\"x\": [[[1, 2]], [[1]]]}",
        "d.json:1:18: error: matrix 2 of x has 1 rows and 1 columns, matrix 1 has 1 and 2\n"
          + "  hint: all matrices have the same size"
      ),
      (
        "{\"x\": [[[1, 2]], [1]]}",
        "d.json:1:18: error: matrix 2 of x is an array of 1, where a matrix was expected\n"
          + "  hint: an array of three dimensions holds matrices of numbers"
      ),
      (
        "{\"x\": [1, null]}",
        "d.json:1:11: error: x[2] is null\n"
          + "  hint: missing values are not supported; remove the row or give the value a parameter; a "
          + "list of labels with gaps is declared @Latent with `named:`"
      ),
      (
        "{\"x\": null}",
        "d.json:1:7: error: x is null\n"
          + "  hint: missing values are not supported; remove the row or give the value a parameter; a "
          + "list of labels with gaps is declared @Latent with `named:`"
      ),
      (
        "{\"x\": [[1, 2], [3, \"four\"]]}",
        "d.json:1:20: error: x[2,2] is the text \"four\", where a number was expected\n"
          + "  hint: an array is all numbers or all text"
      ),
      (
        "{\"x\": [1, \"2\"]}",
        "d.json:1:11: error: x[2] is the text \"2\", where a number was expected\n"
          + "  hint: remove the quotation marks"
      ),
      (
        "{\"x\": {\"_CLASS\": \"complex\"}}",
        "d.json:1:7: error: x is an object, where a number, text or an array was expected\n"
          + "  hint: tuples and nested data are not supported; give each part a name of its own"
      ),
    ] as [(String, String)])
  func refusals(text: String, expected: String) {
    #expect(message { try read(text) } == expected)
  }

  @Test("What is no data is left out where nobody needs it, and its name is kept")
  func unneeded() throws {
    let text = #"{"x": [1, null], "y": 2, "z": {"a": 1}}"#
    let value = try parseJSON(text: text)
    let data = try dataSet(from: value, path: "d.json", needed: ["y"])
    #expect(data.names == ["y"])
    #expect(data.unreadNames == ["x", "z"])
    #expect(throws: DataError.self) { try dataSet(from: value, path: "d.json", needed: ["x"]) }
    var merged = try read(#"{"y": 1, "w": 3}"#)
    merged.merge(data)
    #expect(merged["y"]?.value == .numbers(shape: [], values: [2]))
    #expect(merged.names == ["y", "w"] && merged.unreadNames == ["x", "z"])
  }

  @Test("A missing file is told apart from a bad one")
  func missingFile() {
    #expect(throws: DataError.missing(path: "/nowhere/d.json")) { try readJSON("/nowhere/d.json") }
    #expect(
      throws: DataError.unreadable(path: "/tmp", reason: "it is a directory")
    ) { try readJSON("/tmp") }
    #expect(DataError.missing(path: "d.json").isMissingInput)
    #expect("\(DataError.missing(path: "d.json"))" == "d.json: error: there is no such file")
  }
}
