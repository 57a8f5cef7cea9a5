// Measures by hand, their null distributions, and what must hold for any forecasts.

import BayesNumerics
import Testing

@testable import BayesCalibration

/// Forecasts drawn so that they are perfectly calibrated.
func calibrated(_ count: Int, seed: UInt64) throws -> BinaryPredictions {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  let logits = (0..<count).map { _ in 1.5 * stream.normal() }
  return try BinaryPredictions(
    labels: logits.map { stream.uniform() < logistic($0) ? 1 : 0 }, logits: logits)
}

@Suite struct MeasureTests {
  @Test("Four forecasts by hand")
  func byHand() throws {
    let data = try EventForecasts(
      probabilities: [0.1, 0.4, 0.6, 0.9], outcomes: [false, true, false, true])
    let two = try ReliabilityTable(data, .equalWidth(2))
    #expect(two.bins.map(\.count) == [2, 2])
    #expect(abs(two.expectedError - 0.25) < 1e-15)
    #expect(abs(two.maximumError - 0.25) < 1e-15)
    #expect(abs(two.debiasedSquaredError - (0.0625 - 0.25)) < 1e-15)
    #expect(two.debiasedError == 0)
    let parts = try BrierDecomposition(data, .equalWidth(2))
    #expect(abs(parts.score - (0.01 + 0.36 + 0.36 + 0.01) / 4) < 1e-15)
    #expect(parts.uncertainty == 0.25 && abs(parts.reliability - 0.0625) < 1e-15)
    #expect(parts.resolution == 0)
    let test = try #require(SpiegelhalterTest(data))
    // (.1·(−.8) → −.08) + (.6·.2) + (−.6·−.2) + (.1·−.8), over √(2·.64·.09 + 2·.04·.24).
    #expect(abs(test.z - 0.08 / 0.1344.squareRoot()) < 1e-14)
  }

  @Test("Edges belong to the bin below, 0 to the first")
  func edges() {
    for bins in [1, 2, 3, 7, 10, 15, 20, 49] {
      #expect(Binning.equalWidthBin(0, bins) == 0)
      #expect(Binning.equalWidthBin(1, bins) == bins - 1)
      for k in 1...bins {
        let edge = Double(k) / Double(bins)
        #expect(Binning.equalWidthBin(edge, bins) == k - 1)
        if k < bins { #expect(Binning.equalWidthBin(edge.nextUp, bins) == k) }
      }
    }
  }

  @Test("Bins of equal mass differ by one row at most", arguments: [1, 2, 7, 15, 16, 100])
  func mass(n: Int) {
    var counts = [Int](repeating: 0, count: 15)
    var last = 0
    for rank in 0..<n {
      let k = Binning.equalMassBin(rank: rank, of: n, 15)
      #expect(k >= last)
      #expect(rank < Binning.equalMass(15).equalMassEnd(k, of: n))
      #expect(k == 0 || rank >= Binning.equalMass(15).equalMassEnd(k - 1, of: n))
      last = k
      counts[k] += 1
    }
    #expect(counts.reduce(0, +) == n && counts.max()! - counts.min()! <= 1)
  }

  @Test("The parts of Brier's score sum to it", arguments: [Binning.equalWidth(15), .equalMass(7)])
  func parts(binning: Binning) throws {
    let data = try calibrated(500, seed: 3)
    let p = try BrierDecomposition(data.positive, binning)
    let sum =
      p.reliability - p.resolution + p.uncertainty + p.withinBinVariance - p.withinBinCovariance
    #expect(abs(sum - p.score) < 1e-14 && abs(p.score - data.brierScore) < 1e-14)
    let table = try ReliabilityTable(data.positive, binning)
    #expect(abs(table.rootMeanSquaredError - p.reliability.squareRoot()) < 1e-14)
    #expect(table.maximumError >= table.rootMeanSquaredError)
    #expect(table.rootMeanSquaredError >= table.expectedError)
  }

  @Test("The order of rows does not matter")
  func order() throws {
    let data = try calibrated(300, seed: 4)
    let turned = data.rows((0..<300).reversed())
    for binning in [Binning.equalWidth(15), .equalMass(15)] {
      let (a, b) = (
        try ReliabilityTable(data.positive, binning), try ReliabilityTable(turned.positive, binning)
      )
      #expect(abs(a.expectedError - b.expectedError) < 1e-14)
      #expect(a.bins.map(\.count) == b.bins.map(\.count))
    }
  }

  @Test("Perfect calibration shows .0179 ± .0038 at 5 000 rows", .enabled(if: hasFixtures, "none"))
  func perfect() throws {
    let before = try Shared.temperature.get()
    let after = try TemperatureScaling(fittedTo: before).apply(before)
    let errors = try AssessedErrors(
      after.positive, .equalWidth(15), Replication(replicates: 400, seed: 5))
    let band = errors.expected.perfect
    // 20 000 replicates with NumPy, row by row: .01797 and .00385, p .0660; a sample of 400 errs by .00019, .00014 and .012.
    #expect(abs(band.mean - 0.01797) < 5 * 0.0002)
    #expect(abs(band.standardDeviation - 0.00385) < 5 * 0.00014)
    #expect(band.interval.contains(0.0179) && abs(errors.expected.pValue - 0.066) < 5 * 0.0125)
    let raw = try AssessedErrors(
      before.positive, .equalWidth(15), Replication(replicates: 100, seed: 5))
    #expect(raw.expected.pValue == 1.0 / 101)
    #expect(raw.expected.bootstrap.interval.contains(raw.expected.value))
  }

  @Test(
    "Simulations do not depend on threads", arguments: [Binning.equalWidth(10), .equalMass(10)])
  func threads(binning: Binning) throws {
    let data = try calibrated(200, seed: 6)
    let results = try [1, 2, 5].map {
      try AssessedErrors(
        data.positive, binning, Replication(replicates: 60, seed: 9, threads: $0))
    }
    #expect(results[0] == results[1] && results[1] == results[2])
    let scores = try [1, 3].map {
      try data.scoreBands(Replication(replicates: 50, seed: 2, threads: $0))
    }
    #expect(scores[0].brier == scores[1].brier && scores[0].likelihood == scores[1].likelihood)
    #expect(scores[0].brier.interval.contains(data.brierScore))
  }

  @Test("The mean debiased squared error of perfect forecasts is about 0")
  func debiased() throws {
    let data = try calibrated(1000, seed: 7)
    let errors = try AssessedErrors(
      data.positive, .equalMass(10), Replication(replicates: 400, seed: 1))
    let band = errors.debiasedSquared.perfect
    // Within a bin forecasts differ, which makes the variance of their frequency a little smaller than f(1 − f).
    #expect(abs(band.mean) < 5 * band.standardDeviation / 20)
  }

  @Test("The line has slope 1 of scores at their own temperature, and Platt's numbers otherwise")
  func line() throws {
    let data = try calibrated(800, seed: 8)
    let platt = try PlattScaling(fittedTo: data)
    let line = try CalibrationLine(platt.apply(data))
    #expect(abs(line.slope - 1) < 1e-9 && abs(line.intercept) < 1e-9)
    #expect(abs(line.interceptAtSlopeOne) < 1e-9 && line.slopeError > 0)
    #expect(abs(platt.apply(data).positive.meanBias) < 1e-12)
  }

  @Test("Certain forecasts that come true have errors of 0 in every replicate")
  func certainReplicates() throws {
    let data = try EventForecasts(
      probabilities: [0, 1, 1, 0, 1], outcomes: [false, true, true, false, true])
    for binning in [Binning.equalWidth(15), .equalMass(2), .equalMass(20)] {
      let errors = try AssessedErrors(data, binning, Replication(replicates: 40))
      #expect(errors.expected.perfect.mean < 1e-15 && errors.expected.pValue == 1)
    }
    let width = try AssessedErrors(data, .equalWidth(15), Replication(replicates: 40))
    #expect(width.expected.bootstrap.interval == 0...0)
  }

  @Test("Settings outside their range are refused")
  func settings() throws {
    let data = try EventForecasts(probabilities: [0.5], outcomes: [true])
    #expect(
      message { _ = try ReliabilityTable(data, .equalWidth(0)) }
        == "at least 1 bin is needed, found 0")
    #expect(
      message { _ = try Replication(replicates: 1) } == "at least 2 replicates are needed, found 1")
    #expect(throws: CalibrationError.self) { try TemperatureScaling(temperature: 0) }
    #expect(throws: CalibrationError.self) { try BayesianTemperature.Prior(scale: 0) }
  }

  @Test("Logits at the end of the range of numbers are refused, never answered with NaN")
  func range() throws {
    let data = try BinaryPredictions(labels: [1, 0, 1, 0], logits: [1e300, 1e300, -1e300, -1e300])
    if let fit = try? TemperatureScaling(fittedTo: data) { #expect(fit.temperature.isFinite) }
    if let fit = try? BayesianTemperature(fittedTo: data) { #expect(fit.mean.isFinite) }
    if let fit = try? PlattScaling(fittedTo: data) { #expect(fit.slope.isFinite) }
  }

  @Test("Certain forecasts: infinite likelihood when wrong, no test, no sharpness problem")
  func certain() throws {
    let wrong = try BinaryPredictions(labels: [1, 0], probabilities: [0, 0])
    #expect(wrong.meanNegativeLogLikelihood == .infinity && wrong.brierScore == 0.5)
    #expect(SpiegelhalterTest(wrong.positive) == nil && wrong.positive.sharpness == 0)
    #expect(try wrong.scoreBands(Replication(replicates: 10)).likelihood == nil)
    let right = try BinaryPredictions(labels: [0, 0], probabilities: [0, 0])
    #expect(right.meanNegativeLogLikelihood == 0 && right.brierScore == 0)
    let classes = try MulticlassPredictions(
      labels: [0, 1], probabilities: DenseMatrix(rows: 2, columns: 2, values: [1, 0, 0, 1]))
    #expect(classes.meanNegativeLogLikelihood == 0 && classes.brierScore == 0)
  }
}
