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
struct JSONParser {
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
