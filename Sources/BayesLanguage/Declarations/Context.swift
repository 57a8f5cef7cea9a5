// What is known of a round of a bandit before the choice.

import BayesCore

/// What is known of a round of a ``Bandit`` before the choice is made: a number, a vector, or a position
/// of an axis.
///
/// ```swift
/// @Context var hour: Real
/// @Context(over: \Self.feature) var x: Vector
/// @Context(in: \Self.segment) var visitor: Choice
/// ```
@propertyWrapper
public struct Context<Value: DeclaredType>: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue? { nil }

  /// A number.
  public init(
    named column: String? = nil, file: String = #filePath, line: Int = #line
  ) where Value == Real {
    declaration = Declaration(
      role: .context, kind: Value.kind, column: column,
      location: SourceLocation(path: file, line: line))
  }

  /// A vector over an axis.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) where Value == Vector {
    declaration = Declaration(
      role: .context, kind: Value.kind, axes: [reference(axis)], column: column,
      location: SourceLocation(path: file, line: line))
  }

  /// A position of an axis.
  public init<Owner>(
    in target: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) where Value == Choice {
    declaration = Declaration(
      role: .context, kind: Value.kind, target: reference(target), column: column,
      location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Value { Value(term: Term(.declared(declaration.key))) }
}
