import Glibc
import Testing

@testable import BayesNumerics

/// A distribution's draws and its distribution function.
struct ContinuousCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let draw: @Sendable (inout RandomStream) -> Double
  let cdf: @Sendable (Double) -> Double
}

/// A distribution of counts, by its mean and variance.
struct CountCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let mean: Double
  let variance: Double
  let draw: @Sendable (inout RandomStream) -> Double
}

@Suite struct VariateTests {
  static let continuous: [ContinuousCase] =
    [
      ContinuousCase(testDescription: "normal", draw: { $0.normal() }, cdf: { normalCDF($0) }),
      ContinuousCase(
        testDescription: "exponential", draw: { $0.exponential() },
        cdf: { gammaCDF($0, shape: 1, rate: 1) }),
      ContinuousCase(
        testDescription: "cauchy", draw: { $0.cauchy(location: 1, scale: 2) },
        cdf: { 0.5 + atan(($0 - 1) / 2) / .pi }),
      ContinuousCase(
        testDescription: "laplace", draw: { $0.laplace(location: 1, scale: 2) },
        cdf: { $0 < 1 ? 0.5 * exp(($0 - 1) / 2) : 1 - 0.5 * exp((1 - $0) / 2) }),
      ContinuousCase(
        testDescription: "logistic", draw: { $0.logistic(location: 1, scale: 2) },
        cdf: { logistic(($0 - 1) / 2) }),
      ContinuousCase(
        testDescription: "logNormal", draw: { $0.logNormal(location: 1, scale: 0.5) },
        cdf: { normalCDF((log($0) - 1) / 0.5) }),
      ContinuousCase(
        testDescription: "studentT(1)", draw: { $0.studentT(degrees: 1) },
        cdf: { 0.5 + atan($0) / .pi }),
      ContinuousCase(
        testDescription: "studentT(2)", draw: { $0.studentT(degrees: 2) },
        cdf: { 0.5 + $0 / (2 * (2 + $0 * $0).squareRoot()) }),
      ContinuousCase(
        testDescription: "studentT(infinity)", draw: { $0.studentT(degrees: .infinity) },
        cdf: { normalCDF($0) }),
      ContinuousCase(
        testDescription: "inverseGamma(3, 2)", draw: { $0.inverseGamma(shape: 3, scale: 2) },
        cdf: { 1 - gammaCDF(1 / $0, shape: 3, rate: 2) }),
      ContinuousCase(
        testDescription: "chiSquared(5)", draw: { $0.chiSquared(degrees: 5) },
        cdf: { gammaCDF($0, shape: 2.5, rate: 0.5) }),
      ContinuousCase(
        testDescription: "dirichlet's first of (0.5, 2, 3)",
        draw: { $0.dirichlet([0.5, 2, 3])[0] }, cdf: { betaCDF($0, 0.5, 5) }),
    ]
    + [0.001, 0.1, 0.9, 1, 1.5, 10, 1e4].map { shape in
      ContinuousCase(
        testDescription: "logGamma(\(shape))", draw: { $0.logGamma(shape: shape) },
        // Below exp(-40) the leading term of the distribution function is all of it.
        cdf: {
          $0 < -40
            ? exp(shape * $0 - logGamma(1 + shape)) : gammaCDF(exp($0), shape: shape, rate: 1)
        })
    }
    + [0.3, 2.5, 700].map { shape in
      ContinuousCase(
        testDescription: "gamma(\(shape), 3)", draw: { $0.gamma(shape: shape, rate: 3) },
        cdf: { gammaCDF($0, shape: shape, rate: 3) })
    }
    + [(0.5, 0.5), (2, 3), (0.2, 0.3), (300, 20)].map { a, b in
      ContinuousCase(
        testDescription: "beta(\(a), \(b))", draw: { $0.beta(a, b) }, cdf: { betaCDF($0, a, b) })
    }

  @Test("Continuous draws fill twenty equal probability cells alike", arguments: continuous)
  func fillsCells(test: ContinuousCase) {
    var stream = RandomStream(seed: 11, chain: 0, purpose: .test, iteration: 0)
    let draws = 40_000
    var counts = [Int](repeating: 0, count: 20)
    for _ in 0..<draws {
      let p = test.cdf(test.draw(&stream))
      #expect(p >= 0 && p <= 1)
      counts[Int(Swift.min(p * 20, 19))] += 1
    }
    let expected = Double(draws) / 20
    let chiSquared = counts.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    // The distribution of the statistic: chi-squared with 19 degrees of freedom.
    #expect(gammaCDF(chiSquared / 2, shape: 9.5, rate: 1) < 1 - 1e-6, "cells \(counts)")
  }

  static let counts: [CountCase] =
    [0, 0.1, 3, 9.9, 10.1, 150, 1e6, 3e9, 1e14].map { mean in
      CountCase(
        testDescription: "poisson(\(mean))", mean: mean, variance: mean,
        draw: { $0.poisson(mean: mean) })
    }
    + [
      (0, 0.5), (1, 0.3), (10, 0), (10, 1), (13, 0.6), (40, 0.02), (500, 0.3), (500, 0.9),
      (1e6, 0.4), (3e9, 0.25), (1e14, 0.7), (1e14, 1e-13),
    ].map { (trials: Double, p: Double) in
      CountCase(
        testDescription: "binomial(\(trials), \(p))", mean: trials * p,
        variance: trials * p * (1 - p),
        draw: { $0.binomial(trials: trials, probability: p) })
    }
    + [(3, 0.5), (0.2, 10), (1000, 2), (5, Double.infinity), (0, 1)].map { mean, dispersion in
      CountCase(
        testDescription: "negativeBinomial(\(mean), \(dispersion))", mean: mean,
        variance: mean + mean * mean / dispersion,
        draw: { $0.negativeBinomial(mean: mean, dispersion: dispersion) })
    }

  @Test("Draws of counts are whole and have their mean and variance", arguments: counts)
  func momentsOfCounts(test: CountCase) {
    var stream = RandomStream(seed: 12, chain: 0, purpose: .test, iteration: 0)
    let draws = 20_000
    let values = (0..<draws).map { _ in test.draw(&stream) }
    #expect(values.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
    let deviations = values.map { $0 - test.mean }
    let meanDeviation = deviations.reduce(0, +) / Double(draws)
    let squares = deviations.map { $0 * $0 }
    let variance = squares.reduce(0, +) / Double(draws)
    let spread = squares.reduce(0.0) { $0 + ($1 - variance) * ($1 - variance) } / Double(draws)
    #expect(abs(meanDeviation) <= 5 * (test.variance / Double(draws)).squareRoot())
    #expect(abs(variance - test.variance) <= 5 * (spread / Double(draws)).squareRoot() + 1e-12)
  }

  @Test("Poisson and binomial draws have their probabilities, value by value")
  func smallCounts() {
    var stream = RandomStream(seed: 13, chain: 0, purpose: .test, iteration: 0)
    let draws = 50_000
    var poisson = [Int](repeating: 0, count: 40)
    var binomial = [Int](repeating: 0, count: 40)
    for _ in 0..<draws {
      poisson[Int(stream.poisson(mean: 4))] += 1
      binomial[Int(stream.binomial(trials: 30, probability: 0.4))] += 1
    }
    for k in 0..<20 {
      let x = Double(k)
      let ofPoisson = exp(x * log(4) - 4 - logGamma(x + 1))
      let ofBinomial = exp(
        logGamma(31) - logGamma(x + 1) - logGamma(31 - x) + x * log(0.4) + (30 - x) * log(0.6))
      for (count, p) in [(poisson[k], ofPoisson), (binomial[k], ofBinomial)] {
        let error = (Double(draws) * p * (1 - p)).squareRoot()
        #expect(abs(Double(count) - Double(draws) * p) <= 5 * error + 1)
      }
    }
  }

  @Test("Normal draws have their tail probabilities beyond the ziggurat's last edge")
  func normalTails() {
    var stream = RandomStream(seed: 14, chain: 0, purpose: .test, iteration: 0)
    let draws = 2_000_000
    var beyond = [3.0: 0, 3.654: 0, 4.0: 0, 4.5: 0]
    var sums = [Double](repeating: 0, count: 4)
    for _ in 0..<draws {
      let z = stream.normal()
      if abs(z) > 3 { for edge in beyond.keys where abs(z) > edge { beyond[edge]! += 1 } }
      var power = 1.0
      for k in 0..<4 {
        power *= z
        sums[k] += power
      }
    }
    for (edge, count) in beyond {
      let expected = Double(draws) * 2 * normalCDF(-edge)
      #expect(abs(Double(count) - expected) <= 5 * expected.squareRoot() + 1)
    }
    // The moments 0, 1, 0, 3 and the variances of their estimates 1, 2, 15, 96, per draw.
    for (k, (moment, variance)) in [(0.0, 1.0), (1, 2), (0, 15), (3, 96)].enumerated() {
      #expect(abs(sums[k] / Double(draws) - moment) <= 5 * (variance / Double(draws)).squareRoot())
    }
  }

  @Test("A filled buffer holds the draws that single calls would give")
  func fills() {
    var one = RandomStream(seed: 15, chain: 1, purpose: .test, iteration: 2)
    var other = one
    var filled = [Double](repeating: 0, count: 1001)
    filled.withUnsafeMutableBufferPointer { one.fillNormals($0) }
    let single = filled.map { _ in other.normal() }
    #expect(filled == single)
    #expect(one.next() == other.next())
  }

  @Test("The logarithm of a gamma draw stays finite where the draw underflows")
  func smallShapes() {
    var stream = RandomStream(seed: 16, chain: 0, purpose: .test, iteration: 0)
    let logs = (0..<1000).map { _ in stream.logGamma(shape: 1e-6) }
    #expect(logs.allSatisfy { $0.isFinite })
    let underflows = logs.count { exp($0) == 0 }
    #expect(underflows > 900)
    let proportions = stream.dirichlet([1e-6, 1e-6, 1e-6])
    #expect(abs(proportions.reduce(0, +) - 1) < 1e-12)
  }

  @Test("Categories come with their weights' proportions, those of weight 0 never")
  func categories() {
    var stream = RandomStream(seed: 17, chain: 0, purpose: .test, iteration: 0)
    let weights: [Double] = [0, 1, 3, 0, 6, 0]
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<50_000 { counts[stream.categorical(weights)!] += 1 }
    for (count, weight) in zip(counts, weights) {
      let p = weight / 10
      #expect(abs(Double(count) - 50_000 * p) <= 5 * (50_000 * p * (1 - p)).squareRoot())
    }
    for bad in [[], [0, 0], [1, -1], [1, .nan], [.infinity, 1]] as [[Double]] {
      #expect(stream.categorical(bad) == nil)
    }
  }

  @Test("Parameters outside a distribution's domain give NaN")
  func outsideDomain() {
    var stream = RandomStream(seed: 18, chain: 0, purpose: .test, iteration: 0)
    let draws = [
      stream.gamma(shape: 0, rate: 1), stream.gamma(shape: 1, rate: -1),
      stream.gamma(shape: .nan, rate: 1), stream.gamma(shape: .infinity, rate: 1),
      stream.beta(0, 1), stream.inverseGamma(shape: 1, scale: 0), stream.studentT(degrees: 0),
      stream.cauchy(scale: -1), stream.laplace(scale: 0), stream.logistic(scale: .nan),
      stream.logNormal(scale: -1), stream.poisson(mean: -1), stream.poisson(mean: .infinity),
      stream.binomial(trials: -1, probability: 0.5), stream.binomial(trials: 1.5, probability: 0.5),
      stream.binomial(trials: 3, probability: 1.5),
      stream.negativeBinomial(mean: -1, dispersion: 1),
      stream.negativeBinomial(mean: 1, dispersion: 0), stream.dirichlet([1, -1])[0],
    ]
    for (position, draw) in draws.enumerated() { #expect(draw.isNaN, "draw \(position)") }
  }
}
