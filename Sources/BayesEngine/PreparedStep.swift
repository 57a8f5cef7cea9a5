// The statements of a simulation with what each depends on.

import BayesGraph
import BayesLanguage

/// A statement of a simulation, found to depend only on what is drawn before it.
struct PreparedStep: Sendable {
  let step: SimulationStep
  let draw: SimulationStep.Draw
  /// Whether arguments of some elements are other elements of the left side.
  let readsItself: Bool
  /// Parameters whose values and bounds are all known from this step on.
  let settled: [SimulatedParameter]
  /// Whether arguments and bounds are constants and the step draws all of each parameter it settles, so
  /// that drawing it again until it lies inside is the same as beginning anew.
  let isIndependent: Bool

  var slots: [Int] { step.slots }

  func cannot(_ reason: String) -> EngineError { Self.cannot(step, reason) }

  private static func cannot(_ step: SimulationStep, _ reason: String) -> EngineError {
    .cannotSimulate(statement: "\(step.location): \(step.summary)", reason: reason)
  }

  /// The steps of a simulation in order.
  ///
  /// - Throws: `EngineError.cannotSimulate`, for the first statement that cannot be run there.
  static func prepared(_ traced: TracedSimulation) throws -> [PreparedStep] {
    let graph = ReadingGraph(traced.graph)
    // Observed values that no statement draws are known beforehand.
    let drawn = Set(traced.steps.flatMap(\.slots))
    var isKnown = traced.initialValues.indices.map { !drawn.contains($0) }
    var pending = traced.parameters.map { ($0, Array($0.slots) + graph.slots(behind: $0.bounds)) }
    return try traced.steps.map { step in
      let draw: SimulationStep.Draw
      switch step.rule {
      case .draw(let rule): draw = rule
      case .refused(let reason): throw cannot(step, reason)
      }
      if let twice = step.slots.first(where: { isKnown[$0] }) {
        throw cannot(step, "\(traced.name(of: twice)) is drawn by another statement before")
      }
      let needed = graph.slots(behind: draw.arguments)
      let own = Set(step.slots)
      let readsItself = needed.contains { own.contains($0) }
      if readsItself {
        try checkOrder(step, draw, graph, isKnown, traced)
      } else if let slot = needed.first(where: { !isKnown[$0] }) {
        throw cannot(step, Self.tooLate(traced.name(of: slot)))
      }
      for slot in step.slots { isKnown[slot] = true }
      let settled = pending.filter { $0.1.allSatisfy { isKnown[$0] } }.map(\.0)
      pending.removeAll { $0.1.allSatisfy { isKnown[$0] } }
      let isIndependent =
        needed.isEmpty
        && settled.allSatisfy {
          $0.slots.allSatisfy(own.contains) && graph.slots(behind: $0.bounds).isEmpty
        }
      return PreparedStep(
        step: step, draw: draw, readsItself: readsItself, settled: settled,
        isIndependent: isIndependent)
    }
  }

  private static func tooLate(_ name: String) -> String {
    "it depends on \(name), whose own statement stands further down; put that first"
  }

  /// Whether each element depends only on elements before it.
  private static func checkOrder(
    _ step: SimulationStep, _ draw: SimulationStep.Draw, _ graph: ReadingGraph, _ isKnown: [Bool],
    _ traced: TracedSimulation
  ) throws {
    if step.slots.count == draw.size, draw.size > 1 {
      throw cannot(step, "its arguments are elements of its own left side, which is one draw")
    }
    var isKnown = isKnown
    for i in 0..<(step.slots.count / max(1, draw.size)) {
      for (reader, argument) in zip(draw.readers, draw.arguments) {
        let places = reader.places(i, count: graph.graph[argument].shape.count)
        if let late = graph.slots(behind: argument, places: Set(places)).first(where: {
          !isKnown[$0]
        }) {
          throw cannot(step, Self.tooLate(traced.name(of: late)))
        }
      }
      for slot in step.slots[(i * draw.size)..<((i + 1) * draw.size)] { isKnown[slot] = true }
    }
  }
}

extension TracedSimulation {
  /// The name of a slot, counted from 1 as in outputs.
  fileprivate func name(of slot: Int) -> String {
    for parameter in parameters where parameter.slots.contains(slot) {
      return parameter.variable.elementNames[slot - parameter.slots.lowerBound]
    }
    for item in observed where item.slots.contains(slot) {
      let place = slot - item.slots.lowerBound
      switch item.shape.rank {
      case 0: return item.name
      case 1: return "\(item.name)[\(place + 1)]"
      default:
        return "\(item.name)[\(place / item.shape.columns + 1),\(place % item.shape.columns + 1)]"
      }
    }
    return "a quantity"
  }
}

/// A graph with the nodes that read slots at all; data alone may have millions of elements.
private struct ReadingGraph {
  let graph: Graph
  private let reads: [Bool]

  init(_ graph: Graph) {
    self.graph = graph
    var reads = [Bool](repeating: false, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      if case .position = node.op {
        reads[index] = true
      } else {
        reads[index] = node.inputs.contains { reads[$0.index] }
      }
    }
    self.reads = reads
  }

  /// The slots that nodes read, in order.
  func slots(behind nodes: [NodeID]) -> [Int] {
    var slots: Set<Int> = []
    for node in nodes where reads[node.index] {
      slots.formUnion(self.slots(behind: node, places: Set(0..<graph[node].shape.count)))
    }
    return slots.sorted()
  }

  /// The slots that some elements of a node read: those of the elements that views and elementwise
  /// operations pass on, and all elements behind any other operation.
  func slots(behind node: NodeID, places: Set<Int>) -> [Int] {
    guard reads[node.index] else { return [] }
    var wanted: [Int: Set<Int>] = [node.index: places]
    var slots: Set<Int> = []
    // Inputs stand before the nodes that use them.
    var open: [Int] = [node.index]
    while let index = open.max(), let places = wanted.removeValue(forKey: index) {
      open.removeAll { $0 == index }
      let node = graph.nodes[index]
      if case .position(let offset) = node.op {
        slots.formUnion(places.map { offset + $0 })
        continue
      }
      for input in node.inputs where reads[input.index] {
        let needed = self.places(of: input, behind: places, node)
        if needed.isEmpty { continue }
        if wanted[input.index] == nil { open.append(input.index) }
        wanted[input.index, default: []].formUnion(needed)
      }
    }
    return slots.sorted()
  }

  /// The elements of an input that elements of a node are made of.
  private func places(of input: NodeID, behind places: Set<Int>, _ node: Node) -> Set<Int> {
    let count = graph[input].shape.count
    switch node.op {
    case .unary, .binary, .select, .logSumExpOf, .softmaxOf, .fill, .reshape:
      return count == 1 ? [0] : places
    case .slice(let stride): return Set(places.map { stride[$0] })
    case .gather(let array): return Set(places.map { Int(graph.indexArrays[array][$0]) })
    default: return Set(0..<count)
    }
  }
}
