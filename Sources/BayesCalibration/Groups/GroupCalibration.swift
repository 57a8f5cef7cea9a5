// Calibration group by group: bias, errors and temperatures beside each other, with their uncertainty.

import BayesNumerics

/// A table of groups: how often the event came, what was said, and how sure one can be of the difference.
public struct GroupCalibration: Sendable {
  /// One group.
  public struct Row: Sendable {
    /// The group.
    public let name: String
    /// Its rows.
    public let count: Int
    /// Its events.
    public let events: Int
    /// The mean probability given.
    public let meanForecast: Double
    /// The central 95 % posterior interval of the rate of events: Beta(events + ½, others + ½), Jeffreys' prior; open to 0
    /// or 1 where no event or nothing else came.
    public let rateInterval: ClosedRange<Double>
    /// Mean probability less the rate of events, for the ends of `rateInterval`; the forecasts are taken as given.
    public let biasInterval: ClosedRange<Double>
    /// ECE with what perfect calibration would show in this group.
    public let error: AssessedErrors.Assessment
    /// The temperature from this group alone.
    public let separate: TemperaturePosterior
    /// The partially pooled temperature.
    public let partial: TemperaturePosterior

    /// The share of events.
    public var baseRate: Double { Double(events) / Double(count) }
    /// Mean probability less the share of events: positive for forecasts too high.
    public var bias: Double { meanForecast - baseRate }
    /// Whether the bias is told from 0, at 95 %.
    public var isBiased: Bool { !biasInterval.contains(0) }
  }

  /// What the probabilities are of: `label 1` or `top label`.
  public let event: String
  /// The groups, in the order of their first rows.
  public let rows: [Row]
  /// The temperatures behind the rows.
  public let temperatures: HierarchicalTemperature

  /// The table of a binary classifier, of P(y = 1).
  ///
  /// - Throws: `CalibrationError`: groups of another number of rows, what `HierarchicalTemperature` and
  ///   `AssessedErrors` refuse.
  public init(
    _ predictions: BinaryPredictions, groups: Grouping, binning: Binning = .equalWidth(15),
    replication: Replication? = nil, prior: HierarchicalTemperature.Prior? = nil
  ) throws {
    let temperatures = try HierarchicalTemperature(
      fittedTo: predictions, groups: groups, prior: prior)
    try self.init(
      "label 1", groups.rows.map { predictions.rows($0).positive }, temperatures, binning,
      replication)
  }

  /// The table of a classifier of K classes, of the event that its top label is right.
  ///
  /// - Throws: as for binary classifiers.
  public init(
    _ predictions: MulticlassPredictions, groups: Grouping, binning: Binning = .equalWidth(15),
    replication: Replication? = nil, prior: HierarchicalTemperature.Prior? = nil
  ) throws {
    let temperatures = try HierarchicalTemperature(
      fittedTo: predictions, groups: groups, prior: prior)
    try self.init(
      "top label", groups.rows.map { predictions.rows($0).topLabel }, temperatures, binning,
      replication)
  }

  private init(
    _ event: String, _ forecasts: [EventForecasts], _ temperatures: HierarchicalTemperature,
    _ binning: Binning, _ replication: Replication?
  ) throws {
    let replication = try replication ?? Replication()
    self.event = event
    self.temperatures = temperatures
    rows = try forecasts.enumerated().map { g, forecasts in
      let events = forecasts.outcomes.count { $0 }
      let mean = forecasts.probabilities.reduce(0, +) / Double(forecasts.count)
      let interval = jeffreysInterval(events, of: forecasts.count)
      return Row(
        name: temperatures.grouping.names[g], count: forecasts.count, events: events,
        meanForecast: mean, rateInterval: interval,
        biasInterval: mean - interval.upperBound...mean - interval.lowerBound,
        error: try AssessedErrors(forecasts, binning, replication).expected,
        separate: temperatures.separate[g], partial: temperatures.partial[g])
    }
  }
}

/// The central 95 % posterior interval of a rate after k of n events, with Jeffreys' prior; it begins at 0 where nothing
/// came and ends at 1 where all did, since a rate that small, or that large, cannot be excluded.
///
/// Reference: Brown, Cai, DasGupta 2001, "Interval estimation for a binomial proportion", Statistical Science 16, section 4.1.
func jeffreysInterval(_ k: Int, of n: Int) -> ClosedRange<Double> {
  let (a, b) = (Double(k) + 0.5, Double(n - k) + 0.5)
  return (k == 0 ? 0 : betaQuantile(0.025, a, b))...(k == n ? 1 : betaQuantile(0.975, a, b))
}
