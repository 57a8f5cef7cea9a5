// k-means: seeding by squared distances, then Lloyd's iterations.

import Glibc

/// Groups rows around `clusters` centres, each row with the centre nearest to it.
///
/// The seeds are those of k-means++ in its greedy form: each one is drawn with a probability
/// proportional to the squared distance from the seeds so far, the best of 2 + ⌊log K⌋ such
/// draws. Lloyd's iterations then move each centre to the mean of its rows until no row changes
/// its group. A centre that loses all its rows takes the row that is farthest from its own.
///
/// Distances are Euclidean: bring columns to comparable scales first. Where there are fewer
/// distinct rows than clusters, the surplus centres coincide with rows that are another centre's too, and no
/// row is theirs. The result depends on the arguments and the stream only.
///
/// - Parameters:
///   - rows: finite numbers, row after row.
///   - columns: the numbers of a row.
///   - clusters: the number K of centres.
///   - iterations: the most times that centres move; with 0 the seeds are the centres.
///   - stream: the only source of chance.
/// - Returns: the centre of each row, counted from 0 (the lowest of equally near ones), and the
///   centres, one after the other; zeros where there are no rows.
/// - Precondition: `columns` and `clusters` are positive, `rows.count` is a multiple of `columns`.
/// - Complexity: rows × columns × clusters operations per iteration, log K times that for the seeds.
///
/// Reference: Arthur, Vassilvitskii 2007, "k-means++: the advantages of careful seeding", SODA '07,
/// sections 2.2 and 7 (greedy form); Lloyd 1982, doi 10.1109/TIT.1982.1056489.
public func kMeans(
  _ rows: [Double], columns: Int, clusters: Int, iterations: Int,
  using stream: inout RandomStream
) -> (labels: [Int], centres: [Double]) {
  precondition(columns > 0 && clusters > 0, "columns and clusters are positive")
  precondition(rows.count % columns == 0, "whole rows")
  var means = KMeans(rows: rows, columns: columns, clusters: clusters)
  guard !rows.isEmpty else { return ([], means.centres) }
  means.seed(using: &stream)
  means.assign()
  for _ in 0..<iterations {
    means.moveCentres()
    guard means.assign() else { break }
  }
  return (means.labels, means.centres)
}

/// Centres, and which row is whose.
private struct KMeans {
  private let table: BlockedRows
  private let clusters: Int
  private(set) var labels: [Int]
  private(set) var centres: [Double]
  /// The squared distance of each row from its centre.
  private var distances: [Double]

  init(rows: [Double], columns: Int, clusters: Int) {
    table = BlockedRows(rows: rows, columns: columns)
    self.clusters = clusters
    labels = Array(repeating: 0, count: table.count)
    centres = Array(repeating: 0, count: clusters * columns)
    distances = Array(repeating: .infinity, count: table.count)
  }

  /// Draws the first centres and leaves each row's distance from the nearest.
  mutating func seed(using stream: inout RandomStream) {
    let trials = 2 + Int(log(Double(clusters)))
    let first = randomRow(using: &stream)
    place(row: first, at: 0)
    table.lower(&distances, to: first)
    var trial = distances
    var best = distances
    for cluster in stride(from: 1, to: clusters, by: 1) {
      var lowest = Double.infinity
      for attempt in 0..<trials {
        let row = distantRow(using: &stream)
        trial = distances
        table.lower(&trial, to: row)
        let total = trial.reduce(0, +)
        if attempt == 0 || total < lowest {
          lowest = total
          swap(&trial, &best)
          place(row: row, at: cluster)
        }
      }
      swap(&distances, &best)
    }
  }

  private func randomRow(using stream: inout RandomStream) -> Int {
    Swift.min(table.count - 1, Int(stream.uniform() * Double(table.count)))
  }

  /// A row, with a probability proportional to its distance; any one where all distances are 0.
  private func distantRow(using stream: inout RandomStream) -> Int {
    let total = distances.reduce(0, +)
    guard total > 0, total < .infinity else { return randomRow(using: &stream) }
    var rest = stream.uniform() * total
    var last = 0
    for row in distances.indices where distances[row] > 0 {
      rest -= distances[row]
      last = row
      if rest < 0 { break }
    }
    return last
  }

  private mutating func place(row: Int, at cluster: Int) {
    for column in 0..<table.columns {
      centres[cluster * table.columns + column] = table.rows[row * table.columns + column]
    }
  }

  /// Gives each row to its nearest centre; returns whether any changed.
  @discardableResult
  mutating func assign() -> Bool {
    table.assign(centres, clusters: clusters, labels: &labels, distances: &distances)
  }

  /// Moves each centre to the mean of its rows, after those without rows have taken one.
  mutating func moveCentres() {
    var sizes = [Int](repeating: 0, count: clusters)
    for label in labels { sizes[label] += 1 }
    for cluster in 0..<clusters where sizes[cluster] == 0 {
      var farthest: Int?
      for row in labels.indices where sizes[labels[row]] > 1 {
        if distances[row] > farthest.map({ distances[$0] }) ?? 0 { farthest = row }
      }
      guard let farthest else { break }
      sizes[labels[farthest]] -= 1
      sizes[cluster] = 1
      labels[farthest] = cluster
      distances[farthest] = 0
    }
    let columns = table.columns
    let sums = table.sums(by: labels, clusters: clusters)
    for cluster in 0..<clusters where sizes[cluster] > 0 {
      for i in cluster * columns..<(cluster + 1) * columns {
        centres[i] = sums[i] / Double(sizes[cluster])
      }
    }
  }
}

/// Rows, and a copy of them in blocks whose columns are contiguous.
private struct BlockedRows {
  /// Rows whose distances are computed together: a column of them is one loop over neighbours.
  private static let block = 256

  let rows: [Double]
  let columns: Int
  let count: Int
  /// In a block column after column; the last block is filled up with zeros.
  private let blocks: [Double]

  init(rows: [Double], columns: Int) {
    self.rows = rows
    self.columns = columns
    count = rows.count / columns
    let size = Self.block
    var blocks = [Double](repeating: 0, count: (count + size - 1) / size * size * columns)
    for row in 0..<count {
      let start = row / size * size * columns + row % size
      for column in 0..<columns { blocks[start + column * size] = rows[row * columns + column] }
    }
    self.blocks = blocks
  }

  /// Lowers distances to those from one of the rows where that is nearer.
  func lower(_ distances: inout [Double], to row: Int) {
    rows.withUnsafeBufferPointer { rows in
      distances.withUnsafeMutableBufferPointer { distances in
        eachBlock { start, block, squares in
          measure(block, from: rows.baseAddress! + row * columns, into: squares)
          for i in 0..<Swift.min(Self.block, count - start) {
            distances[start + i] = Swift.min(distances[start + i], squares[i])
          }
        }
      }
    }
  }

  /// Finds the nearest centre of each row and its distance; returns whether any label changed.
  func assign(
    _ centres: [Double], clusters: Int, labels: inout [Int], distances: inout [Double]
  ) -> Bool {
    var isChanged = false
    let size = Self.block
    labels.withUnsafeMutableBufferPointer { labels in
      distances.withUnsafeMutableBufferPointer { distances in
        centres.withUnsafeBufferPointer { centres in
          var nearest = [Double](repeating: 0, count: size)
          var label = [Int](repeating: 0, count: size)
          eachBlock { start, block, squares in
            nearest.withUnsafeMutableBufferPointer { nearest in
              label.withUnsafeMutableBufferPointer { label in
                nearest.update(repeating: .infinity)
                label.update(repeating: 0)
                for cluster in 0..<clusters {
                  measure(block, from: centres.baseAddress! + cluster * columns, into: squares)
                  for i in 0..<size {
                    let isNearer = squares[i] < nearest[i]
                    nearest[i] = isNearer ? squares[i] : nearest[i]
                    label[i] = isNearer ? cluster : label[i]
                  }
                }
                for i in 0..<Swift.min(size, count - start) {
                  if labels[start + i] != label[i] { isChanged = true }
                  labels[start + i] = label[i]
                  distances[start + i] = nearest[i]
                }
              }
            }
          }
        }
      }
    }
    return isChanged
  }

  /// The sums of the rows of each label.
  func sums(by labels: [Int], clusters: Int) -> [Double] {
    var result = [Double](repeating: 0, count: clusters * columns)
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { sums in
        for row in 0..<count {
          let target = labels[row] * columns
          for column in 0..<columns { sums[target + column] += rows[row * columns + column] }
        }
      }
    }
    return result
  }

  /// Calls `body` with each block's first row, its numbers, and room for one number per row.
  private func eachBlock(
    _ body: (Int, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    var squares = [Double](repeating: 0, count: Self.block)
    blocks.withUnsafeBufferPointer { blocks in
      squares.withUnsafeMutableBufferPointer { squares in
        for start in stride(from: 0, to: count, by: Self.block) {
          body(start, blocks.baseAddress! + start * columns, squares.baseAddress!)
        }
      }
    }
  }

  /// The squared distances of a block's rows from a point.
  private func measure(
    _ block: UnsafePointer<Double>, from point: UnsafePointer<Double>,
    into squares: UnsafeMutablePointer<Double>
  ) {
    squares.update(repeating: 0, count: Self.block)
    for column in 0..<columns {
      let centre = point[column]
      let values = block + column * Self.block
      for i in 0..<Self.block {
        let difference = values[i] - centre
        squares[i] += difference * difference
      }
    }
  }
}
