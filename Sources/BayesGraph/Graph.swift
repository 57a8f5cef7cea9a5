// The arena: hash-consed nodes in topological order, with the data they read.

internal import BayesNumerics

/// A position in a graph's arena.
public struct NodeID: Hashable, Sendable, Comparable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// One operation with its inputs and the shape of its result.
public struct Node: Hashable, Sendable {
  public let op: Op
  public let inputs: [NodeID]
  public let shape: Shape
}

/// A static expression graph over one position vector and fixed data.
///
/// Nodes are created once per distinct (op, inputs, shape), so common subexpressions are shared, and
/// every node stands after its inputs.
public struct Graph: Sendable {
  public private(set) var nodes: [Node] = []
  /// Float64 arrays, flattened row-major.
  public private(set) var arrays: [[Double]] = []
  /// 0-based index arrays.
  public private(set) var indexArrays: [[Int32]] = []
  private var interned: [Node: NodeID] = [:]
  private var arrayIDs: [ArrayKey: Int] = [:]
  private var indexIDs: [[Int32]: Int] = [:]

  public init() {}

  public subscript(id: NodeID) -> Node { nodes[id.index] }

  /// The node for an operation, created if it is new.
  public mutating func intern(_ op: Op, _ inputs: [NodeID], _ shape: Shape) -> NodeID {
    let node = Node(op: op, inputs: inputs, shape: shape)
    if let id = interned[node] { return id }
    assert(inputs.allSatisfy { $0.index < nodes.count }, "inputs come first")
    let id = NodeID(nodes.count)
    nodes.append(node)
    interned[node] = id
    return id
  }

  /// The number of a data array; equal contents (bit for bit) share one.
  public mutating func internArray(_ values: [Double]) -> Int {
    let key = ArrayKey(values: values)
    if let id = arrayIDs[key] { return id }
    arrays.append(values)
    arrayIDs[key] = arrays.count - 1
    return arrays.count - 1
  }

  /// The number of an index array; equal contents share one.
  public mutating func internIndices(_ values: [Int32]) -> Int {
    if let id = indexIDs[values] { return id }
    indexArrays.append(values)
    indexIDs[values] = indexArrays.count - 1
    return indexArrays.count - 1
  }

  /// The value of a node that is data, flattened; `nil` for anything else.
  public func dataValues(_ id: NodeID) -> [Double]? {
    switch self[id].op {
    case .constant(let value): [value]
    case .data(let array): arrays[array]
    default: nil
    }
  }

  /// Which nodes the given roots need.
  public func reachable(from roots: [NodeID]) -> [Bool] {
    var needed = [Bool](repeating: false, count: nodes.count)
    for root in roots { needed[root.index] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input.index] = true }
    }
    return needed
  }

  /// Compares arrays by bit pattern, so that NaN payloads and signed zeros keep their identity.
  private struct ArrayKey: Hashable {
    let values: [Double]

    static func == (a: ArrayKey, b: ArrayKey) -> Bool {
      a.values.count == b.values.count
        && a.values.withUnsafeBytes { x in
          b.values.withUnsafeBytes { y in x.elementsEqual(y) }
        }
    }

    func hash(into hasher: inout Hasher) {
      values.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
  }
}
