// Simultaneous bands of the distribution function of a uniform sample, exact for every size.

import BayesNumerics
import Glibc

/// Where the empirical distribution function of N uniform values stays, everywhere at once, with a given probability.
///
/// At each of K positions z the number of values at most z is binomial(N, z). The band holds the counts x with
///
/// ```
/// 2 min(P(X ≤ x), P(X ≥ x)) ≥ γ
/// ```
///
/// and γ, far below 1 − level, is the largest with which a uniform sample stays inside at all positions with probability
/// at least `level`. That probability is computed, not simulated: the counts between positions are independent Poisson
/// numbers given their sum, so that it is a chain of convolutions with the counts outside cut off.
///
/// Reference: Säilynoja, Bürkner, Vehtari 2022, "Graphical test for discrete uniformity and its applications in goodness-of-fit
/// evaluation and multiple sample comparison", doi 10.1007/s11222-022-10090-6; Moscovich, Nadler 2017, "Fast
/// calculation of boundary crossing probabilities for Poisson processes", doi 10.1016/j.spl.2016.11.027.
public struct UniformityBand: Sendable, Equatable {
  /// The number N of values.
  public let count: Int
  /// The probability asked for.
  public let level: Double
  /// The positions z, increasing, within 0 and 1.
  public let positions: [Double]
  /// γ, the two-sided probability at which single positions are cut.
  public let pointwise: Double
  /// The probability that a uniform sample stays inside, at least `level` and by the steps of counts a little more.
  public let probability: Double
  /// The smallest and the largest count at most z inside the band, for each position.
  public let counts: [ClosedRange<Int>]

  /// Possible ranks, if the values are ranks; `nil` for continuous values.
  let possibleRanks: Int?
  /// For ranks, how many of the possible ones lie below each position.
  let ranksBelow: [Int]
  /// The band of N values that are uniform on (0, 1), at equally spaced positions.
  ///
  /// - Parameters:
  ///   - count: N.
  ///   - points: K, the number of steps between positions; by default N, at most 1 000 and at least 10.
  ///   - level: the probability that a uniform sample stays inside.
  /// - Throws: `CalibrationError` for no values, fewer than 2 points, a level outside (0, 1).
  /// - Complexity: some 25 evaluations of about K·√N·√(N/K) products each.
  public init(count: Int, points: Int? = nil, level: Double = 0.95) throws {
    let points = points ?? Swift.max(10, Swift.min(count, 1000))
    guard points >= 2 else {
      throw CalibrationError.invalidSetting("a band needs at least 2 points, found \(points)")
    }
    try self.init(
      count: count, positions: (1..<points).map { Double($0) / Double(points) }, ranks: nil,
      below: [], level: level)
  }

  /// The band of N ranks, each uniform among 0, 1, …, `possibleRanks` − 1.
  ///
  /// Positions are the shares of possible ranks below: all of them, or 999 of more.
  ///
  /// - Throws: `CalibrationError` for no ranks, fewer than 2 possible ones, a level outside (0, 1).
  public init(count: Int, possibleRanks: Int, level: Double = 0.95) throws {
    guard possibleRanks >= 2 else {
      throw CalibrationError.invalidSetting(
        "there are at least 2 possible ranks, found \(possibleRanks)")
    }
    let points = Swift.min(possibleRanks, 1000)
    let below = (1..<points).map {
      Int((Double($0) / Double(points) * Double(possibleRanks)).rounded())
    }
    try self.init(
      count: count, positions: below.map { Double($0) / Double(possibleRanks) },
      ranks: possibleRanks, below: below, level: level)
  }

  private init(count: Int, positions: [Double], ranks: Int?, below: [Int], level: Double) throws {
    try checkLevel(level)
    guard count >= 1 else { throw CalibrationError.tooFewRows(found: count, needed: 1) }
    self.count = count
    self.level = level
    self.positions = positions
    possibleRanks = ranks
    ranksBelow = below
    let tails = BinomialTails(count: count, positions: positions)
    func bounds(_ logarithm: Double) -> [ClosedRange<Int>?] {
      tails.bounds { $0 >= exp(logarithm) }
    }
    // It falls in steps as γ rises; γ lies between Bonferroni's and that of a single position.
    var low = log(0.5 * (1 - level) / Double(positions.count))
    var high = log(1 - level) + 1e-9
    // Between bounds that are the same there is nothing to find.
    while high - low > 1e-6, bounds(low) != bounds(high) {
      let middle = 0.5 * (low + high)
      let stay = stayProbability(count, positions, bounds(middle))
      if stay >= level { low = middle } else { high = middle }
    }
    let bounds = bounds(low)
    probability = stayProbability(count, positions, bounds)
    pointwise = bounds.indices.reduce(1) { least, k in
      guard let bound = bounds[k] else { return least }
      return Swift.min(
        least, tails.twoSided(k, bound.lowerBound), tails.twoSided(k, bound.upperBound))
    }
    counts = bounds.map { $0 ?? 0...count }
  }

  /// The least two-sided probability of counts, and the probability that a uniform sample has one as small.
  func test(_ observed: [Int]) -> (least: Double, pValue: Double) {
    let tails = BinomialTails(count: count, positions: positions)
    var least = 1.0
    for (k, x) in observed.enumerated() { least = Swift.min(least, tails.twoSided(k, x)) }
    // Counts that are as unlikely but for rounding count as such.
    let cut = least * (1 + 1e-9)
    let stay = stayProbability(count, positions, tails.bounds { $0 > cut })
    return (least, Swift.min(1, Swift.max(0, 1 - stay)))
  }
}

/// Two-sided probabilities of binomial counts at many positions, as far out as numbers go.
private struct BinomialTails {
  /// Of each position the counts with probabilities that are kept.
  private let first: [Int]
  private let values: [[Double]]

  init(count: Int, positions: [Double]) {
    var first: [Int] = []
    var values: [[Double]] = []
    for z in positions {
      let (start, masses) = binomialMasses(count, z)
      var lower = masses
      var upper = masses
      for k in 1..<Swift.max(1, masses.count) { lower[k] += lower[k - 1] }
      for k in stride(from: masses.count - 2, through: 0, by: -1) { upper[k] += upper[k + 1] }
      first.append(start)
      values.append(zip(lower, upper).map { 2 * Swift.min($0, $1) })
    }
    self.first = first
    self.values = values
  }

  /// 2 min(P(X ≤ x), P(X ≥ x)) at a position; 0 beyond what is kept.
  func twoSided(_ position: Int, _ x: Int) -> Double {
    let k = x - first[position]
    return values[position].indices.contains(k) ? values[position][k] : 0
  }

  /// The counts whose two-sided probability fulfils a condition, which are neighbours; `nil` where none does.
  func bounds(_ condition: (Double) -> Bool) -> [ClosedRange<Int>?] {
    values.indices.map { k in
      guard let low = values[k].firstIndex(where: condition),
        let high = values[k].lastIndex(where: condition)
      else { return nil }
      return first[k] + low...first[k] + high
    }
  }
}

/// The binomial probabilities of n and z that are not negligible (10⁻⁴⁰ of the largest), from a first count on.
private func binomialMasses(_ n: Int, _ z: Double) -> (first: Int, masses: [Double]) {
  let odds = z / (1 - z)
  let mode = Swift.min(n, Int(Double(n + 1) * z))
  var (below, above): ([Double], [Double]) = ([], [1])
  var (k, mass) = (mode, 1.0)
  while k < n {
    mass *= Double(n - k) / Double(k + 1) * odds
    guard mass > 1e-40 else { break }
    above.append(mass)
    k += 1
  }
  (k, mass) = (mode, 1.0)
  while k > 0 {
    mass *= Double(k) / Double(n - k + 1) / odds
    guard mass > 1e-40 else { break }
    below.append(mass)
    k -= 1
  }
  let masses = below.reversed() + above
  let total = masses.reduce(0, +)
  return (mode - below.count, masses.map { $0 / total })
}

/// The probability that the counts of N uniform values stay within bounds at all positions.
///
/// A Poisson process of rate N that has N points has them at uniform places. Its counts move by independent Poisson
/// numbers, whose probabilities are the same from every count, so that each step is one convolution; what leaves the bounds
/// is dropped. What is left at N, over the Poisson probability of N, is the answer.
func stayProbability(
  _ count: Int, _ positions: [Double], _ bounds: [ClosedRange<Int>?]
) -> Double {
  let n = Double(count)
  var start = 0
  var masses = [1.0]
  var last = 0.0
  var step = -1.0
  var (first, steps) = (0, [Double]())
  for (k, z) in (positions + [1]).enumerated() {
    guard let bound = k < positions.count ? bounds[k] : count...count else { return 0 }
    if abs(z - last - step) > 1e-12 {
      step = z - last
      (first, steps) = poissonMasses(n * step)
    }
    last = z
    let low = Swift.max(bound.lowerBound, start)
    guard low <= bound.upperBound else { return 0 }
    var next = [Double](repeating: 0, count: bound.upperBound - low + 1)
    next.withUnsafeMutableBufferPointer { next in
      masses.withUnsafeBufferPointer { masses in
        steps.withUnsafeBufferPointer { steps in
          for i in 0..<masses.count where masses[i] > 0 {
            let mass = masses[i]
            let from = start + i + first
            let end = Swift.min(steps.count, bound.upperBound - from + 1)
            var j = Swift.max(0, low - from)
            while j < end {
              next[from + j - low] += mass * steps[j]
              j += 1
            }
          }
        }
      }
    }
    (start, masses) = (low, next)
  }
  let whole = exp(n * log(n) - n - logGamma(n + 1))
  return Swift.min(1, masses[0] / whole)
}

/// Poisson probabilities from a first count on, without those below 10⁻²⁰ of the largest.
private func poissonMasses(_ mean: Double) -> (first: Int, masses: [Double]) {
  let mode = Int(mean)
  let largest = exp(Double(mode) * log(mean) - mean - logGamma(Double(mode) + 1))
  var (below, above): ([Double], [Double]) = ([], [largest])
  var (k, mass) = (mode, largest)
  while mass > 1e-20 * largest {
    mass *= mean / Double(k + 1)
    above.append(mass)
    k += 1
  }
  (k, mass) = (mode, largest)
  while k > 0, mass > 1e-20 * largest {
    mass *= Double(k) / mean
    below.append(mass)
    k -= 1
  }
  return (mode - below.count, below.reversed() + above)
}
