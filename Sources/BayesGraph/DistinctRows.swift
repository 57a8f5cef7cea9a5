// Equal rows merge into one weighted row.

/// Σ over rows of an elementwise expression, computed over the distinct rows only.
enum DistinctRows {
  /// The weighted sum over distinct rows, or `nil` if rows are not mostly duplicates or depend on
  /// something other than data, indices and data designs.
  static func sum(of x: Tensor, rows: Int) -> Tensor? {
    var leaves = Leaves(rows: rows)
    guard rows > 8, leaves.collect(x) else { return nil }
    var firstRow: [[UInt64]: Int] = [:]
    var representatives: [Int] = []
    var weights: [Double] = []
    for i in 0..<rows {
      let key = leaves.keys.map { $0(i) }
      if let place = firstRow[key] {
        weights[place] += 1
      } else {
        guard representatives.count < rows * 7 / 10 else { return nil }
        firstRow[key] = representatives.count
        representatives.append(i)
        weights.append(1)
      }
    }
    var rebuilt: [NodeID: Tensor] = [:]
    let short = restrict(x, to: representatives, &rebuilt)
    return (x.builder.data(weights, shape: .vector(weights.count)) * short).sum
  }

  /// What an expression reads row by row.
  private struct Leaves {
    let rows: Int
    var keys: [(Int) -> UInt64] = []
    var seen = Set<NodeID>()

    init(rows: Int) { self.rows = rows }

    /// Whether everything that is read row by row is data.
    mutating func collect(_ x: Tensor) -> Bool {
      if x.shape.isScalar || !seen.insert(x.id).inserted { return true }
      switch x.node.op {
      case .data(let array):
        let values = x.builder.graph.arrays[array]
        keys.append { values[$0].bitPattern }
        return true
      case .gather(let index):
        let values = x.builder.graph.indexArrays[index]
        keys.append { UInt64(UInt32(bitPattern: values[$0])) }
        return true
      case .matrixVector(let transposed):
        guard let values = x.input(0).dataValues else { return false }
        let shape = x.input(0).shape
        let columns = transposed ? shape.rows : shape.columns
        guard columns <= 64 else { return false }
        for k in 0..<columns {
          keys.append { i in
            (transposed ? values[k * shape.columns + i] : values[i * shape.columns + k]).bitPattern
          }
        }
        return true
      case .fill: return true
      case .unary, .binary, .select, .logSumExpOf, .softmaxOf, .reshape:
        return x.node.inputs.allSatisfy { collect(Tensor(builder: x.builder, id: $0)) }
      default: return false
      }
    }
  }

  /// The expression over some of its rows.
  private static func restrict(
    _ x: Tensor, to rows: [Int], _ known: inout [NodeID: Tensor]
  ) -> Tensor {
    if x.shape.isScalar { return x }
    if let result = known[x.id] { return result }
    let builder = x.builder
    let result: Tensor
    switch x.node.op {
    case .data(let array):
      let values = builder.graph.arrays[array]
      result = builder.data(rows.map { values[$0] }, shape: .vector(rows.count))
    case .gather(let index):
      let places = builder.graph.indexArrays[index]
      result = x.input(0).gathered(rows.map { Int(places[$0]) })
    case .matrixVector(let transposed):
      let shape = x.input(0).shape
      let values = x.input(0).dataValues!
      let columns = transposed ? shape.rows : shape.columns
      let design = rows.flatMap { i in
        (0..<columns).map { k in
          transposed ? values[k * shape.columns + i] : values[i * shape.columns + k]
        }
      }
      result = builder.data(design, shape: .matrix(rows.count, columns)).times(vector: x.input(1))
    case .fill: result = builder.fill(x.input(0), .vector(rows.count))
    case .reshape: result = restrict(x.input(0), to: rows, &known)
    default:
      let inputs = x.node.inputs.map {
        restrict(Tensor(builder: builder, id: $0), to: rows, &known)
      }
      result = builder.make(x.node.op, inputs, .vector(rows.count))
    }
    known[x.id] = result
    return result
  }
}
