// Which values an option takes, as a test and in words.

/// A condition on the value of an option, with the words for it.
public struct ValueRule<Value: ArgumentValue>: Sendable {
  /// The condition in words that follow "must be", for example `at least 1`.
  public let description: String
  /// Whether a value is allowed.
  public let accepts: @Sendable (Value) -> Bool

  /// A condition of any kind.
  public init(_ description: String, accepts: @escaping @Sendable (Value) -> Bool) {
    self.description = description
    self.accepts = accepts
  }
}

extension ValueRule where Value: Comparable {
  /// `bound` and everything above.
  public static func atLeast(_ bound: Value) -> ValueRule {
    ValueRule("at least \(bound.argumentText)") { $0 >= bound }
  }

  /// Everything above `bound`.
  public static func above(_ bound: Value) -> ValueRule {
    ValueRule("above \(bound.argumentText)") { $0 > bound }
  }

  /// From one bound to the other, both included.
  public static func within(_ bounds: ClosedRange<Value>) -> ValueRule {
    ValueRule("from \(bounds.lowerBound.argumentText) to \(bounds.upperBound.argumentText)") {
      bounds.contains($0)
    }
  }

  /// Between two bounds, neither included.
  public static func between(_ lower: Value, _ upper: Value) -> ValueRule {
    ValueRule("between \(lower.argumentText) and \(upper.argumentText), neither included") {
      $0 > lower && $0 < upper
    }
  }
}
