// Linear assignment: each row gets a column of its own, at the least total cost.

/// The column of each row in an assignment of least total cost.
///
/// ```
/// minimise Σ_r cost[r, σ(r)] over permutations σ
/// ```
/// Exact, by shortest augmenting paths with dual prices, in O(count³). Among assignments of equal cost the
/// result depends on the numbers alone; where all costs are equal, each row keeps its own column.
///
/// - Parameter cost: count × count, row-major, any sign.
/// - Precondition: `cost` has count² elements, all finite.
///
/// Reference: Jonker & Volgenant 1987, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38, doi 10.1007/BF02278710.
public func cheapestAssignment(cost: [Double], count: Int) -> [Int] {
  precondition(cost.count == count * count, "\(cost.count) costs for \(count) rows and columns")
  precondition(cost.allSatisfy(\.isFinite), "costs are finite")
  var paths = AugmentingPaths(cost: cost, count: count)
  for row in 0..<count { paths.assign(row) }
  var columns = [Int](repeating: 0, count: count)
  for (column, row) in paths.rowOf.enumerated() { columns[row!] = column }
  return columns
}

/// An optimal assignment of the rows so far, with prices that prove it: every reduced cost
/// `cost − rowPrice − columnPrice` is at least 0, and 0 where a row is assigned.
private struct AugmentingPaths {
  let cost: [Double]
  let count: Int
  /// The row that has each column.
  private(set) var rowOf: [Int?]
  private var rowPrice: [Double]
  private var columnPrice: [Double]

  init(cost: [Double], count: Int) {
    self.cost = cost
    self.count = count
    rowOf = Array(repeating: nil, count: count)
    rowPrice = Array(repeating: 0, count: count)
    columnPrice = Array(repeating: 0, count: count)
  }

  /// Gives one more row a column: along the shortest path, in reduced costs, to a column without a row.
  mutating func assign(_ row: Int) {
    var distance = [Double](repeating: .infinity, count: count)
    var previous = [Int?](repeating: nil, count: count)
    var visited: [Int] = []
    var isVisited = [Bool](repeating: false, count: count)
    var (current, offset) = (row, 0.0)
    var last: Int?
    var end = 0
    repeat {
      var nearest = -1
      for column in 0..<count where !isVisited[column] {
        let reduced = cost[current * count + column] - rowPrice[current] - columnPrice[column]
        if offset + reduced < distance[column] {
          distance[column] = offset + reduced
          previous[column] = last
        }
        if nearest < 0 || distance[column] < distance[nearest] { nearest = column }
      }
      isVisited[nearest] = true
      (offset, last, end) = (distance[nearest], nearest, nearest)
      guard let next = rowOf[nearest] else { break }
      visited.append(nearest)
      current = next
    } while true
    // Prices that make the path's reduced costs 0 and leave none negative.
    rowPrice[row] += offset
    for column in visited {
      columnPrice[column] -= offset - distance[column]
      rowPrice[rowOf[column]!] += offset - distance[column]
    }
    while let earlier = previous[end] {
      rowOf[end] = rowOf[earlier]
      end = earlier
    }
    rowOf[end] = row
  }
}
