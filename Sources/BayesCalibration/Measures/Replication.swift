// Replicates of statistics: how many, from which seed, on how many threads; and what they say together.

public import BayesCore
import BayesNumerics

/// How simulations and bootstraps are run; the results depend on replicates and seed alone.
public struct Replication: Sendable, Equatable {
  /// The number of replicates.
  public let replicates: Int
  /// The seed of the random streams.
  public let seed: UInt64
  /// The most threads that work at once.
  public let threads: Int

  /// Settings of a simulation.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 2 replicates.
  public init(replicates: Int = 1000, seed: UInt64 = 1, threads: Int = availableProcessors()) throws
  {
    guard replicates >= 2 else {
      throw CalibrationError.invalidSetting("at least 2 replicates are needed, found \(replicates)")
    }
    self.replicates = replicates
    self.seed = seed
    self.threads = Swift.max(1, threads)
  }

  /// Runs blocks of replicates in parallel; replicate r has the stream of iteration r, whatever the threads.
  ///
  /// - Parameter block: the values of some replicates, which may share their memory.
  func run(_ block: @escaping @Sendable (Range<Int>) throws -> [[Double]]) throws -> [[Double]] {
    let size = 8
    let count = replicates
    let blocks = (count + size - 1) / size
    let results = try parallelMap(count: blocks, threads: threads) { index in
      try block(index * size..<Swift.min(count, (index + 1) * size))
    }
    return results.flatMap { $0 }
  }
}

/// The probability of a value at least as large, by simulation: (1 + replicates at least as large)/(1 + replicates).
///
/// Values that are equal but for rounding count as equal: with few distinct scores there are many of them.
///
/// Reference: Davison, Hinkley 1997, "Bootstrap Methods and their Application", section 4.2.
func monteCarloPValue(_ value: Double, among replicates: [Double]) -> Double {
  let threshold = value - 1e-10 * Swift.max(1, abs(value))
  return Double(1 + replicates.count { $0 >= threshold }) / Double(1 + replicates.count)
}

/// The distribution of a statistic over replicates.
public struct Band: Sendable, Equatable {
  /// The mean.
  public let mean: Double
  /// The standard deviation.
  public let standardDeviation: Double
  /// From the 2.5 % to the 97.5 % quantile.
  public let interval: ClosedRange<Double>

  init(_ values: [Double]) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    self.mean = mean
    standardDeviation =
      (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    let sorted = values.sorted()
    func quantile(_ p: Double) -> Double {
      let position = p * (n - 1)
      let below = Int(position)
      let above = Swift.min(values.count - 1, below + 1)
      return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
    interval = quantile(0.025)...quantile(0.975)
  }
}

extension BinaryPredictions {
  /// The bootstrap distributions of the mean negative log-likelihood and of Brier's score; `nil` where the former is infinite.
  public func scoreBands(_ replication: Replication) throws -> (likelihood: Band?, brier: Band) {
    try bootstrap(rowScores, order: sortedOrder(probabilities), labels.map { $0 == 1 }, replication)
  }
}

extension MulticlassPredictions {
  /// The bootstrap distributions of the mean negative log-likelihood and of Brier's score; `nil` where the former is infinite.
  public func scoreBands(_ replication: Replication) throws -> (likelihood: Band?, brier: Band) {
    let top = topLabel
    return try bootstrap(
      rowScores, order: sortedOrder(top.probabilities), top.outcomes, replication)
  }
}

/// The bootstrap distributions of two means over rows.
///
/// - Parameters:
///   - order: rows in an order in which neighbours with one outcome have about the same scores.
///   - outcomes: an outcome for each row.
private func bootstrap(
  _ scores: [RowScore], order: [Int], _ outcomes: [Bool], _ replication: Replication
) throws -> (likelihood: Band?, brier: Band) {
  let losses = order.map { scores[$0].loss }
  let isFinite = losses.allSatisfy(\.isFinite)
  let errors = order.map { scores[$0].brier }
  let columns = isFinite ? [losses, errors] : [errors]
  let strata = BootstrapStrata(
    outcomes: order.map { outcomes[$0] }, columns: columns, ends: [scores.count])
  let (n, seed) = (Double(scores.count), replication.seed)
  let values = try replication.run { range in
    range.map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .bootstrap, iteration: replicate)
      var totals = columns.map { _ in 0.0 }
      strata.resample(&stream) { part, sums in
        switch part {
        case .row(let i, let copies, _):
          for j in totals.indices { totals[j] += Double(copies) * columns[j][i] }
        case .stratum:
          for j in totals.indices { totals[j] += sums[j] }
        }
      }
      return totals.map { $0 / n }
    }
  }
  let bands = columns.indices.map { j in Band(values.map { $0[j] }) }
  return (isFinite ? bands[0] : nil, bands[bands.count - 1])
}
