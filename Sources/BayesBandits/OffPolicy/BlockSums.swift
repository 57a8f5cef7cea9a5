// The bootstrap of a stream: rows are summed in blocks, and blocks are drawn with replacement.

import BayesNumerics

/// What estimates are made of, summed over rows.
struct RowSums: Sendable {
  var rows = 0.0
  var weight = 0.0
  var weightedReward = 0.0
  var doublyRobust = 0.0
  var switched = 0.0

  mutating func add(_ other: RowSums) {
    rows += other.rows
    weight += other.weight
    weightedReward += other.weightedReward
    doublyRobust += other.doublyRobust
    switched += other.switched
  }

  /// The estimate of a method, or `nil` for one that is no function of these sums.
  func estimate(_ method: OffPolicyMethod) -> Double? {
    switch method {
    case .inversePropensity: weightedReward / rows
    case .selfNormalised: weight > 0 ? weightedReward / weight : nil
    case .doublyRobust: doublyRobust / rows
    case .switchDoublyRobust: switched / rows
    case .replay, .direct: nil
    }
  }
}

/// Rows summed in at most 4096 blocks, row i in block i mod 4096.
///
/// With fewer rows each is a block, and this is the ordinary bootstrap. With more, a block's sum stands
/// for its rows: the bootstrap's variance and skewness of a sum are estimated without bias from
/// blocks of equal size, and memory does not grow with the log.
struct BlockSums: Sendable {
  static let most = 4096
  private(set) var blocks: [RowSums] = []
  private var next = 0

  mutating func add(_ row: RowSums) {
    if blocks.count < Self.most {
      blocks.append(row)
    } else {
      blocks[next].add(row)
      next = (next + 1) % Self.most
    }
  }

  /// Estimates of replicates, each from as many blocks as there are, drawn with replacement.
  func replicates(_ count: Int, seed: UInt64) -> [RowSums] {
    (0..<count).map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .bootstrap, iteration: replicate)
      var sum = RowSums()
      for _ in blocks.indices {
        sum.add(blocks[Int.random(in: 0..<blocks.count, using: &stream)])
      }
      return sum
    }
  }
}

/// Percentile interval of values in any order; `nil` for none.
func percentileInterval(_ values: [Double], confidence: Double) -> ClosedRange<Double>? {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return nil }
  func quantile(_ p: Double) -> Double {
    let position = p * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
  return quantile((1 - confidence) / 2)...quantile((1 + confidence) / 2)
}
