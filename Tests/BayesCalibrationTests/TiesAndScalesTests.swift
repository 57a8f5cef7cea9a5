// Where rounding and units must not matter: tied scores, methods that predict the same, temperatures far from 1.

import BayesNumerics
import Glibc
import Testing

@testable import BayesCalibration

/// Rows of one probability, some of which have label 1.
private struct Constant: CustomTestStringConvertible, Sendable {
  let p: Double
  let rows: Int
  let ones: Int
  var testDescription: String { "\(ones) of \(rows) at \(p)" }

  /// The probability of a count at least as far from `rows·p`, from the binomial distribution itself.
  var exact: Double {
    let gap = abs(Double(ones) - Double(rows) * p) - 1e-9
    return (0...rows).reduce(0) { sum, k in
      guard abs(Double(k) - Double(rows) * p) >= gap else { return sum }
      let choose = lgamma(Double(rows + 1)) - lgamma(Double(k + 1)) - lgamma(Double(rows - k + 1))
      return sum + exp(choose + Double(k) * log(p) + Double(rows - k) * log(1 - p))
    }
  }
}

@Suite struct TiesAndScalesTests {
  @Test(
    "With one score for all rows the p-value of the ECE is the binomial one",
    arguments: [
      Constant(p: 0.6, rows: 10, ones: 9), Constant(p: 0.3, rows: 10, ones: 6),
      Constant(p: 0.2, rows: 15, ones: 0), Constant(p: 0.1, rows: 20, ones: 4),
      Constant(p: 0.7, rows: 10, ones: 4),
    ])
  fileprivate func constant(_ data: Constant) throws {
    let forecasts = try EventForecasts(
      probabilities: Array(repeating: data.p, count: data.rows),
      outcomes: (0..<data.rows).map { $0 < data.ones })
    let replication = try Replication(replicates: 20_000, seed: 5)
    let errors = try AssessedErrors(forecasts, .equalWidth(15), replication)
    let deviation = (data.exact * (1 - data.exact) / 20_000).squareRoot()
    for error in [errors.expected, errors.maximum] {
      #expect(abs(error.pValue - data.exact) < 4 * deviation + 1e-4)
    }
  }

  @Test("A method that changes nothing does not hide the scores as they are")
  func equalMethods() throws {
    // Calibrated scores that are almost certain: the best ensemble is all unchanged or tempered by 1.
    let logits = (0..<40).map { $0 % 2 == 0 ? 1.0986122886681098 : -1.0986122886681098 }
    let labels = (0..<40).map { $0 % 2 == 0 ? ($0 % 8 == 0 ? 0 : 1) : ($0 % 8 == 1 ? 1 : 0) }
    let data = try BinaryPredictions(labels: labels, logits: logits)
    let comparison = try MethodComparison(
      data, methods: [.none, .ensembleTemperature, .platt], folds: 2, seed: 1)
    #expect(comparison.chosen == CalibrationMethod.none, "\(comparison.rule)")
  }

  @Test("A comparison counts equal losses as equal, whatever the rounding")
  func rounding() throws {
    let data = try calibrated(300, seed: 21)
    let comparison = try MethodComparison(
      data, methods: [.none, .temperature], folds: 3, seed: 1)
    let entry = try #require(comparison[.temperature])
    #expect(entry.isWithinOneStandardError || (entry.excess?.mean ?? 0) > 1e-12)
    #expect(comparison.entries.contains { $0.isWithinOneStandardError })
  }

  @Test(
    "A temperature may lie anywhere: the posterior of scaled logits is the scaled posterior",
    arguments: [1e-5, 1e-3, 1e3, 1e5])
  func farTemperatures(scale: Double) throws {
    let data = try calibrated(2000, seed: 22)
    let scaled = try BinaryPredictions(
      labels: data.labels, logits: data.logits.map { $0 * scale })
    // The prior moves along, so that the posteriors are the same but for the unit.
    let near = try BayesianTemperature(fittedTo: data)
    let far = try BayesianTemperature(
      fittedTo: scaled, prior: BayesianTemperature.Prior(location: log(scale)))
    #expect(abs(far.mean / scale / near.mean - 1) < 1e-9)
    #expect(abs(far.quantile(0.975) / scale / near.quantile(0.975) - 1) < 1e-7)
    // With the prior where it was, the posterior is found where the likelihood is.
    let pulled = try BayesianTemperature(fittedTo: scaled)
    let estimate = try TemperatureScaling(fittedTo: scaled)
    let error = try #require(estimate.standardError)
    #expect(abs(pulled.mean - estimate.temperature) < error)
    #expect(pulled.interval().contains(pulled.mean))
  }

  @Test("Logistic fits do not depend on the unit, and name separation only where there is one")
  func units() throws {
    let data = try calibrated(400, seed: 23)
    let usual = try PlattScaling(fittedTo: data)
    for scale in [1e-200, 1e-8, 1e8] {
      let scaled = try BinaryPredictions(
        labels: data.labels, logits: data.logits.map { $0 * scale })
      let fit = try PlattScaling(fittedTo: scaled)
      #expect(abs(fit.slope * scale / usual.slope - 1) < 1e-9)
      #expect(abs(fit.standardErrors.slope * scale / usual.standardErrors.slope - 1) < 1e-9)
    }
    let separated = try BinaryPredictions(labels: [0, 0, 1, 1], logits: [-2, -1, 1, 2])
    #expect(throws: CalibrationError.separable(method: "Platt scaling")) {
      try PlattScaling(fittedTo: separated)
    }
  }

  @Test("A stored map keeps log odds whose probabilities are 1 to rounding")
  func extremeLogits() throws {
    let data = try calibrated(400, seed: 25)
    let far = try BinaryPredictions(labels: [0, 1, 1], logits: [-900, 800, 3])
    for method in [
      CalibrationMethod.temperature, .bayesianTemperature, .platt, .bayesianPlatt, .beta,
      .bayesianBeta,
    ] {
      let logits = try method.fit(data).apply(far).logits
      #expect(logits.allSatisfy { $0.isFinite }, "\(method)")
      #expect(logits[0] < -20 && logits[1] > 20, "\(method)")
    }
  }

  @Test("A rate of which nothing was seen may be 0, and one of all may be 1")
  func rareGroups() throws {
    #expect(jeffreysInterval(0, of: 50).lowerBound == 0)
    #expect(jeffreysInterval(50, of: 50).upperBound == 1)
    let inside = jeffreysInterval(1, of: 50)
    #expect(inside.lowerBound > 0 && inside.upperBound < 1)
  }

  @Test("The mean error of perfect forecasts is that of their simulations")
  func perfectMean() throws {
    let data = try calibrated(500, seed: 26).positive
    let replication = try Replication(replicates: 2000, seed: 4)
    for binning in [Binning.equalWidth(15), .equalMass(10)] {
      let simulated = try AssessedErrors(data, binning, replication).expected.perfect
      let exact = perfectExpectedError(data, binning)
      #expect(abs(exact - simulated.mean) < 4 * simulated.standardDeviation / 2000.0.squareRoot())
    }
    let one = try EventForecasts(probabilities: [0.3, 0.3], outcomes: [true, false])
    // E|S − 0.6|/2 with S binomial of 2 at .3.
    let byHand = (0.49 * 0.6 + 0.42 * 0.4 + 0.09 * 1.4) / 2
    #expect(abs(perfectExpectedError(one, .equalWidth(3)) - byHand) < 1e-14)
  }

  @Test("Classwise errors of calibrated scores are as perfect ones, of others not")
  func classwise() throws {
    var stream = RandomStream(seed: 24, chain: 0, purpose: .test, iteration: 0)
    let (n, k) = (600, 4)
    var logits = DenseMatrix(rows: n, columns: k)
    var labels: [Int] = []
    for i in 0..<n {
      for j in 0..<k { logits[i, j] = 1.2 * stream.normal() }
      var row = (0..<k).map { logits[i, $0] }
      softmaxRows(&row, columns: k)
      let u = stream.uniform()
      var (label, sum) = (0, row[0])
      while label < k - 1, u > sum {
        label += 1
        sum += row[label]
      }
      labels.append(label)
    }
    let replication = try Replication(replicates: 200, seed: 3)
    let good = try MulticlassPredictions(labels: labels, logits: logits)
      .assessClasswiseErrors([.equalWidth(15), .equalMass(15)], replication)
    for values in logits.values.indices { logits.values[values] *= 3 }
    let bad = try MulticlassPredictions(labels: labels, logits: logits)
      .assessClasswiseErrors([.equalWidth(15), .equalMass(15)], replication)
    for (good, bad) in zip(good, bad) {
      #expect(good.pValue > 0.02 && good.perfect.interval.contains(good.value))
      #expect(bad.isAtFloor && bad.value > bad.perfect.interval.upperBound)
      #expect(good.bootstrap.mean > good.value * 0.8 && good.replicates == 200)
    }
  }
}
