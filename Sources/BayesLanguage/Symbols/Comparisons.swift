// Comparisons: symbolic, so that their value may differ from draw to draw.

internal import BayesGraph

/// Comparison; the result is 1 where it holds, else 0.
extension Real {
  public static func < (a: Real, b: Real) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Real, b: Real) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Real, b: Real) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Real, b: Real) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Real, b: Real) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Real, b: Real) -> Truth { !(a == b) }

  public static func < (a: Real, b: Double) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Real, b: Double) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Real, b: Double) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Real, b: Double) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Real, b: Double) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Real, b: Double) -> Truth { !(a == b) }

  public static func < (a: Double, b: Real) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Double, b: Real) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Double, b: Real) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Double, b: Real) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Double, b: Real) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Double, b: Real) -> Truth { !(a == b) }
}

/// Comparison; the result is 1 where it holds, else 0.
extension Count {
  public static func < (a: Count, b: Double) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Count, b: Double) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Count, b: Double) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Count, b: Double) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Count, b: Double) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Count, b: Double) -> Truth { !(a == b) }

  public static func < (a: Count, b: Count) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Count, b: Count) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Count, b: Count) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Count, b: Count) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Count, b: Count) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Count, b: Count) -> Truth { !(a == b) }

  public static func < (a: Count, b: Real) -> Truth { Truth(.less, a, b) }
  public static func <= (a: Count, b: Real) -> Truth { Truth(.lessOrEqual, a, b) }
  public static func > (a: Count, b: Real) -> Truth { Truth(.less, b, a) }
  public static func >= (a: Count, b: Real) -> Truth { Truth(.lessOrEqual, b, a) }
  public static func == (a: Count, b: Real) -> Truth { Truth(.equal, a, b) }
  public static func != (a: Count, b: Real) -> Truth { !(a == b) }
}

/// Elementwise comparison; the result is 1 where it holds, else 0.
extension Vector {
  public static func < (a: Vector, b: Vector) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Vector, b: Vector) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Vector, b: Vector) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Vector, b: Vector) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Vector, b: Vector) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Vector, b: Vector) -> Truths { !(a == b) }

  public static func < (a: Vector, b: Real) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Vector, b: Real) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Vector, b: Real) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Vector, b: Real) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Vector, b: Real) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Vector, b: Real) -> Truths { !(a == b) }

  public static func < (a: Real, b: Vector) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Real, b: Vector) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Real, b: Vector) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Real, b: Vector) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Real, b: Vector) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Real, b: Vector) -> Truths { !(a == b) }

  public static func < (a: Vector, b: Double) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Vector, b: Double) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Vector, b: Double) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Vector, b: Double) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Vector, b: Double) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Vector, b: Double) -> Truths { !(a == b) }

  public static func < (a: Double, b: Vector) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Double, b: Vector) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Double, b: Vector) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Double, b: Vector) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Double, b: Vector) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Double, b: Vector) -> Truths { !(a == b) }
}

/// Elementwise comparison; the result is 1 where it holds, else 0.
extension Counts {
  public static func < (a: Counts, b: Counts) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Counts, b: Counts) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Counts, b: Counts) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Counts, b: Counts) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Counts, b: Counts) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Counts, b: Counts) -> Truths { !(a == b) }

  public static func < (a: Counts, b: Double) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Counts, b: Double) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Counts, b: Double) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Counts, b: Double) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Counts, b: Double) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Counts, b: Double) -> Truths { !(a == b) }

  public static func < (a: Counts, b: Vector) -> Truths { Truths(.less, a, b) }
  public static func <= (a: Counts, b: Vector) -> Truths { Truths(.lessOrEqual, a, b) }
  public static func > (a: Counts, b: Vector) -> Truths { Truths(.less, b, a) }
  public static func >= (a: Counts, b: Vector) -> Truths { Truths(.lessOrEqual, b, a) }
  public static func == (a: Counts, b: Vector) -> Truths { Truths(.equal, a, b) }
  public static func != (a: Counts, b: Vector) -> Truths { !(a == b) }
}

/// Logic of comparisons.
extension Truth {
  init(_ op: BinaryOp, _ a: some Symbolic, _ b: some Symbolic) {
    self.init(term: Term(.binary(op, a.term, b.term)))
  }

  /// Where both hold.
  public static func && (a: Truth, b: Truth) -> Truth { Truth(.multiply, a, b) }
  /// Where at least one holds.
  public static func || (a: Truth, b: Truth) -> Truth { Truth(.maximum, a, b) }
  /// Where it does not hold.
  public static prefix func ! (a: Truth) -> Truth { Truth(.equal, a, 0.0) }
}

/// Elementwise logic of comparisons.
extension Truths {
  init(_ op: BinaryOp, _ a: some Symbolic, _ b: some Symbolic) {
    self.init(term: Term(.binary(op, a.term, b.term)))
  }

  /// Where both hold.
  public static func && (a: Truths, b: Truths) -> Truths { Truths(.multiply, a, b) }
  /// Where at least one holds.
  public static func || (a: Truths, b: Truths) -> Truths { Truths(.maximum, a, b) }
  /// Where it does not hold.
  public static prefix func ! (a: Truths) -> Truths { Truths(.equal, a, 0.0) }
}

/// `a` where the condition holds, else `b`; the branch not taken adds nothing to the gradient.
public func select(_ condition: Truths, _ a: some Symbolic, _ b: some Symbolic) -> Vector {
  Vector(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Real, _ b: Real) -> Real {
  Real(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Real, _ b: Double) -> Real {
  Real(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Double, _ b: Real) -> Real {
  Real(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Double, _ b: Double) -> Real {
  Real(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Vector, _ b: Vector) -> Vector {
  Vector(term: Term(.select(condition.term, a.term, b.term)))
}

/// `a` if the condition holds, else `b`.
public func select(_ condition: Truth, _ a: Matrix, _ b: Matrix) -> Matrix {
  Matrix(term: Term(.select(condition.term, a.term, b.term)))
}
