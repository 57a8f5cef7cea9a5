// What a mistake in JSON is called, and what to do about it.

extension JSONParser {
  func error(_ message: String, hint: String?) -> DataError {
    error(message, hint: hint, line: line, column: column)
  }

  func error(_ message: String, hint: String?, line: Int, column: Int) -> DataError {
    .invalid(DataPlace(path: path, line: line, column: column), message: message, hint: hint)
  }

  /// What stands here, as a message says it.
  func found() -> String {
    if p >= end { return "the end of the file" }
    let word = self.word()
    if !word.isEmpty { return "'\(word)'" }
    let byte = p.pointee
    return byte < 0x20 || byte == 0x7F
      ? "a control character" : "'\(Character(Unicode.Scalar(byte)))'"
  }

  func checkDepth(_ depth: Int) throws {
    if depth >= Self.depthLimit {
      throw error("values are nested more than \(Self.depthLimit) deep", hint: nil)
    }
  }

  func trailingComma(_ comma: (line: Int, column: Int), _ close: String) -> DataError {
    error(
      "a comma before '\(close)'", hint: "remove the comma", line: comma.line, column: comma.column)
  }

  func unclosed(_ opened: (line: Int, column: Int), _ kind: String, _ close: String) -> DataError {
    if p >= end {
      return error(
        "the \(kind) that starts here has no closing '\(close)'", hint: "is the file cut off?",
        line: opened.line, column: opened.column)
    }
    return error(
      "found \(found()) where ',' or '\(close)' was expected in the \(kind) that starts on line "
        + "\(opened.line)", hint: nil)
  }

  func unexpectedValue() -> DataError {
    let word = self.word()
    let hint: String
    switch word.lowercased() {
    case "nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity":
      hint = "JSON has no such number; write it in quotation marks: \"\(word)\""
    case "na", "none", "nil":
      hint = "missing values are not supported; remove the row or give the value a parameter"
    case "true", "false", "null":
      hint = "JSON writes it in lower case: \(word.lowercased())"
    default:
      if let first = word.utf8.first, first < 0x3A, first != 0x2F {
        hint = "a number is written like 12, -0.5 or 1.5e-3"
      } else if p < end, p.pointee == UInt8(ascii: "'") {
        hint = "text is written in double quotation marks"
      } else {
        hint = "a value is a number, text in double quotation marks, [an array] or {an object}"
      }
    }
    return error("found \(found()) where a value was expected", hint: hint)
  }
}
