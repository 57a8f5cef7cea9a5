// Discrete unknowns as indices.

internal import BayesGraph

/// A column that names, row by row, an element of an axis: known (`Indices`) or unknown (`Labels`).
public protocol LabelColumn: SymbolicType {}

/// A column of discrete unknowns, declared `@Latent`: `mu[z]`.
///
/// Its values are positions counted from 0.
public struct Labels: SymbolicType, LabelColumn {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .labels }

  /// The label of each row's group: `z[groupOf]`.
  public subscript(indices: Indices) -> Labels {
    Labels(term: Term(.gather(term, indices.term)))
  }
}

extension Vector {
  /// For each row the element that its label names.
  public subscript(labels: Labels) -> Vector {
    Vector(term: Term(.gather(term, labels.term)))
  }

  /// Labels as numbers, counted from 0: the 0 or 1 of a `Bernoulli` unknown.
  public init(_ labels: Labels) { self.init(term: labels.term) }
}

extension Matrix {
  /// For each row the row of the matrix that its label names.
  public subscript(labels: Labels) -> Matrix {
    Matrix(term: Term(.gatherRows(term, labels.term)))
  }
}

/// Whether a label is the one at a position, counted from 0.
extension Labels {
  public static func == (a: Labels, b: Double) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Labels, b: Double) -> Truths { !(a == b) }
  public static func == (a: Labels, b: Labels) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Labels, b: Labels) -> Truths { !(a == b) }
}
