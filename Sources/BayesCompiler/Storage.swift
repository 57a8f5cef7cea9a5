// Where every stored array of a kernel lives.

internal import BayesGraph

/// A contiguous place: a base pointer of the kernel and an offset in doubles.
enum Place: Equatable {
  /// Scratch memory.
  case work(Int)
  /// The function's result array.
  case result(Int)

  func advanced(by offset: Int) -> Place {
    switch self {
    case .work(let start): .work(start + offset)
    case .result(let start): .result(start + offset)
    }
  }

  /// The C pointer.
  var pointer: String {
    switch self {
    case .work(let offset): "w + \(offset)"
    case .result(let offset): "r + \(offset)"
    }
  }
}

/// The places of all nodes that are stored rather than kept in registers.
struct Storage {
  private(set) var places: [NodeID: Place] = [:]
  /// Where steps keep what only they read.
  private(set) var scratch: [NodeID: Place] = [:]
  /// Doubles of scratch memory used.
  private(set) var workCount = 0

  /// - Parameter result: the node that the function writes to its result array.
  init(_ schedule: Schedule, result: NodeID) {
    let graph = schedule.graph
    var mustStore = Set<NodeID>()
    var consumers = [NodeID: [NodeID]]()
    for index in graph.nodes.indices where schedule.isNeeded[index] {
      let id = NodeID(index)
      switch schedule.classes[index] {
      case .leaf, .alias: continue
      case .opaque, .scatter, .columnDot: mustStore.insert(id)
      default: break
      }
      for input in Set(graph[id].inputs.map(schedule.resolve)) {
        consumers[input, default: []].append(id)
        let kind = schedule.classes[input.index]
        guard kind == .elementwise || kind == .rowDot else { continue }
        let fused =
          schedule.fuses(input, into: id)
          && schedule.ticks[input.index] == schedule.ticks[index]
        let isFill =
          graph[input].op == .fill
          && schedule.lockstepInputs(id).map(schedule.resolve).contains(input)
        if !fused && !isFill { mustStore.insert(input) }
      }
    }
    let root = schedule.resolve(result)
    switch schedule.classes[root.index] {
    case .elementwise, .rowDot, .opaque, .scatter, .columnDot:
      mustStore.insert(root)
      places[root] = .result(0)
    default: break
    }
    // Consumers come after producers, so an assembly's place is known before its parts' places.
    for id in mustStore.sorted().reversed() {
      let place = places[id] ?? allocate(graph[id].shape.count)
      places[id] = place
      if let chain = graph.chainLayout(graph[id]) {
        scratch[id] = allocate(ChainShape(states: chain.states).scratch(rows: chain.rows))
      }
      if case .assemble(let strides) = graph[id].op {
        placeParts(of: id, strides, at: place, mustStore, consumers, schedule)
      }
    }
  }

  private mutating func allocate(_ count: Int) -> Place {
    defer { workCount += (count + 7) / 8 * 8 }
    return .work(workCount)
  }

  /// Lets parts that overlap no other part be computed right where the assembly wants them.
  private mutating func placeParts(
    of id: NodeID, _ strides: [Stride], at place: Place, _ stored: Set<NodeID>,
    _ consumers: [NodeID: [NodeID]], _ schedule: Schedule
  ) {
    var use = [Int](repeating: 0, count: schedule.graph[id].shape.count)
    for stride in strides {
      for i in 0..<stride.count { use[stride[i]] += 1 }
    }
    var seen = Set<NodeID>()
    for (stride, input) in zip(strides, schedule.graph[id].inputs) {
      let part = schedule.resolve(input)
      guard stored.contains(part), places[part] == nil, stride.step == 1,
        consumers[part] == [id], seen.insert(part).inserted,
        schedule.graph[id].inputs.count(where: { schedule.resolve($0) == part }) == 1,
        (0..<stride.count).allSatisfy({ use[stride[$0]] == 1 })
      else { continue }
      places[part] = place.advanced(by: stride.start)
    }
  }
}
