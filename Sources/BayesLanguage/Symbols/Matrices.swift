// One square matrix for each position of an axis.

internal import BayesGraph

/// Square matrices, one for each position of an axis: the covariances of a mixture's components.
///
/// ```swift
/// @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
/// ```
///
/// A distribution of matrices on the right of `~` holds for each of them. In the graph they are one matrix,
/// the square ones below each other.
public struct Matrices: SymbolicType, ContinuousType {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .matrices }

  /// The matrix at a 0-based position.
  public subscript(position: Int) -> Matrix { Matrix(term: Term(.block(term, position))) }

  /// The matrix that the label of a row names.
  ///
  /// An argument of a distribution has one matrix for all rows, so that the label is an unknown one, which is
  /// assumed while it is summed out, or a known one that is the same in all rows.
  public subscript(labels: some LabelColumn) -> Matrix {
    Matrix(term: Term(.gatherBlocks(term, labels.term)))
  }
}
