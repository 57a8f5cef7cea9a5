// PSIS-LOO and WAIC against arviz and against exact answers.

import BayesCore
import Glibc
import Testing

@testable import BayesDiagnostics

@Suite("Predictive accuracy")
struct LeaveOneOutTests {
  /// Log densities of Normal(y | d, sigma_delta + 0.1) under the blocker chains, one column per y.
  static func logLikelihood(_ ys: [Double]) throws -> Draws {
    let tables = try ["blocker.1.csv", "blocker.2.csv"].map {
      try CSVTable(path: Fixtures.local($0))
    }
    return draws(
      try ys.map { y in
        let chains = try tables.map { table in
          zip(try table.column("d"), try table.column("sigma_delta")).map { d, sigma in
            let scale = sigma + 0.1
            let z = (y - d) / scale
            return -0.5 * z * z - log(scale) - 0.5 * log(2 * Double.pi)
          }
        }
        return ("y = \(y)", chains)
      })
  }

  @Test("Both agree with arviz, observation by observation")
  func reference() throws {
    let table = try CSVTable(path: Fixtures.local("psis_loo.csv"))
    let likelihood = try Self.logLikelihood(try table.column("y"))
    let loo = try leaveOneOut(likelihood)
    let waic = try widelyApplicableInformation(likelihood)
    let (k, elpd, lpd, variance) = (
      try table.column("k"), try table.column("elpd"), try table.column("lpd"),
      try table.column("p_waic")
    )
    #expect(loo.observations.count == 10 && loo.draws == 2000)
    for i in k.indices {
      let (one, other) = (loo.observations[i], waic.observations[i])
      expectClose(.value(one.shape ?? .nan), k[i], 1e-9, "k of \(one.name)")
      expectClose(.value(one.elpd), elpd[i], 1e-10, "elpd of \(one.name)")
      #expect(abs(one.optimism - (lpd[i] - elpd[i])) < 1e-10)
      expectClose(.value(other.optimism), variance[i], 1e-10, "variance of \(one.name)")
      #expect(abs(other.elpd - (lpd[i] - variance[i])) < 1e-10 * abs(other.elpd))
      #expect(other.shape == nil)
    }
    #expect(abs(loo.elpd - elpd.reduce(0, +)) < 1e-8)
    let mean = elpd.reduce(0, +) / 10
    let expected = (10 * elpd.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9).squareRoot()
    expectClose(.value(try #require(loo.standardError)), expected, 1e-9, "standard error")
    #expect(try #require(loo.advice).message.contains("y = -3.0, y = -1.2"))
    let limit = 1 - 1 / log10(2000.0)
    #expect(
      loo.influential.map(\.name) == zip(loo.observations, k).filter { $1 > limit }.map(\.0.name))
  }

  /// y_i ~ Normal(μ, 1) with a flat prior: the posterior is Normal(ȳ, 1/n), and y_i given the others
  /// is Normal(mean of the others, 1 + 1/(n − 1)).
  @Test("Leaving one out of a normal mean agrees with the exact answer")
  func exact() throws {
    let y = [-1.3, -0.8, -0.4, -0.1, 0.0, 0.2, 0.5, 0.9, 1.1, 1.6]
    let n = Double(y.count)
    let mean = y.reduce(0, +) / n
    let mu = noise(chains: 4, draws: 5000, seed: 51).map { $0.map { mean + $0 / n.squareRoot() } }
    let normal = { (x: Double, mean: Double, variance: Double) in
      -0.5 * ((x - mean) * (x - mean) / variance + log(2 * Double.pi * variance))
    }
    let likelihood = draws(y.map { y in ("\(y)", mu.map { $0.map { normal(y, $0, 1) } }) })
    let loo = try leaveOneOut(likelihood)
    for (y, observation) in zip(y, loo.observations) {
      let exact = normal(y, (mean * n - y) / (n - 1), 1 + 1 / (n - 1))
      #expect(abs(observation.elpd - exact) < 0.02, "\(observation.name)")
    }
    #expect(loo.influential.isEmpty && loo.advice == nil)
    #expect(abs(loo.effectiveParameters - 1) < 0.3)
  }

  @Test(
    "The shape of a generalised Pareto sample is found, up to the shrinkage",
    arguments: [-0.3, 0.0, 0.4, 0.9])
  func fit(_ shape: Double) {
    let n = 5000
    let sample = (0..<n).map { i in
      let tail = -log1p(-(Double(i) + 0.5) / Double(n))
      return shape == 0 ? 2 * tail : 2 * expm1(shape * tail) / shape
    }
    let fit = GeneralizedPareto(ascending: sample)
    #expect(abs(fit.shape - shape) < 0.02)
    #expect(abs(fit.scale - 2) < 0.05)
  }

  @Test("Weights are normalised, keep their order and stay below the largest raw one")
  func weights() {
    let ratios = noise(chains: 1, draws: 1000, seed: 52)[0].map { 2 * $0 + 700 }
    let smoothed = SmoothedWeights(logRatios: ratios)
    #expect(abs(smoothed.logWeights.reduce(0) { $0 + exp($1) } - 1) < 1e-12)
    let order = ratios.indices.sorted { ratios[$0] < ratios[$1] }
    for (a, b) in zip(order, order.dropFirst()) {
      #expect(smoothed.logWeights[a] <= smoothed.logWeights[b])
    }
    let shifted = SmoothedWeights(logRatios: ratios.map { $0 - 1400 })
    #expect(abs(shifted.shape - smoothed.shape) < 1e-9)
  }

  @Test(
    "A tail of fewer than five draws is left alone",
    arguments: [[0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Array(repeating: 2.0, count: 100), [0], []])
  func shortTail(_ ratios: [Double]) {
    let weights = SmoothedWeights(logRatios: ratios)
    #expect(weights.shape == .infinity)
    let total = log(ratios.reduce(0) { $0 + exp($1) })
    for (weight, ratio) in zip(weights.logWeights, ratios) {
      #expect(abs(weight - (ratio - total)) < 1e-14)
    }
  }

  @Test("A log-likelihood that is not finite is an error that names the observation")
  func errors() throws {
    let bad = draws([("y[3]", [[-1, -2, -.infinity, -1]])])
    #expect(throws: PredictiveAccuracyError.nonFinite(observation: "y[3]")) { try leaveOneOut(bad) }
    #expect(throws: PredictiveAccuracyError.nonFinite(observation: "y[3]")) {
      try widelyApplicableInformation(bad)
    }
    #expect(throws: PredictiveAccuracyError.tooFewDraws(2)) {
      try leaveOneOut(draws([("y", [[-1, -2]])]))
    }
  }
}
