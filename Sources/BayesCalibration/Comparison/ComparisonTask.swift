// The work of a comparison: every method on every fold, on several threads.

import BayesCore
import BayesNumerics

/// Predictions that can be divided into folds.
protocol CrossValidated: Sendable {
  var count: Int { get }
  var labels: [Int] { get }
  func rows(_ rows: some Sequence<Int>) -> Self
  func fitted(by method: CalibrationMethod, _ settings: MethodSettings) throws -> FittedMap
  func calibrated(by map: FittedMap) throws -> Self
  /// The negative log-likelihood and Brier's score of every row.
  var rowScores: [RowScore] { get }
  func forecasts(of event: MethodComparison.Event) -> EventForecasts
}

/// What one row adds to the scores.
struct RowScore: Sendable {
  let loss: Double
  let brier: Double
}

extension BinaryPredictions: CrossValidated {
  func fitted(by method: CalibrationMethod, _ settings: MethodSettings) throws -> FittedMap {
    try method.fit(self, settings)
  }

  func calibrated(by map: FittedMap) throws -> BinaryPredictions { try map.apply(self) }

  var rowScores: [RowScore] {
    (0..<count).map { i in
      let error = probabilities[i] - Double(labels[i])
      return RowScore(
        loss: log1pExp(labels[i] == 1 ? -logits[i] : logits[i]), brier: error * error)
    }
  }

  func forecasts(of event: MethodComparison.Event) -> EventForecasts {
    event == .positive ? positive : topLabel
  }
}

extension MulticlassPredictions: CrossValidated {
  func fitted(by method: CalibrationMethod, _ settings: MethodSettings) throws -> FittedMap {
    try method.fit(self, settings)
  }

  func calibrated(by map: FittedMap) throws -> MulticlassPredictions { try map.apply(self) }

  var rowScores: [RowScore] {
    let k = classCount
    return (0..<count).map { row in
      var brier = 0.0
      for j in 0..<k {
        let error = probabilities.values[row * k + j] - (labels[row] == j ? 1 : 0)
        brier += error * error
      }
      let own = Array(logits.values[row * k..<(row + 1) * k])
      return RowScore(loss: logSumExp(own) - own[labels[row]], brier: brier)
    }
  }

  func forecasts(of event: MethodComparison.Event) -> EventForecasts { topLabel }
}

/// What a comparison is asked.
struct ComparisonTask: Sendable {
  let methods: [CalibrationMethod]
  let classes: Int
  let folds: Int
  let seed: UInt64
  let event: MethodComparison.Event
  let binning: Binning
  let settings: MethodSettings
  let threads: Int

  /// The held-out scores of one method; no rows with failures.
  struct Score: Sendable {
    let method: CalibrationMethod
    let parameterCount: Int?
    let rows: [RowScore]
    /// Of each fold.
    let expectedErrors: [Double]
    /// What they would be on average if the calibrated probabilities were right.
    let perfectErrors: [Double]
    let failures: [MethodComparison.Failure]

    var likelihood: MethodComparison.Estimate? {
      rows.isEmpty || rows.contains { !$0.loss.isFinite }
        ? nil : MethodComparison.Estimate(rows.map(\.loss))
    }
  }

  /// One method on one fold.
  private enum Part: Sendable {
    case scores(rows: [RowScore], expectedError: Double, perfectError: Double)
    case failure(MethodComparison.Failure)
  }

  /// All methods' scores, the one that changes nothing first.
  func scores(_ predictions: some CrossValidated) throws -> [Score] {
    let methods = try checkedMethods(rows: predictions.count)
    let fold = stratifiedFolds(
      labels: predictions.labels, classes: classes, folds: folds, seed: seed)
    let held = (0..<folds).map { k in fold.indices.filter { fold[$0] == k } }
    let trainingRows = (0..<folds).map { k in fold.indices.filter { fold[$0] != k } }
    let training = trainingRows.map { predictions.rows($0) }
    let test = held.map { predictions.rows($0) }
    let parts = try parallelMap(count: methods.count * folds, threads: threads) { index in
      part(methods[index / folds], fold: index % folds, training, test) {
        trainingRows[index % folds][$0 - 1] + 1
      }
    }
    return methods.enumerated().map { m, method in
      var rows = [RowScore](repeating: RowScore(loss: 0, brier: 0), count: predictions.count)
      var (errors, perfectErrors) = ([Double](), [Double]())
      var failures: [MethodComparison.Failure] = []
      for k in 0..<folds {
        switch parts[m * folds + k] {
        case .scores(let scores, let expectedError, let perfectError):
          for (row, score) in zip(held[k], scores) { rows[row] = score }
          errors.append(expectedError)
          perfectErrors.append(perfectError)
        case .failure(let failure): failures.append(failure)
        }
      }
      return Score(
        method: method, parameterCount: method.parameterCount(classes: classes, settings),
        rows: failures.isEmpty ? rows : [], expectedErrors: errors, perfectErrors: perfectErrors,
        failures: failures)
    }
  }

  private func checkedMethods(rows: Int) throws -> [CalibrationMethod] {
    guard folds >= 2, folds <= rows else {
      throw CalibrationError.invalidSetting(
        "the folds of \(rows) rows number from 2 to \(rows), found \(folds)")
    }
    guard binning.count >= 1 else {
      throw CalibrationError.invalidSetting("at least 1 bin is needed, found \(binning.count)")
    }
    return methods.contains(.none) ? methods : [.none] + methods
  }

  /// Fits a method to all folds but one, and scores that.
  ///
  /// - Parameter rowInAll: the number of a row of the training rows among all, both counted from 1.
  private func part<Predictions: CrossValidated>(
    _ method: CalibrationMethod, fold: Int, _ training: [Predictions], _ test: [Predictions],
    rowInAll: (Int) -> Int
  ) -> Part {
    do {
      let map = try training[fold].fitted(by: method, settings)
      let calibrated = try test[fold].calibrated(by: map)
      let forecasts = calibrated.forecasts(of: event)
      return .scores(
        rows: calibrated.rowScores,
        expectedError: try ReliabilityTable(forecasts, binning).expectedError,
        perfectError: perfectExpectedError(forecasts, binning))
    } catch CalibrationError.invalidRow(let row, let found, let expected) {
      let error = CalibrationError.invalidRow(rowInAll(row), found: found, expected: expected)
      return .failure(MethodComparison.Failure(fold: fold, reason: "\(error)"))
    } catch {
      return .failure(MethodComparison.Failure(fold: fold, reason: "\(error)"))
    }
  }
}
