// Draws made many at a time have the law of those made one by one.

import Glibc
import Testing

@testable import BayesNumerics

@Suite("Draws in bulk")
struct BulkVariateTests {
  @Test(
    "Gamma draws have the gamma distribution function",
    arguments: [0.05, 0.5, 0.99, 1, 1.5, 2, 5, 20, 1000])
  func gammas(_ shape: Double) {
    var stream = RandomStream(seed: 11, chain: 0, purpose: .test, iteration: 0)
    let shapes = Array(repeating: GammaShape(shape), count: 23)
    var draws = Array(repeating: 0.0, count: 23)
    let points = [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map { level in
      (level, point(level, shape))
    }
    var below = Array(repeating: 0, count: points.count)
    let rounds = 1500
    for _ in 0..<rounds {
      shapes.withUnsafeBufferPointer { shapes in
        draws.withUnsafeMutableBufferPointer { stream.fillGammas(shapes, into: $0) }
      }
      for (place, (_, x)) in points.enumerated() { below[place] += draws.count { $0 <= x } }
    }
    let count = Double(rounds * 23)
    for (place, (level, _)) in points.enumerated() {
      let error = (level * (1 - level) / count).squareRoot()
      #expect(abs(Double(below[place]) / count - level) < 4.5 * error, "level \(level)")
    }
  }

  @Test(
    "Odds of beta draws have the beta distribution function",
    arguments: [(0.05, 0.2), (0.5, 0.5), (1, 1), (2, 5), (30, 3), (400, 600)])
  func odds(_ a: Double, _ b: Double) {
    var stream = RandomStream(seed: 12, chain: 0, purpose: .test, iteration: 0)
    let shapes = (0..<5).flatMap { _ in [GammaShape(a), GammaShape(b)] }
    var draws = Array(repeating: 0.0, count: 5)
    var scratch = Array(repeating: 0.0, count: 10)
    let levels = [0.1, 0.5, 0.9]
    let points = levels.map { betaQuantile($0, a, b) }
    var below = [0, 0, 0]
    let rounds = 3000
    for _ in 0..<rounds {
      shapes.withUnsafeBufferPointer { shapes in
        draws.withUnsafeMutableBufferPointer { draws in
          scratch.withUnsafeMutableBufferPointer {
            stream.fillBetaOdds(shapes, into: draws, scratch: $0)
          }
        }
      }
      for odds in draws {
        for place in 0..<3 where odds <= points[place] / (1 - points[place]) { below[place] += 1 }
      }
    }
    let count = Double(rounds * 5)
    for place in 0..<3 {
      let error = (levels[place] * (1 - levels[place]) / count).squareRoot()
      #expect(abs(Double(below[place]) / count - levels[place]) < 4.5 * error)
    }
  }

  @Test("Uniform draws in bulk are those made one by one", arguments: [1, 2, 11, 12, 13, 50])
  func uniforms(_ count: Int) {
    for start in 0..<2 {
      var one = RandomStream(seed: 13, chain: 1, purpose: .test, iteration: count)
      for _ in 0..<start { _ = one.next() }
      var many = one
      var draws = Array(repeating: 0.0, count: count)
      draws.withUnsafeMutableBufferPointer { many.fillUniforms($0) }
      for draw in draws { #expect(draw == one.uniform()) }
      #expect(many.next() == one.next())
    }
  }

  @Test("A shape that is not positive gives NaN")
  func invalid() {
    var stream = RandomStream(seed: 14, chain: 0, purpose: .test, iteration: 0)
    let shapes = [GammaShape(-1), GammaShape(0), GammaShape(.nan), GammaShape(.infinity)]
    var draws = Array(repeating: 0.0, count: 4)
    shapes.withUnsafeBufferPointer { shapes in
      draws.withUnsafeMutableBufferPointer { stream.fillGammas(shapes, into: $0) }
    }
    #expect(draws.allSatisfy { $0.isNaN })
  }
}

/// The gamma quantile by bisection in the logarithm.
private func point(_ level: Double, _ shape: Double) -> Double {
  var (low, high) = (-800.0, log(shape + 40 * shape.squareRoot() + 40))
  for _ in 0..<200 {
    let middle = 0.5 * (low + high)
    if gammaCDF(exp(middle), shape: shape, rate: 1) < level { low = middle } else { high = middle }
  }
  return exp(low)
}
