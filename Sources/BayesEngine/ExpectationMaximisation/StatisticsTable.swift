// The sums over rows that an M-step reads, as outputs of a kernel.

import BayesGraph

/// Nodes whose values a kernel reports, one after another; equal nodes share their place.
final class StatisticsTable {
  let builder: GraphBuilder
  private(set) var nodes: [NodeID] = []
  private(set) var count = 0
  private var places: [NodeID: Range<Int>] = [:]

  init(_ builder: GraphBuilder) { self.builder = builder }

  /// Where the elements of a node are reported.
  func add(_ x: Tensor) -> Range<Int> {
    if let known = places[x.id] { return known }
    let range = count..<(count + x.shape.count)
    nodes.append(x.id)
    places[x.id] = range
    count = range.upperBound
    return range
  }
}

/// One column of a statement about data, with the weights of its rows.
struct StatementColumn {
  /// The left side: data, one number per row.
  let value: Tensor
  /// Scalars, or one number per row.
  let arguments: [Tensor]
  /// One number per row, or a scalar for all.
  let weight: Tensor
  let rows: Int

  var builder: GraphBuilder { value.builder }

  /// Σ weight · x over rows.
  func sum(_ x: Tensor) -> Tensor {
    (weight.shape.isScalar && x.shape.isScalar ? (weight * x).filled(.vector(rows)) : weight * x)
      .sum
  }

  /// Σ weight.
  var total: Tensor { weight.filled(.vector(rows)).sum }

  /// Σ weight · x over the rows of each of the slots that rows belong to.
  func sums(_ x: Tensor, by slots: SlotGroups) -> Tensor {
    if slots.distinct.count == 1 { return sum(x).reshaped(.vector(1)) }
    return (weight * x).filled(.vector(rows)).scattered(
      slots.places, shape: .vector(slots.distinct.count))
  }

  /// The columns of a statement whose left side is data of one row per weight.
  ///
  /// `nil` where the left side is no data, or an argument has another shape (a row of probabilities).
  static func columns(
    value: Tensor, arguments: [Tensor], weight: Tensor, rows: Int
  ) -> [StatementColumn]? {
    guard value.knownValues != nil else { return nil }
    let shape = value.shape
    func column(_ x: Tensor, _ j: Int) -> Tensor? {
      if x.shape.isScalar, !shape.isScalar || rows > 1 { return x }
      if shape.isScalar, x.shape.isScalar { return x.reshaped(.vector(1)) }
      guard x.shape == shape else { return nil }
      if shape.rank == 1 { return x }
      return x.slice(Stride(start: j, count: shape.rows, step: shape.columns))
    }
    var result: [StatementColumn] = []
    for j in 0..<(shape.rank == 2 ? shape.columns : 1) {
      let columns = arguments.compactMap { column($0, j) }
      guard columns.count == arguments.count, let own = column(value, j) else { return nil }
      result.append(
        StatementColumn(
          value: own.filled(.vector(rows)), arguments: columns, weight: weight, rows: rows))
    }
    return result
  }
}

/// Rows by the slot that they read.
struct SlotGroups {
  let distinct: [Int]
  /// For each row its slot's place in `distinct`.
  let places: [Int]

  init(_ slots: [Int]) {
    var order: [Int: Int] = [:]
    var distinct: [Int] = []
    places = slots.map { slot in
      if let known = order[slot] { return known }
      order[slot] = distinct.count
      distinct.append(slot)
      return distinct.count - 1
    }
    self.distinct = distinct
  }
}
