// A node with its builder, so that densities can be written as formulas.

/// A value in a graph under construction.
///
/// Elementwise operations take equal shapes, or a scalar beside anything; other shapes are a
/// programmer mistake (`Shape.broadcast` tells beforehand).
public struct Tensor {
  public let builder: GraphBuilder
  public let id: NodeID

  public init(builder: GraphBuilder, id: NodeID) {
    self.builder = builder
    self.id = id
  }

  public var shape: Shape { builder.graph[id].shape }

  /// The flattened values, if this is a constant or data; `nil` if it depends on parameters.
  public var dataValues: [Double]? { builder.graph.dataValues(id) }

  /// The value if it is known without parameters: data, or one constant for all elements.
  public var knownValues: [Double]? {
    let node = builder.graph[id]
    if node.op == .fill, let value = builder.graph.dataValues(node.inputs[0]) {
      return [Double](repeating: value[0], count: node.shape.count)
    }
    return dataValues
  }

  // MARK: Arithmetic

  public static func + (a: Tensor, b: Tensor) -> Tensor { a.builder.binary(.add, a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.builder.binary(.subtract, a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.builder.binary(.multiply, a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.builder.binary(.divide, a, b) }
  public static prefix func - (a: Tensor) -> Tensor { a.builder.unary(.negate, a) }

  public static func + (a: Tensor, b: Double) -> Tensor { a + a.builder.constant(b) }
  public static func + (a: Double, b: Tensor) -> Tensor { b.builder.constant(a) + b }
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.builder.constant(b) }
  public static func - (a: Double, b: Tensor) -> Tensor { b.builder.constant(a) - b }
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.builder.constant(b) }
  public static func * (a: Double, b: Tensor) -> Tensor { b.builder.constant(a) * b }
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.builder.constant(b) }
  public static func / (a: Double, b: Tensor) -> Tensor { b.builder.constant(a) / b }

  // MARK: Elementwise functions

  /// f(self), elementwise.
  public func callAsFunction(_ op: UnaryOp) -> Tensor { builder.unary(op, self) }
  public var exponential: Tensor { self(.exp) }
  public var logarithm: Tensor { self(.log) }
  public var squared: Tensor { self(.square) }
  public var squareRoot: Tensor { self(.sqrt) }
  public var reciprocal: Tensor { self(.reciprocal) }
  public var logGamma: Tensor { self(.logGamma) }

  /// f(self, other), elementwise.
  public func callAsFunction(_ op: BinaryOp, _ other: Tensor) -> Tensor {
    builder.binary(op, self, other)
  }

  // MARK: Reductions and views

  /// All elements added up.
  public var sum: Tensor { builder.reduce(.sum, self) }
  public func reduced(_ op: ReduceOp) -> Tensor { builder.reduce(op, self) }
  /// One element of the flattened tensor, as a scalar.
  public func element(_ index: Int) -> Tensor {
    slice(Stride(start: index, count: 1), shape: .scalar)
  }
  public func slice(_ stride: Stride, shape: Shape? = nil) -> Tensor {
    builder.slice(self, stride, shape: shape ?? .vector(stride.count))
  }
  /// A contiguous part of a vector.
  public func slice(_ range: Range<Int>) -> Tensor {
    slice(Stride(start: range.lowerBound, count: range.count))
  }
  public func reshaped(_ shape: Shape) -> Tensor { builder.reshape(self, shape) }
  /// The elements at 0-based flattened places.
  public func gathered(_ indices: [Int], shape: Shape? = nil) -> Tensor {
    builder.gather(self, indices, shape: shape ?? .vector(indices.count))
  }
  /// Zeros of `shape` with element i added at flattened place `indices[i]`.
  public func scattered(_ indices: [Int], shape: Shape) -> Tensor {
    builder.scatterAdd(self, indices, shape: shape)
  }
  /// A scalar repeated; a tensor of that shape unchanged.
  public func filled(_ shape: Shape) -> Tensor { builder.fill(self, shape) }
  public func cumulativeSum(reversed: Bool = false) -> Tensor {
    builder.cumulativeSum(self, reversed: reversed)
  }

  // MARK: Linear algebra

  public var transposed: Tensor { builder.transpose(self) }
  /// Matrix times vector.
  public func times(vector x: Tensor, transposed: Bool = false) -> Tensor {
    builder.matrixVector(self, x, transposed: transposed)
  }
  /// op(self) times op(other).
  public func times(
    matrix other: Tensor, transposedLeft: Bool = false, transposedRight: Bool = false
  ) -> Tensor {
    builder.matrixMatrix(
      self, other, transposedLeft: transposedLeft, transposedRight: transposedRight)
  }
  /// self otherᵀ for two vectors.
  public func outer(_ other: Tensor) -> Tensor { builder.outer(self, other) }
  /// The inner product of two vectors.
  public func dot(_ other: Tensor) -> Tensor { (self * other).sum }
  /// The lower Cholesky factor of a symmetric positive definite matrix.
  public var choleskyFactor: Tensor { builder.cholesky(self) }
  /// op(self)⁻¹ b for lower-triangular self.
  public func solve(_ b: Tensor, transposed: Bool = false) -> Tensor {
    builder.triangularSolve(self, b, transposed: transposed)
  }
  /// The diagonal of a square matrix.
  public var diagonal: Tensor {
    slice(Stride(start: 0, count: shape.rows, step: shape.columns + 1))
  }
}

/// log Σ exp over tensors of one shape (scalars are repeated), elementwise.
public func logSumExp(_ terms: [Tensor]) -> Tensor {
  terms[0].builder.logSumExpOf(terms)
}
