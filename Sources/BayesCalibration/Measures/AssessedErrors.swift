// Calibration errors beside what a perfectly calibrated model would show, and with bootstrap intervals.

import BayesNumerics

/// The errors of one binning, each beside the value that perfect calibration has at this n and these scores.
public struct AssessedErrors: Sendable, Equatable {
  /// One error.
  public struct Assessment: Sendable, Equatable {
    /// The definition.
    public let name: String
    /// The value of these forecasts.
    public let value: Double
    /// The distribution it would have if every event came with just the probability given.
    public let perfect: Band
    /// The probability of a value at least as large under perfect calibration, by simulation:
    /// (1 + replicates at least as large)/(1 + replicates).
    public let pValue: Double
    /// Its distribution over resampled rows. An error is a distance, so resampling, too, adds to it: the
    /// interval tells the spread, and may lie above the value.
    public let bootstrap: Band
  }

  /// The bins.
  public let table: ReliabilityTable
  /// Expected calibration error.
  public let expected: Assessment
  /// Maximum calibration error.
  public let maximum: Assessment
  /// Debiased squared error.
  public let debiasedSquared: Assessment

  /// Measures forecasts, simulates perfect ones, and resamples rows.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  /// - Complexity: 2 · replicates · n random numbers.
  public init(
    _ forecasts: EventForecasts, _ binning: Binning, _ replication: Replication
  ) throws {
    table = try ReliabilityTable(forecasts, binning)
    let values = [table.expectedError, table.maximumError, table.debiasedSquaredError]
    let perfect = try simulatePerfection(forecasts, binning, replication)
    let resampled = try resample(forecasts, binning, replication)
    let kind = "over \(binning.name)"
    let names = ["ECE \(kind)", "maximum error \(kind)", "debiased squared error \(kind)"]
    let assessments = (0..<3).map { k in
      let larger = perfect.count { $0[k] >= values[k] }
      return Assessment(
        name: names[k], value: values[k], perfect: Band(perfect.map { $0[k] }),
        pValue: Double(1 + larger) / Double(1 + perfect.count), bootstrap: resampled[k])
    }
    (expected, maximum, debiasedSquared) = (assessments[0], assessments[1], assessments[2])
  }
}

/// The three errors of simulated outcomes, each event drawn with the probability given to it.
private func simulatePerfection(
  _ forecasts: EventForecasts, _ binning: Binning, _ replication: Replication
) throws -> [[Double]] {
  let probabilities = forecasts.probabilities
  let indices = binning.indices(probabilities)
  var start = BinSums(count: binning.count)
  for (i, k) in indices.enumerated() {
    start.counts[Int(k)] += 1
    start.forecasts[Int(k)] += probabilities[i]
  }
  // Half a random word per row: a probability is met to 2⁻³², 0 and 1 exactly.
  let thresholds = probabilities.map { UInt64(($0 * 0x1p32).rounded()) }
  let (empty, seed) = (start, replication.seed)
  return try replication.run { range in
    var sums = empty
    return range.map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: replicate)
      for k in sums.events.indices { sums.events[k] = 0 }
      sums.events.withUnsafeMutableBufferPointer { events in
        thresholds.withUnsafeBufferPointer { p in
          indices.withUnsafeBufferPointer { bins in
            var word: UInt64 = 0
            for i in 0..<p.count {
              word = i & 1 == 0 ? stream.next() : word >> 32
              // Without a branch, which could not be predicted.
              events[Int(bins[i])] += word & 0xFFFF_FFFF < p[i] ? 1 : 0
            }
          }
        }
      }
      let errors = sums.errors()
      return [errors.expected, errors.maximum, errors.debiasedSquared]
    }
  }
}

/// The bootstrap distributions of the three errors; bins of equal mass are formed anew in every resample.
private func resample(
  _ forecasts: EventForecasts, _ binning: Binning, _ replication: Replication
) throws -> [Band] {
  let (n, bins) = (forecasts.count, binning.count)
  let order: [Int]
  let fixed: [Int32]?
  switch binning {
  case .equalWidth: (order, fixed) = (Array(0..<n), binning.indices(forecasts.probabilities))
  case .equalMass: (order, fixed) = (Binning.equalMassOrder(forecasts.probabilities), nil)
  }
  let probabilities = order.map { forecasts.probabilities[$0] }
  let outcomes = order.map { forecasts.outcomes[$0] ? 1.0 : 0 }
  return try bootstrap(rows: n, replication) { weights in
    var sums = BinSums(count: bins)
    if let fixed {
      sums.add(probabilities, outcomes, weights, bins: fixed)
    } else {
      // Copies of a row may straddle bins, whose ends are ranks.
      var (k, rank, end) = (0, 0.0, Double(binning.equalMassEnd(0, of: n)))
      for i in 0..<n {
        var left = weights[i]
        while left > 0 {
          let part = Swift.min(left, end - rank)
          sums.add(probabilities[i], outcomes[i], weight: part, bin: k)
          rank += part
          left -= part
          if rank == end, k + 1 < bins {
            k += 1
            end = Double(binning.equalMassEnd(k, of: n))
          }
        }
      }
    }
    let errors = sums.errors()
    return [errors.expected, errors.maximum, errors.debiasedSquared]
  }
}
