// Builds a graph: infers shapes, folds data, applies the local rewrite rules.

/// A graph under construction. Every method returns the simplest known node for its meaning, so two
/// expressions that simplify to the same thing share a node.
public final class GraphBuilder {
  public internal(set) var graph: Graph

  public init(_ graph: Graph = Graph()) { self.graph = graph }

  // MARK: Leaves

  /// A number.
  public func constant(_ value: Double) -> Tensor { make(.constant(value), [], .scalar) }

  /// Data, flattened row-major.
  public func data(_ values: [Double], shape: Shape) -> Tensor {
    precondition(values.count == shape.count, "\(values.count) values for \(shape)")
    if shape.isScalar { return constant(values[0]) }
    return make(.data(graph.internArray(values)), [], shape)
  }

  /// Unconstrained coordinates from `offset`, in a shape.
  public func position(offset: Int, shape: Shape) -> Tensor {
    make(.position(offset: offset), [], shape)
  }

  // MARK: Elementwise

  public func unary(_ op: UnaryOp, _ x: Tensor) -> Tensor { make(.unary(op), [x], x.shape) }

  public func binary(_ op: BinaryOp, _ a: Tensor, _ b: Tensor) -> Tensor {
    guard let shape = Shape.broadcast(a.shape, b.shape) else {
      preconditionFailure("\(op) of \(a.shape) and \(b.shape)")
    }
    return make(.binary(op), [a, b], shape)
  }

  /// c ≠ 0 ? a : b, elementwise.
  public func select(_ c: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    guard let inner = Shape.broadcast(a.shape, b.shape),
      let shape = Shape.broadcast(c.shape, inner)
    else { preconditionFailure("select of \(c.shape), \(a.shape) and \(b.shape)") }
    return make(.select, [c, a, b], shape)
  }

  /// log Σ_k exp(terms[k]), elementwise.
  public func logSumExpOf(_ terms: [Tensor]) -> Tensor {
    let filled = alike(terms)
    return filled.count == 1 ? filled[0] : make(.logSumExpOf, filled, filled[0].shape)
  }

  /// exp(terms[k]) / Σ_j exp(terms[j]), elementwise.
  public func softmaxOf(_ terms: [Tensor], _ k: Int) -> Tensor {
    let filled = alike(terms)
    return make(.softmaxOf(k), filled, filled[0].shape)
  }

  private func alike(_ terms: [Tensor]) -> [Tensor] {
    let shape = terms.map(\.shape).reduce(.scalar) { whole, part in
      guard let both = Shape.broadcast(whole, part) else {
        preconditionFailure("terms of \(whole) and \(part)")
      }
      return both
    }
    return terms.map { fill($0, shape) }
  }

  // MARK: Shape

  public func fill(_ x: Tensor, _ shape: Shape) -> Tensor {
    if x.shape == shape { return x }
    precondition(x.shape.isScalar, "only a scalar fills a shape")
    return make(.fill, [x], shape)
  }

  public func reshape(_ x: Tensor, _ shape: Shape) -> Tensor {
    if x.shape == shape { return x }
    precondition(x.shape.count == shape.count, "reshape of \(x.shape) to \(shape)")
    return make(.reshape, [x], shape)
  }

  public func transpose(_ x: Tensor) -> Tensor {
    make(.transpose, [x], .matrix(x.shape.columns, x.shape.rows))
  }

  public func slice(_ x: Tensor, _ stride: Stride, shape: Shape) -> Tensor {
    precondition(shape.count == stride.count, "slice of \(stride.count) as \(shape)")
    precondition(
      stride.count == 0
        || (0..<x.shape.count).contains(stride.start)
          && (0..<x.shape.count).contains(stride[stride.count - 1]),
      "slice within bounds")
    if stride.start == 0, stride.step == 1, stride.count == x.shape.count {
      return reshape(x, shape)
    }
    return make(.slice(stride), [x], shape)
  }

  /// Zeros of `shape` with each part added at its stride.
  public func assemble(_ parts: [(Stride, Tensor)], shape: Shape) -> Tensor {
    make(.assemble(parts.map(\.0)), parts.map(\.1), shape)
  }

  /// The flattened parts one after another, as a vector.
  public func concatenate(_ parts: [Tensor]) -> Tensor {
    var start = 0
    let placed = parts.map { part in
      defer { start += part.shape.count }
      return (Stride(start: start, count: part.shape.count), part)
    }
    return parts.count == 1
      ? reshape(parts[0], .vector(start)) : assemble(placed, shape: .vector(start))
  }

  /// Parts of one shape as the rows of a matrix.
  public func stack(rows: [Tensor]) -> Tensor {
    reshape(concatenate(rows), .matrix(rows.count, rows[0].shape.count))
  }

  public func gather(_ x: Tensor, _ indices: [Int], shape: Shape) -> Tensor {
    precondition(indices.count == shape.count, "\(indices.count) indices for \(shape)")
    precondition(indices.allSatisfy { (0..<x.shape.count).contains($0) }, "indices within bounds")
    return make(.gather(graph.internIndices(indices.map(Int32.init))), [x], shape)
  }

  public func scatterAdd(_ x: Tensor, _ indices: [Int], shape: Shape) -> Tensor {
    scatterAdd(x, indexArray: graph.internIndices(indices.map(Int32.init)), shape: shape)
  }

  func scatterAdd(_ x: Tensor, indexArray: Int, shape: Shape) -> Tensor {
    make(.scatterAdd(indexArray), [x], shape)
  }

  /// Row i repeats element i of `x`: a vector as the columns of a matrix.
  public func spreadColumns(_ x: Tensor, columns: Int) -> Tensor {
    let rows = x.shape.count
    return gather(
      x, (0..<rows).flatMap { Array(repeating: $0, count: columns) }, shape: .matrix(rows, columns))
  }

  /// Every row is `x`.
  public func spreadRows(_ x: Tensor, rows: Int) -> Tensor {
    let columns = x.shape.count
    return gather(
      x, (0..<rows).flatMap { _ in Array(0..<columns) }, shape: .matrix(rows, columns))
  }

  // MARK: Reductions

  public func reduce(_ op: ReduceOp, _ x: Tensor) -> Tensor { make(.reduce(op), [x], .scalar) }

  public func cumulativeSum(_ x: Tensor, reversed: Bool) -> Tensor {
    make(.cumulativeSum(reversed: reversed), [x], x.shape)
  }

  /// Sums over each row of a matrix.
  public func rowSums(_ x: Tensor) -> Tensor {
    let (rows, columns) = (x.shape.rows, x.shape.columns)
    return scatterAdd(
      x, (0..<rows).flatMap { Array(repeating: $0, count: columns) }, shape: .vector(rows))
  }

  // MARK: Linear algebra

  public func matrixVector(_ a: Tensor, _ x: Tensor, transposed: Bool) -> Tensor {
    let (rows, columns) =
      transposed ? (a.shape.columns, a.shape.rows) : (a.shape.rows, a.shape.columns)
    precondition(x.shape == .vector(columns), "matrix \(a.shape) times \(x.shape)")
    return make(.matrixVector(transposed: transposed), [a, x], .vector(rows))
  }

  public func matrixMatrix(
    _ a: Tensor, _ b: Tensor, transposedLeft: Bool, transposedRight: Bool
  ) -> Tensor {
    let (m, k) = transposedLeft ? (a.shape.columns, a.shape.rows) : (a.shape.rows, a.shape.columns)
    let (l, n) = transposedRight ? (b.shape.columns, b.shape.rows) : (b.shape.rows, b.shape.columns)
    precondition(k == l, "matrix \(a.shape) times \(b.shape)")
    return make(
      .matrixMatrix(transposedLeft: transposedLeft, transposedRight: transposedRight), [a, b],
      .matrix(m, n))
  }

  public func outer(_ u: Tensor, _ v: Tensor) -> Tensor {
    make(.outer, [u, v], .matrix(u.shape.count, v.shape.count))
  }

  public func cholesky(_ a: Tensor) -> Tensor {
    precondition(a.shape.rank == 2 && a.shape.rows == a.shape.columns, "a square matrix")
    return make(.cholesky, [a], a.shape)
  }

  public func triangularSolve(_ l: Tensor, _ b: Tensor, transposed: Bool) -> Tensor {
    precondition(l.shape.rows == l.shape.columns && l.shape.rows == b.shape.rows, "matching rows")
    return make(.triangularSolve(transposed: transposed), [l, b], b.shape)
  }

  // MARK: Rows of data

  /// ‖W (x_n − m)‖² for each row of a data matrix.
  public func rowQuadratic(
    _ rows: Tensor, mean: Tensor, weight: Tensor, isTriangular: Bool
  ) -> Tensor {
    let columns = rows.shape.columns
    precondition(rows.dataValues != nil && rows.shape.rank == 2, "a data matrix")
    precondition(
      mean.shape == .vector(columns) && weight.shape.columns == columns,
      "rows of \(columns), less \(mean.shape), times \(weight.shape)")
    precondition(!isTriangular || weight.shape.rows == columns, "a triangular matrix is square")
    return make(
      .rowQuadratic(isTriangular: isTriangular), [rows, mean, weight], .vector(rows.shape.rows))
  }

  /// The weighted sums of the rows of a data matrix less `mean`, and of their outer products.
  public func rowMoments(_ rows: Tensor, mean: Tensor, weights: Tensor) -> Tensor {
    let columns = rows.shape.columns
    precondition(rows.dataValues != nil && rows.shape.rank == 2, "a data matrix")
    precondition(
      mean.shape == .vector(columns) && weights.shape == .vector(rows.shape.rows),
      "rows of \(rows.shape), less \(mean.shape), times \(weights.shape)")
    return make(.rowMoments, [rows, mean, weights], .vector(columns + columns * columns))
  }

  // MARK: The one way in

  /// The simplest known node for an operation: rules first, then folding, then the arena.
  func make(_ op: Op, _ inputs: [Tensor], _ shape: Shape) -> Tensor {
    if let simpler = LocalRule.apply(op, inputs, shape, in: self) { return simpler }
    return raw(op, inputs, shape)
  }

  /// The node itself, without rewriting.
  func raw(_ op: Op, _ inputs: [Tensor], _ shape: Shape) -> Tensor {
    Tensor(builder: self, id: graph.intern(op, inputs.map(\.id), shape))
  }
}
