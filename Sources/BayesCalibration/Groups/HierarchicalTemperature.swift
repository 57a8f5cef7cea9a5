// Temperatures of groups that learn from each other: none, partial and full pooling side by side.

public import BayesCore
import BayesNumerics
import Glibc

/// A temperature for every group, pulled towards the others as far as the data let it.
///
/// ```
/// labels of group g ~ softmax(logits/T_g)
/// log T_g ~ N(m, s²),   m ~ N(location, scale²),   s ~ half-normal(spread)
/// ```
///
/// Everything is integrated, nothing simulated: each group's likelihood is a function of one number and is tabled
/// once; given m and s the groups are independent integrals; m and log s are summed over points at equal steps. The
/// result is the same on every run. Groups with one class, or with scores that separate, have a posterior too.
///
/// Reference: Gelman et al. 2013, "Bayesian data analysis", 3rd edition, section 5.4, for the model of means.
public struct HierarchicalTemperature: Sendable {
  /// The prior.
  public struct Prior: Sendable, Equatable {
    /// The prior of m; of every group's log T where groups are taken alone, and of all rows' where they are one.
    public let common: BayesianTemperature.Prior
    /// The scale of the half-normal prior of s; with 0.5, two of three s are below 0.5, temperatures that differ by 1.6.
    public let spread: Double

    /// A prior.
    ///
    /// - Throws: `CalibrationError.invalidSetting` unless `spread` is positive and finite.
    public init(common: BayesianTemperature.Prior? = nil, spread: Double = 0.5) throws {
      guard spread > 0, spread.isFinite else {
        throw CalibrationError.invalidSetting(
          "the prior of the spread of groups needs a positive scale, found \(short(spread))")
      }
      self.common = try common ?? BayesianTemperature.Prior()
      self.spread = spread
    }
  }

  /// The groups.
  public let grouping: Grouping
  /// The prior.
  public let prior: Prior
  /// Partial pooling: each group's temperature, in the order of `grouping.names`.
  public let partial: [TemperaturePosterior]
  /// No pooling: each group's temperature from its own rows.
  public let separate: [TemperaturePosterior]
  /// Full pooling: one temperature for all rows.
  public let together: TemperaturePosterior
  /// The temperature of a group that has not been seen.
  public let newGroup: TemperaturePosterior
  /// The posterior mean of s, the standard deviation of log T over groups.
  public let spread: Double
  /// The central 95 % interval of s.
  public let spreadInterval: ClosedRange<Double>

  /// The posterior after binary labels.
  ///
  /// - Throws: `CalibrationError`: groups of another number of rows, and what `BayesianTemperature` refuses.
  public init(
    fittedTo predictions: BinaryPredictions, groups: Grouping, prior: Prior? = nil,
    threads: Int = availableProcessors()
  ) throws {
    try groups.require(predictions.count)
    try predictions.requireFit()
    try self.init(
      TemperatureLikelihood(predictions),
      groups.rows.map { TemperatureLikelihood(predictions.rows($0)) }, groups, prior, threads)
  }

  /// The posterior after labels of K classes.
  ///
  /// - Throws: as for binary labels.
  public init(
    fittedTo predictions: MulticlassPredictions, groups: Grouping, prior: Prior? = nil,
    threads: Int = availableProcessors()
  ) throws {
    try groups.require(predictions.count)
    try predictions.requireFit()
    try self.init(
      TemperatureLikelihood(predictions),
      groups.rows.map { TemperatureLikelihood(predictions.rows($0)) }, groups, prior, threads)
  }

  private init(
    _ all: TemperatureLikelihood, _ parts: [TemperatureLikelihood], _ groups: Grouping,
    _ given: Prior?, _ threads: Int
  ) throws {
    let prior = try given ?? Prior()
    // The costly part: each group's rows, and last all rows.
    let rows = parts + [all]
    let tables = try parallelMap(count: rows.count, threads: threads) {
      GroupLikelihood(rows[$0], prior)
    }
    func alone(_ table: GroupLikelihood, _ name: String) -> TemperaturePosterior {
      TemperaturePosterior(name: name, table.density(prior.common))
    }
    let pooling = try PartialPooling(Array(tables.dropLast()), prior, threads: threads)
    grouping = groups
    self.prior = prior
    together = alone(tables[parts.count], "temperature of all groups")
    separate = zip(tables, groups.names).map { alone($0, "temperature of \($1) alone") }
    let densities = try parallelMap(count: parts.count, threads: threads) {
      pooling.density(group: $0)
    }
    partial = zip(groups.names, densities).map {
      TemperaturePosterior(name: "partially pooled temperature of \($0)", $1)
    }
    newGroup = TemperaturePosterior(
      name: "temperature of a new group", pooling.density(group: nil))
    spread = pooling.meanSpread
    spreadInterval = exp(pooling.spreads.quantile(0.025))...exp(pooling.spreads.quantile(0.975))
    guard (partial + separate + [together, newGroup]).allSatisfy({ $0.logMean.isFinite }) else {
      throw CalibrationError.notConverged(method: "the posterior of the temperatures")
    }
  }

  /// The partially pooled temperature of a group by name; that of a new group for a name not seen.
  public func temperature(of group: String) -> TemperaturePosterior {
    grouping.names.firstIndex(of: group).map { partial[$0] } ?? newGroup
  }

  /// Predictions averaged over each row's group's temperature.
  ///
  /// - Throws: `CalibrationError.invalidSetting` for groups of another number of rows.
  public func apply(
    _ predictions: BinaryPredictions, groups: Grouping
  ) throws -> BinaryPredictions {
    try groups.require(predictions.count)
    var logits = predictions.logits
    for (name, rows) in zip(groups.names, groups.rows) {
      let map = temperature(of: name)
      for row in rows { logits[row] = map.averagedLogit(logits[row]) }
    }
    return BinaryPredictions(
      unchecked: predictions.labels, logits: logits, probabilities: logits.map { logistic($0) })
  }

  /// Predictions of K classes averaged over each row's group's temperature.
  ///
  /// - Throws: as for binary predictions.
  public func apply(
    _ predictions: MulticlassPredictions, groups: Grouping
  ) throws -> MulticlassPredictions {
    try groups.require(predictions.count)
    let k = predictions.classCount
    var values = predictions.logits.values
    for (name, rows) in zip(groups.names, groups.rows) {
      let map = temperature(of: name)
      for row in rows {
        let mean = map.averaged(predictions.logits.values[row * k..<(row + 1) * k])
        for j in 0..<k { values[row * k + j] = log(mean[j]) }
      }
    }
    return MulticlassPredictions(
      unchecked: predictions.labels,
      logits: DenseMatrix(rows: predictions.count, columns: k, values: values))
  }
}
