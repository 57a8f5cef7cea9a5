// Forecasts as they would have been made: trained on the past, tested on the window that follows.

public import BayesCore

/// Something that forecasts the values that follow a history.
public protocol Forecaster: Sendable {
  /// The method, in words.
  var name: String { get }
  /// Forecasts of the next `horizon` values, the nearest first.
  ///
  /// - Parameter history: the values so far, oldest first; nothing later can be seen.
  /// - Throws: whatever keeps the method from forecasting, in words for the table of results.
  func forecasts(after history: [Double], horizon: Int) throws -> [Forecast]
}

/// A plan of evaluations: windows of training and test rows that move through a series.
public struct WalkForward: Sendable, Equatable {
  /// Which part of the past a forecast is trained on.
  public enum Training: Sendable, Equatable {
    /// All of it, the first time so many rows.
    case expanding(from: Int)
    /// The last so many rows.
    case sliding(length: Int)
  }

  /// One evaluation: the rows of training end where those of the test begin.
  public struct Window: Sendable, Equatable {
    /// The rows that the forecaster sees.
    public let training: Range<Int>
    /// The rows that it forecasts.
    public let test: Range<Int>
  }

  /// The training rows.
  public let training: Training
  /// The number of values forecast in every window.
  public let horizon: Int
  /// How many rows later the next window begins.
  public let step: Int

  /// A plan.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for numbers below 1.
  public init(training: Training, horizon: Int = 1, step: Int = 1) throws {
    let length =
      switch training {
      case .expanding(let length), .sliding(let length): length
      }
    guard length >= 1, horizon >= 1, step >= 1 else {
      throw CalibrationError.invalidSetting(
        "walk-forward windows need at least 1 training row, a horizon and a step of at least 1, found "
          + "\(length), \(horizon) and \(step)")
    }
    self.training = training
    self.horizon = horizon
    self.step = step
  }

  /// The windows of a series, oldest first; every test window is whole.
  ///
  /// - Throws: `CalibrationError.tooFewRows` for a series without any.
  public func windows(count: Int) throws -> [Window] {
    let (first, isSliding) =
      switch training {
      case .expanding(let length): (length, false)
      case .sliding(let length): (length, true)
      }
    guard count - first >= horizon else {
      throw CalibrationError.tooFewRows(found: count, needed: first + horizon)
    }
    return stride(from: first, through: count - horizon, by: step).map { origin in
      Window(
        training: (isSliding ? origin - first : 0)..<origin, test: origin..<origin + horizon)
    }
  }

  /// Forecasts every window with every forecaster.
  ///
  /// A forecaster is given a copy of the training rows, so that it cannot see later ones. What it throws is kept as
  /// the failure of the window. Windows run in parallel; the results do not depend on the threads.
  ///
  /// - Throws: `CalibrationError` for values that are not finite, too short a series, levels outside (0, 1).
  public func evaluate(
    _ series: [Double], with forecasters: [any Forecaster], levels: [Double] = [0.5, 0.8, 0.9],
    seed: UInt64 = 1, threads: Int = availableProcessors()
  ) throws -> [WalkForwardResult] {
    if let i = series.firstIndex(where: { !$0.isFinite }) {
      throw CalibrationError.invalidRow(
        i + 1, found: "value \(series[i])", expected: "a finite number")
    }
    for level in levels { try checkLevel(level) }
    let windows = try windows(count: series.count)
    let horizon = horizon
    return try forecasters.map { forecaster in
      let outcomes = try parallelMap(count: windows.count, threads: threads) { i in
        let window = windows[i]
        do {
          let forecasts = try forecaster.forecasts(
            after: Array(series[window.training]), horizon: horizon)
          guard forecasts.count == horizon else {
            throw CalibrationError.invalidSetting(
              "\(forecasts.count) forecasts for a horizon of \(horizon)")
          }
          return WindowOutcome(forecasts: forecasts, failure: nil)
        } catch {
          return WindowOutcome(forecasts: [], failure: String(describing: error))
        }
      }
      return try WalkForwardResult(
        name: forecaster.name, series, windows, outcomes, horizon, levels, seed)
    }
  }
}

/// What one window gave.
struct WindowOutcome: Sendable {
  let forecasts: [Forecast]
  let failure: String?
}
