// A continuous unknown.

import BayesCore

/// A continuous unknown; `body` gives it exactly one prior, `mu ~ Normal(0, 5)`, or each of its elements
/// one: `z[0] ~ Normal(0, 1)`, `z[1...] ~ Normal(z[..<(n - 1)], s)`.
///
/// Its support is its prior's. A stated support, `@Parameter(.positive)`, narrows that; the prior is
/// not renormalised (Stan's rule).
@propertyWrapper
public struct Parameter<Value: ContinuousType>: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue? { nil }

  /// A quantity without a named dimension.
  public init(
    _ support: SupportNarrowing? = nil, file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .parameter, kind: Value.kind, narrowing: support,
      location: SourceLocation(path: file, line: line))
  }

  /// A vector over an axis.
  public init<Owner>(
    _ support: SupportNarrowing? = nil, over axis: any KeyPath<Owner, Axis> & Sendable,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .parameter, kind: Value.kind, axes: [reference(axis)], narrowing: support,
      location: SourceLocation(path: file, line: line))
  }

  /// A matrix over two axes, rows first.
  public init<Owner>(
    _ support: SupportNarrowing? = nil, over rows: any KeyPath<Owner, Axis> & Sendable,
    _ columns: any KeyPath<Owner, Axis> & Sendable,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .parameter, kind: Value.kind, axes: [reference(rows), reference(columns)],
      narrowing: support,
      location: SourceLocation(path: file, line: line))
  }

  /// Square matrices, one for each position of an axis, rows and columns over one further axis.
  public init<Owner>(
    _ support: SupportNarrowing? = nil, over positions: any KeyPath<Owner, Axis> & Sendable,
    _ rows: any KeyPath<Owner, Axis> & Sendable, _ columns: any KeyPath<Owner, Axis> & Sendable,
    file: String = #filePath, line: Int = #line
  ) where Value == Matrices {
    declaration = Declaration(
      role: .parameter, kind: Value.kind,
      axes: [reference(positions), reference(rows), reference(columns)], narrowing: support,
      location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Value { Value(term: Term(.declared(declaration.key))) }

  /// Through this, results are read: `fit[model.$theta]`.
  public var projectedValue: Handle<Value> { Handle(key: declaration.key) }
}
