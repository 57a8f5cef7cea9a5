// Renders one kernel function: the schedule's steps as C text.

internal import BayesGraph

/// Renders a function `double name(q, r, w, x)` that fills `r` with a result node's elements and
/// returns a scalar node's value.
struct FunctionRenderer {
  let schedule: Schedule
  let storage: Storage
  let table: Box<DataTable>
  var lines: [String] = []
  /// What the names of elementary functions start with in scalar statements.
  let scalarPrefix: String

  /// A shared, mutable table: two functions of one kernel use the same data.
  final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
  }

  var graph: Graph { schedule.graph }

  /// Whether a step calls OpenBLAS.
  var usesBLAS = false
  /// The numbers of states of the Markov chains that are summed out.
  var chainStates: Set<Int> = []

  init(_ graph: Graph, value: NodeID?, result: NodeID, table: Box<DataTable>) {
    schedule = Schedule(graph, roots: (value.map { [$0] } ?? []) + [result])
    storage = Storage(schedule, result: result)
    self.table = table
    let scalars = schedule.steps.count { if case .scalar = $0 { true } else { false } }
    scalarPrefix = scalars > Self.inlineScalars ? "n_" : "b_"
    for step in schedule.steps {
      switch step {
      case .scalar(let id):
        emit("  const double s\(id.index) = \(expression(id, in: nil));")
      case .loop(let loop): render(loop)
      case .opaque(let id): renderOpaque(id)
      }
    }
    finish(value: value, result: result)
  }

  /// The function's text.
  func text(name: String) -> String {
    """
    double \(name)(const double *restrict q, double *restrict r, double *restrict w,
                   const struct context *restrict x) {
    \(lines.joined(separator: "\n"))
    }

    """
  }

  mutating func emit(_ line: String) { lines.append(line) }

  private mutating func finish(value: NodeID?, result: NodeID) {
    let root = schedule.resolve(result)
    if storage.places[root] != .result(0) {
      let count = graph[root].shape.count
      if count == 1 {
        emit("  r[0] = \(scalar(root));")
      } else {
        emit("  for (long i = 0; i < \(count); i++) r[i] = (\(pointer(root)))[i];")
      }
    }
    emit("  return \(value.map(scalar) ?? "0");")
  }

  /// Beyond so many scalar statements (an unrolled recurrence, say) they call functions instead of
  /// inlining them: clang's time grows faster than the text.
  private static let inlineScalars = 150

  // MARK: Reading values

  /// A one-element node's value.
  func scalar(_ id: NodeID) -> String {
    let node = schedule.resolve(id)
    switch schedule.classes[node.index] {
    case .scalar, .sum: return "s\(node.index)"
    default: break
    }
    switch graph[node].op {
    case .constant(let value): return literal(value)
    case .data(let array): return literal(graph.arrays[array][0])
    case .position(let offset): return "q[\(offset)]"
    default: return "(\(pointer(node)))[0]"
    }
  }

  /// A stored or given node's first element's address.
  func pointer(_ id: NodeID) -> String {
    let node = schedule.resolve(id)
    if let place = storage.places[node] { return place.pointer }
    switch graph[node].op {
    case .data(let array): return table.value.array(array, graph)
    case .position(let offset): return "q + \(offset)"
    default: return "(const double[]){\(scalar(node))}"
    }
  }

  /// Element `index` of an input of a loop's node.
  func load(_ id: NodeID, in loop: LoopContext) -> String {
    let node = schedule.resolve(id)
    if graph[node].shape.count == 1 { return scalar(node) }
    if loop.locals.contains(node) { return "v\(node.index)" }
    if loop.buffered.contains(node) { return "t\(node.index)[i]" }
    if graph[node].op == .fill { return scalar(graph[node].inputs[0]) }
    return "(\(pointer(node)))[\(loop.index)]"
  }

  func read(_ id: NodeID, in loop: LoopContext?) -> String {
    loop.map { load(id, in: $0) } ?? scalar(id)
  }

  /// What is known inside a loop's body.
  struct LoopContext {
    /// The element's index in whole arrays.
    let index: String
    /// Nodes held in `v` variables.
    var locals: Set<NodeID> = []
    /// Nodes held in `t` block buffers.
    var buffered: Set<NodeID> = []
  }
}
