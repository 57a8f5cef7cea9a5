// The halves of all chains, filled with draws or with the normal scores of their ranks.

/// The split series of a quantity: without the middle draw where the number of draws is odd.
struct SplitChains: ~Copyable {
  /// Filled and centred by the methods below.
  var series: ChainSeries

  private let scores: NormalScores
  /// Where a draw goes in the series, −1 for a dropped middle draw.
  private let offsets: Buffer<Int32>
  /// The split draws, or their distances from the median, in ascending order.
  private let rankedValues: Buffer<Double>
  /// Where each of them goes in the series.
  private let rankedOffsets: Buffer<Int32>

  /// - Parameter scores: of as many ranks as there are draws in the halves.
  init(chainCount: Int, drawCount: Int, scores: NormalScores) {
    let half = drawCount / 2
    self.scores = scores
    series = ChainSeries(count: 2 * chainCount, length: half)
    rankedValues = Buffer(repeating: 0, count: 2 * chainCount * half)
    rankedOffsets = Buffer(repeating: 0, count: 2 * chainCount * half)
    offsets = Buffer(repeating: -1, count: chainCount * drawCount)
    for chain in 0..<chainCount {
      for draw in 0..<half {
        let first = chain * drawCount + draw
        let offset = 2 * chain * series.stride + draw
        offsets[first] = Int32(offset)
        offsets[first + drawCount - half] = Int32(offset + series.stride)
      }
    }
  }

  /// Fills the series with a function of each draw.
  mutating func fill(_ draws: borrowing Buffer<Double>, _ value: (Double) -> Double) {
    fillUncentred(draws, value)
    series.centre()
  }

  @inline(__always)
  private func fillUncentred(_ draws: borrowing Buffer<Double>, _ value: (Double) -> Double) {
    let target = series.storage.elements
    let source = draws.elements
    let offsets = self.offsets.elements
    for i in source.indices where offsets[i] >= 0 { target[Int(offsets[i])] = value(source[i]) }
  }

  /// Fills the series with the normal scores of the draws' ranks.
  mutating func fillScores(of sorted: borrowing SortedDraws) {
    rankDraws(sorted)
    fillUncentredScores()
    series.centre()
  }

  /// Fills the series with the normal scores of the ranks of the distances from the median of all draws.
  mutating func fillScoresOfDistances(in sorted: borrowing SortedDraws) {
    rankDistances(sorted)
    fillUncentredScores()
    series.centre()
  }

  /// Writes the normal scores of the ascending `rankedValues`, average ranks for ties.
  private func fillUncentredScores() {
    let target = series.storage.elements
    let values = rankedValues.elements
    let offsets = rankedOffsets.elements
    var first = 0
    while first < values.count {
      var last = first
      while last + 1 < values.count, values[last + 1] == values[first] { last += 1 }
      let score = scores.score(first: first, last: last)
      for k in first...last { target[Int(offsets[k])] = score }
      first = last + 1
    }
  }

  /// The split draws in ascending order.
  private func rankDraws(_ sorted: borrowing SortedDraws) {
    let rankedValues = rankedValues.elements
    let rankedOffsets = rankedOffsets.elements
    let values = sorted.values.elements
    let positions = sorted.positions.elements
    let offsets = self.offsets.elements
    var count = 0
    for k in values.indices {
      let offset = offsets[Int(positions[k])]
      guard offset >= 0 else { continue }
      rankedValues[count] = values[k]
      rankedOffsets[count] = offset
      count += 1
    }
  }

  /// The split draws by ascending distance from the median of all draws.
  ///
  /// The sorted draws fall away from the median on both sides, so that this is a merge of two
  /// ascending runs; subtraction rounds monotonically, and the runs stay ascending.
  private func rankDistances(_ sorted: borrowing SortedDraws) {
    let median = sorted.quantile(0.5)
    let rankedValues = rankedValues.elements
    let rankedOffsets = rankedOffsets.elements
    let values = sorted.values.elements
    let positions = sorted.positions.elements
    let offsets = self.offsets.elements
    var above = values.count / 2
    var below = above - 1
    var count = 0
    while below >= 0 || above < values.count {
      let down = below >= 0 ? abs(values[below] - median) : .infinity
      let up = above < values.count ? abs(values[above] - median) : .infinity
      let position = down <= up ? below : above
      if down <= up { below -= 1 } else { above += 1 }
      let offset = offsets[Int(positions[position])]
      guard offset >= 0 else { continue }
      rankedValues[count] = min(down, up)
      rankedOffsets[count] = offset
      count += 1
    }
  }
}
