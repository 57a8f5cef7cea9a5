// An A/B test as a value: variants, prior, what matters; and its reading.

import BayesNumerics
import Glibc

/// A comparison of variants of which one is the control.
public struct Experiment: Sendable {
  /// The variants, of one metric, at least two.
  public let variants: [Variant]
  /// What is believed of every variant before the data.
  public var prior: MetricPrior
  /// The position of the variant that the others are compared with.
  public var control: Int
  /// Whether the smallest mean is the best.
  public var isLessBetter = false
  /// The probability that credible intervals hold.
  public var mass = 0.95
  /// An expected loss that does not matter, in the metric's unit: a choice that costs no more than that is
  /// made. `nil` is 1 % of the control's posterior mean, for the metric normal, whose zero is arbitrary, 1 % of
  /// the standard deviation of a unit, that of all variants together.
  public var lossThreshold: Double?
  /// Half the width of the region of practical equivalence, in the metric's unit; `nil` is the loss threshold.
  public var equivalence: Double?
  /// The planned split of the units, relative sizes; equal where `nil`.
  public var plannedSplit: [Double]?

  /// An experiment with the metric's default prior, the first variant as the control.
  ///
  /// - Throws: `ExperimentError` for fewer than two variants, equal names, or different metrics.
  public init(_ variants: [Variant], prior: MetricPrior? = nil, control: String? = nil) throws {
    guard variants.count >= 2 else { throw ExperimentError.tooFewVariants(variants.count) }
    var names: Set<String> = []
    for variant in variants where !names.insert(variant.name).inserted {
      throw ExperimentError.repeatedName(variant.name)
    }
    let metric = variants[0].data.metric
    if let other = variants.first(where: { $0.data.metric != metric }) {
      throw ExperimentError.invalidData(
        variant: other.name, problem: "its metric is not that of \(variants[0].name)")
    }
    self.variants = variants
    self.prior = prior ?? .standard(metric)
    self.control = 0
    if let control {
      guard let position = variants.firstIndex(where: { $0.name == control }) else {
        throw ExperimentError.unknownVariant(control, known: variants.map(\.name))
      }
      self.control = position
    }
  }

  /// The metric.
  public var metric: Metric { variants[0].data.metric }

  /// The mean of all variants' amounts, 1 where there are none.
  private var typicalAmount: Double {
    var (count, sum) = (0.0, 0.0)
    for variant in variants {
      if case .revenue(_, let amounts) = variant.data {
        count += amounts.count
        sum += amounts.sum
      }
    }
    return count > 0 ? sum / count : 1
  }

  /// The standard deviation of a unit within variants; `nil` for other metrics than normal.
  private var pooledDeviation: Double? {
    var (freedom, squares) = (0.0, 0.0)
    for variant in variants {
      guard case .normal(let statistics) = variant.data else { return nil }
      freedom += statistics.count - 1
      squares += statistics.squaredDeviations
    }
    return (squares / freedom).squareRoot()
  }

  /// The posterior of every variant under a prior.
  ///
  /// - Throws: `ExperimentError.invalidPrior`.
  public func posteriors(_ prior: MetricPrior) throws -> [VariantPosterior] {
    let amount = typicalAmount
    return try variants.map { try prior.posterior($0, typicalAmount: amount) }
  }

  /// Everything that the data say, exactly: no number of it is drawn at random.
  ///
  /// - Throws: `ExperimentError` for a prior or a setting outside its range.
  public func analyse() throws -> ExperimentResult {
    try check()
    let arms = try posteriors(prior)
    let scale =
      pooledDeviation ?? abs(arms[control].mean ?? arms[control].marginal.median)
    let threshold = lossThreshold ?? 0.01 * scale
    let equivalence = self.equivalence ?? threshold
    let best = BestArm(among: arms, isLessBetter: isLessBetter)
    let results = variants.indices.map { k -> VariantResult in
      VariantResult(
        variant: variants[k], posterior: arms[k],
        interval: arms[k].marginal.equalTailedInterval(mass),
        shortestInterval: arms[k].marginal.highestDensityInterval(mass),
        probabilityBest: best.probabilities[k], expectedLoss: best.expectedLosses[k],
        comparison: k == control
          ? nil
          : Comparison(
            of: arms[k], with: arms[control], isLessBetter: isLessBetter, mass: mass,
            equivalence: equivalence))
    }
    return ExperimentResult(
      experiment: self, variants: results, lossThreshold: threshold, equivalence: equivalence,
      decision: Decision(best, threshold: threshold, control: control),
      sensitivity: try sensitivity(threshold: threshold),
      sampleRatio: try sampleRatio())
  }

  private func check() throws {
    guard mass > 0, mass < 1 else {
      throw ExperimentError.invalidSetting("the probability of intervals lies between 0 and 1")
    }
    for value in [lossThreshold, equivalence] {
      if let value, !(value > 0 && value.isFinite) {
        throw ExperimentError.invalidSetting(
          "a loss threshold or a region of equivalence must be positive")
      }
    }
  }

  /// The test of the split, where all numbers of units are known.
  private func sampleRatio() throws -> SampleRatioTest? {
    let units = variants.compactMap(\.data.units)
    guard units.count == variants.count else {
      if plannedSplit != nil {
        throw ExperimentError.invalidSetting(
          "a planned split needs numbers of units; an exposure is none")
      }
      return nil
    }
    return try SampleRatioTest(observed: units, plan: plannedSplit)
  }
}
