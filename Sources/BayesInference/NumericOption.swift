// One numeric setting, described once for validation, help and the command line.

/// One numeric setting of `Settings` as the command line, help and validation see it.
public struct NumericOption<Settings>: Sendable {
  /// The command line's name, without dashes.
  public let name: String
  /// The allowed values.
  public let range: ClosedRange<Double>
  /// One line for `--help`.
  public let help: String
  /// Whether only whole numbers make sense.
  public let isInteger: Bool
  /// Reads the setting; `nil` where it does not apply.
  public let value: @Sendable (Settings) -> Double?

  /// The range in words.
  public var expected: String {
    let kind = isInteger ? "a whole number" : "a number"
    if range.upperBound == .infinity { return "\(kind) from \(text(range.lowerBound)) up" }
    return "\(kind) from \(text(range.lowerBound)) to \(text(range.upperBound))"
  }

  /// The setting's value as text where it is outside its range, else `nil`.
  func violation(in settings: Settings) -> String? {
    guard let value = value(settings), !range.contains(value) else { return nil }
    return text(value)
  }

  private func text(_ x: Double) -> String { isInteger ? "\(Int(x))" : "\(x)" }
}
