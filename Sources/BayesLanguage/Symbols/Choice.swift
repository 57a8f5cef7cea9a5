// One position of an axis as an index: the arm of a round.

/// One position of an axis: the arm that was chosen, or the segment of a visitor. `rate[shown]`.
public struct Choice: SymbolicType {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .choice }
}

extension Vector {
  /// The element that a choice names.
  public subscript(choice: Choice) -> Real { Real(term: Term(.pick(term, choice.term))) }
}

extension Counts {
  /// The element that a choice names.
  public subscript(choice: Choice) -> Count { Count(term: Term(.pick(term, choice.term))) }
}

extension Indices {
  /// What an index column names for a choice: the category of the article that is shown.
  public subscript(choice: Choice) -> Choice { Choice(term: Term(.pick(term, choice.term))) }
}

extension Matrix {
  /// The row that a choice names.
  public subscript(choice: Choice) -> Vector { Vector(term: Term(.pickRow(term, choice.term))) }

  /// The entry that two choices name.
  public subscript(row: Choice, column: Choice) -> Real { self[row][column] }
}
