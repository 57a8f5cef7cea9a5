// The user's expression as written, before sizes are known.

public import BayesGraph

/// A node of the user's expression, built before sizes are known and resolved by tracing.
///
/// Terms are made while `body` runs. They form a graph that may be very deep (a recurrence over ten
/// thousand steps is a chain as long), so nothing walks it by recursion: tracing keeps an explicit
/// stack, and terms made under a trace are released newest first.
public final class Term: Sendable {
  /// The expression's form. Positions are 0-based.
  public enum Form: Sendable {
    case constant(Double)
    /// A vector of numbers written in the model.
    case numbers([Double])
    /// A declared quantity.
    case declared(Key)
    case unary(UnaryOp, Term)
    /// Elementwise; a scalar stands for all elements.
    case binary(BinaryOp, Term, Term)
    /// Where the first is not 0 the second, elsewhere the third.
    case select(Term, Term, Term)
    case reduce(ReduceOp, Term)
    /// The arithmetic mean of all elements.
    case mean(Term)
    /// log Σ exp over several terms, elementwise.
    case logSumExp([Term])
    case cumulativeSum(Term)
    /// The elements of a vector at an index column's positions.
    case gather(Term, Term)
    case element(Term, Int)
    /// Element of a matrix: row, column.
    case entry(Term, Int, Int)
    /// From a position to before another; `nil` for the end.
    case slice(Term, Int, Int?)
    case row(Term, Int)
    case column(Term, Int)
    /// The rows of a matrix at an index column's positions.
    case gatherRows(Term, Term)
    /// The entries of a matrix at two index columns' positions, rows first.
    case gatherEntries(Term, Term, Term)
    /// One of the square matrices that stand below each other.
    case block(Term, Int)
    /// The element, or the row of a matrix, at the position that a choice names.
    case pick(Term, Term)
    case pickRow(Term, Term)
    /// The square matrix that all positions of an index column name.
    case gatherBlocks(Term, Term)
    /// The flattened parts one after another, as a vector.
    case concatenate([Term])
    /// Vectors of one size as the rows of a matrix.
    case stack([Term])
    case matrixVector(Term, Term)
    case matrixMatrix(Term, Term)
    case transpose(Term)
    case outer(Term, Term)
    case cholesky(Term)
    case rowSums(Term)
    case diagonal(Term)
    /// A vector as the diagonal of a matrix of zeros.
    case diagonalMatrix(Term)
  }

  public let form: Form

  public init(_ form: Form) {
    self.form = form
    TracingContext.current?.keep(self)
  }

  /// The terms that this one is made of.
  var parts: [Term] {
    switch form {
    case .constant, .numbers, .declared: []
    case .unary(_, let x), .reduce(_, let x), .mean(let x), .cumulativeSum(let x),
      .element(let x, _),
      .entry(let x, _, _), .slice(let x, _, _), .row(let x, _), .column(let x, _),
      .transpose(let x), .cholesky(let x), .rowSums(let x), .diagonal(let x),
      .diagonalMatrix(let x),
      .block(let x, _):
      [x]
    case .binary(_, let a, let b), .gather(let a, let b), .gatherRows(let a, let b),
      .matrixVector(let a, let b), .matrixMatrix(let a, let b), .outer(let a, let b),
      .gatherBlocks(let a, let b), .pick(let a, let b), .pickRow(let a, let b):
      [a, b]
    case .select(let c, let a, let b), .gatherEntries(let c, let a, let b): [c, a, b]
    case .logSumExp(let terms), .concatenate(let terms), .stack(let terms): terms
    }
  }
}

/// The identity of a declaration; copies of a model share it.
public final class Key: Sendable, Hashable {
  public init() {}
  public static func == (a: Key, b: Key) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
