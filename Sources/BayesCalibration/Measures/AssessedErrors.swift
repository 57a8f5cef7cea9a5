// Calibration errors beside what a perfectly calibrated model would show, and with bootstrap intervals.

import BayesCore
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
    /// The probability of a value at least as large under perfect calibration, by simulation: `monteCarloPValue`.
    public let pValue: Double
    /// Its distribution over resampled rows. An error is a distance, so resampling, too, adds to it: the
    /// interval tells the spread, and may lie above the value.
    public let bootstrap: Band
    /// The replicates of either distribution.
    public let replicates: Int

    /// Whether no replicate was as large: the p-value is the smallest that so many can show.
    public var isAtFloor: Bool { pValue <= 1 / Double(1 + replicates) }
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
  /// - Complexity: O(n) and, for each replicate, O(n/512).
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
      let perfect = perfect.map { $0[k] }
      return Assessment(
        name: names[k], value: values[k], perfect: Band(perfect),
        pValue: monteCarloPValue(values[k], among: perfect), bootstrap: resampled[k],
        replicates: perfect.count)
    }
    (expected, maximum, debiasedSquared) = (assessments[0], assessments[1], assessments[2])
  }
}

/// The expected calibration error that perfectly calibrated forecasts show on average, from the exact distribution of each bin's
/// events.
func perfectExpectedError(_ forecasts: EventForecasts, _ binning: Binning) -> Double {
  let members = binMembers(forecasts, binning)
  let sum = members.reduce(0.0) { sum, bin in
    guard !bin.isEmpty else { return sum }
    return sum + PoissonBinomial(bin[...]).meanDistance(from: bin.reduce(0, +))
  }
  return sum / Double(forecasts.count)
}

/// The probabilities in every bin.
private func binMembers(_ forecasts: EventForecasts, _ binning: Binning) -> [[Double]] {
  let indices = binning.indices(forecasts.probabilities)
  var members = [[Double]](repeating: [], count: binning.count)
  for (p, k) in zip(forecasts.probabilities, indices) { members[Int(k)].append(p) }
  return members
}

/// The three errors of simulated outcomes, each event drawn with the probability given to it.
///
/// The bins and their mean forecasts stay; the number of events in a bin is drawn from its exact distribution.
private func simulatePerfection(
  _ forecasts: EventForecasts, _ binning: Binning, _ replication: Replication
) throws -> [[Double]] {
  let members = binMembers(forecasts, binning)
  var start = BinSums(count: binning.count)
  for k in members.indices {
    start.counts[k] = Double(members[k].count)
    start.forecasts[k] = members[k].reduce(0, +)
  }
  let laws = try parallelMap(count: binning.count, threads: replication.threads) {
    PoissonBinomial(members[$0][...])
  }
  let (fixed, seed) = (start, replication.seed)
  return try replication.run { range in
    var sums = fixed
    return range.map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: replicate)
      for k in laws.indices { sums.events[k] = Double(laws[k].draw(&stream)) }
      return sums.errorList
    }
  }
}

/// The bootstrap distributions of the three errors; bins of equal mass are formed anew in every resample.
private func resample(
  _ forecasts: EventForecasts, _ binning: Binning, _ replication: Replication
) throws -> [Band] {
  let (n, bins) = (forecasts.count, binning.count)
  let order: [Int]
  switch binning {
  case .equalWidth: order = sortedOrder(forecasts.probabilities)
  case .equalMass: order = Binning.equalMassOrder(forecasts.probabilities)
  }
  let probabilities = order.map { forecasts.probabilities[$0] }
  let outcomes = order.map { forecasts.outcomes[$0] }
  guard case .equalMass = binning else {
    // The bins' ends among the sorted rows are strata's ends too.
    let indices = binning.indices(probabilities)
    let ends = (1...n).filter { $0 == n || indices[$0] != indices[$0 - 1] }
    let strata = BootstrapStrata(outcomes: outcomes, columns: [probabilities], ends: ends)
    return try bands(strata, bins: bins, replication) {
      part, sum, sums in
      switch part {
      case .row(let i, let copies, _):
        sums.add(
          probabilities[i], outcomes[i] ? 1 : 0, weight: Double(copies), bin: Int(indices[i]))
      case .stratum(let start, let draws, let events, _):
        let k = Int(indices[start])
        sums.counts[k] += Double(draws)
        sums.events[k] += Double(events)
        sums.forecasts[k] += sum
      }
    }
  }
  let strata = BootstrapStrata(outcomes: outcomes, columns: [probabilities], ends: [n])
  // Ranks up to the end of a bin are in it; copies of a row may straddle bins.
  let ends = (0..<bins).map { binning.equalMassEnd($0, of: n) }
  @Sendable func bin(ofRank rank: Int) -> Int { Binning.equalMassBin(rank: rank, of: n, bins) }
  @Sendable func isDivided(_ ranks: Range<Int>) -> Bool {
    bin(ofRank: ranks.lowerBound) != bin(ofRank: ranks.upperBound - 1)
  }
  return try bands(strata, bins: bins, replication, isDivided: isDivided) { part, sum, sums in
    switch part {
    case .row(let i, let copies, var rank):
      var left = copies
      while left > 0 {
        let k = bin(ofRank: rank)
        let taken = Swift.min(left, ends[k] - rank)
        sums.add(probabilities[i], outcomes[i] ? 1 : 0, weight: Double(taken), bin: k)
        rank += taken
        left -= taken
      }
    case .stratum(_, let draws, let events, let rank):
      let k = bin(ofRank: rank)
      sums.counts[k] += Double(draws)
      sums.events[k] += Double(events)
      sums.forecasts[k] += sum
    }
  }
}

/// Replicates of the sums of bins, each part of a resample added by `add`, and their errors' distributions.
private func bands(
  _ strata: BootstrapStrata, bins: Int, _ replication: Replication,
  isDivided: @escaping @Sendable (Range<Int>) -> Bool = { _ in false },
  add: @escaping @Sendable (BootstrapStrata.Part, Double, inout BinSums) -> Void
) throws -> [Band] {
  let seed = replication.seed
  let values = try replication.run { range in
    range.map { replicate in
      var stream = RandomStream(seed: seed, chain: 0, purpose: .bootstrap, iteration: replicate)
      var sums = BinSums(count: bins)
      strata.resample(&stream, isDivided: isDivided) { part, sum in
        add(part, sum[0], &sums)
      }
      return sums.errorList
    }
  }
  return (0..<3).map { k in Band(values.map { $0[k] }) }
}

extension BinSums {
  fileprivate var errorList: [Double] {
    let errors = errors()
    return [errors.expected, errors.maximum, errors.debiasedSquared]
  }
}
