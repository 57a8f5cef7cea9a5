// What was observed of one variant, summed up: all that its posterior needs.

import Glibc

/// What an experiment measures for each unit.
public enum Metric: String, Sendable, CaseIterable {
  /// A yes or no: a success rate.
  case binomial
  /// A count, or events in a time: a rate of events.
  case poisson
  /// A number of any kind with a mean and a variance of its own in each variant.
  case normal
  /// Most units give nothing, the others a positive amount: revenue for each unit.
  case revenue
}

/// What was observed of a variant.
public enum VariantData: Sendable, Equatable {
  /// Successes among trials.
  case binomial(successes: Double, trials: Double)
  /// Events in an exposure: units, hours, views.
  case poisson(count: Double, exposure: Double)
  /// Units with the mean of their values and the sum of squared deviations from it.
  case normal(MeanStatistics)
  /// Units of which some gave a positive amount.
  case revenue(units: Double, amounts: AmountStatistics)

  /// Its metric.
  public var metric: Metric {
    switch self {
    case .binomial: .binomial
    case .poisson: .poisson
    case .normal: .normal
    case .revenue: .revenue
    }
  }

  /// How many units were assigned to the variant, or `nil` where only an exposure is known.
  public var units: Double? {
    switch self {
    case .binomial(_, let trials): trials
    case .poisson: nil
    case .normal(let statistics): statistics.count
    case .revenue(let units, _): units
    }
  }

  /// What was observed for each unit, on average.
  public var observedMean: Double {
    switch self {
    case .binomial(let successes, let trials): successes / trials
    case .poisson(let count, let exposure): count / exposure
    case .normal(let statistics): statistics.mean
    case .revenue(let units, let amounts): amounts.sum / units
    }
  }
}

/// A sample's size, mean and sum of squared deviations.
public struct MeanStatistics: Sendable, Equatable {
  /// How many values.
  public var count: Double
  /// Their mean.
  public var mean: Double
  /// The sum of their squared deviations from the mean.
  public var squaredDeviations: Double

  /// A sample by its sums.
  public init(count: Double, mean: Double, squaredDeviations: Double) {
    self.count = count
    self.mean = mean
    self.squaredDeviations = squaredDeviations
  }

  /// A sample by its standard deviation, that with divisor `count − 1`.
  public init(count: Double, mean: Double, standardDeviation: Double) {
    self.init(
      count: count, mean: mean,
      squaredDeviations: standardDeviation * standardDeviation * (count - 1))
  }

  /// A sample by its values (Welford's updates).
  public init(_ values: some Sequence<Double>) {
    self.init(count: 0, mean: 0, squaredDeviations: 0)
    for value in values { add(value) }
  }

  /// Adds a value.
  public mutating func add(_ value: Double) {
    count += 1
    let deviation = value - mean
    mean += deviation / count
    squaredDeviations += deviation * (value - mean)
  }

  /// The variance with divisor `count − 1`.
  public var variance: Double { squaredDeviations / (count - 1) }
}

/// Positive amounts by their sums.
public struct AmountStatistics: Sendable, Equatable {
  /// How many units gave an amount.
  public var count: Double
  /// The sum of the amounts.
  public var sum: Double
  /// The sum of the logarithms of the amounts.
  public var sumOfLogs: Double
  /// The sum of the squares of the amounts, where known; it only checks the model.
  public var sumOfSquares: Double?

  /// Amounts by their sums.
  public init(count: Double, sum: Double, sumOfLogs: Double, sumOfSquares: Double? = nil) {
    self.count = count
    self.sum = sum
    self.sumOfLogs = sumOfLogs
    self.sumOfSquares = sumOfSquares
  }
}

/// The most trials: beta distribution functions take a time that grows with the square root.
private let mostTrials = 1e10
/// The most events: beyond, doubles are not whole numbers.
private let mostCounts = 9_007_199_254_740_992.0
/// Exposures whose rates differ by a number that double precision holds.
private let exposures = 1e-30...1e30

private func tooMany(_ count: Double, _ what: String, _ most: Double) -> String {
  "\(short(count)) \(what) are more than can be computed with, \(short(most))"
}

/// A variant of an experiment: its name, and what was observed of it.
public struct Variant: Sendable, Equatable {
  /// The name.
  public let name: String
  /// What was observed.
  public let data: VariantData

  /// A variant, its data checked.
  ///
  /// - Throws: `ExperimentError.invalidData`.
  public init(_ name: String, _ data: VariantData) throws {
    self.name = name
    self.data = data
    if let problem = Self.problem(data) {
      throw ExperimentError.invalidData(variant: name, problem: problem)
    }
  }

  /// What is wrong with data, in words, or `nil`.
  private static func problem(_ data: VariantData) -> String? {
    func isCount(_ x: Double) -> Bool { x.isFinite && x >= 0 && x == x.rounded() }
    switch data {
    case .binomial(let successes, let trials):
      guard isCount(successes), isCount(trials) else {
        return
          "successes and trials are whole numbers, not \(short(successes)) and \(short(trials))"
      }
      guard trials > 0 else { return "there are no trials" }
      guard trials <= mostTrials else { return tooMany(trials, "trials", mostTrials) }
      guard successes <= trials else {
        return "\(short(successes)) successes are more than \(short(trials)) trials"
      }
    case .poisson(let count, let exposure):
      guard isCount(count) else {
        return "a count of events is a whole number, not \(short(count))"
      }
      guard count <= mostCounts else { return tooMany(count, "events", mostCounts) }
      guard exposure > 0, exposure.isFinite else {
        return "the exposure must be positive, found \(short(exposure))"
      }
      guard exposures.contains(exposure) else {
        return "an exposure of \(short(exposure)) is not from \(short(exposures.lowerBound)) to "
          + "\(short(exposures.upperBound)): measure it in another unit"
      }
    case .normal(let s):
      guard isCount(s.count), s.mean.isFinite, s.squaredDeviations.isFinite else {
        return "size, mean and deviation must be finite numbers, and the size a whole one"
      }
      guard s.count >= 3 else {
        return "a mean with an unknown variance needs at least 3 units, found \(short(s.count))"
      }
      guard s.squaredDeviations > 0 else {
        return "the standard deviation must be positive: are all values the same?"
      }
      guard s.count <= mostCounts else { return tooMany(s.count, "units", mostCounts) }
      let error = (s.variance / s.count).squareRoot()
      guard abs(s.mean) <= 1e100, (1e-100...1e100).contains(error), error > 1e-12 * abs(s.mean)
      else {
        return "a mean of \(short(s.mean)) with a standard error of \(short(error)) is more than "
          + "double precision holds: subtract a constant, or use another unit"
      }
    case .revenue(let units, let amounts):
      return revenueProblem(units, amounts, isCount)
    }
    return nil
  }

  private static func revenueProblem(
    _ units: Double, _ amounts: AmountStatistics, _ isCount: (Double) -> Bool
  ) -> String? {
    guard isCount(units), isCount(amounts.count) else {
      return
        "units and conversions are whole numbers, not \(short(units)) and \(short(amounts.count))"
    }
    guard units > 0 else { return "there are no units" }
    guard units <= mostTrials else { return tooMany(units, "units", mostTrials) }
    guard amounts.count <= units else {
      return "\(short(amounts.count)) conversions are more than \(short(units)) units"
    }
    guard amounts.sum.isFinite, amounts.sumOfLogs.isFinite, amounts.sum >= 0 else {
      return "the sums of amounts must be finite, and that of the amounts not negative"
    }
    if amounts.count == 0 {
      return amounts.sum == 0 && amounts.sumOfLogs == 0
        ? nil : "amounts without a conversion"
    }
    // The mean of logarithms is below the logarithm of the mean.
    guard amounts.sum > 0,
      amounts.sumOfLogs / amounts.count <= log(amounts.sum / amounts.count) + 1e-9
    else {
      return "the sum of logarithms does not belong to amounts with this sum "
        + "(natural logarithms of the positive amounts)"
    }
    return nil
  }
}

extension AmountStatistics {
  /// Amounts of units, of which those that are 0 are none.
  public init(_ values: some Sequence<Double>) {
    self.init(count: 0, sum: 0, sumOfLogs: 0, sumOfSquares: 0)
    for value in values where value > 0 { add(value) }
  }

  /// Adds a positive amount.
  public mutating func add(_ amount: Double) {
    count += 1
    sum += amount
    sumOfLogs += log(amount)
    sumOfSquares = sumOfSquares.map { $0 + amount * amount }
  }
}
