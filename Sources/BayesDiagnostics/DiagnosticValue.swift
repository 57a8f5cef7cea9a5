// A diagnostic's value, or why there is none.

/// A number, or the reason why the diagnostic has none; never NaN.
///
/// R-hat alone may be `+∞`: chains that are each constant, at different values.
public enum DiagnosticValue: Sendable, Equatable {
  case value(Double)
  case undefined(reason: String)

  /// The number, or `nil` if there is none.
  public var number: Double? {
    switch self {
    case .value(let value): value
    case .undefined: nil
    }
  }

  /// Why there is no number, or `nil` if there is one.
  public var reason: String? {
    switch self {
    case .value: nil
    case .undefined(let reason): reason
    }
  }

  /// The value, unless it is beyond what a Double holds.
  init(finite value: Double) {
    self = value.isFinite ? .value(value) : .undefined(reason: "the result overflows")
  }

  /// Applies `transform` to the number; a result that is not finite has no value.
  func mapFinite(_ transform: (Double) -> Double) -> DiagnosticValue {
    switch self {
    case .value(let value): DiagnosticValue(finite: transform(value))
    case .undefined: self
    }
  }
}

extension DiagnosticValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .value(let value): "\(value)"
    case .undefined(let reason): "no value (\(reason))"
    }
  }
}
