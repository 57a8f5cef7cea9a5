// The three shared files, and the rule for their absence.

import BayesNumerics
import Foundation
import Glibc

@testable import BayesCalibration

private let folder =
  URL(filePath: #filePath).deletingLastPathComponent()
  .path(percentEncoded: false) + "../../../shared/fixtures/calibration/"

/// False where the shared fixtures are absent, which continuous integration does not allow.
let hasFixtures: Bool = {
  if access(folder, R_OK) == 0 || getenv("CI").map({ String(cString: $0) }) == "true" {
    return true
  }
  print("skipped: no shared fixtures at \(folder)")
  return false
}()

/// A file of numbers below a header, row after row.
func numbers(_ name: String) throws -> (columns: Int, values: [Double]) {
  let text = try String(contentsOfFile: folder + name, encoding: .utf8)
  let lines = text.split(whereSeparator: \.isNewline).dropFirst()
  let values = lines.flatMap { $0.split(separator: ",").map { Double($0)! } }
  return (values.count / lines.count, values)
}

enum Shared {
  /// temperature.csv: 5 000 rows.
  static let temperature = Result {
    let file = try numbers("temperature.csv")
    let rows = stride(from: 0, to: file.values.count, by: 2)
    return try BinaryPredictions(
      labels: rows.map { Int(file.values[$0 + 1]) }, logits: rows.map { file.values[$0] })
  }

  /// breast_cancer_gnb_logit.csv: 569 rows.
  static let cancer = Result {
    let file = try numbers("breast_cancer_gnb_logit.csv")
    let rows = stride(from: 0, to: file.values.count, by: 2)
    return try BinaryPredictions(
      labels: rows.map { Int(file.values[$0]) }, logits: rows.map { file.values[$0 + 1] })
  }

  /// digits_gnb_logits.csv: 1 797 rows, 10 classes.
  static let digits = Result {
    let file = try numbers("digits_gnb_logits.csv")
    let rows = file.values.count / file.columns
    return try MulticlassPredictions(
      labels: (0..<rows).map { Int(file.values[$0 * file.columns]) },
      logits: DenseMatrix(
        rows: rows, columns: file.columns - 1,
        values: (0..<rows).flatMap {
          file.values[$0 * file.columns + 1..<($0 + 1) * file.columns]
        }))
  }
}
