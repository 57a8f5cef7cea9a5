// Components in an order that does not depend on the start.

import BayesGraph
import BayesLanguage

/// Numbers exchangeable components: by an ordered parameter where there is one, else the component
/// with the most rows first. Components with names keep them.
struct Relabelling {
  let complete: TracedCompleteData
  let objective: NodeID

  /// The values with the components of every axis of labels in order.
  func canonical(_ x: [Double]) -> (x: [Double], unordered: [String]) {
    var result = x
    var unordered: [String] = []
    var seen: Set<String> = []
    for latent in complete.latents where seen.insert(latent.labels.name).inserted {
      guard let order = order(of: latent, result) else { continue }
      let moved = permuted(result, axis: latent.labels.name, order)
      // Only where the components can be exchanged is the other order as good.
      if isAsGood(moved, as: x) {
        result = moved
      } else if orderedParameter(over: latent.labels.name) != nil {
        unordered.append(latent.labels.name)
      }
    }
    return (result, unordered)
  }

  private func isAsGood(_ moved: [Double], as x: [Double]) -> Bool {
    let interpreter = Interpreter(complete.graph)
    let (a, b) = (
      interpreter.values(of: [objective], at: moved)[0][0],
      interpreter.values(of: [objective], at: x)[0][0]
    )
    return abs(a - b) <= 1e-9 * max(1, abs(b))
  }

  private func orderedParameter(over axis: String) -> SimulatedParameter? {
    complete.parameters.first {
      ($0.support == .ordered || $0.support == .positiveOrdered)
        && $0.variable.dimensions.first?.name == axis
    }
  }

  /// The old number of each new component; `nil` where they stay.
  private func order(of latent: TracedLatent, _ x: [Double]) -> [Int]? {
    let count = latent.labels.size
    let keys: [Double]
    if let parameter = orderedParameter(over: latent.labels.name) {
      keys = Array(x[parameter.slots])
    } else if latent.labels.labels == nil {
      keys = Interpreter(complete.graph).values(of: latent.probabilities, at: x)
        .map { -$0.reduce(0, +) }
    } else {
      return nil
    }
    let order = (0..<count).sorted { keys[$0] < keys[$1] || (keys[$0] == keys[$1] && $0 < $1) }
    return order == Array(0..<count) ? nil : order
  }

  /// The values with every parameter over the axis rearranged.
  private func permuted(_ x: [Double], axis: String, _ order: [Int]) -> [Double] {
    var result = x
    for parameter in complete.parameters {
      permute(
        &result, in: parameter.slots, parameter.variable.dimensions, axis: axis, order)
    }
    return result
  }
}
