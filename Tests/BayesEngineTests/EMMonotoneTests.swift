// The log-likelihood never falls: random problems, outliers and duplicates among them.

import BayesCore
import BayesInference
import BayesLanguage
import BayesNumerics
import Foundation
import Testing

@testable import BayesEngine

@Suite("EM never lowers the log-likelihood")
struct EMMonotoneTests {
  /// Few different sizes, so that kernels are compiled once; most problems are small.
  private static let sizes = [30, 30, 30, 57, 57, 57, 110, 110, 230, 230, 1000, 10_000]

  /// All thousand problems take minutes and run with BAYES_LONG_TESTS=1; a tenth of them always does.
  private static func problems(_ count: Int) -> StrideTo<Int> {
    let isLong = ProcessInfo.processInfo.environment["BAYES_LONG_TESTS"] == "1"
    return stride(from: 0, to: count, by: isLong ? 1 : 10)
  }

  /// Normals with outliers, rounded to duplicates, or all from one component.
  private static func sample(_ count: Int, _ problem: Int, _ random: inout RandomStream) -> [Double]
  {
    let separation = 6 * random.uniform()
    let spread = 0.05 + 2 * random.uniform()
    let share = random.uniform()
    return (0..<count).map { _ in
      var y =
        random.uniform() < share ? random.normal() : separation + spread * random.normal()
      if problem % 3 == 1, random.uniform() < 0.02 { y += 100 * random.normal() }
      if problem % 3 == 2 { y = (4 * y).rounded() / 4 }
      return y
    }
  }

  private static func options(_ problem: Int) -> EMOptions {
    var options = EMOptions(seed: UInt64(problem))
    options.driver.restarts = 2
    options.driver.maxIterations = 150
    options.driver.threads = 1
    options.driver.accelerates = problem % 2 == 0
    options.computesErrors = false
    return options
  }

  /// Fits a problem; a likelihood without maximum is no fall.
  private static func run(_ problem: Int, _ fit: (EMOptions) throws -> EMFit) throws -> EMRun? {
    do {
      return try fit(options(problem)).run
    } catch EngineError.noMaximum(let reasons) {
      #expect(!reasons.contains { $0.contains("fell") }, "problem \(problem): \(reasons)")
      return nil
    }
  }

  @Test("one dimension")
  func line() throws {
    var fitted = 0
    for problem in Self.problems(800) {
      var random = RandomStream(seed: 71, chain: problem, purpose: .simulation, iteration: 0)
      var model = NormalMixture()
      model.$y = Handle(
        Self.sample(Self.sizes[problem % Self.sizes.count], problem, &random))
      guard let run = try Self.run(problem, { try fitEM(model, options: $0) }) else { continue }
      fitted += 1
      #expect(run.falls.isEmpty, "problem \(problem)")
      for restart in run.restarts {
        #expect(zip(restart.path, restart.path.dropFirst()).allSatisfy { $0 <= $1 })
      }
    }
    #expect(fitted > 50)
  }

  @Test("two dimensions")
  func plane() throws {
    var fitted = 0
    for problem in Self.problems(200) {
      var random = RandomStream(seed: 72, chain: problem, purpose: .simulation, iteration: 0)
      let count = Self.sizes[problem % Self.sizes.count]
      let first = Self.sample(count, problem, &random)
      let second = Self.sample(count, problem + 1, &random)
      var model = PlaneMixture()
      model.$y = Handle(zip(first, second).map { [$0, $1 + 0.5 * $0] })
      guard let run = try Self.run(problem, { try fitEM(model, options: $0) }) else { continue }
      fitted += 1
      #expect(run.falls.isEmpty, "problem \(problem)")
    }
    #expect(fitted > 10)
  }
}
