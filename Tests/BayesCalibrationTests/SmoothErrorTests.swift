// The smooth calibration error: sums of kernels, the authors' package, and what must hold for any width.

import BayesCore
import BayesNumerics
import Testing

@testable import BayesCalibration

@Suite struct SmoothErrorTests {
  @Test(
    "The error is that of sums of kernels, and nearly the package's",
    arguments: coverageRows("smoothed"))
  func oracle(row: Peer) throws {
    let data = try EventForecasts(
      probabilities: row.values("p"), outcomes: row.values("y").map { $0 == 1 })
    let error = try SmoothError(data)
    #expect(abs(error.value - row.value("width")) < 1e-6 && error.value == error.bandwidth)
    #expect(abs(error.value - row.value("relplot")) < 2e-3)
    for (width, key) in [(0.05, "at5"), (0.5, "at50")] {
      let value = try SmoothError.value(data, bandwidth: width)
      #expect(abs(value - row.value(key)) < 1e-7)
    }
  }

  @Test("The fixture is there") func there() { #expect(coverageRows("smoothed").count == 4) }

  @Test("The error does not rise with the width, and ends at the mean bias")
  func monotone() throws {
    let data = try calibrated(400, seed: 14).positive
    let values = try [0.002, 0.01, 0.05, 0.2, 1, 4].map {
      try SmoothError.value(data, bandwidth: $0)
    }
    for (a, b) in zip(values, values.dropFirst()) { #expect(a >= b - 1e-9) }
    #expect(abs(values[5] - abs(data.meanBias)) < 1e-12)
  }

  @Test("Certain forecasts: 0 where they come true, 1 where none does, 1/2 for constants")
  func certain() throws {
    let right = try SmoothError(
      EventForecasts(probabilities: [0, 1, 1], outcomes: [false, true, true]))
    #expect(right.value == 0 && right.bandwidth == 0.001)
    let wrong = try SmoothError(EventForecasts(probabilities: [1, 1], outcomes: [false, false]))
    #expect(abs(wrong.value - 1) < 1e-9)
    let half = try SmoothError(EventForecasts(probabilities: [0.5, 0.5], outcomes: [true, true]))
    #expect(abs(half.value - 0.5) < 1e-9)
  }

  @Test("Mirrored forecasts have the same error, and threads do not matter")
  func symmetry() throws {
    let data = try calibrated(40_000, seed: 15)
    let mirrored = try EventForecasts(
      probabilities: data.probabilities.map { 1 - $0 }, outcomes: data.labels.map { $0 == 0 })
    let results = try [1, 3].map { try SmoothError(data.positive, threads: $0) }
    #expect(results[0] == results[1])
    #expect(abs(results[0].value - (try SmoothError(mirrored)).value) < 1e-9)
    // Calibrated: what is left is sampling.
    #expect(results[0].value < 0.02)
  }

  @Test("Widths below 0.001 are refused")
  func refusals() throws {
    let data = try EventForecasts(probabilities: [0.5], outcomes: [true])
    #expect(
      message { _ = try SmoothError.value(data, bandwidth: 0) }
        == "the width of the smooth error is at least 0.001, found 0")
    #expect(throws: CalibrationError.self) { try SmoothError.value(data, bandwidth: .infinity) }
  }
}

@Suite struct SmoothErrorAssessmentTests {
  @Test("Calibrated forecasts are as perfect ones, others are not; threads do not matter")
  func assessed() throws {
    let data = try calibrated(600, seed: 16)
    let results = try [1, 3].map {
      try SmoothError.assess(data.positive, Replication(replicates: 24, seed: 3, threads: $0))
    }
    #expect(results[0] == results[1])
    #expect(results[0].value == (try SmoothError(data.positive)).value)
    #expect(results[0].pValue > 0.05 && results[0].perfect.interval.contains(results[0].value))
    let sharp = try BinaryPredictions(labels: data.labels, logits: data.logits.map { 3 * $0 })
    let wrong = try SmoothError.assess(sharp.positive, Replication(replicates: 24, seed: 3))
    #expect(wrong.pValue == 1.0 / 25 && wrong.bootstrap.interval.contains(wrong.value))
  }

  @Test("Replicates on the mesh have the distribution of exact ones")
  func exact() throws {
    let data = try calibrated(400, seed: 17)
    let found = try SmoothError.assess(data.positive, Replication(replicates: 80, seed: 4))
    var stream = RandomStream(seed: 9, chain: 0, purpose: .test, iteration: 14)
    let exact = try Band(
      (0..<40).map { _ in
        try SmoothError(
          EventForecasts(
            probabilities: data.probabilities,
            outcomes: data.probabilities.map { stream.uniform() < $0 })
        ).value
      })
    let error = found.perfect.standardDeviation * (1.0 / 80 + 1.0 / 40).squareRoot()
    #expect(abs(found.perfect.mean - exact.mean) < 4 * error)
    #expect(abs(found.perfect.standardDeviation / exact.standardDeviation - 1) < 0.5)
    let certain = try EventForecasts(probabilities: [0, 1, 1], outcomes: [false, true, true])
    let none = try SmoothError.assess(certain, Replication(replicates: 10))
    #expect(none.pValue == 1 && none.perfect.mean == 0 && none.bootstrap.mean == 0)
  }
}
