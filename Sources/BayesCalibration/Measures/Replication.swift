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

/// Bootstrap distributions of statistics of weighted rows.
///
/// `statistics` receives how often each row was drawn, which sums to the number of rows, and returns equally many
/// numbers for each replicate.
///
/// Reference: Efron 1979, "Bootstrap methods: another look at the jackknife", doi 10.1214/aos/1176344552.
func bootstrap(
  rows: Int, _ replication: Replication,
  _ statistics: @escaping @Sendable (UnsafeBufferPointer<Double>) -> [Double]
) throws -> [Band] {
  let seed = replication.seed
  let values = try replication.run { range in
    var weights = [Double](repeating: 0, count: rows)
    return range.map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .bootstrap, iteration: replicate)
      return weights.withUnsafeMutableBufferPointer { w in
        drawCounts(w, &stream)
        return statistics(UnsafeBufferPointer(w))
      }
    }
  }
  return (0..<values[0].count).map { k in Band(values.map { $0[k] }) }
}

/// Writes how often each of n rows comes in n draws with replacement.
///
/// Blocks of 4 096 rows get their numbers of draws first, binomially, one after the other; the draws within a block, 12
/// random bits each, then stay in the processor's nearest cache. The law is that of n independent draws.
private func drawCounts(
  _ counts: UnsafeMutableBufferPointer<Double>, _ stream: inout RandomStream
) {
  counts.update(repeating: 0)
  var left = counts.count
  var start = 0
  while start < counts.count {
    let remaining = counts.count - start
    let size = Swift.min(4096, remaining)
    let here =
      size == remaining
      ? left
      : Int(stream.binomial(trials: left, probability: Double(size) / Double(remaining)))
    let block = counts.baseAddress! + start
    if size == 4096 {
      var (bits, available) = (UInt64(0), 0)
      for _ in 0..<here {
        if available == 0 { (bits, available) = (stream.next(), 5) }
        block[Int(bits & 4095)] += 1
        bits >>= 12
        available -= 1
      }
    } else {
      for _ in 0..<here {
        block[Int(stream.next().multipliedFullWidth(by: UInt64(size)).high)] += 1
      }
    }
    left -= here
    start += size
  }
}
