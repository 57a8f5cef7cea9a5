// A JSON value that knows where in its file it stands.

/// A JSON value with the place of its first character.
///
/// Used for everything the engine reads or writes as JSON: data, initial values, points at which to
/// evaluate a density, and the record of a run. Values made in code stand at line 0.
public struct JSONValue: Sendable {
  /// What the value is.
  public enum Content: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A whole number above 2⁵³ written without point or exponent, kept exactly (seeds).
    case largeInteger(UInt64)
    /// Text, unescaped.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order; no key occurs twice in what was parsed.
    case object([JSONMember])
  }

  /// What the value is.
  public let content: Content
  private let storedLine: Int32
  private let storedColumn: Int32

  /// A value found at a 1-based line and column, or made in code.
  public init(_ content: Content, line: Int = 0, column: Int = 0) {
    self.content = content
    storedLine = Int32(clamping: line)
    storedColumn = Int32(clamping: column)
  }

  /// The 1-based line of the value's first character; 0 for a value made in code.
  public var line: Int { Int(storedLine) }
  /// The 1-based column, in Unicode scalars, of the value's first character.
  public var column: Int { Int(storedColumn) }
}

/// A key of an object with its value.
public struct JSONMember: Sendable {
  /// The key, unescaped.
  public let key: String
  /// The value.
  public let value: JSONValue
  /// The 1-based line of the key.
  public let keyLine: Int
  /// The 1-based column of the key.
  public let keyColumn: Int

  /// A member found at a 1-based line and column, or made in code.
  public init(key: String, value: JSONValue, keyLine: Int = 0, keyColumn: Int = 0) {
    self.key = key
    self.value = value
    self.keyLine = keyLine
    self.keyColumn = keyColumn
  }
}

extension JSONValue {
  /// The number, a whole number beyond 2⁵³ rounded; `nil` for anything else.
  public var number: Double? {
    switch content {
    case .number(let value): value
    case .largeInteger(let value): Double(value)
    default: nil
    }
  }

  /// The number where it is whole and exact, or `nil`.
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// The number where it is whole, not negative and exact, or `nil`: what a seed is read with.
  public var unsigned: UInt64? {
    if case .largeInteger(let value) = content { return value }
    return number.flatMap { UInt64(exactly: $0) }
  }

  /// The text, or `nil` for anything but a string.
  public var string: String? {
    if case .string(let value) = content { value } else { nil }
  }

  /// The truth value, or `nil` for anything but `true` and `false`.
  public var bool: Bool? {
    if case .bool(let value) = content { value } else { nil }
  }

  /// The elements, or `nil` for anything but an array.
  public var array: [JSONValue]? {
    if case .array(let values) = content { values } else { nil }
  }

  /// The members in the order of the file, or `nil` for anything but an object.
  public var object: [JSONMember]? {
    if case .object(let members) = content { members } else { nil }
  }

  /// The value of a key, or `nil` if this is no object or has no such key.
  public subscript(key: String) -> JSONValue? {
    object?.first { $0.key == key }?.value
  }

  /// A whole number, exact at any size.
  public static func integer(_ value: some BinaryInteger) -> JSONValue {
    if let exact = Double(exactly: value), abs(exact) <= 0x1p53 { return JSONValue(.number(exact)) }
    if let large = UInt64(exactly: value) { return JSONValue(.largeInteger(large)) }
    return JSONValue(.number(Double(value)))
  }

  /// An array of numbers.
  public static func numbers(_ values: some Sequence<Double>) -> JSONValue {
    JSONValue(.array(values.map { JSONValue(.number($0)) }))
  }

  /// An array of strings.
  public static func strings(_ values: some Sequence<String>) -> JSONValue {
    JSONValue(.array(values.map { JSONValue(.string($0)) }))
  }

  /// What the value is, as a message says it: `a number`, `the text "a"`, `an array of 3`.
  public var summary: String {
    switch content {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number, .largeInteger: "the number \(jsonText(self))"
    case .string(let text): "the text \(quotedForMessage(text))"
    case .array(let values): values.isEmpty ? "an empty array" : "an array of \(values.count)"
    case .object: "an object"
    }
  }
}

/// Equal content; places do not count.
extension JSONValue: Equatable {
  /// Whether two values have the same content, wherever they stand.
  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a.content, b.content) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.number(let x), .number(let y)): x == y
    case (.largeInteger(let x), .largeInteger(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)):
      x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self.init(.string(value)) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(.number(value)) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
  /// `null`.
  public init(nilLiteral: ()) { self.init(.null) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self.init(.array(elements)) }
  /// An object whose keys keep the order written.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(.object(elements.map { JSONMember(key: $0.0, value: $0.1) }))
  }
}

/// Text in quotation marks for a message: one line, at most 40 characters.
package func quotedForMessage(_ text: String) -> String {
  let visible = text.prefix(40).map { $0.isNewline ? "⏎" : String($0) }.joined()
  return "\"\(visible)\(text.count > 40 ? "…" : "")\""
}
