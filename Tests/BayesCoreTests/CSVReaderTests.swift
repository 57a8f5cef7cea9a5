// Data from tables: what is taken, and the text of every refusal.

import BayesCore
import Testing

@Suite("Data from CSV")
struct CSVReaderTests {
  @Test(
    "The same table reads the same in every dialect",
    arguments: [
      "school,y\nA,1.5\nB,-2\n", "school;y\nA;1.5\nB;-2", "school\ty\r\nA\t1.5\r\nB\t-2\r\n",
      "\u{FEFF}school,y\nA,1.5\nB,-2", "# a comment\n\nschool, y\n# another\n  A , 1.5\n\nB,-2\n",
      "\"school\",\"y\"\n\"A\",1.5\n\"B\",-2e0\n", "school,y\rA,1.5\rB,-2",
    ])
  func dialects(text: String) throws {
    let data = try parseCSV(text: text)
    #expect(data.names == ["school", "y"])
    #expect(data["school"]?.value == .text(shape: [2], values: ["A", "B"]))
    #expect(data["y"]?.value == .numbers(shape: [2], values: [1.5, -2]))
  }

  @Test("Quoted cells may hold separators, doubled quotation marks and line breaks")
  func quotedCells() throws {
    let data = try parseCSV(text: "name,x\n\"a, \"\"b\"\"\",1\n\"two\nlines\",2\nplain,3\n")
    #expect(data["name"]?.value == .text(shape: [3], values: ["a, \"b\"", "two\nlines", "plain"]))
    #expect(data["x"]?.origin == .csv(file: "text", column: 2, lines: [2, 3, 5]))
  }

  @Test("A text column keeps its cells as written, also those that look like numbers")
  func mixedText() throws {
    let data = try parseCSV(text: "code,x\n01,1\nA7,2\nB,3\n")
    #expect(data["code"]?.value == .text(shape: [3], values: ["01", "A7", "B"]))
  }

  @Test("A table without header takes the names it is given")
  func givenNames() throws {
    let data = try parseCSV(text: "1,2\n3,4\n", columns: ["a", "b"])
    #expect(data["b"]?.value == .numbers(shape: [2], values: [2, 4]))
  }

  @Test("A column that nobody needs is never an error")
  func unneeded() throws {
    let text = "y,other\n1,2\n2,NA\n3,4\n"
    let data = try parseCSV(text: text, needed: ["y"])
    #expect(data["y"]?.value == .numbers(shape: [3], values: [1, 2, 3]))
    #expect(data["other"]?.value == .text(shape: [3], values: ["2", "NA", "4"]))
  }

  @Test("A table with a header alone has columns of no rows")
  func noRows() throws {
    #expect(try parseCSV(text: "a,b\n")["a"]?.value == .numbers(shape: [0], values: []))
  }

  @Test(
    "A mistake is reported with its line, its column and a remedy",
    arguments: [
      (
        "",
        "d.csv: error: the file has no rows\n"
          + "  hint: it should hold a row of column names and one row per observation"
      ),
      (
        "1,2\n3,4\n",
        "d.csv:1: error: the first row is all numbers, where column names were expected\n"
          + "  hint: add a row of names, or name the columns with --columns a,b"
      ),
      (
        "a,b\n1,2\n3\n",
        "d.csv:3: error: the row has 1 cell, where 2 were expected\n"
          + "  hint: is the line cut off, or is a separator missing?"
      ),
      (
        "a,b\n1,2\n\n3,4,5\n",
        "d.csv:4: error: the row has 3 cells, where 2 were expected\n"
          + "  hint: text that holds the separator is put in quotation marks"
      ),
      (
        "a,b,a\n1,2,3\n",
        "d.csv:1:5: error: two columns are named a: columns 1 and 3\n  hint: rename one"
      ),
      (
        "a,b\n1,2\n3,\n5,6\n",
        "d.csv:3:3: error: column b has an empty cell where a number was expected\n"
          + "  hint: missing values are not supported; remove the row or give the value a parameter; a "
          + "column of labels with gaps is declared @Latent with `named:`"
      ),
      (
        "a,b\n1,2\n3,NA\n5,6\n",
        "d.csv:3:3: error: column b has \"NA\" where a number was expected\n"
          + "  hint: missing values are not supported; remove the row or give the value a parameter; a "
          + "column of labels with gaps is declared @Latent with `named:`"
      ),
      (
        "é,b\nü,2\ny,3\nz,four\n",
        "d.csv:4:3: error: column b has \"four\" where a number was expected\n"
          + "  hint: 2 of 3 cells of the column are numbers; correct this one"
      ),
      (
        "a,b\n1,\"x\n",
        "d.csv:2:3: error: the cell that starts here has no closing quotation mark\n"
          + "  hint: a quotation mark inside a quoted cell is written twice"
      ),
      (
        "a,b\n1,\"x\"y\n",
        "d.csv:2:6: error: text after the closing quotation mark of a cell\n"
          + "  hint: a quotation mark inside a quoted cell is written twice"
      ),
    ] as [(String, String)])
  func mistakes(text: String, expected: String) {
    #expect(message { try parseCSV(text: text, path: "d.csv") } == expected)
  }

  @Test(
    "Columns without a name are left out: R's row names, a separator at the end of each line",
    arguments: [
      "\"\",\"a\",\"b\"\n\"1\",1,2\n\"NA\",3,4\n", "a,b,\n1,2,\n3,4,\n",
      ",a,,b\n1,1,x,2\nNA,3,,4\n",
    ])
  func unnamedColumns(text: String) throws {
    let data = try parseCSV(text: text)
    #expect(data.names == ["a", "b"])
    #expect(data["b"]?.value == .numbers(shape: [2], values: [2, 4]))
  }

  @Test("Missing values matter in the columns that are needed alone")
  func missingValues() throws {
    let text = "a,b,c\n1,NA,\n2,3,4\n3,5,6\n"
    #expect(try parseCSV(text: text, needed: ["a"])["a"]?.value.count == 3)
    #expect(try parseCSV(text: text, needed: []).names == ["a", "b", "c"])
    #expect(throws: DataError.self) { try parseCSV(text: text, needed: ["b"]) }
    #expect(throws: DataError.self) { try parseCSV(text: text) }
  }

  @Test("The wrong number of given names is an error")
  func wrongNames() {
    #expect(
      message { try parseCSV(text: "1,2\n", path: "d.csv", columns: ["a"]) }
        == "d.csv:1: error: the row has 2 cells, but 1 columns are named")
  }
}
