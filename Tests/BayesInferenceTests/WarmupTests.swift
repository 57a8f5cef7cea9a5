// Warmup as data, step sizes and metrics.

import BayesNumerics
import Glibc
import Testing

@testable import BayesInference

@Suite("Warmup")
struct WarmupTests {
  @Test(
    "Stages follow each other without gaps and end with the step size",
    arguments: WarmupSchedule.allCases, [0, 1, 19, 20, 21, 50, 149, 150, 200, 500, 1000, 5000])
  func stagesCover(_ schedule: WarmupSchedule, _ warmup: Int) {
    let stages = WarmupStage.schedule(schedule, warmup: warmup)
    var next = 0
    for stage in stages {
      #expect(stage.iterations.lowerBound == next)
      #expect(!stage.iterations.isEmpty)
      next = stage.iterations.upperBound
    }
    #expect(next == warmup)
    #expect(warmup == 0 || stages.last?.kind == .stepSize)
  }

  @Test("Stan's schedule of 1000 iterations is the published one")
  func stanOfThousand() {
    let stages = WarmupStage.schedule(.stan, warmup: 1000)
    #expect(stages.map(\.iterations.upperBound) == [75, 100, 150, 250, 450, 950, 1000])
  }

  @Test(
    "Short schedules",
    arguments: [
      (WarmupSchedule.stan, 19, ["0..<19: step size"]),
      (
        .stan, 20,
        ["0..<3: step size", "3..<18: step size, metric from variances", "18..<20: step size"]
      ),
      (
        .stan, 150,
        ["0..<75: step size", "75..<100: step size, metric from variances", "100..<150: step size"]
      ),
      (.fisher, 19, ["0..<19: step size"]),
      (
        .fisher, 20,
        [
          "0..<10: step size, metric from draws and gradients, depth at most 6",
          "10..<17: step size, metric from draws and gradients", "17..<20: step size",
        ]
      ),
    ])
  func shortSchedules(_ schedule: WarmupSchedule, _ warmup: Int, _ expected: [String]) {
    #expect(WarmupStage.schedule(schedule, warmup: warmup).map(\.description) == expected)
  }

  @Test("The Fisher schedule of 1000 iterations: windows of 10, then 80, 120, …, then 150")
  func fisherOfThousand() {
    let ends = WarmupStage.schedule(.fisher, warmup: 1000).map(\.iterations.upperBound)
    #expect(ends == Array(stride(from: 10, through: 300, by: 10)) + [380, 500, 850, 1000])
  }

  @Test("Dual averaging finds the step size of a given acceptance", arguments: [0.6, 0.8, 0.95])
  func dualAveraging(_ target: Double) {
    // Acceptance exp(−ε): the answer is ε = −log target.
    var steps = DualAveraging(initial: 1, target: target)
    for _ in 0..<2000 { steps.update(acceptance: exp(-steps.stepSize)) }
    #expect(abs(steps.averaged / -log(target) - 1) < 0.1)
  }

  @Test("The first update of dual averaging is the formula's")
  func dualAveragingFirstUpdate() {
    var steps = DualAveraging(initial: 0.5, target: 0.8)
    steps.update(acceptance: 0.3)
    let deficit = (0.8 - 0.3) / 11
    #expect(abs(log(steps.stepSize) - (log(5) - deficit / 0.05)) < 1e-14)
    #expect(abs(steps.averaged - steps.stepSize) < 1e-14)
    steps.update(acceptance: .nan)
    let second = (1 - 1.0 / 12) * deficit + 0.8 / 12
    #expect(abs(log(steps.stepSize) - (log(5) - second * sqrt(2) / 0.05)) < 1e-13)
  }

  @Test(
    "The step-size search stops where the acceptance crosses 0.8", arguments: [1e-9, 0.1, 1, 1e5])
  func search(_ scale: Double) throws {
    let found = searchStepSize(from: 1) { stepSize, _ in exp(-stepSize / scale) }
    let crossing = -log(0.8) * scale
    #expect(found > crossing / 2 && found < 2 * crossing)
  }

  @Test("The step-size search shrinks from steps that are not finite and gives up in the end")
  func searchHopeless() {
    #expect(searchStepSize(from: 1) { _, _ in 0 } < 1e-25)
    #expect(searchStepSize(from: 1) { _, _ in 1 } <= 1e7)
    #expect(searchStepSize(from: 1) { stepSize, _ in stepSize > 1e-3 ? 0 : 1 } <= 1e-3)
  }

  @Test("The first metric is bounded around its median and 1 where a derivative is useless")
  func initialVariances() {
    let variances = MetricAdaptation.initialVariances(
      gradient: [1, 2, 4, 1e9, 1e-9, 0, .nan, .infinity], dimension: 8)
    #expect(variances == [1, 0.5, 0.25, 0.0005, 500, 1, 1, 1])
  }

  @Test("The Fisher metric is the exact covariance of a normal, from few and poor draws")
  func fisherIsExact() throws {
    // Two coordinates of sd 1 and 100, correlation 0.9; draws from one corner only.
    let covariance = [1.0, 90, 90, 10_000]
    let precision = [10_000.0, -90, -90, 1].map { $0 / (10_000 - 8100) }
    let draws = [5.0, 1, 5.1, 3, 4.9, -2, 5.2, 8, 5.05, 20]
    var gradients: [Double] = []
    for k in 0..<5 {
      let (x, y) = (draws[2 * k], draws[2 * k + 1])
      gradients += [
        -(precision[0] * x + precision[1] * y), -(precision[2] * x + precision[3] * y),
      ]
    }
    let estimate = try #require(
      DenseEstimate(draws: draws[...], gradients: gradients[...], scale: [1, 100]))
    let l = estimate.triangle
    let product = [l[0] * l[0], l[0] * l[2], l[2] * l[0], l[2] * l[2] + l[3] * l[3]]
    for (a, b) in zip(product, covariance) { #expect(abs(a / b - 1) < 0.05) }
  }

  @Test(
    "The identity has no gain; a long direction has its root",
    arguments: [([1.0, 1, 1], 1.0), ([100, 1, 1, 1], 10 * pow(0.750025, 0.25))])
  func gain(_ spectrum: [Double], _ expected: Double) throws {
    let n = spectrum.count
    var matrix = DenseMatrix.identity(n)
    for i in 0..<n { matrix[i, i] = spectrum[i] }
    let factor = try #require(cholesky(matrix))
    #expect(abs(DensePayoff.gain(covariance: matrix, factor: factor) - expected) < 1e-3)
  }
}
