// What `calibrate` finds: measures before and after, the map, and how it was chosen.

import BayesCalibration
import BayesCore
import CommandLineKit
import Synchronization

/// Which rows the measures after calibration are of.
enum CalibrationTrial: Sendable, Equatable {
  /// Every row, by a map fitted to the other folds.
  case folds(Int)
  /// The rows of another file.
  case file(String)
  /// The rows after those that the map was fitted to.
  case rest(of: Int)
}

/// Measures of the same rows before or after, and the main event's forecasts for a diagram.
struct MeasuredRows: Sendable {
  let measures: CalibrationMeasures
  /// The main event in bins of equal width.
  var table: ReliabilityTable { measures.errors[0].errors.table }
}

/// Everything that `calibrate` reports.
struct CalibrationReport: Sendable {
  /// The rows that are measured.
  var rows: ScoredRows
  /// How many rows the map was fitted to.
  var fittedRows: Int
  var trial: CalibrationTrial
  var before: MeasuredRows
  /// On rows that the map was not fitted to; `nil` where nothing was fitted.
  var after: MeasuredRows?
  /// On the rows that the map was fitted to, where these are the same as those measured before.
  var sameRows: MeasuredRows?
  /// The map, with what is needed to store it.
  var record: CalibrationRecord?
  var comparison: MethodComparison?
  var groups: GroupReport?
  var times = CalibrationTimes()
}

/// Wall seconds of the parts of a report.
struct CalibrationTimes: Sendable {
  var reading = 0.0
  var comparing = 0.0
  var fitting = 0.0
  var total = 0.0
}

/// What a report is being made of at the moment.
final class CalibrationProgress: Sendable {
  private let stage = Mutex("starting")

  var current: String { stage.withLock { $0 } }

  func enter(_ name: String) { stage.withLock { $0 = name } }
}

/// Fits, compares and measures.
///
/// - Throws: `Failure` where the data do not let a method be fitted; `UsageError`; `DataError`.
func calibrationReport(
  _ settings: CalibrateSettings, _ progress: CalibrationProgress
) throws -> CalibrationReport {
  let start = seconds()
  progress.enter("reading")
  let all = try readScores(settings.scores, settings.columns)
  let reading = seconds() - start
  var (fitted, measured) = (all, all)
  var trial = CalibrationTrial.folds(settings.folds)
  if let path = settings.test {
    var columns = settings.columns
    columns.label = all.label
    measured = try readScores(path, columns, like: all.layout)
    trial = .file(path)
  } else if let count = settings.fitRows {
    guard count < all.count else {
      throw UsageError(
        "--fit-rows \(count) leaves nothing to measure: \(settings.scores) has \(all.count) rows",
        command: "bayes calibrate")
    }
    (fitted, measured) = (all.rows(0..<count), all.rows(count..<all.count))
    trial = .rest(of: count)
  }
  let replication = try Replication(
    replicates: settings.bootstrap, seed: settings.seed, threads: settings.threadCount)
  let work = CalibrationWork(settings: settings, replication: replication, progress: progress)
  do {
    var report = try work.report(fitted, measured, trial)
    report.times.reading = reading
    report.times.total = seconds() - start
    return report
  } catch let error as CalibrationError {
    if case .invalidSetting(let problem) = error {
      throw UsageError(problem, command: "bayes calibrate")
    }
    throw Failure(
      "\(settings.scores): error: \(error)\n  hint: --method none measures the scores as they are",
      .data)
  }
}

/// The same steps for one score and for several.
private struct CalibrationWork: Sendable {
  let settings: CalibrateSettings
  let replication: Replication
  let progress: CalibrationProgress

  func report(
    _ fitted: ScoredRows, _ measured: ScoredRows, _ trial: CalibrationTrial
  ) throws -> CalibrationReport {
    if settings.method != .one(.none) { try requireRows(fitted, trial) }
    progress.enter("measuring the scores as they are")
    var report = CalibrationReport(
      rows: measured, fittedRows: fitted.count, trial: trial,
      before: try measures(measured.predictions))
    report.groups = try GroupReport(
      measured, column: settings.columns.group, bins: settings.bins, replication)
    var method = settings.method.method
    if settings.method == .auto {
      progress.enter("comparing methods")
      let start = seconds()
      let comparison = try compare(fitted.predictions)
      report.times.comparing = seconds() - start
      report.comparison = comparison
      method = comparison.chosen
    }
    guard let method else { return report }
    progress.enter("fitting \(method.name)")
    let start = seconds()
    let map: FittedMap
    switch fitted.predictions {
    case .binary(let predictions): map = try method.fit(predictions, settings.methodSettings)
    case .multiclass(let predictions): map = try method.fit(predictions, settings.methodSettings)
    }
    if method != .none { report.times.fitting = seconds() - start }
    report.record = try CalibrationRecord(
      map: map, scores: fitted.layout.kind, columns: fitted.layout.columns, label: fitted.label,
      classes: fitted.layout.classes, rows: fitted.count, clip: fitted.layout.treatment.clip)
    // The map that changes nothing can be stored, and leaves nothing to measure.
    if method == .none { return report }
    progress.enter("measuring calibrated scores")
    let applied = try measures(apply(map, measured.predictions))
    if case .folds = trial {
      report.sameRows = applied
      report.after = try measures(heldOut(method, measured.predictions))
    } else {
      report.after = applied
    }
    return report
  }

  /// Says what is missing before anything is measured.
  private func requireRows(_ rows: ScoredRows, _ trial: CalibrationTrial) throws {
    let labels = rows.labels
    guard rows.count > 1 else { throw CalibrationError.tooFewRows(found: rows.count, needed: 2) }
    if labels.allSatisfy({ $0 == labels[0] }) {
      throw CalibrationError.oneClass(label: labels[0], rows: rows.count)
    }
    guard rows.count < settings.folds else { return }
    var hasFolds = settings.method == .auto
    if case .folds = trial { hasFolds = true }
    if hasFolds {
      throw DataError.invalid(
        DataPlace(path: settings.scores),
        message: "\(counted(rows.count, "row")) cannot be divided into \(settings.folds) folds",
        hint: "--folds \(rows.count), or --method none, which measures alone")
    }
  }

  private func measures(_ predictions: ScoredRows.Predictions) throws -> MeasuredRows {
    switch predictions {
    case .binary(let predictions):
      MeasuredRows(
        measures: try CalibrationMeasures(predictions, bins: settings.bins, replication))
    case .multiclass(let predictions):
      MeasuredRows(
        measures: try CalibrationMeasures(predictions, bins: settings.bins, replication))
    }
  }

  private func compare(_ predictions: ScoredRows.Predictions) throws -> MethodComparison {
    switch predictions {
    case .binary(let predictions):
      try MethodComparison(
        predictions, folds: settings.folds, seed: settings.seed,
        binning: .equalWidth(settings.bins), settings: settings.methodSettings,
        threads: settings.threadCount)
    case .multiclass(let predictions):
      try MethodComparison(
        predictions, folds: settings.folds, seed: settings.seed,
        binning: .equalWidth(settings.bins), settings: settings.methodSettings,
        threads: settings.threadCount)
    }
  }

  private func apply(
    _ map: FittedMap, _ predictions: ScoredRows.Predictions
  ) throws -> ScoredRows.Predictions {
    switch predictions {
    case .binary(let predictions): .binary(try map.apply(predictions))
    case .multiclass(let predictions): .multiclass(try map.apply(predictions))
    }
  }

  private func heldOut(
    _ method: CalibrationMethod, _ predictions: ScoredRows.Predictions
  ) throws -> ScoredRows.Predictions {
    switch predictions {
    case .binary(let predictions):
      .binary(
        try predictions.heldOut(
          by: method, folds: settings.folds, seed: settings.seed,
          settings: settings.methodSettings, threads: settings.threadCount))
    case .multiclass(let predictions):
      .multiclass(
        try predictions.heldOut(
          by: method, folds: settings.folds, seed: settings.seed,
          settings: settings.methodSettings, threads: settings.threadCount))
    }
  }
}
