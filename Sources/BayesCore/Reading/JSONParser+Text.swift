// Strings, escapes and words of JSON.

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
