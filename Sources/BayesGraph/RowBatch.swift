// A graph of one row of data, evaluated for many rows at once.

/// Copies a graph into another one with some of its scalar positions replaced by columns of data, one element
/// for each row.
///
/// What depends on no column is copied as it is, once for all rows. Of what does, every element becomes a
/// vector over the rows, so that a sum over rows is a loop that the compiler fuses:
///
/// ```
/// one row:    dot(x, beta)            x[0], x[1] are positions
/// many rows:  X₀ · beta[0] + X₁ · beta[1]    X₀, X₁ are columns
/// ```
public struct RowBatch {
  /// An op that has no form over columns.
  public struct Unsupported: Error, Sendable {
    /// What it is, in words.
    public let operation: String
  }

  private enum Image {
    /// The same for all rows.
    case whole(Tensor)
    /// For each element a vector over the rows, or a scalar where it is the same for all.
    case elements([Tensor])
  }

  private let builder: GraphBuilder
  private let source: Graph
  private let columns: [Int: Tensor]
  private let rows: Int
  private var images: [Int: Image] = [:]

  /// - Parameters:
  ///   - builder: where the copies go.
  ///   - source: the graph of one row; positions that are no columns keep their offsets.
  ///   - columns: for offsets of positions, data over the rows.
  public init(into builder: GraphBuilder, from source: Graph, columns: [Int: [Double]], rows: Int) {
    self.builder = builder
    self.source = source
    self.rows = rows
    self.columns = columns.mapValues { builder.data($0, shape: .vector(rows)) }
  }

  /// A node that is the same for all rows.
  ///
  /// - Precondition: it depends on no column.
  public mutating func whole(_ id: NodeID) throws -> Tensor {
    guard case .whole(let tensor) = try image(id) else { preconditionFailure("depends on the row") }
    return tensor
  }

  /// A scalar node as a vector over the rows.
  ///
  /// - Precondition: the node is a scalar.
  public mutating func column(_ id: NodeID) throws -> Tensor {
    precondition(source[id].shape.isScalar, "one number for each row")
    let value: Tensor
    switch try image(id) {
    case .whole(let tensor): value = tensor
    case .elements(let elements): value = elements[0]
    }
    return value.filled(.vector(rows))
  }

  private mutating func image(_ root: NodeID) throws -> Image {
    // In topological order, so that long graphs need no deep recursion.
    let needed = source.reachable(from: [root])
    for index in 0...root.index where needed[index] && images[index] == nil {
      images[index] = try made(source.nodes[index])
    }
    return images[root.index]!
  }

  private func made(_ node: Node) throws -> Image {
    if case .position(let offset) = node.op {
      let range = offset..<(offset + node.shape.count)
      guard range.contains(where: { columns[$0] != nil }) else { return .whole(copied(node, [])) }
      return .elements(range.map { columns[$0] ?? builder.position(offset: $0, shape: .scalar) })
    }
    let inputs = node.inputs.map { images[$0.index]! }
    let wholes = inputs.compactMap { image -> Tensor? in
      if case .whole(let tensor) = image { tensor } else { nil }
    }
    if wholes.count == inputs.count { return .whole(copied(node, wholes)) }
    return .elements(try elements(node, inputs))
  }

  /// The same op on inputs of this graph.
  private func copied(_ node: Node, _ inputs: [Tensor]) -> Tensor {
    let op: Op
    switch node.op {
    case .data(let array): return builder.data(source.arrays[array], shape: node.shape)
    case .gather(let index): op = .gather(builder.graph.internIndices(source.indexArrays[index]))
    case .scatterAdd(let index):
      op = .scatterAdd(builder.graph.internIndices(source.indexArrays[index]))
    case .markovChain(let starts):
      op = .markovChain(starts: builder.graph.internIndices(source.indexArrays[starts]))
    default: op = node.op
    }
    return builder.make(op, inputs, node.shape)
  }

  /// The elements of an input; a scalar stands for as many as are asked for.
  private func elements(of image: Image, _ shape: Shape, count: Int) -> [Tensor] {
    let own: [Tensor]
    switch image {
    case .whole(let tensor):
      own = shape.isScalar ? [tensor] : (0..<shape.count).map { tensor.element($0) }
    case .elements(let elements): own = elements
    }
    return own.count == 1 && count != 1 ? [Tensor](repeating: own[0], count: count) : own
  }

  private func elements(_ node: Node, _ inputs: [Image]) throws -> [Tensor] {
    let count = node.shape.count
    let shapes = node.inputs.map { source[$0].shape }
    /// Input k flattened.
    func flat(_ k: Int) -> [Tensor] { elements(of: inputs[k], shapes[k], count: shapes[k].count) }
    /// Input k, a scalar repeated for each element of the result.
    func spread(_ k: Int) -> [Tensor] { elements(of: inputs[k], shapes[k], count: count) }
    let zero = builder.constant(0)
    switch node.op {
    case .unary(let op): return flat(0).map { builder.unary(op, $0) }
    case .binary(let op): return zip(spread(0), spread(1)).map { builder.binary(op, $0, $1) }
    case .select:
      let (c, a, b) = (spread(0), spread(1), spread(2))
      return (0..<count).map { builder.select(c[$0], a[$0], b[$0]) }
    case .logSumExpOf:
      let parts = inputs.indices.map(flat)
      return (0..<count).map { i in builder.logSumExpOf(alike(parts.map { $0[i] })) }
    case .softmaxOf(let k):
      let parts = inputs.indices.map(flat)
      return (0..<count).map { i in builder.softmaxOf(alike(parts.map { $0[i] }), k) }
    case .fill: return [Tensor](repeating: flat(0)[0], count: count)
    case .reduce(.sum): return [flat(0).reduce(zero, +)]
    case .reduce(.maximum): return [flat(0).dropFirst().reduce(flat(0)[0]) { $0(.maximum, $1) }]
    case .reduce(.logSumExp): return [builder.logSumExpOf(alike(flat(0)))]
    case .gather(let index):
      let x = flat(0)
      return source.indexArrays[index].map { x[Int($0)] }
    case .scatterAdd(let index):
      var result = [Tensor](repeating: zero, count: count)
      for (x, place) in zip(flat(0), source.indexArrays[index]) {
        result[Int(place)] = result[Int(place)] + x
      }
      return result
    case .slice(let stride):
      let x = flat(0)
      return (0..<stride.count).map { x[stride[$0]] }
    case .assemble(let strides):
      var result = [Tensor](repeating: zero, count: count)
      for (k, stride) in strides.enumerated() {
        let part = elements(of: inputs[k], shapes[k], count: stride.count)
        for i in 0..<stride.count { result[stride[i]] = result[stride[i]] + part[i] }
      }
      return result
    case .reshape: return flat(0)
    case .transpose:
      let x = flat(0)
      let (rows, columns) = (node.shape.rows, node.shape.columns)
      return (0..<count).map { x[($0 % columns) * rows + $0 / columns] }
    case .cumulativeSum(let reversed):
      var (result, sum) = (flat(0), zero)
      for i in reversed ? Array((0..<count).reversed()) : Array(0..<count) {
        sum = sum + result[i]
        result[i] = sum
      }
      return result
    case .outer:
      let (u, v) = (flat(0), flat(1))
      return u.flatMap { x in v.map { x * $0 } }
    case .matrixVector(let transposed):
      return product(
        flat(0), shapes[0], transposed, flat(1), .matrix(shapes[1].count, 1), false)
    case .matrixMatrix(let left, let right):
      return product(flat(0), shapes[0], left, flat(1), shapes[1], right)
    case .cholesky: throw Unsupported(operation: "a Cholesky factor")
    case .triangularSolve: throw Unsupported(operation: "a triangular system")
    case .rowQuadratic, .rowMoments: throw Unsupported(operation: "rows of a matrix")
    case .markovChain: throw Unsupported(operation: "a Markov chain")
    case .constant, .data, .position: preconditionFailure("has no inputs")
    }
  }

  /// Scalars beside vectors become vectors.
  private func alike(_ terms: [Tensor]) -> [Tensor] {
    guard terms.contains(where: { !$0.shape.isScalar }) else { return terms }
    return terms.map { $0.filled(.vector(rows)) }
  }

  /// op(A) op(B), element by element.
  private func product(
    _ a: [Tensor], _ aShape: Shape, _ aTransposed: Bool, _ b: [Tensor], _ bShape: Shape,
    _ bTransposed: Bool
  ) -> [Tensor] {
    let (rows, inner) =
      aTransposed ? (aShape.columns, aShape.rows) : (aShape.rows, aShape.columns)
    let columns = bTransposed ? bShape.rows : bShape.columns
    func left(_ i: Int, _ k: Int) -> Tensor {
      a[aTransposed ? k * aShape.columns + i : i * aShape.columns + k]
    }
    func right(_ k: Int, _ j: Int) -> Tensor {
      b[bTransposed ? j * bShape.columns + k : k * bShape.columns + j]
    }
    return (0..<rows).flatMap { i in
      (0..<columns).map { j in
        (0..<inner).reduce(builder.constant(0)) { $0 + left(i, $1) * right($1, j) }
      }
    }
  }
}
