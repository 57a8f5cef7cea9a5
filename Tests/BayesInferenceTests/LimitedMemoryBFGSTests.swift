// L-BFGS on functions with known minima, and on those that are nowhere defined at times.

import BayesNumerics
import Glibc
import Testing

@testable import BayesInference

private struct KnownMinimum: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let start: [Double]
  let minimum: [Double]
  var tolerance = 1e-6
  /// More evaluations than this show that the method has lost its speed.
  let mostEvaluations: Int
  let objective: @Sendable ([Double], inout [Double]) -> Double
}

private func rosenbrock(_ x: [Double], _ gradient: inout [Double]) -> Double {
  var value = 0.0
  for i in gradient.indices { gradient[i] = 0 }
  for i in 0..<x.count - 1 {
    let (a, b) = (1 - x[i], x[i + 1] - x[i] * x[i])
    value += a * a + 100 * b * b
    gradient[i] += -2 * a - 400 * b * x[i]
    gradient[i + 1] += 200 * b
  }
  return value
}

private let minima: [KnownMinimum] = [
  KnownMinimum(
    testDescription: "Rosenbrock's valley", start: [-1.2, 1], minimum: [1, 1],
    mostEvaluations: 80, objective: rosenbrock),
  KnownMinimum(
    testDescription: "Rosenbrock's valley in 20 dimensions",
    start: (0..<20).map { $0 % 2 == 0 ? -1.2 : 1 }, minimum: Array(repeating: 1, count: 20),
    mostEvaluations: 400, objective: rosenbrock),
  KnownMinimum(
    testDescription: "a quadratic over eight orders of magnitude",
    start: Array(repeating: 1, count: 9), minimum: (0..<9).map { Double($0) },
    mostEvaluations: 1500,
    objective: { x, gradient in
      var value = 0.0
      for i in x.indices {
        let scale = pow(10, Double(i))
        gradient[i] = scale * (x[i] - Double(i))
        value += 0.5 * gradient[i] * (x[i] - Double(i))
      }
      return value
    }),
  KnownMinimum(
    testDescription: "a function without value for negative arguments", start: [30, 1e-3, 0.5],
    minimum: [1, 1, 1], mostEvaluations: 80,
    objective: { x, gradient in
      var value = 0.0
      for i in x.indices {
        gradient[i] = 1 - 1 / x[i]
        value += x[i] - log(x[i])  // NaN below 0
      }
      return value
    }),
  KnownMinimum(
    testDescription: "a function that is infinite close to its minimum", start: [-5],
    minimum: [0.9], mostEvaluations: 80,
    objective: { x, gradient in
      // −log of (1 − x)·exp(10x), defined below 1.
      gradient[0] = x[0] < 1 ? 1 / (1 - x[0]) - 10 : .nan
      return x[0] < 1 ? -log(1 - x[0]) - 10 * x[0] : .infinity
    }),
]

@Suite("L-BFGS")
struct LimitedMemoryBFGSTests {
  @Test("Known minima are found", arguments: minima)
  private func known(_ problem: KnownMinimum) throws {
    var minimiser = LimitedMemoryBFGS(position: problem.start)
    let ending = try minimiser.minimise(maxIterations: 2000, problem.objective)
    #expect(ending == .gradient || ending == .value || ending == .noProgress, "\(ending)")
    for (found, expected) in zip(minimiser.position, problem.minimum) {
      #expect(abs(found - expected) < problem.tolerance)
    }
    #expect(minimiser.evaluations <= problem.mostEvaluations, "\(minimiser.evaluations)")
  }

  @Test("A logistic regression has the estimates of Newton's method")
  func logisticRegression() throws {
    var stream = RandomStream(seed: 5, chain: 0, purpose: .test, iteration: 0)
    let rows = (0..<200).map { _ in (x: stream.normal() * 3, u: stream.uniform()) }
    let data = rows.map { (x: $0.x, y: $0.u < 1 / (1 + exp(0.7 - 0.9 * $0.x)) ? 1.0 : 0.0) }
    var (a, b) = (0.0, 0.0)
    for _ in 0..<30 {
      var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for row in data {
        let p = 1 / (1 + exp(-a - b * row.x))
        let w = p * (1 - p)
        ga += row.y - p
        gb += (row.y - p) * row.x
        haa += w
        hab += w * row.x
        hbb += w * row.x * row.x
      }
      let determinant = haa * hbb - hab * hab
      a += (hbb * ga - hab * gb) / determinant
      b += (haa * gb - hab * ga) / determinant
    }
    var minimiser = LimitedMemoryBFGS(position: [0, 0])
    let ending = try minimiser.minimise(maxIterations: 100) { x, gradient in
      var value = 0.0
      gradient = [0, 0]
      for row in data {
        let t = x[0] + x[1] * row.x
        let p = 1 / (1 + exp(-t))
        value += log1p(exp(t)) - row.y * t
        gradient[0] += p - row.y
        gradient[1] += (p - row.y) * row.x
      }
      return value
    }
    #expect(ending == .gradient)
    #expect(abs(minimiser.position[0] - a) < 1e-7 && abs(minimiser.position[1] - b) < 1e-7)
  }

  @Test("A run in pieces passes through the points of a whole one")
  func resumes() throws {
    var whole = LimitedMemoryBFGS(position: [-1.2, 1])
    var pieces = whole
    #expect(try whole.minimise(maxIterations: 20, rosenbrock) == .iterationLimit)
    for _ in 0..<10 { _ = try pieces.minimise(maxIterations: 2, rosenbrock) }
    #expect(pieces.iterations == 20)
    #expect(pieces.position == whole.position && pieces.value == whole.value)
    #expect(pieces.evaluations == whole.evaluations)
  }

  @Test("A start without a value is said to be one")
  func badStart() throws {
    var minimiser = LimitedMemoryBFGS(position: [-1])
    let ending = try minimiser.minimise(maxIterations: 10) { x, gradient in
      gradient[0] = 1 / x[0]
      return log(x[0])
    }
    #expect(ending == .notFinite)
  }

  @Test("A gradient of the wrong sign ends without progress")
  func wrongGradient() throws {
    var minimiser = LimitedMemoryBFGS(position: [3])
    let ending = try minimiser.minimise(maxIterations: 10) { x, gradient in
      gradient[0] = -2 * x[0]
      return x[0] * x[0]
    }
    #expect(ending == .noProgress)
    #expect(minimiser.position == [3])
  }
}
