// Every row calibrated by a map that was fitted to other rows.

public import BayesCore
import BayesNumerics

extension BinaryPredictions {
  /// The same rows, each with the probability that a map fitted to the other folds gives it: what measures of a method
  /// are honestly taken from where there are no further rows.
  ///
  /// The folds are those of a `MethodComparison` with the same number and seed.
  ///
  /// - Throws: `CalibrationError` for other folds than 2 to the number of rows, and as fitting to one of them does.
  public func heldOut(
    by method: CalibrationMethod, folds: Int = 5, seed: UInt64 = 1,
    settings: MethodSettings = MethodSettings(), threads: Int = availableProcessors()
  ) throws -> BinaryPredictions {
    var (logits, probabilities) = (logits, probabilities)
    for (rows, part) in try heldOutParts(self, method, 2, folds, seed, settings, threads) {
      for (place, row) in rows.enumerated() {
        logits[row] = part.logits[place]
        probabilities[row] = part.probabilities[place]
      }
    }
    return BinaryPredictions(unchecked: labels, logits: logits, probabilities: probabilities)
  }
}

extension MulticlassPredictions {
  /// The same rows, each with the probabilities that a map fitted to the other folds gives it.
  ///
  /// - Throws: `CalibrationError` for other folds than 2 to the number of rows, and as fitting to one of them does.
  public func heldOut(
    by method: CalibrationMethod, folds: Int = 5, seed: UInt64 = 1,
    settings: MethodSettings = MethodSettings(), threads: Int = availableProcessors()
  ) throws -> MulticlassPredictions {
    let k = classCount
    var values = logits.values
    for (rows, part) in try heldOutParts(self, method, k, folds, seed, settings, threads) {
      for (place, row) in rows.enumerated() {
        for j in 0..<k { values[row * k + j] = part.logits.values[place * k + j] }
      }
    }
    return MulticlassPredictions(
      unchecked: labels, logits: DenseMatrix(rows: count, columns: k, values: values))
  }
}

/// The rows of every fold and their predictions by a map fitted to the others.
private func heldOutParts<Predictions: CrossValidated>(
  _ predictions: Predictions, _ method: CalibrationMethod, _ classes: Int, _ folds: Int,
  _ seed: UInt64, _ settings: MethodSettings, _ threads: Int
) throws -> [(rows: [Int], part: Predictions)] {
  guard folds >= 2, folds <= predictions.count else {
    throw CalibrationError.invalidSetting(
      "the folds of \(predictions.count) rows number from 2 to \(predictions.count), found \(folds)"
    )
  }
  let fold = stratifiedFolds(
    labels: predictions.labels, classes: classes, folds: folds, seed: seed)
  return try parallelMap(count: folds, threads: threads) { k in
    let rows = fold.indices.filter { fold[$0] == k }
    let map = try predictions.rows(fold.indices.filter { fold[$0] != k })
      .fitted(by: method, settings)
    return (rows, try predictions.rows(rows).calibrated(by: map))
  }
}
