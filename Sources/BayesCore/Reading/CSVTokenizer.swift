// CSV bytes to cells, one row at a time.

/// Cuts comma-, semicolon- or tab-separated text into rows of cells (RFC 4180, and what people do).
///
/// Quoted cells may hold separators, line breaks and doubled quotation marks. Line ends are LF, CRLF
/// or CR. Lines that start with `#` and blank lines are skipped.
struct CSVTokenizer {
  /// A cell's bytes: in the text where it was plain, in `scratch` where quotes had to be undone.
  struct Cell {
    var start: Int
    var count: Int
    var isQuoted: Bool
    /// The 1-based column, in Unicode scalars, of the cell's first character.
    var column: Int
    /// The 1-based line where the cell starts.
    var line: Int
  }

  private let text: UnsafeBufferPointer<UInt8>
  private let path: String
  /// The offset of the byte to be read next.
  private(set) var p = 0
  private var lineStart = 0
  /// The line that `p` is on.
  private(set) var line = 1
  /// The line on which the row read last starts.
  private(set) var rowLine = 1
  /// The cells of the row read last.
  private(set) var cells: [Cell] = []
  private var scratch: [UInt8] = []
  /// The separator: comma until `detectSeparator` finds another.
  private(set) var separator = UInt8(ascii: ",")

  /// - Parameter text: the content, without the NUL that follows it.
  init(text: UnsafeBufferPointer<UInt8>, path: String) {
    self.text = text
    self.path = path
    if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
      p = 3
      lineStart = 3
    }
  }

  /// Goes on with the text of another window, whose first byte starts the given line.
  init(text: UnsafeBufferPointer<UInt8>, after earlier: CSVTokenizer, line: Int) {
    self.text = text
    path = earlier.path
    separator = earlier.separator
    self.line = line
  }

  /// Whether all of the text has been read.
  var isAtEnd: Bool { p >= text.count }

  /// Takes the separator that stands most often, outside quotes, in the first row; ties go to the
  /// comma, then the semicolon.
  mutating func detectSeparator() {
    skipIgnored()
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in text[min(p, text.count)...] {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted {
        if byte == 0x0A || byte == 0x0D { break }
        counts[byte, default: 0] += 1
      }
    }
    for candidate in [UInt8(ascii: ";"), 0x09]
    where counts[candidate, default: 0] > counts[separator, default: 0] {
      separator = candidate
    }
  }

  /// Reads the next row into `cells`; false at the end of the text.
  ///
  /// - Throws: `DataError.invalid` for a quoted cell that is not closed, or closed too early.
  mutating func nextRow() throws -> Bool {
    cells.removeAll(keepingCapacity: true)
    scratch.removeAll(keepingCapacity: true)
    skipIgnored()
    guard p < text.count else { return false }
    rowLine = line
    while true {
      try readCell()
      guard p < text.count else { return true }
      if text[p] != separator {
        endLine()
        return true
      }
      p += 1
    }
  }

  /// Gives the cell's bytes, without surrounding spaces unless it was quoted.
  func withBytes<Result>(
    _ cell: Cell, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    if cell.isQuoted {
      return try scratch.withUnsafeBufferPointer {
        try body(UnsafeBufferPointer(rebasing: $0[cell.start..<(cell.start + cell.count)]))
      }
    }
    return try body(UnsafeBufferPointer(rebasing: text[cell.start..<(cell.start + cell.count)]))
  }

  private mutating func skipIgnored() {
    while p < text.count {
      var q = p
      while q < text.count, text[q] == 0x20 { q += 1 }
      if q < text.count, text[q] == UInt8(ascii: "#") {
        while q < text.count, text[q] != 0x0A, text[q] != 0x0D { q += 1 }
      }
      guard q == text.count || text[q] == 0x0A || text[q] == 0x0D else { return }
      p = q
      if p < text.count { endLine() }
    }
  }

  private mutating func endLine() {
    p += text[p] == 0x0D && p + 1 < text.count && text[p + 1] == 0x0A ? 2 : 1
    line += 1
    lineStart = p
  }

  private mutating func readCell() throws {
    while p < text.count, text[p] == 0x20 { p += 1 }
    if p < text.count, text[p] == UInt8(ascii: "\"") { return try readQuotedCell() }
    let first = p
    let column = self.column
    while p < text.count {
      let byte = text[p]
      if byte == separator || byte == 0x0A || byte == 0x0D { break }
      if byte & 0xC0 == 0x80 { lineStart += 1 }
      p += 1
    }
    var last = p
    while last > first, text[last - 1] == 0x20 { last -= 1 }
    cells.append(
      Cell(start: first, count: last - first, isQuoted: false, column: column, line: line))
  }

  private var column: Int { p - lineStart + 1 }

  private mutating func readQuotedCell() throws {
    let opened = (line: line, column: column)
    let start = scratch.count
    p += 1
    while true {
      guard p < text.count else {
        throw DataError.invalid(
          DataPlace(path: path, line: opened.line, column: opened.column),
          message: "the cell that starts here has no closing quotation mark",
          hint: "a quotation mark inside a quoted cell is written twice")
      }
      let byte = text[p]
      if byte == UInt8(ascii: "\"") {
        if p + 1 < text.count, text[p + 1] == byte {
          p += 1
        } else {
          p += 1
          break
        }
      }
      scratch.append(byte)
      if byte & 0xC0 == 0x80 { lineStart += 1 }
      p += 1
      if byte == 0x0A {
        line += 1
        lineStart = p
      }
    }
    while p < text.count, text[p] == 0x20 { p += 1 }
    if p < text.count, text[p] != separator, text[p] != 0x0A, text[p] != 0x0D {
      throw DataError.invalid(
        DataPlace(path: path, line: line, column: column),
        message: "text after the closing quotation mark of a cell",
        hint: "a quotation mark inside a quoted cell is written twice")
    }
    cells.append(
      Cell(
        start: start, count: scratch.count - start, isQuoted: true, column: opened.column,
        line: opened.line))
  }
}
