// One CmdStan file, as it stands: settings, columns and rows.

internal import BayesCore

/// The content of one CSV file of CmdStan or of `StanCSVWriter`.
struct StanCSVFile {
  let path: String
  /// The `key = value` comments; of equal keys the last.
  private(set) var settings: [String: String] = [:]
  /// The names of the header.
  private(set) var columns: [String] = []
  /// All rows, row-major; after `dropWarmup` draws only.
  private(set) var values: [Double] = []
  /// The rows before the line "Adaptation terminated".
  private var rowsBeforeAdaptation: Int?

  var rowCount: Int { columns.isEmpty ? 0 : values.count / columns.count }

  /// Reads the file; rows of saved warmup are dropped.
  ///
  /// - Throws: `DataError`.
  init(path: String) throws {
    self.path = path
    let bytes = try readFileBytes(path)
    try bytes.withUnsafeBufferPointer { buffer in
      try readLines(UnsafeBufferPointer(rebasing: buffer.dropLast()))
    }
    guard !columns.isEmpty else {
      throw error("the file has no header of column names", hint: "is it a CSV file of draws?")
    }
    dropWarmup()
    guard rowCount > 0 else {
      throw error("the file has no draws", hint: "was the run ended during warmup?")
    }
  }

  private mutating func readLines(_ text: UnsafeBufferPointer<UInt8>) throws {
    var start = 0
    var line = 0
    while start < text.count {
      line += 1
      let lineBreak = text[start...].firstIndex(of: 0x0A)
      let next = (lineBreak ?? text.count) + 1
      var end = lineBreak ?? text.count
      if end > start, text[end - 1] == 0x0D { end -= 1 }
      let content = UnsafeBufferPointer(rebasing: text[start..<end])
      start = next
      guard let first = content.first else { continue }
      if first == UInt8(ascii: "#") {
        readComment(String(decoding: content.dropFirst(), as: UTF8.self))
      } else if columns.isEmpty {
        try readHeader(String(decoding: content, as: UTF8.self), line: line)
      } else {
        try readRow(content, line: line, isCutOff: lineBreak == nil)
      }
    }
  }

  private mutating func readComment(_ text: String) {
    if text.contains("Adaptation terminated") { rowsBeforeAdaptation = rowCount }
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { return }
    let words = parts[1].split(separator: " ")
    settings[parts[0].split(separator: " ").joined(separator: " ")] = words.first.map(String.init)
  }

  private mutating func readHeader(_ text: String, line: Int) throws {
    columns = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.split(separator: " ").joined().filter { $0 != "\"" })
    }
    var seen: Set<String> = []
    for name in columns where !seen.insert(name).inserted {
      throw error(line: line, "two columns are named '\(name)'", hint: nil)
    }
    if columns.contains("") {
      throw error(line: line, "a column has no name", hint: "is it a CSV file of draws?")
    }
    if columns.allSatisfy({ number(fromText: $0) != nil }) {
      throw error(
        line: line, "found numbers where the column names were expected",
        hint: "is it a CSV file of draws?")
    }
  }

  private mutating func readRow(
    _ content: UnsafeBufferPointer<UInt8>, line: Int, isCutOff: Bool
  ) throws {
    let base = content.baseAddress!
    var start = 0
    var cells = 0
    while start <= content.count {
      var end = start
      while end < content.count, base[end] != UInt8(ascii: ",") { end += 1 }
      var first = start
      while first < end, base[first] == 0x20 { first += 1 }
      guard let value = number(in: base + first, count: end - first) else {
        if isCutOff { throw cutOff(line, cells: cells) }
        let cell = UnsafeBufferPointer(start: base + start, count: end - start)
        throw DataError.invalid(
          DataPlace(path: path, line: line, column: start + 1),
          message:
            "found \(quotedForMessage(String(decoding: cell, as: UTF8.self))) where a number "
            + "was expected", hint: "is the file damaged?")
      }
      values.append(value)
      cells += 1
      start = end + 1
    }
    if isCutOff { throw cutOff(line, cells: cells) }
    guard cells == columns.count else {
      throw error(
        line: line, "the row has \(cells) cells, where \(columns.count) were expected",
        hint: "is the file damaged?")
    }
  }

  /// A last line without line break may end within a number that looks whole.
  private func cutOff(_ line: Int, cells: Int) -> DataError {
    error(
      line: line,
      "the last line is cut off: it has \(cells) of \(columns.count) cells and no line break",
      hint: "remove the line to use the draws before it")
  }

  private mutating func dropWarmup() {
    guard let saves = settings["save_warmup"], saves == "1" || saves == "true" else { return }
    let thin = max(1, settings["thin"].flatMap { Int($0) } ?? 1)
    let iterations = settings["num_warmup"].flatMap { Int($0) } ?? 0
    let planned = max(0, (iterations + thin - 1) / thin)
    let rows = min(rowsBeforeAdaptation.flatMap { $0 > 0 ? $0 : nil } ?? planned, rowCount)
    values.removeFirst(rows * columns.count)
  }

  func error(line: Int? = nil, _ message: String, hint: String?) -> DataError {
    .invalid(DataPlace(path: path, line: line), message: message, hint: hint)
  }
}
