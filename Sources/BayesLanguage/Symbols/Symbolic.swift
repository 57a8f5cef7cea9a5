// What may be an argument of a distribution or a part of an expression.

/// A symbolic value: `Real`, `Vector`, `Matrix`, …, or a `Double`.
///
/// `Int` does not conform, on purpose: with it `Beta(1/2, 1/2)` would silently be `Beta(0, 0)`.
public protocol Symbolic: Sendable {
  /// The expression behind the value.
  var term: Term { get }
}

extension Double: Symbolic {
  public var term: Term { Term(.constant(self)) }
}
