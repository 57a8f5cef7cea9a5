// The data that the model takes as fixed.

import BayesCore

/// Data that the model takes as fixed: it never stands on the left of a `~`.
///
/// ```swift
/// @Given(over: \Self.house) var floor: Vector
/// @Given(over: \Self.house, in: \Self.county) var countyOf: Indices
/// @Given(over: \Self.row, \Self.column, named: "design") var X: Matrix
/// ```
@propertyWrapper
public struct Given<Value: DeclaredType>: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue?

  /// A quantity without a named dimension.
  public init(
    named column: String? = nil, file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .given, kind: Value.kind, column: column,
      location: SourceLocation(path: file, line: line))
  }

  /// A vector over an axis.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .given, kind: Value.kind, axes: [reference(axis)], column: column,
      location: SourceLocation(path: file, line: line))
  }

  /// A matrix over two axes, rows first.
  public init<Owner>(
    over rows: any KeyPath<Owner, Axis> & Sendable,
    _ columns: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .given, kind: Value.kind, axes: [reference(rows), reference(columns)], column: column,
      location: SourceLocation(path: file, line: line))
  }

  /// An index column over one axis that names elements of another.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable,
    in target: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) where Value == Indices {
    declaration = Declaration(
      role: .given, kind: Value.kind, axes: [reference(axis)], target: reference(target),
      column: column, location: SourceLocation(path: file, line: line))
  }

  /// An index column without a named dimension that names elements of an axis.
  public init<Owner>(
    in target: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) where Value == Indices {
    declaration = Declaration(
      role: .given, kind: Value.kind, target: reference(target), column: column,
      location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Value { Value(term: Term(.declared(declaration.key))) }

  /// Through this, data is set in code, before the data of a file: `model.$y = [28, 8, -3]`.
  public var projectedValue: Handle<Value> {
    get { Handle(key: declaration.key, data: bound) }
    set { bound = newValue.data }
  }
}
