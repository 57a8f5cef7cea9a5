// Numbers the components of all draws alike, by the Kullback–Leibler relabelling of Stephens (2000).

public import BayesCore
import BayesNumerics
import Glibc

/// The probabilities of labels, draw by draw: what tells which component of one draw is which of another.
public struct LabelTable: Sendable {
  /// The positions that have labels.
  public let rows: Int
  /// The labels that one can have.
  public let labels: Int
  /// For each chain, draw × label × row.
  public let chains: [[Float]]

  /// - Precondition: at least one row and one label; each chain is a whole number of draws.
  public init(rows: Int, labels: Int, chains: [[Float]]) {
    precondition(rows > 0 && labels > 0, "an empty table")
    precondition(chains.allSatisfy { $0.count % (rows * labels) == 0 }, "whole draws")
    self.rows = rows
    self.labels = labels
    self.chains = chains
  }

  /// The elements of one draw.
  fileprivate var width: Int { rows * labels }
}

/// One order of the components for each draw, under which all draws speak of the same components.
///
/// With p[i, k] a draw's probability that position i has label k, and q[i, k] the mean over all draws
/// after relabelling, the orders σ of the draws minimise the total Kullback–Leibler divergence
/// ```
/// Σ_draws Σ_i Σ_k p[i, σ(k)] · log(p[i, σ(k)] / q[i, k])
/// ```
/// Given q the order of each draw is an assignment problem, solved exactly; given the orders q is a mean.
/// The two steps alternate until no draw changes. Like every method of its kind it ends at a local
/// minimum; it starts from a running mean, to which up to 200 draws are matched one by one.
///
/// The component that most draws have as number k is component k of the result.
///
/// Reference: Stephens 2000, "Dealing with label switching in mixture models", Journal of the Royal
/// Statistical Society B 62(4), section 4.1 and algorithm 2, doi 10.1111/1467-9868.00265.
public struct LabelAlignment: Sendable, Equatable {
  /// Chain × draw × component: the component's number in the draw as it was drawn.
  public let orders: [[[Int]]]
  /// The draws that keep the numbers they had.
  public let unmovedCount: Int
  /// The mean probability of each component after relabelling.
  public let shares: [Double]
  /// How often all draws were matched.
  public let passes: Int

  /// The share of draws whose components have other numbers than in most draws; 0 without draws.
  public var switchedShare: Double {
    let count = orders.reduce(0) { $0 + $1.count }
    return count == 0 ? 0 : 1 - Double(unmovedCount) / Double(count)
  }

  /// Aligns all draws; the number of threads never shows in the result.
  public init(_ table: LabelTable, threads: Int = availableProcessors()) {
    let identity = Array(0..<table.labels)
    var mean = runningMean(table)
    var orders = table.chains.map { chain in
      [[Int]](repeating: identity, count: chain.count / table.width)
    }
    var divergence = Double.infinity
    var passes = 0
    // The divergence falls with each pass that changes an order, and there are finitely many.
    while passes < 100 {
      let matched = matchedChains(table, to: mean, threads: threads)
      passes += 1
      let isDone = passes > 1 && matched.map(\.orders) == orders
      let total = matched.reduce(0) { $0 + $1.cost }
      orders = matched.map(\.orders)
      mean = matched.dropFirst().reduce(matched.first?.sum ?? []) { sum, chain in
        zip(sum, chain.sum).map { $0 + $1 }
      }
      if isDone || total >= divergence { break }
      divergence = total
    }
    let (usual, count) = mostFrequent(orders.flatMap { $0 }) ?? (identity, 0)
    // Component k of most draws: the place at which their order has k.
    let numbers = identity.map { k in usual.firstIndex(of: k)! }
    self.orders = orders.map { chain in chain.map { order in numbers.map { order[$0] } } }
    unmovedCount = count
    self.passes = passes
    let total = Double(max(1, orders.reduce(0) { $0 + $1.count }) * table.rows)
    shares = numbers.map { k in
      mean.isEmpty ? 0 : mean[(k * table.rows)..<((k + 1) * table.rows)].reduce(0, +) / total
    }
  }
}

// MARK: The two steps

/// One chain's draws in their best orders.
private struct MatchedChain: Sendable {
  var orders: [[Int]]
  /// Σ over draws of the probabilities in these orders, label × row.
  var sum: [Double]
  /// Σ −p log q, which is the divergence but for a part that no order changes.
  var cost: Double
}

/// Each draw's best order given the sums of probabilities.
private func matchedChains(_ table: LabelTable, to mean: [Double], threads: Int) -> [MatchedChain] {
  let logarithms = logarithms(of: mean, table)
  let work: @Sendable (Int) -> MatchedChain = { chain in
    let draws = table.chains[chain].count / table.width
    var matched = MatchedChain(
      orders: [], sum: [Double](repeating: 0, count: table.width), cost: 0)
    matched.orders.reserveCapacity(draws)
    for draw in 0..<draws {
      let (order, cost) = bestOrder(table, chain: chain, draw: draw, logarithms)
      add(table, chain: chain, draw: draw, order, to: &matched.sum)
      matched.orders.append(order)
      matched.cost += cost
    }
    return matched
  }
  guard
    let results = try? parallelMap(count: table.chains.count, threads: max(1, threads), work)
  else { preconditionFailure("the work throws nothing") }
  return results
}

/// The sums of up to 200 draws, spread over all chains, each in the order that fits those before it best.
private func runningMean(_ table: LabelTable) -> [Double] {
  let places = table.chains.enumerated().flatMap { chain, values in
    (0..<(values.count / table.width)).map { (chain: chain, draw: $0) }
  }
  var mean = [Double](repeating: 0, count: table.width)
  let count = min(200, places.count)
  for k in 0..<count {
    let (chain, draw) = places[k * places.count / count]
    let order =
      k == 0
      ? Array(0..<table.labels)
      : bestOrder(table, chain: chain, draw: draw, logarithms(of: mean, table)).order
    add(table, chain: chain, draw: draw, order, to: &mean)
  }
  return mean
}

/// log q from sums over draws. Floored, so that no single row outvotes all others.
private func logarithms(of sums: [Double], _ table: LabelTable) -> [Double] {
  var result = [Double](repeating: 0, count: sums.count)
  for row in 0..<table.rows {
    var total = 0.0
    for label in 0..<table.labels { total += sums[label * table.rows + row] }
    for label in 0..<table.labels {
      let place = label * table.rows + row
      result[place] = log(max(1e-12, total > 0 ? sums[place] / total : 0))
    }
  }
  return result
}

/// The order of one draw's labels with the least Σ −p log q; a draw with values that are no numbers
/// keeps its order.
private func bestOrder(
  _ table: LabelTable, chain: Int, draw: Int, _ logarithms: [Double]
) -> (order: [Int], cost: Double) {
  let (rows, labels) = (table.rows, table.labels)
  var cost = [Double](repeating: 0, count: labels * labels)
  let draws = table.chains[chain]
  let values = draws.span
  let logarithms = logarithms.span
  for target in 0..<labels {
    for label in 0..<labels {
      let start = draw * table.width + label * rows
      var sum = 0.0
      for row in 0..<rows {
        sum -= Double(values[start + row]) * logarithms[target * rows + row]
      }
      cost[target * labels + label] = sum
    }
  }
  guard cost.allSatisfy(\.isFinite) else { return (Array(0..<labels), 0) }
  let order = cheapestAssignment(cost: cost, count: labels)
  return (order, order.enumerated().reduce(0) { $0 + cost[$1.offset * labels + $1.element] })
}

private func add(
  _ table: LabelTable, chain: Int, draw: Int, _ order: [Int], to sum: inout [Double]
) {
  let rows = table.rows
  let draws = table.chains[chain]
  let values = draws.span
  for (target, label) in order.enumerated() {
    let start = draw * table.width + label * rows
    for row in 0..<rows {
      let value = Double(values[start + row])
      if value.isFinite { sum[target * rows + row] += value }
    }
  }
}

/// The most frequent element and its count; the first of equals.
private func mostFrequent(_ orders: [[Int]]) -> (order: [Int], count: Int)? {
  var counts: [[Int]: Int] = [:]
  for order in orders { counts[order, default: 0] += 1 }
  guard let most = counts.values.max() else { return nil }
  return orders.first { counts[$0] == most }.map { ($0, most) }
}
