// What a walk through a series showed of one forecaster: by window, by horizon, and over all.

/// One forecaster's forecasts of all windows beside what came.
public struct WalkForwardResult: Sendable {
  /// One window.
  public struct Row: Sendable {
    /// Its rows.
    public let window: WalkForward.Window
    /// The forecasts of its test rows; none where the forecaster failed.
    public let forecasts: [Forecast]
    /// The forecasts beside what came; `nil` where the forecaster failed.
    public let assessment: ForecastAssessment?
    /// Why there are no forecasts.
    public let failure: String?
  }

  /// The forecaster.
  public let name: String
  /// The windows, oldest first.
  public let rows: [Row]
  /// All forecasts together; `nil` if every window failed.
  public let overall: ForecastAssessment?
  /// All forecasts of 1, 2, … steps ahead; empty if every window failed.
  public let byHorizon: [ForecastAssessment]

  /// The number of windows without forecasts.
  public var failures: Int { rows.count { $0.failure != nil } }

  /// 1 − CRPS/other's CRPS over the windows that both have forecast: positive where this one is better; `nil` if there is no
  /// such window, or the other made no error at all.
  ///
  /// - Precondition: both walked the same windows.
  public func skill(over other: WalkForwardResult) -> Double? {
    precondition(rows.map(\.window) == other.rows.map(\.window), "the same windows")
    var (own, others) = (0.0, 0.0)
    for (a, b) in zip(rows, other.rows) {
      guard let first = a.assessment, let second = b.assessment else { continue }
      own += first.meanCRPS
      others += second.meanCRPS
    }
    return others > 0 ? 1 - own / others : nil
  }

  /// This method's mean CRPS less another's, window by window over those that both have forecast; `nil` if there is none.
  ///
  /// - Precondition: both walked the same windows.
  public func difference(from other: WalkForwardResult) throws -> PairedDifference? {
    precondition(rows.map(\.window) == other.rows.map(\.window), "the same windows")
    let both = zip(rows, other.rows).compactMap { a, b -> (Double, Double)? in
      guard let first = a.assessment, let second = b.assessment else { return nil }
      return (first.meanCRPS, second.meanCRPS)
    }
    guard !both.isEmpty else { return nil }
    let test = rows[0].window.test
    let overlap = rows.dropFirst().prefix { $0.window.test.lowerBound < test.upperBound }.count
    return try PairedDifference(both.map(\.0), both.map(\.1), overlap: overlap)
  }

  init(
    name: String, _ series: [Double], _ windows: [WalkForward.Window], _ outcomes: [WindowOutcome],
    _ horizon: Int, _ levels: [Double], _ seed: UInt64
  ) throws {
    self.name = name
    // A forecast whose levels do not reach an interval is the window's failure, not the end of the walk.
    rows = zip(windows, outcomes).map { window, outcome in
      guard outcome.failure == nil else {
        return Row(window: window, forecasts: [], assessment: nil, failure: outcome.failure)
      }
      do {
        let assessment = try ForecastAssessment(
          outcome.forecasts, outcomes: Array(series[window.test]), levels: levels,
          seed: seed &+ UInt64(window.test.lowerBound))
        return Row(
          window: window, forecasts: outcome.forecasts, assessment: assessment, failure: nil)
      } catch {
        return Row(
          window: window, forecasts: [], assessment: nil, failure: String(describing: error))
      }
    }
    let good = rows.filter { $0.failure == nil }
    func assess(_ steps: Range<Int>) throws -> ForecastAssessment {
      try ForecastAssessment(
        good.flatMap { row in steps.map { row.forecasts[$0] } },
        outcomes: good.flatMap { row in steps.map { series[row.window.test.lowerBound + $0] } },
        levels: levels, seed: seed)
    }
    overall = good.isEmpty ? nil : try assess(0..<horizon)
    byHorizon = good.isEmpty ? [] : try (0..<horizon).map { try assess($0..<$0 + 1) }
  }
}
