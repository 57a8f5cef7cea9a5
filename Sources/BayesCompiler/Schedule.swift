// Lowering: which node runs when, and which nodes share a loop.

internal import BayesGraph

/// What a node becomes in the kernel.
enum NodeClass: Equatable {
  /// Constants, data and position slices: nothing to compute.
  case leaf
  /// Another name for its (only) input's storage.
  case alias
  /// One number, held in a local variable.
  case scalar
  /// One number for each index of a loop.
  case elementwise
  /// op(A) x for a data matrix with at least as many rows as columns, or a quadratic form of each row
  /// of a data matrix: one number per row.
  case rowDot
  /// A sum over a loop, held in a local variable.
  case sum
  /// Additions to scattered places at the end of a loop.
  case scatter
  /// op(A) x for a data matrix that is wider than long, or moments of the rows of a data matrix: sums
  /// over a loop.
  case columnDot
  /// A step of its own, from stored inputs to a stored result.
  case opaque
}

/// A fused loop: all elementwise work over one iteration space that can run at one time.
struct FusedLoop {
  let count: Int
  var elementwise: [NodeID] = []
  var rowDots: [NodeID] = []
  var sums: [NodeID] = []
  var scatters: [NodeID] = []
  var columnDots: [NodeID] = []
}

/// One step of a kernel function.
enum Step {
  case scalar(NodeID)
  case loop(FusedLoop)
  case opaque(NodeID)
}

/// The order of work for a set of roots.
///
/// Time runs in ticks: scalars at even ticks, loops and opaque steps at odd ones. A node runs at the
/// earliest tick at which its inputs are there; elementwise nodes of one length at one tick share a
/// loop; a node whose consumers are all in one later loop of its length moves there, so that
/// nothing is stored in between.
struct Schedule {
  let graph: Graph
  let isNeeded: [Bool]
  private(set) var classes: [NodeClass]
  private(set) var ticks: [Int]
  /// Length of the loop a node belongs to.
  private(set) var spaces: [Int]
  private(set) var steps: [Step] = []

  init(_ graph: Graph, roots: [NodeID]) {
    self.graph = graph
    isNeeded = graph.reachable(from: roots)
    classes = [NodeClass](repeating: .leaf, count: graph.nodes.count)
    ticks = [Int](repeating: 0, count: graph.nodes.count)
    spaces = [Int](repeating: 0, count: graph.nodes.count)
    for index in graph.nodes.indices where isNeeded[index] {
      classes[index] = classify(NodeID(index))
      spaces[index] = space(NodeID(index))
      ticks[index] = earliest(NodeID(index))
    }
    sink(roots: roots)
    steps = arrange()
  }

  // MARK: Classes

  private func classify(_ id: NodeID) -> NodeClass {
    let node = graph[id]
    let count = node.shape.count
    switch node.op {
    case .constant, .data, .position: return .leaf
    case .unary, .binary, .select, .logSumExpOf, .softmaxOf:
      return count == 1 ? .scalar : .elementwise
    case .fill: return count == 1 ? .alias : .elementwise
    case .reshape: return .alias
    case .slice: return count == 1 ? .scalar : .elementwise
    case .gather: return count == 1 ? .scalar : .elementwise
    case .reduce(.sum): return inputCount(node) == 1 ? .alias : .sum
    case .reduce: return inputCount(node) == 1 ? .alias : .opaque
    case .scatterAdd: return inputCount(node) == 1 ? .opaque : .scatter
    case .matrixVector:
      guard case .data = graph[node.inputs[0]].op else { return .opaque }
      let contraction = graph[node.inputs[1]].shape.count
      guard count > 1, contraction > 1 else { return .opaque }
      return count >= contraction && contraction <= 128
        ? .rowDot : (count <= 128 ? .columnDot : .opaque)
    case .rowQuadratic:
      return count > 1 && graph[node.inputs[1]].shape.count > 0 ? .rowDot : .opaque
    case .rowMoments:
      return graph[node.inputs[2]].shape.count > 1 && count > 0 ? .columnDot : .opaque
    default: return .opaque
    }
  }

  private func inputCount(_ node: Node) -> Int { graph[node.inputs[0]].shape.count }

  private func space(_ id: NodeID) -> Int {
    switch classes[id.index] {
    case .elementwise, .rowDot: graph[id].shape.count
    case .sum, .scatter: inputCount(graph[id])
    case .columnDot: graph[graph[id].inputs.last!].shape.count
    default: 0
    }
  }

  /// The node whose storage an alias names.
  func resolve(_ id: NodeID) -> NodeID {
    var current = id
    while classes[current.index] == .alias { current = graph[current].inputs[0] }
    return current
  }

  /// The inputs that a loop reads element by element, in step with its index.
  func lockstepInputs(_ id: NodeID) -> [NodeID] {
    let node = graph[id]
    switch classes[id.index] {
    case .elementwise:
      switch node.op {
      case .slice, .gather: return []
      default: return node.inputs
      }
    case .sum, .scatter: return node.inputs
    case .columnDot: return [node.inputs.last!]
    default: return []
    }
  }

  /// Whether two nodes can be in one loop, the second reading the first in step.
  func fuses(_ producer: NodeID, into consumer: NodeID) -> Bool {
    let kind = classes[producer.index]
    guard kind == .elementwise || kind == .rowDot else { return false }
    return spaces[producer.index] == spaces[consumer.index]
      && lockstepInputs(consumer).contains { resolve($0) == producer }
  }

  // MARK: Ticks

  private func earliest(_ id: NodeID) -> Int {
    let kind = classes[id.index]
    let inputs = graph[id].inputs.map(resolve)
    switch kind {
    case .leaf: return 0
    case .alias: return inputs.first.map { ticks[$0.index] } ?? 0
    case .scalar:
      let latest = inputs.map { ticks[$0.index] }.max() ?? 0
      return latest + latest % 2
    default:
      return inputs.map { input -> Int in
        let tick = ticks[input.index]
        if tick % 2 == 0 { return tick + 1 }
        return fuses(input, into: id) ? tick : tick + 2
      }.max() ?? 1
    }
  }

  /// Moves elementwise nodes to the loop that uses them, where that is a single later one.
  private mutating func sink(roots: [NodeID]) {
    var consumers = [[NodeID]](repeating: [], count: graph.nodes.count)
    var isRoot = [Bool](repeating: false, count: graph.nodes.count)
    for root in roots { isRoot[resolve(root).index] = true }
    for index in graph.nodes.indices where isNeeded[index] && classes[index] != .alias {
      for input in Set(graph.nodes[index].inputs.map(resolve)) {
        consumers[input.index].append(NodeID(index))
      }
    }
    for index in graph.nodes.indices.reversed() where isNeeded[index] {
      let kind = classes[index]
      guard kind == .elementwise || kind == .rowDot, !isRoot[index], !consumers[index].isEmpty
      else { continue }
      let id = NodeID(index)
      guard consumers[index].allSatisfy({ fuses(id, into: $0) }),
        let target = consumers[index].map({ ticks[$0.index] }).min()
      else { continue }
      ticks[index] = max(ticks[index], target)
    }
  }

  // MARK: Steps

  private func arrange() -> [Step] {
    var scalars: [Int: [NodeID]] = [:]
    var opaques: [Int: [NodeID]] = [:]
    var loops: [Int: [Int: FusedLoop]] = [:]
    var last = 0
    for index in graph.nodes.indices where isNeeded[index] {
      let id = NodeID(index)
      let tick = ticks[index]
      last = max(last, tick)
      let space = spaces[index]
      func inLoop(_ list: WritableKeyPath<FusedLoop, [NodeID]>) {
        loops[tick, default: [:]][space, default: FusedLoop(count: space)][keyPath: list].append(id)
      }
      switch classes[index] {
      case .leaf, .alias: break
      case .scalar: scalars[tick, default: []].append(id)
      case .opaque: opaques[tick, default: []].append(id)
      case .elementwise: inLoop(\.elementwise)
      case .rowDot: inLoop(\.rowDots)
      case .sum: inLoop(\.sums)
      case .scatter: inLoop(\.scatters)
      case .columnDot: inLoop(\.columnDots)
      }
    }
    var steps: [Step] = []
    for tick in 0...last {
      steps += (scalars[tick] ?? []).map(Step.scalar)
      steps += (opaques[tick] ?? []).map(Step.opaque)
      let here = loops[tick] ?? [:]
      steps += here.keys.sorted().map { Step.loop(here[$0]!) }
    }
    return steps
  }
}
