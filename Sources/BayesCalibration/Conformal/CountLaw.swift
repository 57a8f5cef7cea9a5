// The law of a number of rows: sums of independent ones, and where most of it lies.

/// The probabilities of consecutive counts.
struct CountLaw: Equatable {
  /// The count of the first probability.
  var first: Int
  /// The probabilities, at least one.
  var masses: [Double]

  /// Makes it the law of the sum with another, independent count.
  mutating func add(_ other: CountLaw) {
    let (a, b) = (trimmed, other.trimmed)
    guard a.masses.count > 1 || a.masses[0] != 1 else {
      // Adding a certain count moves the law, and keeps its masses to the last bit.
      self = CountLaw(first: a.first + other.first, masses: other.masses)
      return
    }
    var sum = [Double](repeating: 0, count: a.masses.count + b.masses.count - 1)
    for (i, p) in a.masses.enumerated() {
      for (j, q) in b.masses.enumerated() { sum[i + j] += p * q }
    }
    self = CountLaw(first: a.first + b.first, masses: sum)
  }

  /// The law without the ends whose probabilities are below 10⁻²⁰ of the largest.
  private var trimmed: CountLaw {
    let least = (masses.max() ?? 0) * 1e-20
    let low = masses.firstIndex { $0 >= least } ?? 0
    let high = masses.lastIndex { $0 >= least } ?? 0
    return CountLaw(first: first + low, masses: Array(masses[low...high]))
  }

  /// The counts left when both ends are cut off as long as each has at most half of the rest, and their probability.
  func central(_ probability: Double) -> (counts: ClosedRange<Int>, probability: Double) {
    let tail = 0.5 * (1 - probability)
    var (lower, below) = (0, 0.0)
    while lower < masses.count - 1, below + masses[lower] <= tail {
      below += masses[lower]
      lower += 1
    }
    var (upper, above) = (masses.count - 1, 0.0)
    while upper > lower, above + masses[upper] <= tail {
      above += masses[upper]
      upper -= 1
    }
    return (first + lower...first + upper, 1 - below - above)
  }
}
