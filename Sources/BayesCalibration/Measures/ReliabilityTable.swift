// Forecasts in bins: what was said against what came, and the errors that are sums over bins.

import Glibc

/// How forecasts are put in bins.
public enum Binning: Sendable, Equatable {
  /// Intervals of equal width: [0, 1/B], (1/B, 2/B], … The first includes 0.
  case equalWidth(Int)
  /// Bins of equally many forecasts in the order of their probabilities; where B does not divide the rows the
  /// first bins hold one more. Probabilities that agree to 12 decimals, so that rounding does not matter, stay in the
  /// order of the rows and may be in two bins.
  case equalMass(Int)

  /// The number of bins.
  public var count: Int {
    switch self {
    case .equalWidth(let count), .equalMass(let count): count
    }
  }

  /// The definition, for titles.
  public var name: String {
    switch self {
    case .equalWidth(let count): "\(count) bins of equal width, the first with 0"
    case .equalMass(let count): "\(count) bins of equal mass"
    }
  }

  /// The bin of every forecast, from 0.
  func indices(_ probabilities: [Double]) -> [Int32] {
    switch self {
    case .equalWidth(let bins):
      return probabilities.map { Int32(Self.equalWidthBin($0, bins)) }
    case .equalMass(let bins):
      var result = [Int32](repeating: 0, count: probabilities.count)
      let order = Self.equalMassOrder(probabilities)
      for (rank, row) in order.enumerated() {
        result[row] = Int32(Self.equalMassBin(rank: rank, of: order.count, bins))
      }
      return result
    }
  }

  /// Rows by increasing probability to 12 decimals, then by their order.
  static func equalMassOrder(_ probabilities: [Double]) -> [Int] {
    sortedOrder(probabilities.map { ($0 * 1e12).rounded() })
  }

  /// The bin whose interval (k/B, (k+1)/B] holds `p`, by the edges as `Double` has them.
  static func equalWidthBin(_ p: Double, _ bins: Int) -> Int {
    let width = Double(bins)
    var k = Swift.min(bins - 1, Swift.max(0, Int((p * width).rounded(.up)) - 1))
    if k > 0, p <= Double(k) / width { k -= 1 }
    if k + 1 < bins, p > Double(k + 1) / width { k += 1 }
    return k
  }

  /// The bin of a rank: the first `n mod B` bins hold one row more than the others.
  static func equalMassBin(rank: Int, of n: Int, _ bins: Int) -> Int {
    let (size, larger) = n.quotientAndRemainder(dividingBy: bins)
    let inLarger = larger * (size + 1)
    return rank < inLarger ? rank / (size + 1) : larger + (rank - inLarger) / Swift.max(1, size)
  }
}

extension Binning {
  /// The rank after the last one of a bin of equal mass.
  func equalMassEnd(_ bin: Int, of n: Int) -> Int {
    let (size, larger) = n.quotientAndRemainder(dividingBy: count)
    return (bin + 1) * size + Swift.min(bin + 1, larger)
  }
}

/// What was said and what came, bin by bin.
public struct ReliabilityTable: Sendable, Equatable {
  /// One bin that is not empty.
  public struct Bin: Sendable, Equatable {
    /// The bin's number, from 0.
    public let index: Int
    /// The forecasts in it.
    public let count: Int
    /// The mean probability given.
    public let meanForecast: Double
    /// The share of events that came.
    public let frequency: Double
    /// The smallest and the largest probability in it.
    public let range: ClosedRange<Double>
    /// |mean forecast − frequency|.
    public var gap: Double { abs(meanForecast - frequency) }
  }

  /// How the forecasts were put in bins.
  public let binning: Binning
  /// The bins that are not empty, by increasing probability.
  public let bins: [Bin]
  /// The number of forecasts.
  public let count: Int

  /// Puts forecasts in bins.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for fewer than 1 bin.
  public init(_ forecasts: EventForecasts, _ binning: Binning) throws {
    guard binning.count >= 1 else {
      throw CalibrationError.invalidSetting("at least 1 bin is needed, found \(binning.count)")
    }
    let indices = binning.indices(forecasts.probabilities)
    var sums = BinSums(count: binning.count)
    var ranges = [ClosedRange<Double>?](repeating: nil, count: binning.count)
    for i in 0..<forecasts.count {
      let (k, p) = (Int(indices[i]), forecasts.probabilities[i])
      sums.counts[k] += 1
      sums.forecasts[k] += p
      if forecasts.outcomes[i] { sums.events[k] += 1 }
      ranges[k] =
        ranges[k].map { Swift.min($0.lowerBound, p)...Swift.max($0.upperBound, p) } ?? p...p
    }
    self.binning = binning
    count = forecasts.count
    bins = (0..<binning.count).compactMap { k in
      ranges[k].map {
        Bin(
          index: k, count: Int(sums.counts[k]), meanForecast: sums.forecasts[k] / sums.counts[k],
          frequency: sums.events[k] / sums.counts[k], range: $0)
      }
    }
  }

  /// Expected calibration error: Σ n_b/n |mean forecast − frequency|.
  ///
  /// A perfectly calibrated model does not have 0 but what `AssessedErrors` says of it at its n.
  ///
  /// Reference: Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
  /// binning", AAAI.
  public var expectedError: Double { weighted { $0.gap } }

  /// Maximum calibration error: the largest |mean forecast − frequency| of a bin.
  public var maximumError: Double { bins.map(\.gap).max() ?? 0 }

  /// The root of Σ n_b/n (mean forecast − frequency)², as the data have it: too large, as every
  /// such estimate is.
  public var rootMeanSquaredError: Double { weighted { $0.gap * $0.gap }.squareRoot() }

  /// The debiased squared L2 error: from every bin's squared gap the sampling variance f(1 − f)/(n_b − 1) of
  /// its frequency is taken. It may be negative; bins of one forecast, which have no variance, are left out.
  ///
  /// Reference: Kumar, Liang, Ma 2019, "Verified uncertainty calibration", NeurIPS, definition 5.2;
  /// Bröcker 2012, Climate Dynamics 39, doi 10.1007/s00382-011-1191-1.
  public var debiasedSquaredError: Double {
    weighted {
      guard $0.count > 1 else { return 0 }
      return $0.gap * $0.gap - $0.frequency * (1 - $0.frequency) / Double($0.count - 1)
    }
  }

  /// The debiased L2 error: the root of `debiasedSquaredError`, 0 where that is negative.
  public var debiasedError: Double { Swift.max(0, debiasedSquaredError).squareRoot() }

  private func weighted(_ value: (Bin) -> Double) -> Double {
    var sum = 0.0
    for bin in bins { sum += Double(bin.count) * value(bin) }
    return sum / Double(count)
  }
}

/// Sums over the forecasts of each bin, for tables and for replicates.
struct BinSums: Sendable {
  var counts: [Double]
  var forecasts: [Double]
  var events: [Double]

  init(count: Int) {
    counts = Array(repeating: 0, count: count)
    forecasts = counts
    events = counts
  }

  /// Adds copies of one forecast to a bin.
  mutating func add(_ forecast: Double, _ outcome: Double, weight: Double, bin: Int) {
    counts[bin] += weight
    forecasts[bin] += weight * forecast
    events[bin] += weight * outcome
  }

  /// Expected, maximum and debiased squared error, as `ReliabilityTable` defines them.
  func errors() -> (expected: Double, maximum: Double, debiasedSquared: Double) {
    var (sum, largest, squares, n) = (0.0, 0.0, 0.0, 0.0)
    for k in counts.indices where counts[k] > 0 {
      let gap = abs(forecasts[k] - events[k])
      let mean = gap / counts[k]
      n += counts[k]
      sum += gap
      largest = Swift.max(largest, mean)
      guard counts[k] > 1 else { continue }
      let frequency = events[k] / counts[k]
      squares += counts[k] * (mean * mean - frequency * (1 - frequency) / (counts[k] - 1))
    }
    return n > 0 ? (sum / n, largest, squares / n) : (0, 0, 0)
  }
}
