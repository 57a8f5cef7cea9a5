// A quantity that is recorded with the draws.

import BayesCore

/// A quantity computed from others and recorded with the draws; `body` defines it once:
/// `theta <- mu + tau * eta`. It may be used anywhere, before its definition as well.
@propertyWrapper
public struct Derived<Value: ContinuousType>: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue? { nil }

  /// A quantity without a named dimension.
  public init(
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .derived, kind: Value.kind,
      location: SourceLocation(path: file, line: line))
  }

  /// A vector over an axis.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .derived, kind: Value.kind, axes: [reference(axis)],
      location: SourceLocation(path: file, line: line))
  }

  /// A matrix over two axes, rows first.
  public init<Owner>(
    over rows: any KeyPath<Owner, Axis> & Sendable,
    _ columns: any KeyPath<Owner, Axis> & Sendable,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .derived, kind: Value.kind, axes: [reference(rows), reference(columns)],
      location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Value { Value(term: Term(.declared(declaration.key))) }

  /// Through this, results are read: `fit[model.$theta]`.
  public var projectedValue: Handle<Value> { Handle(key: declaration.key) }
}
