// What any log density must satisfy, checked for the tests' own densities.

import BayesCore
import BayesNumerics
import Glibc
import Testing

/// Checks a density at random points: finite differences, determinism, independence of evaluators.
enum LogDensityConformance {
  /// What is wrong with the density; empty where nothing is.
  static func violations(of density: some LogDensity, points: Int = 5) throws -> [String] {
    var found: [String] = []
    let n = density.dimension
    let first = try density.makeEvaluator()
    let second = try density.makeEvaluator()
    func evaluate(_ q: [Double], _ evaluator: any LogDensityEvaluator) throws -> (Double, [Double])
    {
      // A guard beyond the end and stale content: neither may matter.
      var gradient = [Double](repeating: 1e300, count: n + 1)
      let value = try evaluator.logDensity(at: q, gradient: &gradient)
      if gradient[n] != 1e300 { found.append("writes beyond the gradient's end") }
      return (value, Array(gradient.prefix(n)))
    }
    for point in 0..<points {
      var random = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: point)
      let q = (0..<n).map { _ in 2 * random.uniform() - 1 }
      let (value, gradient) = try evaluate(q, first)
      let other = try evaluate(q.map { $0 + 0.5 }, first)
      let again = try evaluate(q, first)
      let fresh = try evaluate(q, second)
      if again.0 != value || again.1 != gradient { found.append("not deterministic at \(q)") }
      if fresh.0 != value || fresh.1 != gradient { found.append("evaluators differ at \(q)") }
      if n > 0, other.0 == value { found.append("the same value at two points") }
      for i in 0..<n {
        // Fourth-order central difference.
        let h = 1e-3 * max(1e-3, min(1, 1 / (1e-3 + abs(gradient[i]))))
        func at(_ k: Double) throws -> Double {
          var moved = q
          moved[i] += k * h
          return try evaluate(moved, second).0
        }
        let slope = try (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
        let noise = 1e-15 * abs(value) / h
        if abs(slope - gradient[i]) > 1e-6 * (1 + abs(slope)) + 10 * noise {
          found.append("derivative \(i) is \(gradient[i]), by differences \(slope)")
        }
      }
    }
    return found
  }
}

@Suite("Conformance of log densities")
struct LogDensityConformanceTests {
  static let densities: [(String, ClosureDensity)] = [
    ("normal", Densities.normal(4)),
    ("dimension 0", Densities.normal(0)),
    ("equicorrelated", Densities.equicorrelated(5, 0.9)),
    ("pairs", Densities.pairs(2, 0.9)),
    ("eight schools", Densities.eightSchools),
    ("funnel", Densities.funnel(4)),
    ("student t", Densities.studentT(3, 4)),
    ("log exponential", Densities.logExponential(2)),
    ("banana", Densities.banana),
  ]

  @Test("The tests' densities conform", arguments: densities)
  func densitiesConform(_ name: String, _ density: ClosureDensity) throws {
    #expect(try LogDensityConformance.violations(of: density) == [])
  }

  @Test("A wrong gradient is found")
  func wrongGradient() throws {
    let wrong = ClosureDensity(1) { q, g in
      g[0] = -q[0] * 1.001
      return -0.5 * q[0] * q[0]
    }
    #expect(try !LogDensityConformance.violations(of: wrong).isEmpty)
  }
}
