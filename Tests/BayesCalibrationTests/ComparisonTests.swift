// Cross-validated methods: folds, scores, failures, and the choice.

import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

/// Scores that are `scale` times too large and shifted.
private func distorted(_ count: Int, seed: UInt64, scale: Double, shift: Double) throws
  -> BinaryPredictions
{
  let data = try calibrated(count, seed: seed)
  return try BinaryPredictions(
    labels: data.labels, logits: data.logits.map { scale * $0 + shift })
}

/// The methods that take no quadrature in several dimensions, which unoptimised code is slow at.
private let quick = CalibrationMethod.binary.filter { $0 != .bayesianPlatt && $0 != .bayesianBeta }

@Suite struct ComparisonTests {
  @Test(
    "Folds share rows and labels out to within one",
    arguments: [(100, 5), (101, 5), (17, 17), (7, 2), (1000, 3)])
  func folds(rows: Int, folds: Int) {
    var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: rows)
    let labels = (0..<rows).map { _ in Int(3 * stream.uniform() * stream.uniform()) }
    let fold = stratifiedFolds(labels: labels, classes: 3, folds: folds, seed: 5)
    func spread(_ rows: [Int]) -> Int {
      let counts = (0..<folds).map { k in rows.count { fold[$0] == k } }
      return counts.max()! - counts.min()!
    }
    #expect(spread(Array(0..<rows)) <= 1)
    for label in 0..<3 { #expect(spread((0..<rows).filter { labels[$0] == label }) <= 1) }
    #expect(fold == stratifiedFolds(labels: labels, classes: 3, folds: folds, seed: 5))
    if rows > 17 {
      #expect(fold != stratifiedFolds(labels: labels, classes: 3, folds: folds, seed: 6))
    }
  }

  @Test("Scores are those of maps fitted to the other folds, row by row")
  func byHand() throws {
    let data = try distorted(203, seed: 41, scale: 2, shift: 0.5)
    let result = try MethodComparison(
      data, methods: [.platt, .histogram], folds: 4, seed: 9, binning: .equalMass(6))
    #expect(result.entries.map(\.method) == [.none, .platt, .histogram])
    let fold = stratifiedFolds(labels: data.labels, classes: 2, folds: 4, seed: 9)
    var (losses, briers, errors): ([Double], [Double], [Double]) = ([], [], [])
    for k in 0..<4 {
      let map = try PlattScaling(fittedTo: data.rows((0..<203).filter { fold[$0] != k }))
      let test = map.apply(data.rows((0..<203).filter { fold[$0] == k }))
      errors.append(try ReliabilityTable(test.positive, .equalMass(6)).expectedError)
      for (p, y) in zip(test.probabilities, test.labels) {
        losses.append(-log(y == 1 ? p : 1 - p))
        briers.append((p - Double(y)) * (p - Double(y)))
      }
    }
    func moments(_ x: [Double]) -> (mean: Double, error: Double) {
      let mean = x.reduce(0, +) / Double(x.count)
      let squares = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (squares / Double(x.count - 1)).squareRoot() / Double(x.count).squareRoot())
    }
    let entry = try #require(result[.platt])
    for (found, values) in [
      (entry.likelihood, losses), (entry.brier, briers), (entry.expectedError, errors),
    ] {
      let wanted = moments(values)
      #expect(abs(try #require(found).mean - wanted.mean) < 1e-13)
      #expect(abs(try #require(found).standardError - wanted.error) < 1e-13)
    }
    // Unchanged scores need no folds for likelihood and Brier's score.
    #expect(abs(result[.none]!.likelihood!.mean - data.meanNegativeLogLikelihood) < 1e-13)
    #expect(abs(result[.none]!.brier!.mean - data.brierScore) < 1e-13)
  }

  @Test("The simplest method within one standard error of the best is chosen")
  func choice() throws {
    // Right as they are: nothing is worth fitting.
    let right = try MethodComparison(
      calibrated(2000, seed: 42), methods: quick, folds: 5)
    #expect(right.chosen == CalibrationMethod.none)
    // Too large: one number mends it.
    let large = try MethodComparison(
      distorted(2000, seed: 43, scale: 3, shift: 0), methods: quick, folds: 5)
    #expect([.temperature, .bayesianTemperature].contains(large.chosen))
    // Shifted as well: two.
    let shifted = try MethodComparison(
      distorted(2000, seed: 44, scale: 3, shift: 2), methods: quick, folds: 5)
    #expect(shifted.chosen == .platt)
    #expect(shifted.rule.hasPrefix("platt "))
    for result in [right, large, shifted] {
      let best = try #require(result[result.best!])
      #expect(best.excess == MethodComparison.Estimate([0, 0]))
      for entry in result.entries {
        guard let excess = entry.excess, entry.isWithinOneStandardError else { continue }
        #expect(excess.mean >= 0 && excess.mean <= excess.standardError)
        #expect((entry.parameterCount ?? .max) >= result[result.chosen!]!.parameterCount!)
      }
    }
  }

  @Test("The result does not depend on the threads")
  func threads() throws {
    let data = try distorted(300, seed: 45, scale: 2, shift: 0)
    let one = try MethodComparison(data, methods: quick, seed: 3, threads: 1)
    #expect(try MethodComparison(data, methods: quick, seed: 3, threads: 7) == one)
    #expect(try MethodComparison(data, methods: quick, seed: 4, threads: 7) != one)
    let classes = try threeClasses(200)
    #expect(
      try MethodComparison(classes, threads: 1) == MethodComparison(classes, threads: 5))
  }

  @Test("A method that fails on a fold is recorded with the reason, and not chosen")
  func failures() throws {
    let data = try BinaryPredictions(
      labels: [0, 0, 0, 1, 1, 1], logits: [-3, -2, -1, 1, 2, 3])
    let result = try MethodComparison(data, methods: quick, folds: 3)
    let entry = try #require(result[.temperature])
    #expect(entry.failures.map(\.fold) == [0, 1, 2])
    #expect(entry.failures[0].reason.hasPrefix("temperature scaling has no finite maximum"))
    #expect(entry.likelihood == nil && entry.brier == nil && entry.expectedError == nil)
    #expect(result[.bayesianTemperature]?.failures == [])
    #expect(result.chosen != nil && result.chosen != .temperature)
  }

  @Test("Probability 0 for a label that came is counted, and its infinite likelihood left out")
  func impossible() throws {
    let data = try BinaryPredictions(
      labels: [1, 0, 1, 0, 1, 0, 1, 0], probabilities: [0, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4])
    let result = try MethodComparison(data, methods: [.temperature], folds: 2)
    let entry = try #require(result[.none])
    #expect(entry.impossibleRows == 1 && entry.likelihood == nil && entry.brier != nil)
    #expect(result[.temperature]?.failures.isEmpty == false)
    #expect(result.best == nil && result.chosen == nil)
    #expect(result.rule.hasPrefix("no method has a finite likelihood"))
  }

  @Test("Methods of K classes are compared on the top label")
  func classes() throws {
    let source = try threeClasses(600)
    let logits = source.logits.values.enumerated().map { $1 + ($0 % 3 == 0 ? 3 : 0) }
    let shifted = try MulticlassPredictions(
      labels: source.labels, logits: DenseMatrix(rows: 600, columns: 3, values: logits))
    let result = try MethodComparison(shifted, folds: 3)
    #expect(result.event == .topLabel && result.event.name == "the top label")
    #expect(result.entries.map(\.method) == CalibrationMethod.multiclass)
    #expect(result.entries.allSatisfy { $0.failures.isEmpty && $0.likelihood != nil })
    // The logits are too large and shifted: no temperature alone mends that.
    #expect(result.chosen == .vector)
    #expect(result.entries[1].parameterCount == 1 && result[.matrix]?.parameterCount == 12)
  }

  @Test("Folds, bins and methods that make no sense are refused")
  func refusals() throws {
    let data = try calibrated(10, seed: 46)
    for folds in [-1, 0, 1, 11] {
      #expect(
        message { _ = try MethodComparison(data, folds: folds) }
          == "the folds of 10 rows number from 2 to 10, found \(folds)")
    }
    #expect(throws: CalibrationError.self) { try MethodComparison(data, methods: [.vector]) }
    #expect(throws: CalibrationError.self) {
      try MethodComparison(threeClasses(20), methods: [.isotonic])
    }
    #expect(throws: CalibrationError.self) {
      try MethodComparison(data, binning: .equalWidth(0))
    }
  }
}

@Suite("Methods on the shared files", .enabled(if: hasFixtures, "no fixtures"))
struct SharedComparisonTests {
  @Test("The digits: two hundredths of a nat for the part of equal probabilities")
  func digits() throws {
    let data = try Shared.digits.get().rows(0..<900)
    let result = try MethodComparison(
      data, methods: [.temperature, .bayesianTemperature, .ensembleTemperature])
    #expect(result.chosen == .ensembleTemperature)
    let nothing = try #require(result[.none]?.likelihood)
    let temperature = try #require(result[.temperature])
    #expect(abs(nothing.mean - data.meanNegativeLogLikelihood) < 1e-12)
    #expect(temperature.likelihood!.mean < 0.6 && !temperature.isWithinOneStandardError)
  }

  @Test("Breast cancer: a mixture that is a temperature; every method but none has its scores")
  func cancer() throws {
    let data = try Shared.cancer.get()
    let mixture = try EnsembleTemperature(fittedTo: data)
    let temperature = try TemperatureScaling(fittedTo: data)
    #expect(mixture.tempered == 1)
    #expect(abs(mixture.temperature / temperature.temperature - 1) < 1e-10)
    let result = try MethodComparison(data, methods: quick, folds: 5)
    #expect(result.chosen == .beta)
    for entry in result.entries {
      #expect(entry.failures.isEmpty && entry.brier != nil)
      // A likelihood is left out for one reason alone.
      #expect((entry.likelihood == nil) == (entry.impossibleRows > 0), "\(entry.method)")
    }
  }
}
