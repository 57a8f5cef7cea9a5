// Predictive accuracy from pointwise log-likelihoods: PSIS-LOO and WAIC.

public import BayesCore
import Glibc

/// An estimate of how well a model predicts observations that it has not seen.
///
/// All in nats; the expected log predictive density (elpd) is higher for better models.
public struct PredictiveAccuracy: Sendable, Equatable {
  /// One observation's part.
  public struct Observation: Sendable, Equatable {
    public let name: String
    /// Its expected log predictive density.
    public let elpd: Double
    /// How much lower that is than the log density of the observation within the fit.
    public let optimism: Double
    /// The Pareto shape k of its importance weights; `nil` for WAIC.
    public let shape: Double?
  }

  public let observations: [Observation]
  /// Draws over all chains.
  public let draws: Int

  /// The sum over observations.
  public var elpd: Double { observations.reduce(0) { $0 + $1.elpd } }

  /// The effective number of parameters, Σ optimism.
  public var effectiveParameters: Double { observations.reduce(0) { $0 + $1.optimism } }

  /// The standard error of `elpd`, √(n · var elpd_i); `nil` for fewer than two observations.
  public var standardError: Double? {
    let n = Double(observations.count)
    guard n > 1 else { return nil }
    let mean = elpd / n
    return (n * observations.reduce(0) { $0 + square($1.elpd - mean) } / (n - 1)).squareRoot()
  }

  /// Observations whose shape exceeds what so many draws can bear: leaving one of them out
  /// changes the posterior too much, and its estimate is unreliable.
  public var influential: [Observation] {
    let limit = SmoothedWeights.threshold(draws: draws)
    return observations.filter { ($0.shape ?? -.infinity) > limit }
  }

  /// A warning if there are influential observations.
  public var advice: Advice? {
    let names = influential.map(\.name)
    guard !names.isEmpty else { return nil }
    return Advice(
      severity: .warning, code: .paretoShape,
      message: "Leaving out \(list(names)) changes the posterior so much that importance "
        + "sampling cannot follow (Pareto k too high): the leave-one-out estimate is unreliable.",
      suggestion: "Look at these observations: outliers that the likelihood does not allow for "
        + "need heavier tails. Otherwise refit without each of them, or use K-fold "
        + "cross-validation.")
  }
}

/// Why there is no predictive accuracy.
public enum PredictiveAccuracyError: Error, Sendable, Equatable, CustomStringConvertible {
  case nonFinite(observation: String)
  case tooFewDraws(Int)

  public var description: String {
    switch self {
    case .nonFinite(let observation):
      "the log-likelihood of \(observation) is NaN or infinite in some draw; "
        + "look for a density of 0 there"
    case .tooFewDraws(let draws):
      "predictive accuracy needs at least 4 draws a chain, not \(draws)"
    }
  }
}

/// Leave-one-out predictive accuracy by Pareto-smoothed importance sampling.
///
/// Observation i is left out by weighting the draws with smoothed 1/p(y_i | θ):
/// ```
/// elpd_i = log Σ_s w_s p(y_i | θ_s)
/// ```
/// The relative efficiency of each observation's weights is ESS_mean(p(y_i | θ))/S.
///
/// - Parameter logLikelihood: pointwise log-likelihoods, one column an observation.
/// - Throws: ``PredictiveAccuracyError``.
///
/// Reference: Vehtari, Gelman, Gabry 2017, "Practical Bayesian model evaluation using leave-one-out
/// cross-validation and WAIC", doi 10.1007/s11222-016-9696-4; Vehtari et al. 2024, JMLR 25(72).
public func leaveOneOut(
  _ logLikelihood: Draws, threads: Int = availableProcessors()
) throws -> PredictiveAccuracy {
  try predictiveAccuracy(logLikelihood, threads) { name, chains in
    let values = chains.flatMap { $0 }
    let largest = values.max() ?? 0
    let likelihoods = chains.map { $0.map { exp($0 - largest) } }
    // A likelihood that is the same in all draws is as good as independent ones.
    let effective = Convergence.essMean(likelihoods).number ?? Double(values.count)
    let weights = SmoothedWeights(
      logRatios: values.map { -$0 }, relativeEfficiency: effective / Double(values.count))
    let elpd = logSumExp(zip(values, weights.logWeights).map { $0 + $1 })
    return PredictiveAccuracy.Observation(
      name: name, elpd: elpd, optimism: logMeanExp(values) - elpd, shape: weights.shape)
  }
}

/// The widely applicable information criterion, on the elpd scale (WAIC = −2 elpd).
///
/// ```
/// elpd_i = log mean_s p(y_i | θ_s) − var_s log p(y_i | θ_s)
/// ```
/// Cheaper than ``leaveOneOut(_:threads:)`` but without its warning of influential observations.
///
/// - Parameter logLikelihood: pointwise log-likelihoods, one column an observation.
/// - Throws: ``PredictiveAccuracyError``.
///
/// Reference: Watanabe 2010, Journal of Machine Learning Research 11(116).
public func widelyApplicableInformation(
  _ logLikelihood: Draws, threads: Int = availableProcessors()
) throws -> PredictiveAccuracy {
  try predictiveAccuracy(logLikelihood, threads) { name, chains in
    let values = chains.flatMap { $0 }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + square($1 - mean) } / Double(values.count - 1)
    return PredictiveAccuracy.Observation(
      name: name, elpd: logMeanExp(values) - variance, optimism: variance, shape: nil)
  }
}

private func logMeanExp(_ x: [Double]) -> Double { logSumExp(x) - log(Double(x.count)) }

private func predictiveAccuracy(
  _ logLikelihood: Draws, _ threads: Int,
  _ estimate: @escaping @Sendable (String, [[Double]]) -> PredictiveAccuracy.Observation
) throws -> PredictiveAccuracy {
  guard logLikelihood.drawCount >= 4 else {
    throw PredictiveAccuracyError.tooFewDraws(logLikelihood.drawCount)
  }
  let names = logLikelihood.columnNames
  let observations = try parallelMap(count: names.count, threads: threads) { column in
    let chains = logLikelihood.column(column)
    guard chains.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw PredictiveAccuracyError.nonFinite(observation: names[column])
    }
    return estimate(names[column], chains)
  }
  return PredictiveAccuracy(
    observations: observations, draws: logLikelihood.chainCount * logLikelihood.drawCount)
}
