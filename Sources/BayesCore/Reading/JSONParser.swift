// JSON text to values that know their line and column; every mistake names its place.

/// Reads a file of JSON (RFC 8259).
///
/// - Throws: `DataError`.
public func parseJSON(path: String) throws -> JSONValue {
  try parseJSON(bytes: try readFileBytes(path), path: path)
}

/// Parses JSON text; `path` only names the text in messages.
///
/// - Throws: `DataError.invalid` at the first mistake.
public func parseJSON(text: String, path: String = "text") throws -> JSONValue {
  try parseJSON(bytes: Array(text.utf8) + [0], path: path)
}

/// Parses bytes that end with a NUL that is not part of the text.
func parseJSON(bytes: [UInt8], path: String) throws -> JSONValue {
  try bytes.withUnsafeBufferPointer { buffer in
    let start = buffer.baseAddress!
    var parser = JSONParser(start: start, end: start + (buffer.count - 1), path: path)
    return try parser.parseDocument()
  }
}

/// A recursive-descent parser over UTF-8.
private struct JSONParser {
  /// Deeper values than any data need are refused before they exhaust the stack.
  static let depthLimit = 128

  let end: UnsafePointer<UInt8>
  let path: String
  var p: UnsafePointer<UInt8>
  var line = 1
  /// Where the line starts, moved on by each continuation byte so that columns count scalars.
  var lineStart: UnsafePointer<UInt8>

  init(start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, path: String) {
    self.end = end
    self.path = path
    p = start
    if end - start >= 3, start[0] == 0xEF, start[1] == 0xBB, start[2] == 0xBF { p += 3 }
    lineStart = p
  }

  var column: Int { p - lineStart + 1 }

  mutating func parseDocument() throws -> JSONValue {
    skipSpace()
    if p == end {
      throw error(
        "the file is empty", hint: "it should hold one JSON object, for example {\"N\": 3}")
    }
    let value = try parseValue(depth: 0)
    skipSpace()
    if p != end {
      throw error("\(found()) after the end of the JSON value", hint: "remove what follows it")
    }
    return value
  }

  mutating func skipSpace() {
    while p < end {
      switch p.pointee {
      case 0x0A:
        line += 1
        lineStart = p + 1
      case 0x20, 0x09, 0x0D: break
      default: return
      }
      p += 1
    }
  }

  mutating func parseValue(depth: Int) throws -> JSONValue {
    let line = self.line
    let column = self.column
    switch p < end ? p.pointee : 0 {
    case UInt8(ascii: "{"):
      return JSONValue(.object(try parseObject(depth: depth)), line: line, column: column)
    case UInt8(ascii: "["):
      return JSONValue(.array(try parseArray(depth: depth)), line: line, column: column)
    case UInt8(ascii: "\""):
      return JSONValue(.string(try parseString()), line: line, column: column)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      return JSONValue(try parseNumber(), line: line, column: column)
    default:
      if let word = literal() { return JSONValue(word, line: line, column: column) }
      throw unexpectedValue()
    }
  }

  mutating func parseNumber() throws -> JSONValue.Content {
    guard let scanned = scanDecimal(p, end: end), !scanned.isLoose else {
      throw unexpectedValue()
    }
    if p + scanned.length < end, isWordByte(p[scanned.length]) { throw unexpectedValue() }
    if !scanned.value.isFinite {
      throw error(
        "\(found()) is beyond the largest number, 1.8e308",
        hint: "write \"Infinity\" (with quotation marks) where infinity is meant")
    }
    let isNegative = p.pointee == UInt8(ascii: "-")
    p += scanned.length
    if scanned.isWhole, scanned.isExact, !isNegative, scanned.digits > 1 << 53 {
      return .largeInteger(scanned.digits)
    }
    return .number(scanned.value)
  }

  mutating func parseArray(depth: Int) throws -> [JSONValue] {
    try checkDepth(depth)
    let opened = (line: line, column: column)
    p += 1
    var values: [JSONValue] = []
    skipSpace()
    if p < end && p.pointee == UInt8(ascii: "]") {
      p += 1
      return values
    }
    while true {
      values.append(try parseValue(depth: depth + 1))
      skipSpace()
      switch p < end ? p.pointee : 0 {
      case UInt8(ascii: ","):
        let comma = (line: line, column: column)
        p += 1
        skipSpace()
        if p < end && p.pointee == UInt8(ascii: "]") { throw trailingComma(comma, "]") }
      case UInt8(ascii: "]"):
        p += 1
        return values
      default:
        throw unclosed(opened, "array", "]")
      }
    }
  }

  mutating func parseObject(depth: Int) throws -> [JSONMember] {
    try checkDepth(depth)
    let opened = (line: line, column: column)
    p += 1
    var members: [JSONMember] = []
    var places: [String: Int] = [:]
    skipSpace()
    if p < end && p.pointee == UInt8(ascii: "}") {
      p += 1
      return members
    }
    while true {
      guard p < end, p.pointee == UInt8(ascii: "\"") else {
        if p == end { throw unclosed(opened, "object", "}") }
        throw error(
          "found \(found()) where the name of a value was expected",
          hint: "names are written in double quotation marks: {\"N\": 3}")
      }
      let keyLine = line
      let keyColumn = column
      let key = try parseString()
      if let earlier = places.updateValue(keyLine, forKey: key) {
        throw error(
          "\(quotedForMessage(key)) is given twice, first on line \(earlier)",
          hint: "remove or rename one of the two", line: keyLine, column: keyColumn)
      }
      skipSpace()
      guard p < end, p.pointee == UInt8(ascii: ":") else {
        throw error(
          "found \(found()) where ':' was expected after \(quotedForMessage(key))", hint: nil)
      }
      p += 1
      skipSpace()
      let value = try parseValue(depth: depth + 1)
      members.append(JSONMember(key: key, value: value, keyLine: keyLine, keyColumn: keyColumn))
      skipSpace()
      switch p < end ? p.pointee : 0 {
      case UInt8(ascii: ","):
        let comma = (line: line, column: column)
        p += 1
        skipSpace()
        if p < end && p.pointee == UInt8(ascii: "}") { throw trailingComma(comma, "}") }
      case UInt8(ascii: "}"):
        p += 1
        return members
      default:
        throw unclosed(opened, "object", "}")
      }
    }
  }
}

// Strings and words.
extension JSONParser {
  mutating func parseString() throws -> String {
    let opened = (line: line, column: column)
    p += 1
    var bytes: [UInt8] = []
    var run = p
    func flush(_ parser: JSONParser) {
      bytes.append(contentsOf: UnsafeBufferPointer(start: run, count: parser.p - run))
    }
    while true {
      guard p < end, p.pointee != 0x0A else {
        throw error(
          "the text that starts here has no closing quotation mark",
          hint: "a line break inside text is written \\n", line: opened.line, column: opened.column)
      }
      switch p.pointee {
      case UInt8(ascii: "\""):
        flush(self)
        p += 1
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw error(
            "this text is not valid UTF-8", hint: "save the file as UTF-8", line: opened.line,
            column: opened.column)
        }
        return text
      case UInt8(ascii: "\\"):
        flush(self)
        try parseEscape(into: &bytes)
        run = p
      case 0..<0x20:
        throw error(
          "a control character inside text", hint: "write it as an escape, for example \\t")
      default:
        if p.pointee & 0xC0 == 0x80 { lineStart += 1 }
        p += 1
      }
    }
  }

  private mutating func parseEscape(into bytes: inout [UInt8]) throws {
    let letter = p + 1 < end ? p[1] : 0
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
      UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
      UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let byte = plain[letter] {
      bytes.append(byte)
      p += 2
      return
    }
    if letter == UInt8(ascii: "u"), let first = hexUnit(at: p + 2) {
      var code = UInt32(first)
      var length = 6
      if (0xD800..<0xDC00).contains(first), end - p >= 12, p[6] == UInt8(ascii: "\\"),
        p[7] == UInt8(ascii: "u"), let second = hexUnit(at: p + 8),
        (0xDC00..<0xE000).contains(second)
      {
        code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        length = 12
      }
      if let scalar = Unicode.Scalar(code) {
        bytes.append(contentsOf: UTF8.encode(scalar)!)
        p += length
        return
      }
    }
    throw error(
      "an escape that JSON does not have",
      hint: "a backslash itself is written \\\\; \\uXXXX takes four hexadecimal digits")
  }

  private func hexUnit(at q: UnsafePointer<UInt8>) -> UInt16? {
    guard end - q >= 4 else { return nil }
    var unit: UInt16 = 0
    for i in 0..<4 {
      guard let digit = Character(Unicode.Scalar(q[i])).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// Takes `true`, `false` or `null` if one stands here as a whole word.
  mutating func literal() -> JSONValue.Content? {
    let text = word()
    let content: JSONValue.Content
    switch text {
    case "true": content = .bool(true)
    case "false": content = .bool(false)
    case "null": content = .null
    default: return nil
    }
    p += text.utf8.count
    return content
  }

  /// The letters, digits, signs and points that stand here, at most 40.
  func word() -> String {
    var q = p
    while q < end, q - p < 40, isWordByte(q.pointee) { q += 1 }
    return String(decoding: UnsafeBufferPointer(start: p, count: q - p), as: UTF8.self)
  }

  func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: false
    }
  }
}

// What a mistake is called.
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
