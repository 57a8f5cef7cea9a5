// The rows of a table one after another, for files larger than memory.

internal import Glibc

/// Reads a table with a row of column names, one row at a time.
///
/// Cells and separators are as in `readCSV`. Memory: a window of the file, 1 MiB unless a row is
/// longer. Used by one thread at a time.
package final class CSVRows {
  /// The columns' names, in the order of the file.
  package let names: [String]
  private let path: String
  private let window: CSVWindow

  /// Opens the file and reads the names.
  ///
  /// - Parameter windowSize: bytes of the window to start with, positive.
  /// - Throws: `DataError`; also for a name that occurs twice.
  package init(path: String, windowSize: Int = 1 << 20) throws {
    self.path = path
    let window = try CSVWindow(path: path, size: windowSize)
    self.window = window
    guard try window.nextRow() else {
      throw DataError.invalid(
        DataPlace(path: path), message: "the file has no rows",
        hint: "it should hold a row of column names and one row per observation")
    }
    var seen: [String: Int] = [:]
    names = try window.tokenizer.cells.enumerated().map { i, cell in
      let name = window.tokenizer.withBytes(cell) { String(decoding: $0, as: UTF8.self) }
      if !name.isEmpty, let earlier = seen.updateValue(i + 1, forKey: name) {
        throw DataError.invalid(
          DataPlace(path: path, line: cell.line, column: cell.column),
          message: "two columns are named \(name): columns \(earlier) and \(i + 1)",
          hint: "rename one")
      }
      return name
    }
  }

  /// Moves on to the next row; false at the end of the file.
  ///
  /// - Throws: `DataError`; also for a row with more or fewer cells than there are names.
  package func next() throws -> Bool {
    guard try window.nextRow() else { return false }
    let count = window.tokenizer.cells.count
    guard count == names.count else {
      throw DataError.invalid(
        DataPlace(path: path, line: line),
        message: "the row has \(count) \(count == 1 ? "cell" : "cells"), where \(names.count) "
          + "\(names.count == 1 ? "was" : "were") expected",
        hint: count > names.count
          ? "text that holds the separator is put in quotation marks"
          : "is the line cut off, or is a separator missing?")
    }
    return true
  }

  /// The line on which the row starts.
  package var line: Int { window.tokenizer.rowLine }

  /// The row's cell as a number, or `nil` where it is none.
  package func number(_ column: Int) -> Double? {
    withBytes(column) { bytes in
      bytes.isEmpty ? nil : BayesCore.number(in: bytes.baseAddress!, count: bytes.count)
    }
  }

  /// The row's cell as text.
  package func text(_ column: Int) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  /// Where the row's cell stands.
  package func place(_ column: Int) -> DataPlace {
    let cell = window.tokenizer.cells[column]
    return DataPlace(path: path, line: cell.line, column: cell.column)
  }

  private func withBytes<Result>(
    _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    window.tokenizer.withBytes(window.tokenizer.cells[column], body)
  }
}

/// The part of a file that is being cut into rows.
private final class CSVWindow {
  private let path: String
  private let descriptor: Int32
  private var bytes: UnsafeMutableBufferPointer<UInt8>
  /// The bytes that were read from the file.
  private var filled = 0
  private var isFileAtEnd = false
  /// Whether the first row, which shows the separator, has been read.
  private var hasHeader = false
  private(set) var tokenizer: CSVTokenizer

  init(path: String, size: Int) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    bytes = .allocate(capacity: size)
    tokenizer = CSVTokenizer(text: UnsafeBufferPointer(rebasing: bytes[..<0]), path: path)
    guard descriptor >= 0 else { throw readFailure(path) }
    try fill()
    tokenizer = CSVTokenizer(text: UnsafeBufferPointer(rebasing: bytes[..<filled]), path: path)
  }

  deinit {
    bytes.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Reads a row; where it reaches the window's end, again with more of the file.
  func nextRow() throws -> Bool {
    while true {
      let (start, line) = hasHeader ? (tokenizer.p, tokenizer.line) : (0, 1)
      if !hasHeader { tokenizer.detectSeparator() }
      do {
        let isRow = try tokenizer.nextRow()
        if isRow && !tokenizer.isAtEnd || isFileAtEnd {
          hasHeader = true
          return isRow
        }
      } catch {
        // A quoted cell may look unclosed only because the window ends within it.
        if isFileAtEnd { throw error }
      }
      try advance(to: start)
      let text = UnsafeBufferPointer(rebasing: bytes[..<filled])
      tokenizer =
        hasHeader
        ? CSVTokenizer(text: text, after: tokenizer, line: line)
        : CSVTokenizer(text: text, path: path)
    }
  }

  /// Makes `start` the window's first byte and fills what follows from the file.
  private func advance(to start: Int) throws {
    let rest = filled - start
    if rest > bytes.count / 2 {
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * bytes.count)
      memcpy(larger.baseAddress!, bytes.baseAddress! + start, rest)
      bytes.deallocate()
      bytes = larger
    } else {
      memmove(bytes.baseAddress!, bytes.baseAddress! + start, rest)
    }
    filled = rest
    try fill()
  }

  private func fill() throws {
    while filled < bytes.count {
      let count = read(descriptor, bytes.baseAddress! + filled, bytes.count - filled)
      if count > 0 {
        filled += count
      } else if count == 0 {
        isFileAtEnd = true
        return
      } else if errno == EISDIR {
        throw DataError.unreadable(path: path, reason: "it is a directory")
      } else if errno != EINTR {
        throw readFailure(path)
      }
    }
  }
}
