// The whole sampler on densities with known moments.

import BayesCore
import Glibc
import Testing

@testable import BayesInference

private let eulerGamma = 0.577_215_664_901_532_9

private let posteriors: [KnownPosterior] = [
  KnownPosterior(
    name: "standard normal", density: Densities.normal(5),
    moments: (0..<5).map { ($0, 0, 1) }),
  KnownPosterior(
    name: "normals on six orders of magnitude", density: Densities.scaledNormal(7),
    moments: [(0, 1, 1e-3), (3, 1, 1), (6, 1, 1e3)]),
  KnownPosterior(
    name: "strongly correlated normal", density: Densities.equicorrelated(10, 0.98),
    moments: (0..<10).map { ($0, 0, 1) }),
  KnownPosterior(
    name: "correlated pairs", density: Densities.pairs(4, -0.95),
    moments: (0..<8).map { ($0, 0, 1) }),
  KnownPosterior(
    name: "Student t with 6 degrees of freedom", density: Densities.studentT(3, 6),
    moments: (0..<3).map { ($0, 0, sqrt(1.5)) }),
  KnownPosterior(
    name: "log of an exponential variate", density: Densities.logExponential(3),
    moments: (0..<3).map { ($0, -eulerGamma, Double.pi / sqrt(6)) }),
  KnownPosterior(
    name: "mild funnel", density: Densities.funnel(3),
    moments: [(0, 0, 1), (1, 0, exp(0.25)), (2, 0, exp(0.25))]),
  KnownPosterior(
    name: "banana", density: Densities.banana,
    moments: [(0, 0, 1), (1, 0.5, sqrt(1.5))]),
]

private struct Setup: Sendable, CustomStringConvertible {
  let schedule: WarmupSchedule
  let metric: MetricChoice
  var description: String { "\(schedule), \(metric)" }
  static let all = WarmupSchedule.allCases.flatMap { schedule in
    MetricChoice.allCases.map { Setup(schedule: schedule, metric: $0) }
  }
}

@Suite("Sampling known posteriors")
struct SampleTests {
  @Test(
    "NUTS finds mean and sd of every coordinate", arguments: posteriors, Setup.all)
  private func nutsIsCorrect(_ posterior: KnownPosterior, _ setup: Setup) throws {
    var settings = SamplerSettings(seed: 20_240)
    settings.warmupSchedule = setup.schedule
    settings.metric = setup.metric
    settings.warmup = 500
    settings.threads = 2
    let run = try sample(posterior.density, settings: settings)
    try expectMoments(posterior, run)
  }

  @Test("Static HMC finds mean and sd of every coordinate", arguments: posteriors.prefix(1))
  func hmcIsCorrect(_ posterior: KnownPosterior) throws {
    var settings = SamplerSettings(seed: 9)
    settings.algorithm = .hmc(leapfrogs: 4)
    settings.threads = 2
    try expectMoments(posterior, try sample(posterior.density, settings: settings))
  }
}

/// Compares the run's moments with the exact ones: beyond 4 MCSE is printed, beyond 5.5 fails.
func expectMoments(_ posterior: KnownPosterior, _ run: SamplerRun) throws {
  for (coordinate, mean, sd) in posterior.moments {
    let values = run.chains.map { chain in
      (0..<run.drawCount).map { chain.positions[$0 * run.dimension + coordinate] }
    }
    let first = MonteCarloEstimate(values)
    let second = MonteCarloEstimate(values.map { $0.map { ($0 - mean) * ($0 - mean) } })
    for (name, estimate, exact) in [
      ("mean", first, mean), ("variance", second, sd * sd),
    ] {
      let deviation = abs(estimate.mean - exact) / estimate.error
      if deviation > 4 {
        print("alert: \(posterior.name), \(name) of \(coordinate): \(deviation) MCSE")
      }
      #expect(
        deviation < 5.5, "\(name) of \(coordinate): \(estimate.mean) ± \(estimate.error), \(exact)")
    }
  }
}

/// A mean with its Monte Carlo standard error from batch means (25 batches a chain).
struct MonteCarloEstimate {
  let mean: Double
  let error: Double

  init(_ chains: [[Double]]) {
    let batches = chains.flatMap { chain -> [Double] in
      let size = max(1, chain.count / 25)
      return stride(from: 0, to: chain.count - size + 1, by: size).map { start in
        chain[start..<start + size].reduce(0, +) / Double(size)
      }
    }
    let mean = batches.reduce(0, +) / Double(batches.count)
    let squares = batches.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    error = sqrt(squares / Double(batches.count - 1) / Double(batches.count))
  }
}
