// What the value of an option can be: text on the command line, a Swift value, JSON in the record.

/// A value that is written on the command line.
///
/// Numbers and text conform; an enum of choices conforms by being a `String` enum with `CaseIterable`.
public protocol ArgumentValue: Sendable, SendableMetatype {
  /// Reads the text, or returns `nil` where it is no such value.
  init?(argument: String)
  /// The value as a user would write it.
  var argumentText: String { get }
  /// The value in the record of a run.
  var echo: ArgumentEcho { get }
  /// What stands for the value in help, for example `N`.
  static var placeholder: String { get }
  /// What a value is, as a message says it, for example `a whole number`.
  static var expectation: String { get }
  /// All possible values, where there are few; else empty.
  static var choices: [String] { get }
}

/// A setting as the record of a run holds it.
public indirect enum ArgumentEcho: Sendable, Equatable {
  /// No value: an option that was not given and has no default.
  case none
  /// Whether a switch is set.
  case flag(Bool)
  /// A whole number.
  case integer(Int64)
  /// A whole number of 64 bits without sign, a seed.
  case unsigned(UInt64)
  /// A number.
  case number(Double)
  /// Text, or the name of a choice.
  case text(String)
  /// The values of a repeatable argument.
  case list([ArgumentEcho])
}

extension ArgumentValue {
  /// No list of choices.
  public static var choices: [String] { [] }
}

extension Int: ArgumentValue {
  /// Reads a whole number.
  public init?(argument: String) { self.init(argument) }
  /// The digits.
  public var argumentText: String { String(self) }
  /// An integer.
  public var echo: ArgumentEcho { .integer(Int64(self)) }
  /// `N`.
  public static var placeholder: String { "N" }
  /// A whole number.
  public static var expectation: String { "a whole number" }
}

extension UInt64: ArgumentValue {
  /// Reads a whole number that is not negative.
  public init?(argument: String) { self.init(argument, radix: 10) }
  /// The digits.
  public var argumentText: String { String(self) }
  /// An integer.
  public var echo: ArgumentEcho { .unsigned(self) }
  /// `N`.
  public static var placeholder: String { "N" }
  /// A whole number of 64 bits without sign.
  public static var expectation: String { "a whole number from 0 to 18446744073709551615" }
}

extension Double: ArgumentValue {
  /// Reads a finite decimal number.
  public init?(argument: String) {
    guard let value = Double(argument), value.isFinite,
      argument.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) })
    else { return nil }
    self = value
  }
  /// The shortest text that reads back to the same number, without `.0`.
  public var argumentText: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  /// A number.
  public var echo: ArgumentEcho { .number(self) }
  /// `X`.
  public static var placeholder: String { "X" }
  /// A number.
  public static var expectation: String { "a number" }
}

extension String: ArgumentValue {
  /// Takes any text but the empty one.
  public init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self = argument
  }
  /// The text.
  public var argumentText: String { self }
  /// Text.
  public var echo: ArgumentEcho { .text(self) }
  /// `TEXT`.
  public static var placeholder: String { "TEXT" }
  /// Text that is not empty.
  public static var expectation: String { "text that is not empty" }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  /// Reads the name of a case.
  public init?(argument: String) { self.init(rawValue: argument) }
  /// The name of the case.
  public var argumentText: String { rawValue }
  /// The name of the case.
  public var echo: ArgumentEcho { .text(rawValue) }
  /// The names, as `a|b|c`.
  public static var placeholder: String { choices.joined(separator: "|") }
  /// The names, as "one of a, b, c".
  public static var expectation: String { "one of \(choices.joined(separator: ", "))" }
  /// The names of the cases.
  public static var choices: [String] { allCases.map(\.rawValue) }
}
