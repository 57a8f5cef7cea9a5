// The automatic choice of the metric: dense where it pays, never much worse than diagonal.

import BayesCore
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
}
