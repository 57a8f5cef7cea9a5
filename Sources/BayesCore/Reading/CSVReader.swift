// A table of data, one named column each, as named vectors.

/// Reads a table whose columns are the data of a model.
///
/// - The first row names the columns. A first row of numbers alone is refused, since that is a table
///   without header, unless `columns` names them; then every row is data.
/// - Cells are separated by commas, semicolons or tabs, whichever the first row has most. Quoted cells
///   follow RFC 4180. Lines that start with `#` and blank lines are skipped.
/// - A column of numbers (`inf` and `nan` in any letter case are numbers) becomes numbers, any other
///   text. A column of which more than half of the filled cells are numbers was meant as numbers: its
///   first cell that is none is an error, and so is an empty or `NA` cell in it.
/// - A column without a name is left out: row names as R's `write.csv` has them, a separator at the
///   end of each line.
///
/// Memory: the file and the values. Complexity: one pass, and a second one if there are text columns.
///
/// - Parameters:
///   - columns: the names of the columns, for a table without header.
///   - needed: the columns that somebody will use, or `nil` for all; a column that nobody needs is
///     text where it is not numbers throughout, never an error.
///   - gapped: columns that may lack values: a missing cell is NaN among numbers, and as it stands in the
///     file among text.
/// - Throws: `DataError`.
public func readCSV(
  _ path: String, columns: [String]? = nil, needed: Set<String>? = nil, gapped: Set<String> = []
) throws -> DataSet {
  try dataSet(
    csv: try readFileBytes(path), path: path, columns: columns, needed: needed, gapped: gapped)
}

/// Reads a table from text; `path` names it in messages.
///
/// - Throws: `DataError.invalid` as `readCSV` does.
public func parseCSV(
  text: String, path: String = "text", columns: [String]? = nil, needed: Set<String>? = nil,
  gapped: Set<String> = []
) throws -> DataSet {
  try dataSet(
    csv: Array(text.utf8) + [0], path: path, columns: columns, needed: needed, gapped: gapped)
}

private func dataSet(
  csv bytes: [UInt8], path: String, columns: [String]?, needed: Set<String>?, gapped: Set<String>
) throws -> DataSet {
  try bytes.withUnsafeBufferPointer { buffer in
    let text = UnsafeBufferPointer(rebasing: buffer.dropLast())
    let tokenizer = CSVTokenizer(text: text, path: path)
    var table = CSVTable(path: path, tokenizer: tokenizer)
    try table.readHeader(columns)
    try table.readRows()
    let textColumns = try table.textColumns(needed: needed, gapped: gapped)
    var texts: [Int: [String]] = [:]
    if !textColumns.isEmpty {
      texts = try table.readTexts(textColumns, hasHeader: columns == nil, from: tokenizer)
    }
    return table.dataSet(texts: texts)
  }
}

/// A column while it is read.
private struct CSVColumn {
  let name: String
  /// A value per row; NaN stands where a cell is no number.
  var numbers: [Double] = []
  /// The first cell that is no number.
  var firstOther: (text: String, place: DataPlace)?
  var otherCount = 0
  /// Of the cells that are no number, those that are empty or say that there is no value.
  var missingCount = 0

  /// Whether more than half of the filled cells are numbers.
  var isMostlyNumbers: Bool { 2 * (numbers.count - otherCount) > numbers.count - missingCount }
}

private struct CSVTable {
  let path: String
  var tokenizer: CSVTokenizer
  var columns: [CSVColumn] = []
  var lines: [Int] = []

  mutating func readHeader(_ given: [String]?) throws {
    tokenizer.detectSeparator()
    guard try tokenizer.nextRow() else {
      throw error(
        line: nil, "the file has no rows",
        hint: "it should hold a row of column names and one row per observation")
    }
    let cells = tokenizer.cells
    if let given {
      guard given.count == cells.count else {
        throw error(
          line: tokenizer.rowLine,
          "the row has \(cellCount(cells.count)), but \(given.count) columns are named", hint: nil)
      }
      try setNames(given, places: nil)
      try readRow()
      return
    }
    if cells.allSatisfy({ number(in: $0) != nil }) {
      throw error(
        line: tokenizer.rowLine, "the first row is all numbers, where column names were expected",
        hint: "add a row of names, or name the columns with --columns a,b")
    }
    try setNames(try cells.map(text), places: cells)
  }

  private mutating func setNames(_ names: [String], places: [CSVTokenizer.Cell]?) throws {
    var seen: [String: Int] = [:]
    for (i, name) in names.enumerated() where !name.isEmpty {
      if let earlier = seen.updateValue(i + 1, forKey: name) {
        throw error(
          line: places?[i].line, column: places?[i].column,
          "two columns are named \(name): columns \(earlier) and \(i + 1)", hint: "rename one")
      }
    }
    columns = names.map { CSVColumn(name: $0) }
  }

  mutating func readRows() throws {
    while try tokenizer.nextRow() { try readRow() }
  }

  /// Adds the tokenizer's row to the columns.
  private mutating func readRow() throws {
    let cells = tokenizer.cells
    guard cells.count == columns.count else {
      throw error(
        line: tokenizer.rowLine,
        "the row has \(cellCount(cells.count)), where \(columns.count) "
          + "\(columns.count == 1 ? "was" : "were") expected",
        hint: cells.count > columns.count
          ? "text that holds the separator is put in quotation marks"
          : "is the line cut off, or is a separator missing?")
    }
    lines.append(tokenizer.rowLine)
    for (j, cell) in cells.enumerated() {
      if let value = number(in: cell) {
        columns[j].numbers.append(value)
        continue
      }
      let text = try self.text(cell)
      columns[j].numbers.append(.nan)
      columns[j].otherCount += 1
      if isMissing(text) { columns[j].missingCount += 1 }
      if columns[j].firstOther == nil {
        let place = DataPlace(path: path, line: cell.line, column: cell.column)
        columns[j].firstOther = (text, place)
      }
    }
  }

  /// The positions of the columns that are text.
  ///
  /// - Throws: for a needed column that was meant as numbers.
  func textColumns(needed: Set<String>?, gapped: Set<String>) throws -> [Int] {
    var positions: [Int] = []
    for (j, column) in columns.enumerated() where !column.name.isEmpty {
      guard let other = column.firstOther else { continue }
      if gapped.contains(column.name), column.otherCount == column.missingCount { continue }
      if column.isMostlyNumbers, needed?.contains(column.name) ?? true {
        throw isMissing(other.text)
          ? DataError.invalid(
            other.place,
            message: "column \(column.name) has "
              + (other.text.isEmpty ? "an empty cell" : quotedForMessage(other.text))
              + " where a number was expected",
            hint: "missing values are not supported; remove the row or give the value a parameter; "
              + "a column of labels with gaps is declared @Latent with `named:`")
          : DataError.invalid(
            other.place,
            message: "column \(column.name) has \(quotedForMessage(other.text)) where a number was "
              + "expected",
            hint:
              "\(column.numbers.count - column.otherCount) of \(column.numbers.count) cells of the "
              + "column are numbers; correct this one")
      }
      positions.append(j)
    }
    return positions
  }

  /// Reads the text of some columns in a second pass.
  mutating func readTexts(
    _ positions: [Int], hasHeader: Bool, from start: CSVTokenizer
  ) throws -> [Int: [String]] {
    tokenizer = start
    tokenizer.detectSeparator()
    if hasHeader { _ = try tokenizer.nextRow() }
    var texts = positions.map { _ in [String]() }
    while try tokenizer.nextRow() {
      for (i, j) in positions.enumerated() { texts[i].append(try text(tokenizer.cells[j])) }
    }
    return Dictionary(uniqueKeysWithValues: zip(positions, texts))
  }

  /// The columns as vectors, as numbers where no text is given.
  func dataSet(texts: [Int: [String]]) -> DataSet {
    var data = DataSet()
    for (j, column) in columns.enumerated() where !column.name.isEmpty {
      let value: DataValue =
        if let text = texts[j] {
          .text(shape: [lines.count], values: text)
        } else {
          .numbers(shape: [lines.count], values: column.numbers)
        }
      data.set(column.name, value, origin: .csv(file: path, column: j + 1, lines: lines))
    }
    return data
  }

  private func text(_ cell: CSVTokenizer.Cell) throws -> String {
    guard let text = tokenizer.withBytes(cell, { String(validating: $0, as: UTF8.self) }) else {
      throw error(cell, "this cell is not valid UTF-8", hint: "save the file as UTF-8")
    }
    return text
  }

  private func number(in cell: CSVTokenizer.Cell) -> Double? {
    tokenizer.withBytes(cell) { bytes in
      bytes.isEmpty ? nil : BayesCore.number(in: bytes.baseAddress!, count: bytes.count)
    }
  }

  private func cellCount(_ n: Int) -> String { n == 1 ? "1 cell" : "\(n) cells" }

  private func error(_ cell: CSVTokenizer.Cell, _ message: String, hint: String?) -> DataError {
    error(line: cell.line, column: cell.column, message, hint: hint)
  }

  private func error(
    line: Int?, column: Int? = nil, _ message: String, hint: String?
  ) -> DataError {
    .invalid(DataPlace(path: path, line: line, column: column), message: message, hint: hint)
  }
}

/// Whether a cell of text says that there is no value.
public func isMissing(_ text: String) -> Bool {
  ["", "na", "n/a", "null", "none", "."].contains(text.lowercased())
}
