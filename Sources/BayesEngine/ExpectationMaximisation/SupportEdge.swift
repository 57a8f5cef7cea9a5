// Values on the edge of their supports, which have no unconstrained coordinates.

import BayesGraph
import BayesLanguage

/// Finds values on the edge of their supports and moves them inside.
enum SupportEdge {
  /// Nearer to a bound than this is on it.
  private static let width = 1e-8

  /// The bounds of each parameter that do not depend on others; an empty list for one that does.
  static func bounds(of complete: TracedCompleteData) -> [[[Double]]] {
    let graph = complete.graph
    return complete.parameters.map { parameter in
      parameter.bounds.map { node in
        let needed = graph.reachable(from: [node])
        let isOpen = graph.nodes.indices.contains { index in
          guard needed[index], case .position = graph.nodes[index].op else { return false }
          return true
        }
        return isOpen ? [] : Interpreter(graph).values(of: [node], at: [])[0]
      }
    }
  }

  /// The values moved off the edge by next to nothing, and the slots of those on it: whole simplexes, else
  /// single elements.
  static func interior(
    _ x: [Double], _ parameters: [SimulatedParameter], bounds: [[[Double]]]
  ) -> (x: [Double], held: [Range<Int>]) {
    var result = x
    var held: [Range<Int>] = []
    for (parameter, bounds) in zip(parameters, bounds) {
      switch parameter.support {
      case .simplex:
        let size = parameter.shape.rank == 2 ? parameter.shape.columns : parameter.shape.count
        for start in stride(
          from: parameter.slots.lowerBound, to: parameter.slots.upperBound, by: max(1, size))
        {
          let own = start..<(start + size)
          guard size > 1, own.contains(where: { x[$0] < width }) else { continue }
          held.append(own)
          for slot in own { result[slot] = (1 - 1e-9) * x[slot] + 1e-9 / Double(size) }
        }
      case .lower, .upper, .interval:
        for (k, slot) in parameter.slots.enumerated() {
          for (b, values) in bounds.enumerated() where !values.isEmpty {
            let bound = values[values.count == 1 ? 0 : k]
            let size = parameter.support == .interval ? max(1, abs(bound)) : abs(bound)
            guard abs(x[slot] - bound) <= width * size else { continue }
            held.append(slot..<(slot + 1))
            let isUpper = parameter.support == .upper || b == 1
            result[slot] = bound + (isUpper ? -1e-9 : 1e-9) * max(1, abs(bound))
          }
        }
      default: break
      }
    }
    return (result, held)
  }
}
