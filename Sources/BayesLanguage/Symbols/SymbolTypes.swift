// The symbolic types of the language.

/// A type that a property of a model may have; all that are available are symbolic types.
public protocol DeclaredType: Sendable {
  init(term: Term)
  /// What the type stands for.
  static var kind: SymbolKind { get }
}

/// A symbolic type that a property of a model may have.
public protocol SymbolicType: Symbolic, DeclaredType {}

/// What a symbolic type stands for.
public enum SymbolKind: String, Sendable {
  case real = "a number"
  case vector = "a vector"
  case matrix = "a matrix"
  case matrices = "square matrices, one for each position of an axis"
  case count = "a whole number"
  case counts = "a vector of whole numbers"
  case indices = "an index column"
  case labels = "a column of unknown labels"
  case choice = "one position of an axis"

  /// The number of dimensions.
  var rank: Int {
    switch self {
    case .real, .count, .choice: 0
    case .vector, .counts, .indices, .labels: 1
    case .matrix: 2
    case .matrices: 3
    }
  }

  var isWhole: Bool { self == .count || self == .counts }
}

/// A type that an unknown or a recorded quantity may have: `Real`, `Vector`, `Matrix`.
public protocol ContinuousType: DeclaredType {}

/// A real number.
public struct Real: SymbolicType, ContinuousType {
  public let term: Term
  public init(term: Term) { self.term = term }
  /// A number written in the model.
  public init(_ value: Double) { self.init(term: value.term) }
  /// A whole number as a real one.
  public init(_ value: Count) { self.init(term: value.term) }
  /// 1 where it holds, else 0.
  public init(_ value: Truth) { self.init(term: value.term) }
  public static var kind: SymbolKind { .real }
}

/// Real numbers in a row.
public struct Vector: SymbolicType, ContinuousType {
  public let term: Term
  public init(term: Term) { self.term = term }
  /// Numbers written in the model.
  public init(_ values: [Double]) { self.init(term: Term(.numbers(values))) }
  /// Several numbers one after another.
  public init(_ values: [Real]) { self.init(term: Term(.concatenate(values.map(\.term)))) }
  /// Several vectors one after another.
  public init(_ values: [Vector]) { self.init(term: Term(.concatenate(values.map(\.term)))) }
  /// Whole numbers as real ones.
  public init(_ value: Counts) { self.init(term: value.term) }
  /// 1 where it holds, else 0.
  public init(_ value: Truths) { self.init(term: value.term) }
  public static var kind: SymbolKind { .vector }
}

/// Real numbers in rows and columns.
public struct Matrix: SymbolicType, ContinuousType {
  public let term: Term
  public init(term: Term) { self.term = term }
  /// Vectors of one size as rows.
  public init(rows: [Vector]) { self.init(term: Term(.stack(rows.map(\.term)))) }
  public static var kind: SymbolKind { .matrix }
}

/// One whole number of the data, at least 0.
public struct Count: SymbolicType {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .count }
}

/// Whole numbers of the data, at least 0.
public struct Counts: SymbolicType {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .counts }
}

/// A column of the data that names, row by row, an element of an axis: `alpha[countyOf]`.
///
/// In data files it holds labels of the axis or 1-based positions.
public struct Indices: SymbolicType, LabelColumn {
  public let term: Term
  public init(term: Term) { self.term = term }
  public static var kind: SymbolKind { .indices }
}

/// The result of a comparison of numbers; 1 where it holds, else 0.
///
/// It is not a `Bool`: its value may differ from draw to draw, so that `if mu > 0` does not compile.
public struct Truth: Symbolic {
  public let term: Term
}

/// The results of an elementwise comparison; 1 where it holds, else 0.
public struct Truths: Symbolic {
  public let term: Term
}
