// Prints effective sample sizes per gradient and second of each metric; asserts nothing.

import BayesCore
import Glibc
import Testing

@testable import BayesInference

@Suite(
  "Efficiency, printed only", .serialized,
  .enabled(if: getenv("BAYES_BENCHMARK") != nil, "set BAYES_BENCHMARK=1"))
struct EfficiencyBenchmark {
  static let cases: [(String, ClosureDensity, Double?)] = [
    ("iid normal 50", Densities.normal(50), nil),
    ("equicorrelated 10 (0.98)", Densities.equicorrelated(10, 0.98), nil),
    ("eight schools", Densities.eightSchools, 70),
    ("pairs 64 (0.99)", Densities.pairs(32, 0.99), nil),
    ("scaled normal 10", Densities.scaledNormal(10), nil),
    ("equicorrelated 5 (0.999)", Densities.equicorrelated(5, 0.999), 60),
    ("equicorrelated 26 (0.9999)", Densities.equicorrelated(26, 0.9999), 2000),
    ("student t 20", Densities.studentT(20, 4), nil),
    ("funnel 10", Densities.funnel(10), nil),
    ("banana", Densities.banana, nil),
    ("pairs 120 (0.99)", Densities.pairs(60, 0.99), 30000),
  ]

  @Test("ESS by metric", .serialized, arguments: Self.cases.indices)
  func efficiency(_ index: Int) throws {
    let (name, density, cost) = Self.cases[index]
    for schedule in WarmupSchedule.allCases {
      for metric in MetricChoice.allCases {
        var settings = SamplerSettings(seed: 3)
        settings.metric = metric
        settings.warmupSchedule = schedule
        settings.gradientCost = cost
        settings.threads = 1
        let run = try sample(density, settings: settings)
        var worst = Double.infinity
        for i in 0..<run.dimension {
          let values = run.chains.map { chain in
            (0..<run.drawCount).map { chain.positions[$0 * run.dimension + i] }
          }
          worst = min(worst, effectiveSize(values))
        }
        func sum(_ value: (ChainRun) -> Double) -> Double {
          run.chains.reduce(0) { $0 + value($1) }
        }
        let draws = sum { Double($0.statistics.count) }
        let sampled = sum { Double($0.samplingGradientEvaluations) }
        let warmed = sum { Double($0.warmupGradientEvaluations) }
        let seconds = sum { $0.warmupSeconds + $0.samplingSeconds }
        let dense = run.chains.count { $0.metric.isDense }
        print(
          "\(name), \(schedule), \(metric): dense \(dense)/4, leapfrogs/draw"
            + " \(Int(sampled / draws)), warmup/chain \(Int(warmed / 4)), min ESS \(Int(worst)),"
            + " ESS/1000 leapfrogs \(Int(worst / sampled * 1000)), ESS/s \(Int(worst / seconds)),"
            + " ms \(Int(seconds * 1e3)), divergences"
            + " \(Int(sum { Double($0.statistics.count { $0.isDivergent }) }))")
      }
    }
  }
}

/// Effective sample size by Geyer's initial monotone sequence over all chains.
func effectiveSize(_ chains: [[Double]]) -> Double {
  let n = chains[0].count
  let m = Double(chains.count)
  let means = chains.map { $0.reduce(0, +) / Double(n) }
  let grand = means.reduce(0, +) / m
  let between = means.reduce(0) { $0 + ($1 - grand) * ($1 - grand) } / (m - 1)
  func covariance(_ lag: Int) -> Double {
    var sum = 0.0
    for (chain, mean) in zip(chains, means) {
      for t in 0..<(n - lag) { sum += (chain[t] - mean) * (chain[t + lag] - mean) }
    }
    return sum / (m * Double(n))
  }
  let within = covariance(0) * Double(n) / Double(n - 1)
  let total = within * Double(n - 1) / Double(n) + between
  var time = -1.0
  var previous = Double.infinity
  var lag = 0
  while lag + 1 < n {
    func correlation(_ lag: Int) -> Double { 1 - (within - covariance(lag)) / total }
    let pair = min(previous, correlation(lag) + correlation(lag + 1))
    if pair < 0 { break }
    time += 2 * pair
    previous = pair
    lag += 2
  }
  return m * Double(n) / max(time, 1 / log10(m * Double(n)))
}
