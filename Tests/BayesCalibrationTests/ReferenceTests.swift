// The shared files: every figure of the reference values, to its digits.

import BayesNumerics
import Testing

@testable import BayesCalibration

@Suite("Reference values", .enabled(if: hasFixtures, "no shared fixtures"))
struct ReferenceTests {
  @Test("temperature.csv: the temperature, its standard error and the likelihoods")
  func temperature() throws {
    let data = try Shared.temperature.get()
    let fit = try TemperatureScaling(fittedTo: data)
    #expect(abs(fit.temperature - 1.8372949) < 0.6e-7)
    #expect(abs(fit.inverse - 0.544279) < 0.6e-6)
    #expect(abs(fit.inverseStandardError! - 0.019414) < 0.6e-6)
    #expect(abs(data.meanNegativeLogLikelihood - 0.6304374) < 0.6e-7)
    #expect(abs(fit.meanNegativeLogLikelihood! - 0.5874350) < 0.6e-7)
    #expect(abs(fit.apply(data).meanNegativeLogLikelihood - 0.5874350) < 0.6e-7)
    let two = try TemperatureScaling(temperature: 2)
    #expect(abs(two.apply(data).meanNegativeLogLikelihood - 0.587969) < 0.6e-6)
    // The generating temperature lies 2.3 standard errors away, on the scale of 1/T.
    #expect(abs((fit.inverse - 0.5) / fit.inverseStandardError! - 2.3) < 0.05)
  }

  @Test("temperature.csv: Brier and the calibration errors, before and after")
  func errors() throws {
    let before = try Shared.temperature.get()
    let after = try TemperatureScaling(fittedTo: before).apply(before)
    #expect(abs(before.brierScore - 0.209447) < 0.6e-6)
    // The reference has .200901 here; the mean of (p − y)² at its own T is .200907 in every program.
    #expect(abs(after.brierScore - 0.200906670) < 1e-8)
    func error(_ forecasts: EventForecasts, _ binning: Binning) throws -> Double {
      try ReliabilityTable(forecasts, binning).expectedError
    }
    #expect(abs(try error(before.positive, .equalWidth(15)) - 0.086841) < 0.6e-6)
    #expect(abs(try error(after.positive, .equalWidth(15)) - 0.024008) < 0.6e-6)
    #expect(abs(try error(before.positive, .equalMass(15)) - 0.088093) < 0.6e-6)
    #expect(abs(try error(after.positive, .equalMass(15)) - 0.024550) < 0.6e-6)
    #expect(abs(try error(before.topLabel, .equalWidth(15)) - 0.084357) < 0.6e-6)
    #expect(abs(try error(after.topLabel, .equalWidth(15)) - 0.016346) < 0.6e-6)
  }

  @Test("temperature.csv: Platt's slope and intercept, by both targets")
  func platt() throws {
    let data = try Shared.temperature.get()
    let plain = try PlattScaling(fittedTo: data)
    #expect(abs(plain.slope - 0.544227) < 0.6e-6)
    #expect(abs(plain.intercept - 0.020414) < 0.6e-6)
    let smoothed = try PlattScaling(fittedTo: data, targets: .smoothed)
    #expect(abs(smoothed.slope - 0.543573) < 0.6e-6)
    #expect(abs(smoothed.intercept - 0.020415) < 0.6e-6)
  }

  @Test("The digits: temperature, likelihoods and errors of the test rows")
  func digits() throws {
    let all = try Shared.digits.get()
    let (train, test) = (all.rows(0..<900), all.rows(900..<1797))
    let fit = try TemperatureScaling(fittedTo: train)
    let after = fit.apply(test)
    #expect(abs(fit.temperature - 10.026455720079) < 0.6e-12 * 10)
    #expect(abs(test.meanNegativeLogLikelihood - 2.776896370270) < 0.6e-12)
    #expect(abs(after.meanNegativeLogLikelihood - 0.455466767821) < 0.6e-12)
    #expect(abs(test.brierScore - 0.223544) < 0.6e-6)
    #expect(abs(after.brierScore - 0.190998) < 0.6e-6)
    #expect(abs(try test.classwiseExpectedError(.equalWidth(15)) - 0.022718) < 0.6e-6)
    #expect(abs(try after.classwiseExpectedError(.equalWidth(15)) - 0.017261) < 0.6e-6)
    for (data, width, mass) in [(test, 0.110938, 0.110105), (after, 0.033544, 0.041103)] {
      let top = data.topLabel
      #expect(abs(try ReliabilityTable(top, .equalWidth(15)).expectedError - width) < 0.6e-6)
      #expect(abs(try ReliabilityTable(top, .equalMass(15)).expectedError - mass) < 0.6e-6)
    }
  }

  /// The reference's test NLL of .5379 is where one program stopped: class 0 is separable by its own logit, the
  /// training NLL falls to .466656446 and stays there while the intercept of class 0 and the test NLL grow for ever.
  @Test("The digits: vector scaling has no maximum, and overfits with little regularisation")
  func vector() throws {
    let all = try Shared.digits.get()
    let (train, test) = (all.rows(0..<900), all.rows(900..<1797))
    #expect(throws: CalibrationError.notConverged(method: "vector scaling")) {
      try AffineScaling(fittedTo: train, shape: .vector, regularisation: .maximumLikelihood)
    }
    let little = try AffineScaling(
      fittedTo: train, shape: .vector,
      regularisation: .penalties(offDiagonal: 0, intercepts: 1e-7))
    #expect(little.meanNegativeLogLikelihood > 0.466656446)
    #expect(little.meanNegativeLogLikelihood < 0.4668)
    #expect(little.apply(test).meanNegativeLogLikelihood > 0.455466767821)
  }

  /// Rows dealt at random: the first rows are of other writers than the last.
  @Test("The digits: on held-out rows shrunk vectors and matrices are better than the temperature")
  func shrunkDigits() throws {
    let all = try Shared.digits.get()
    let folds = stratifiedFolds(labels: all.labels, classes: 10, folds: 5, seed: 1)
    let strength = try AffineScaling.Shrinkage(weights: 0.1, intercepts: 0.1)
    var sums = [0.0, 0, 0]
    for fold in 0..<5 {
      let train = all.rows(folds.indices.filter { folds[$0] != fold })
      let test = all.rows(folds.indices.filter { folds[$0] == fold })
      let vector = try AffineScaling(fittedTo: train, shape: .vector)
      #expect(vector.shrinkage!.weights < 0.11 && vector.shrinkage!.intercepts > 0.3)
      let matrix = try AffineScaling(
        fittedTo: train, shape: .matrix, regularisation: .shrinkage(strength))
      let maps: [any MulticlassCalibrationMap] = [
        try TemperatureScaling(fittedTo: train), vector, matrix,
      ]
      for (i, map) in maps.enumerated() {
        sums[i] += map.apply(test).meanNegativeLogLikelihood * Double(test.count)
      }
    }
    let means = sums.map { $0 / Double(all.count) }
    #expect(abs(means[0] - 0.4789) < 1e-4)
    #expect(abs(means[1] - 0.4670) < 1e-4)
    #expect(means[2] < 0.445)
  }

  @Test("Breast cancer: temperature, Platt, beta and isotonic")
  func cancer() throws {
    let all = try Shared.cancer.get()
    let (train, test) = (all.rows(0..<284), all.rows(284..<569))
    let fit = try TemperatureScaling(fittedTo: train)
    #expect(abs(fit.temperature - 8.628218701423) < 0.6e-12 * 8)
    #expect(abs(test.meanNegativeLogLikelihood - 0.3974036022) < 0.6e-10)
    #expect(abs(fit.apply(test).meanNegativeLogLikelihood - 0.1198071253) < 0.6e-10)
    let platt = try PlattScaling(fittedTo: train)
    // The reference has ten digits of a solver's answer; these are the roots in 30-digit arithmetic, 1e-9 away.
    #expect(abs(platt.slope - 0.127321628290771778) < 1e-14)
    #expect(abs(platt.intercept + 0.479346222392357532) < 1e-13)
    #expect(abs(platt.slope - 0.1273216285) < 1e-9 && abs(platt.intercept + 0.4793462235) < 2e-9)
    #expect(abs(platt.apply(test).meanNegativeLogLikelihood - 0.1392017977) < 1e-9)
    let smoothed = try PlattScaling(fittedTo: train, targets: .smoothed)
    #expect(abs(smoothed.slope - 0.111060367701080476) < 1e-14)
    #expect(abs(smoothed.intercept + 0.334772479573554063) < 1e-13)
    #expect(abs(smoothed.slope - 0.1110603677) < 1e-10)
    let beta = try BetaCalibration(fittedTo: train)
    #expect(abs(beta.a - 0.06543119) < 0.6e-8)
    #expect(abs(beta.b - 0.18028001) < 0.6e-8)
    #expect(abs(beta.c + 1.21416132) < 0.6e-8)
    let clipped = try BetaCalibration(
      fittedTo: BinaryPredictions(
        labels: train.labels, probabilities: train.probabilities
      ).clipped(to: 1e-15))
    #expect(abs(clipped.a - 0.08181445) < 0.6e-6, "\(clipped)")
    #expect(abs(clipped.b - 0.1832563) < 0.6e-6)
    #expect(abs(clipped.c + 1.24302176) < 0.6e-6)
    let isotonic = try IsotonicRegression(fittedTo: train)
    #expect(isotonic.thresholds.count == 18)
    #expect(abs(isotonic.apply(test).brierScore - 0.04192073) < 0.6e-8)
  }

  @Test("A probability of 0 is in the first bin")
  func firstBin() throws {
    let forecasts = try EventForecasts(probabilities: [0], outcomes: [true])
    #expect(try ReliabilityTable(forecasts, .equalWidth(15)).expectedError == 1)
  }
}
