// The automatic choice of the metric: dense where it pays, never much worse than diagonal.

import BayesCore
import BayesNumerics
import Glibc
import Testing

@testable import BayesInference

/// A posterior and what `auto` should make of it.
private struct ChoiceCase: Sendable, CustomStringConvertible {
  let name: String
  let density: ClosureDensity
  let isDense: Bool
  /// Bound of leapfrog steps per draw under `auto` over those under `diagonal`.
  let maxStepRatio: Double
  var description: String { name }

  static let all = [
    ChoiceCase(
      name: "50 independent normals", density: Densities.normal(50), isDense: false,
      maxStepRatio: 1.05),
    ChoiceCase(
      name: "10 strongly correlated normals", density: Densities.equicorrelated(10, 0.999),
      isDense: true, maxStepRatio: 0.5),
    ChoiceCase(
      name: "eight schools", density: Densities.eightSchools, isDense: false, maxStepRatio: 1.15),
    ChoiceCase(
      name: "32 pairs of correlated normals", density: Densities.pairs(32, 0.99), isDense: true,
      maxStepRatio: 0.25),
  ]
}

@Suite("Automatic metric")
struct MetricChoiceTests {
  @Test("Dense is taken where it pays and only there", arguments: ChoiceCase.all)
  private func choice(_ sample: ChoiceCase) throws {
    func run(_ metric: MetricChoice) throws -> (run: SamplerRun, steps: Double, warmup: Double) {
      var settings = SamplerSettings(seed: 12)
      settings.chains = 2
      settings.threads = 2
      settings.warmup = 600
      settings.draws = 300
      settings.metric = metric
      let run = try BayesInference.sample(sample.density, settings: settings)
      let steps = run.chains.reduce(0) { $0 + $1.samplingGradientEvaluations }
      let warmup = run.chains.reduce(0) { $0 + $1.warmupGradientEvaluations }
      return (run, Double(steps), Double(warmup))
    }
    let auto = try run(.auto)
    let diagonal = try run(.diagonal)
    #expect(auto.run.chains.allSatisfy { $0.metric.isDense == sample.isDense })
    #expect(diagonal.run.chains.allSatisfy { !$0.metric.isDense })
    #expect(auto.steps <= sample.maxStepRatio * diagonal.steps)
    #expect(auto.warmup <= 1.15 * diagonal.warmup)
  }

  @Test("The dense metric of a chain is the covariance of a normal posterior")
  func denseMetricIsCovariance() throws {
    var settings = SamplerSettings(seed: 1)
    settings.chains = 1
    settings.warmup = 300
    settings.draws = 0
    settings.metric = .dense
    let run = try sample(Densities.equicorrelated(5, 0.9), settings: settings)
    guard case .dense(let values) = run.chains[0].metric else {
      Issue.record("not dense")
      return
    }
    for i in 0..<5 {
      for j in 0..<5 { #expect(abs(values[5 * i + j] - (i == j ? 1 : 0.9)) < 0.05) }
      #expect(run.chains[0].metric.diagonal[i] == values[6 * i])
    }
  }

  @Test(
    "A dense metric is considered up to dimension 64, beyond where gradients are costly",
    arguments: [
      (1, nil, false), (2, nil, true), (64, nil, true), (65, nil, false), (66, 26_000, true),
      (391, 500, false), (2500, 200_000, false),
    ] as [(Int, Double?, Bool)])
  func considered(_ dimension: Int, _ cost: Double?, _ expected: Bool) {
    #expect(
      DensePayoff(dimension: dimension, gradientCost: cost).isConsidered == expected)
  }

  /// A density and independent draws of it.
  fileprivate struct Exact: Sendable, CustomStringConvertible {
    let description: String
    let density: ClosureDensity
    let nonlinearity: ClosedRange<Double>
    let draw: @Sendable (inout RandomStream) -> [Double]

    static let all = [
      Exact(
        description: "equicorrelated", density: Densities.equicorrelated(5, 0.999),
        nonlinearity: 0...1e-6,
        draw: { stream in
          let shared = stream.normal() * 0.999.squareRoot()
          return (0..<5).map { _ in shared + 0.001.squareRoot() * stream.normal() }
        }),
      Exact(
        description: "student t", density: Densities.studentT(5, 20), nonlinearity: 0.01...0.3,
        draw: { stream in (0..<5).map { _ in stream.studentT(degrees: 20) } }),
      Exact(
        description: "funnel", density: Densities.funnel(6), nonlinearity: 0.6...1,
        draw: { stream in
          let v = stream.normal()
          return [v] + (0..<5).map { _ in exp(0.5 * v) * stream.normal() }
        }),
    ]
  }

  @Test(
    "The gradient of a normal is linear in the position, however correlated; a funnel's is not",
    arguments: Exact.all)
  private func nonlinearity(_ exact: Exact) throws {
    let n = exact.density.dimension
    let evaluator = exact.density.makeEvaluator()
    var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: 0)
    var draws: [Double] = []
    var gradients: [Double] = []
    var gradient = [Double](repeating: 0, count: n)
    for _ in 0..<500 {
      let draw = exact.draw(&stream)
      _ = try evaluator.logDensity(at: draw, gradient: &gradient)
      draws += draw
      gradients += gradient
    }
    let scale = [Double](repeating: 1, count: n)
    let fisher = try #require(
      DenseEstimate(draws: draws[...], gradients: gradients[...], scale: scale))
    let stan = try #require(
      DenseEstimate(stanFrom: draws[...], gradients: gradients[...], dimension: n))
    #expect(exact.nonlinearity.contains(fisher.nonlinearity()))
    // A linear map of the draws changes no correlation.
    #expect(abs(fisher.nonlinearity() - stan.nonlinearity()) < 0.02)
  }

  @Test("A gain counts only as far as the gradient is linear, and for more the fewer the draws")
  func pays() {
    let payoff = DensePayoff(dimension: 10, gradientCost: 1000)
    func pays(_ gain: Double, _ nonlinearity: Double, _ rows: Int, _ usesGradients: Bool) -> Bool {
      payoff.pays(
        gain: gain, nonlinearity: nonlinearity, rows: rows, usesGradients: usesGradients)
    }
    #expect(pays(2, 0, 100, true) && pays(2, 0.2, 100, true))
    #expect(!pays(2, 0.8, 100, true) && !pays(5, 0.95, 100, true))
    #expect(pays(8, 0, 25, false) && !pays(3, 0, 25, false) && !pays(100, 0, 10, false))
    #expect(payoff.caution(nonlinearity: 0) == 0 && payoff.caution(nonlinearity: 0.9) == 0.5)
  }
}
