// Draws and their statistics, in memory reserved before the first draw.

import BayesCore

/// Positions (row-major) and statistics of a stretch of iterations.
struct ChainRecord {
  let dimension: Int
  private(set) var positions: [Double] = []
  private(set) var statistics: [DrawStatistics] = []

  init(dimension: Int, capacity: Int) {
    self.dimension = dimension
    positions.reserveCapacity(capacity * dimension)
    statistics.reserveCapacity(capacity)
  }

  mutating func append(_ position: UnsafePointer<Double>, _ draw: DrawStatistics) {
    positions.append(contentsOf: UnsafeBufferPointer(start: position, count: dimension))
    statistics.append(draw)
  }
}
