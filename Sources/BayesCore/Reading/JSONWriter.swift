// JSON text from values: the order as given, numbers that read back to the same bits.

/// Writes a value as JSON.
///
/// Keys keep their order and numbers their shortest text that reads back to the same double, so the
/// same value is always the same text. JSON has no NaN or infinity: a number that is not finite is
/// written as `null`, which here means "a statistic that has no value".
///
/// - Parameter indented: whether objects, and arrays of anything but plain values, take a line per
///   element, indented by two spaces; the text then ends with a newline.
public func jsonText(_ value: JSONValue, indented: Bool = false) -> String {
  var writer = JSONWriter(isIndented: indented)
  writer.write(value, depth: 0)
  if indented { writer.text += "\n" }
  return writer.text
}

/// A number as JSON writes it: whole numbers without a point, `null` where not finite.
public func jsonNumber(_ value: Double) -> String {
  guard value.isFinite else { return "null" }
  if value == value.rounded(), abs(value) <= 0x1p53, !(value == 0 && value.sign == .minus) {
    return String(Int64(value))
  }
  return value.description
}

private struct JSONWriter {
  var text = ""
  let isIndented: Bool

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value.content {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += jsonNumber(value)
    case .largeInteger(let value): text += String(value)
    case .string(let value): writeString(value)
    case .array(let values):
      let isPlain = values.allSatisfy { $0.array == nil && $0.object == nil }
      writeList("[", "]", count: values.count, breaks: isIndented && !isPlain, depth: depth) {
        $0.write(values[$1], depth: depth + 1)
      }
    case .object(let members):
      writeList("{", "}", count: members.count, breaks: isIndented, depth: depth) {
        $0.writeString(members[$1].key)
        $0.text += $0.isIndented ? ": " : ":"
        $0.write(members[$1].value, depth: depth + 1)
      }
    }
  }

  private mutating func writeList(
    _ open: String, _ close: String, count: Int, breaks: Bool, depth: Int,
    element: (inout JSONWriter, Int) -> Void
  ) {
    text += open
    for i in 0..<count {
      if i > 0 { text += isIndented && !breaks ? ", " : "," }
      if breaks { newLine(depth + 1) }
      element(&self, i)
    }
    if breaks && count > 0 { newLine(depth) }
    text += close
  }

  private mutating func newLine(_ depth: Int) {
    text += "\n"
    text += String(repeating: "  ", count: depth)
  }

  private mutating func writeString(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..."\u{1F}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
