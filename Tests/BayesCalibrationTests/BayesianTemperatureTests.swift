// The posterior of the temperature: the reference's moments, and what must hold with little data.

import BayesNumerics
import Testing

@testable import BayesCalibration

@Suite struct BayesianTemperatureTests {
  @Test("temperature.csv: mean, deviation and interval", .enabled(if: hasFixtures, "no fixtures"))
  func binary() throws {
    let posterior = try BayesianTemperature(fittedTo: Shared.temperature.get())
    #expect(abs(posterior.mean - 1.83945) < 0.6e-5)
    #expect(abs(posterior.standardDeviation - 0.06576) < 0.6e-5)
    #expect(abs(posterior.interval().lowerBound - 1.7162) < 0.6e-4)
    #expect(abs(posterior.interval().upperBound - 1.9739) < 0.6e-4)
    // By a sum over 4 001 points.
    #expect(abs(posterior.mean - 1.8394527458912973) < 1e-9)
    #expect(abs(posterior.standardDeviation - 0.0657576035662472) < 1e-9)
  }

  @Test("The digits: mean and deviation", .enabled(if: hasFixtures, "no fixtures"))
  func digits() throws {
    let posterior = try BayesianTemperature(fittedTo: Shared.digits.get().rows(0..<900))
    #expect(abs(posterior.mean - 9.997989) < 0.6e-6)
    #expect(abs(posterior.standardDeviation - 0.346670) < 0.6e-6)
  }

  @Test("Separable and anti-informative scores have a posterior that the prior bounds")
  func extremes() throws {
    for labels in [[0, 0, 1, 1], [1, 1, 0, 0]] {
      let data = try BinaryPredictions(labels: labels, logits: [-3, -1, 1, 3])
      let posterior = try BayesianTemperature(fittedTo: data)
      #expect(posterior.mean.isFinite && posterior.standardDeviation > 0)
      #expect(posterior.interval().lowerBound > 0.01 && posterior.interval().upperBound < 100)
      #expect((posterior.mean < 2) == (labels[0] == 0))
      let median = posterior.quantile(0.5)
      #expect(posterior.interval().contains(median))
      #expect(abs(posterior.weights.reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test("Two classes as K = 2 have the binary posterior and predictions")
  func twoClasses() throws {
    let labels = [0, 1, 1, 0, 1, 0]
    let logits = [-1.0, 2, -0.5, 0.3, 4, -2]
    let binary = try BinaryPredictions(labels: labels, logits: logits)
    let classes = try MulticlassPredictions(
      labels: labels,
      logits: DenseMatrix(rows: 6, columns: 2, values: logits.flatMap { [-1.5, $0 - 1.5] }))
    let (a, b) = (
      try BayesianTemperature(fittedTo: binary), try BayesianTemperature(fittedTo: classes)
    )
    #expect(abs(a.mean - b.mean) < 1e-10 * a.mean)
    let (p, q) = (a.apply(binary).probabilities, b.apply(classes).probabilities)
    for i in 0..<6 { #expect(abs(p[i] - q[i, 1]) < 1e-10) }
  }
}
