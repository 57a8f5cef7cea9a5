// Prints what a leapfrog step and a draw cost beyond the gradient; asserts nothing.

import BayesCore
import Glibc
import Testing

@testable import BayesInference

/// Iid normals in vector code: as cheap as a gradient can be.
private struct CheapNormal: LogDensity {
  let dimension: Int
  func makeEvaluator() -> any LogDensityEvaluator { Evaluator(dimension) }

  final class Evaluator: LogDensityEvaluator {
    let dimension: Int
    init(_ dimension: Int) { self.dimension = dimension }

    func logDensity(
      at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
    ) -> Double {
      var sums = SIMD2<Double>.zero
      let pairs = dimension / 2
      for i in 0..<pairs {
        let q = SIMD2(position[2 * i], position[2 * i + 1])
        sums += q * q
        gradient[2 * i] = -q.x
        gradient[2 * i + 1] = -q.y
      }
      var sum = sums.sum()
      if dimension % 2 == 1 {
        let q = position[dimension - 1]
        sum += q * q
        gradient[dimension - 1] = -q
      }
      return -0.5 * sum
    }
  }
}

/// Dimensions to measure; BAYES_BENCHMARK may list its own.
private let sizes: [Int] = {
  let named = getenv("BAYES_BENCHMARK").map { String(cString: $0) } ?? ""
  let listed = named.split(separator: ",").compactMap { Int($0) }
  return listed.count > 0 && listed != [1] ? listed : [1, 2, 5, 10, 26, 50, 64, 100, 400, 2500]
}()

@Suite(
  "Benchmarks, printed only",
  .enabled(if: getenv("BAYES_BENCHMARK") != nil, "set BAYES_BENCHMARK=1"))
struct StepBenchmark {
  /// Nanoseconds per gradient of the trivial density.
  private func gradientCost(_ n: Int) throws -> Double {
    let evaluator = CheapNormal(dimension: n).makeEvaluator()
    let q = UnsafeMutablePointer<Double>.allocate(capacity: n + 4)
    let g = UnsafeMutablePointer<Double>.allocate(capacity: n + 4)
    defer {
      q.deallocate()
      g.deallocate()
    }
    for i in 0..<n { q[i] = 0.1 }
    let repeats = 20_000_000 / (n + 20)
    let start = threadSeconds()
    var sum = 0.0
    for _ in 0..<repeats {
      sum += try evaluator.logDensity(at: q, gradient: g)
      q[0] = g[0]
    }
    precondition(sum.isFinite)
    return (threadSeconds() - start) / Double(repeats) * 1e9
  }

  @Test("Cost of a leapfrog step and of a draw", .serialized, arguments: sizes)
  func stepCost(_ n: Int) throws {
    let gradient = try gradientCost(n)
    for metric in [MetricChoice.diagonal, .dense] {
      if metric == .dense && n > 100 { continue }
      func cost(_ algorithm: SamplerAlgorithm, _ draws: Int) throws -> (Double, Double, Double) {
        var settings = SamplerSettings(seed: 1)
        settings.chains = 1
        settings.metric = metric
        settings.algorithm = algorithm
        settings.warmup = 300
        settings.draws = draws
        let run = try sample(CheapNormal(dimension: n), settings: settings).chains[0]
        let steps = Double(run.samplingGradientEvaluations)
        return (
          run.samplingSeconds / steps * 1e9 - gradient,
          run.samplingSeconds / Double(draws) * 1e9, run.warmupSeconds * 1e6
        )
      }
      let draws = 20_000_000 / (n * 8 + 100)
      let nuts = try cost(.nuts, draws)
      let long = try cost(.hmc(leapfrogs: 500), max(20, draws / 60))
      func f(_ x: Double) -> String { "\((x * 10).rounded() / 10)" }
      print(
        "n \(n) \(metric): gradient \(f(gradient)) ns; beyond it a step costs \(f(long.0)) ns"
          + " (static), \(f(nuts.0)) ns (NUTS with all per-draw work;"
          + " limit \(200 + 5 * n)); a draw \(f(nuts.1)) ns; 300 warmup draws \(f(nuts.2)) µs")
    }
  }
}
