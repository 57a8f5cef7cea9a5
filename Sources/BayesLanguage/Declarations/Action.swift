// What is chosen in each round of a bandit.

import BayesCore

/// What is chosen in each round of a ``Bandit``: a position of an axis, its arms.
///
/// ```swift
/// let arm = Axis(["A", "B", "C"])
/// @Action(over: \Self.arm) var shown: Choice
/// ```
///
/// It is used as an index, `clicked ~ Bernoulli(rate[shown])`, and has no distribution: it is set, not observed.
@propertyWrapper
public struct Action: Declaring, Sendable {
  let declaration: Declaration
  var bound: DataValue? { nil }

  /// One of the positions of an axis.
  ///
  /// - Parameter column: its name in logs, where it is not the property's.
  public init<Owner>(
    over axis: any KeyPath<Owner, Axis> & Sendable, named column: String? = nil,
    file: String = #filePath, line: Int = #line
  ) {
    declaration = Declaration(
      role: .action, kind: .choice, target: reference(axis), column: column,
      location: SourceLocation(path: file, line: line))
  }

  public var wrappedValue: Choice { Choice(term: Term(.declared(declaration.key))) }
}
