// A function that is constant between edges.

/// A step function of a probability; an edge belongs to the step below it.
public struct StepFunction: Sendable, Equatable {
  /// The ends between steps, increasing: one fewer than `values`.
  public let edges: [Double]
  /// The value of each step.
  public let values: [Double]

  /// A function with some steps.
  init(edges: [Double], values: [Double]) {
    self.edges = edges
    self.values = values
  }

  /// The weighted sum of functions, with the edges of all; neighbours of one value are one step.
  init(averaging functions: [(steps: StepFunction, weight: Double)]) {
    // At each edge some functions step from one value to the next. The sum is formed anew at every edge from
    // what each function has there, so that rounding errors do not pile up.
    let all = Set(functions.flatMap { $0.steps.edges }).sorted()
    let highest = functions.reduce(-Double.infinity) { Swift.max($0, $1.steps.values.max()!) }
    var places = [Int](repeating: 0, count: functions.count)
    var (edges, values): ([Double], [Double]) = ([], [])
    for end in all + [.infinity] {
      var value = 0.0
      for k in functions.indices {
        value += functions[k].weight * functions[k].steps.values[places[k]]
        let own = functions[k].steps.edges
        if places[k] < own.count, own[places[k]] == end { places[k] += 1 }
      }
      // Weights sum to 1 but for rounding.
      value = Swift.min(value, highest)
      if values.last == value { edges.removeLast() } else { values.append(value) }
      edges.append(end)
    }
    edges.removeLast()
    self.edges = edges
    self.values = values
  }

  /// The value at a probability.
  public func value(at p: Double) -> Double {
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] < p { low = middle + 1 } else { high = middle }
    }
    return values[low]
  }
}
