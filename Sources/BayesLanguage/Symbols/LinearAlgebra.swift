// Sums, products and factors of vectors and matrices.

internal import BayesGraph

/// All elements added up.
public func sum(_ x: Vector) -> Real { Real(term: Term(.reduce(.sum, x.term))) }
/// All elements added up.
public func sum(_ x: Matrix) -> Real { Real(term: Term(.reduce(.sum, x.term))) }
/// All elements added up.
public func sum(_ x: Counts) -> Real { Real(term: Term(.reduce(.sum, x.term))) }
/// How many hold.
public func sum(_ x: Truths) -> Real { Real(term: Term(.reduce(.sum, x.term))) }

/// The sum of each row.
public func rowSums(_ x: Matrix) -> Vector { Vector(term: Term(.rowSums(x.term))) }

/// The arithmetic mean.
public func mean(_ x: Vector) -> Real { Real(term: Term(.mean(x.term))) }
/// The arithmetic mean.
public func mean(_ x: Counts) -> Real { Real(term: Term(.mean(x.term))) }
/// The share that holds.
public func mean(_ x: Truths) -> Real { Real(term: Term(.mean(x.term))) }

/// The greatest element.
public func max(_ x: Vector) -> Real { Real(term: Term(.reduce(.maximum, x.term))) }

/// log Σ exp over all elements, without overflow.
public func logSumExp(_ x: Vector) -> Real { Real(term: Term(.reduce(.logSumExp, x.term))) }
/// log(exp a + exp b), without overflow.
public func logSumExp(_ a: Real, _ b: Real) -> Real {
  Real(term: Term(.logSumExp([a.term, b.term])))
}
/// log(exp a + exp b), without overflow, elementwise.
public func logSumExp(_ a: Vector, _ b: Vector) -> Vector {
  Vector(term: Term(.logSumExp([a.term, b.term])))
}
/// log Σ exp over several numbers, without overflow.
public func logSumExp(_ terms: [Real]) -> Real { Real(term: Term(.logSumExp(terms.map(\.term)))) }

/// Sums of the elements up to and including each.
public func cumulativeSum(_ x: Vector) -> Vector { Vector(term: Term(.cumulativeSum(x.term))) }

/// The inner product of two vectors.
public func dot(_ a: Vector, _ b: Vector) -> Real { sum(a * b) }

/// a bᵀ.
public func outer(_ a: Vector, _ b: Vector) -> Matrix {
  Matrix(term: Term(.outer(a.term, b.term)))
}

/// The lower Cholesky factor of a symmetric positive definite matrix; NaN where it is not.
public func cholesky(_ a: Matrix) -> Matrix { Matrix(term: Term(.cholesky(a.term))) }

/// The diagonal of a square matrix.
public func diagonal(_ a: Matrix) -> Vector { Vector(term: Term(.diagonal(a.term))) }
/// A vector as the diagonal of a matrix that is 0 elsewhere.
public func diagonal(_ x: Vector) -> Matrix { Matrix(term: Term(.diagonalMatrix(x.term))) }

/// The elementwise product of two matrices of one shape.
public func elementwise(_ a: Matrix, _ b: Matrix) -> Matrix { Matrix(.multiply, a, b) }

extension Matrix {
  /// Matrix times vector.
  public static func * (a: Matrix, x: Vector) -> Vector {
    Vector(term: Term(.matrixVector(a.term, x.term)))
  }

  /// Matrix times matrix.
  public static func * (a: Matrix, b: Matrix) -> Matrix {
    Matrix(term: Term(.matrixMatrix(a.term, b.term)))
  }

  /// Rows and columns exchanged.
  public var transposed: Matrix { Matrix(term: Term(.transpose(term))) }
}

/// Rows and columns exchanged.
public func transpose(_ a: Matrix) -> Matrix { a.transposed }
