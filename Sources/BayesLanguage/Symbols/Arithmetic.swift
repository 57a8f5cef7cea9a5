// Arithmetic, overloaded by concrete type; none is generic and none takes an Int.

internal import BayesGraph

extension SymbolicType {
  init(_ op: BinaryOp, _ a: some Symbolic, _ b: some Symbolic) {
    self.init(term: Term(.binary(op, a.term, b.term)))
  }

  init(_ op: UnaryOp, _ a: some Symbolic) { self.init(term: Term(.unary(op, a.term))) }
}

/// Arithmetic of numbers.
extension Real {
  public static func + (a: Real, b: Real) -> Real { Real(.add, a, b) }
  public static func + (a: Real, b: Double) -> Real { Real(.add, a, b) }
  public static func + (a: Double, b: Real) -> Real { Real(.add, a, b) }

  public static func - (a: Real, b: Real) -> Real { Real(.subtract, a, b) }
  public static func - (a: Real, b: Double) -> Real { Real(.subtract, a, b) }
  public static func - (a: Double, b: Real) -> Real { Real(.subtract, a, b) }

  public static func * (a: Real, b: Real) -> Real { Real(.multiply, a, b) }
  public static func * (a: Real, b: Double) -> Real { Real(.multiply, a, b) }
  public static func * (a: Double, b: Real) -> Real { Real(.multiply, a, b) }

  public static func / (a: Real, b: Real) -> Real { Real(.divide, a, b) }
  public static func / (a: Real, b: Double) -> Real { Real(.divide, a, b) }
  public static func / (a: Double, b: Real) -> Real { Real(.divide, a, b) }

  public static prefix func - (a: Real) -> Real { Real(.negate, a) }
}

/// Elementwise arithmetic; a number stands for all elements.
extension Vector {
  public static func + (a: Vector, b: Vector) -> Vector { Vector(.add, a, b) }
  public static func + (a: Vector, b: Real) -> Vector { Vector(.add, a, b) }
  public static func + (a: Real, b: Vector) -> Vector { Vector(.add, a, b) }
  public static func + (a: Vector, b: Double) -> Vector { Vector(.add, a, b) }
  public static func + (a: Double, b: Vector) -> Vector { Vector(.add, a, b) }

  public static func - (a: Vector, b: Vector) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Vector, b: Real) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Real, b: Vector) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Vector, b: Double) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Double, b: Vector) -> Vector { Vector(.subtract, a, b) }

  public static func * (a: Vector, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Real) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Real, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Double) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Double, b: Vector) -> Vector { Vector(.multiply, a, b) }

  public static func / (a: Vector, b: Vector) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Vector, b: Real) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Real, b: Vector) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Vector, b: Double) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Double, b: Vector) -> Vector { Vector(.divide, a, b) }

  public static prefix func - (a: Vector) -> Vector { Vector(.negate, a) }
}

/// Elementwise arithmetic; a number stands for all elements. `*` of two matrices is their product,
/// see `elementwise`.
extension Matrix {
  public static func + (a: Matrix, b: Matrix) -> Matrix { Matrix(.add, a, b) }
  public static func + (a: Matrix, b: Real) -> Matrix { Matrix(.add, a, b) }
  public static func + (a: Real, b: Matrix) -> Matrix { Matrix(.add, a, b) }
  public static func + (a: Matrix, b: Double) -> Matrix { Matrix(.add, a, b) }
  public static func + (a: Double, b: Matrix) -> Matrix { Matrix(.add, a, b) }

  public static func - (a: Matrix, b: Matrix) -> Matrix { Matrix(.subtract, a, b) }
  public static func - (a: Matrix, b: Real) -> Matrix { Matrix(.subtract, a, b) }
  public static func - (a: Real, b: Matrix) -> Matrix { Matrix(.subtract, a, b) }
  public static func - (a: Matrix, b: Double) -> Matrix { Matrix(.subtract, a, b) }
  public static func - (a: Double, b: Matrix) -> Matrix { Matrix(.subtract, a, b) }

  public static func * (a: Matrix, b: Real) -> Matrix { Matrix(.multiply, a, b) }
  public static func * (a: Real, b: Matrix) -> Matrix { Matrix(.multiply, a, b) }
  public static func * (a: Matrix, b: Double) -> Matrix { Matrix(.multiply, a, b) }
  public static func * (a: Double, b: Matrix) -> Matrix { Matrix(.multiply, a, b) }

  public static func / (a: Matrix, b: Matrix) -> Matrix { Matrix(.divide, a, b) }
  public static func / (a: Matrix, b: Real) -> Matrix { Matrix(.divide, a, b) }
  public static func / (a: Real, b: Matrix) -> Matrix { Matrix(.divide, a, b) }
  public static func / (a: Matrix, b: Double) -> Matrix { Matrix(.divide, a, b) }
  public static func / (a: Double, b: Matrix) -> Matrix { Matrix(.divide, a, b) }

  public static prefix func - (a: Matrix) -> Matrix { Matrix(.negate, a) }
}

/// A whole number of the data counts as a number.
extension Count {
  public static func + (a: Count, b: Count) -> Real { Real(.add, a, b) }
  public static func + (a: Count, b: Real) -> Real { Real(.add, a, b) }
  public static func + (a: Real, b: Count) -> Real { Real(.add, a, b) }
  public static func + (a: Count, b: Vector) -> Vector { Vector(.add, a, b) }
  public static func + (a: Vector, b: Count) -> Vector { Vector(.add, a, b) }
  public static func + (a: Count, b: Double) -> Real { Real(.add, a, b) }
  public static func + (a: Double, b: Count) -> Real { Real(.add, a, b) }

  public static func - (a: Count, b: Count) -> Real { Real(.subtract, a, b) }
  public static func - (a: Count, b: Real) -> Real { Real(.subtract, a, b) }
  public static func - (a: Real, b: Count) -> Real { Real(.subtract, a, b) }
  public static func - (a: Count, b: Vector) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Vector, b: Count) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Count, b: Double) -> Real { Real(.subtract, a, b) }
  public static func - (a: Double, b: Count) -> Real { Real(.subtract, a, b) }

  public static func * (a: Count, b: Count) -> Real { Real(.multiply, a, b) }
  public static func * (a: Count, b: Real) -> Real { Real(.multiply, a, b) }
  public static func * (a: Real, b: Count) -> Real { Real(.multiply, a, b) }
  public static func * (a: Count, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Count) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Count, b: Double) -> Real { Real(.multiply, a, b) }
  public static func * (a: Double, b: Count) -> Real { Real(.multiply, a, b) }

  public static func / (a: Count, b: Count) -> Real { Real(.divide, a, b) }
  public static func / (a: Count, b: Real) -> Real { Real(.divide, a, b) }
  public static func / (a: Real, b: Count) -> Real { Real(.divide, a, b) }
  public static func / (a: Count, b: Vector) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Vector, b: Count) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Count, b: Double) -> Real { Real(.divide, a, b) }
  public static func / (a: Double, b: Count) -> Real { Real(.divide, a, b) }

  public static prefix func - (a: Count) -> Real { Real(.negate, a) }
}

/// Whole numbers of the data count as numbers.
extension Counts {
  public static func + (a: Counts, b: Counts) -> Vector { Vector(.add, a, b) }
  public static func + (a: Counts, b: Vector) -> Vector { Vector(.add, a, b) }
  public static func + (a: Vector, b: Counts) -> Vector { Vector(.add, a, b) }
  public static func + (a: Counts, b: Real) -> Vector { Vector(.add, a, b) }
  public static func + (a: Real, b: Counts) -> Vector { Vector(.add, a, b) }
  public static func + (a: Counts, b: Count) -> Vector { Vector(.add, a, b) }
  public static func + (a: Count, b: Counts) -> Vector { Vector(.add, a, b) }
  public static func + (a: Counts, b: Double) -> Vector { Vector(.add, a, b) }
  public static func + (a: Double, b: Counts) -> Vector { Vector(.add, a, b) }

  public static func - (a: Counts, b: Counts) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Counts, b: Vector) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Vector, b: Counts) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Counts, b: Real) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Real, b: Counts) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Counts, b: Count) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Count, b: Counts) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Counts, b: Double) -> Vector { Vector(.subtract, a, b) }
  public static func - (a: Double, b: Counts) -> Vector { Vector(.subtract, a, b) }

  public static func * (a: Counts, b: Counts) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Counts, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Counts) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Counts, b: Real) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Real, b: Counts) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Counts, b: Count) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Count, b: Counts) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Counts, b: Double) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Double, b: Counts) -> Vector { Vector(.multiply, a, b) }

  public static func / (a: Counts, b: Counts) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Counts, b: Vector) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Vector, b: Counts) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Counts, b: Real) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Real, b: Counts) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Counts, b: Count) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Count, b: Counts) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Counts, b: Double) -> Vector { Vector(.divide, a, b) }
  public static func / (a: Double, b: Counts) -> Vector { Vector(.divide, a, b) }

  public static prefix func - (a: Counts) -> Vector { Vector(.negate, a) }
}

/// What holds counts as 1, what does not as 0; for sums write `Vector(truths)`.
extension Truths {
  public static func * (a: Truths, b: Truths) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Truths, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Truths) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Truths, b: Real) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Real, b: Truths) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Truths, b: Double) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Double, b: Truths) -> Vector { Vector(.multiply, a, b) }
}

/// What holds counts as 1, what does not as 0; for sums write `Real(truth)`.
extension Truth {
  public static func * (a: Truth, b: Real) -> Real { Real(.multiply, a, b) }
  public static func * (a: Real, b: Truth) -> Real { Real(.multiply, a, b) }
  public static func * (a: Truth, b: Vector) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Vector, b: Truth) -> Vector { Vector(.multiply, a, b) }
  public static func * (a: Truth, b: Double) -> Real { Real(.multiply, a, b) }
  public static func * (a: Double, b: Truth) -> Real { Real(.multiply, a, b) }
}
