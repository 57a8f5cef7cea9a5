// Random draws against the moments of their distributions, at fixed seeds.

import BayesGraph
import BayesNumerics
import Glibc
import Testing

@testable import BayesLanguage

/// A distribution with argument values and what its draws average to.
struct DrawCase: Sendable, CustomTestStringConvertible {
  let name: String
  let distribution: any Distribution
  let arguments: [[Double]]
  /// A statistic of one draw, its mean and its standard deviation.
  let statistics: [@Sendable (Double) -> Double]
  let expected: [(mean: Double, deviation: Double)]

  var testDescription: String { name }

  /// Mean and variance of draws with the given central moments.
  static func moments(
    _ name: String, _ distribution: any Distribution, _ arguments: [Double], mean: Double,
    variance: Double, fourth: Double
  ) -> DrawCase {
    DrawCase(
      name: name, distribution: distribution, arguments: arguments.map { [$0] },
      statistics: [{ $0 }, { ($0 - mean) * ($0 - mean) }],
      expected: [
        (mean, variance.squareRoot()),
        (variance, max(0, fourth - variance * variance).squareRoot()),
      ])
  }

  /// How often draws fall below three quantiles of known probability.
  static func quantiles(
    _ name: String, _ distribution: any Distribution, _ arguments: [[Double]],
    _ points: [(at: Double, probability: Double)]
  ) -> DrawCase {
    DrawCase(
      name: name, distribution: distribution, arguments: arguments,
      statistics: points.map { point in { $0 <= point.at ? 1 : 0 } },
      expected: points.map {
        ($0.probability, ($0.probability * (1 - $0.probability)).squareRoot())
      })
  }

  static let all: [DrawCase] = [
    moments("Normal", Normal(0, 1), [1.5, 2], mean: 1.5, variance: 4, fourth: 48),
    quantiles("HalfNormal", HalfNormal(1), [[2]], [(2, 0.682_689_492), (1, 0.382_924_923)]),
    quantiles(
      "LogNormal", LogNormal(0, 1), [[1], [0.5]], [(exp(1), 0.5), (exp(1.5), 0.841_344_746)]),
    quantiles(
      "StudentT", StudentT(1, 0, 1), [[3], [1], [2]], [(1, 0.5), (1 + 2 * 1.637_744_353_7, 0.9)]),
    quantiles("Cauchy", Cauchy(0, 1), [[1], [2]], [(1, 0.5), (3, 0.75), (-1, 0.25)]),
    quantiles("HalfCauchy", HalfCauchy(1), [[2]], [(2, 0.5), (2 * tan(3 * .pi / 8), 0.75)]),
    moments("Laplace", Laplace(0, 1), [1, 2], mean: 1, variance: 8, fourth: 384),
    moments(
      "Logistic", Logistic(0, 1), [1, 2], mean: 1, variance: 4 * .pi * .pi / 3,
      fourth: 4.2 * pow(4 * .pi * .pi / 3, 2)),
    moments("Exponential", Exponential(rate: 1), [0.5], mean: 2, variance: 4, fourth: 144),
    moments(
      "Gamma", Gamma(shape: 1, rate: 1), [3, 2], mean: 1.5, variance: 0.75, fourth: 5 * 0.5625),
    quantiles(
      "InverseGamma", InverseGamma(shape: 1, scale: 1), [[1], [2]],
      [(2 / log(2), 0.5), (2, exp(-1))]),
    moments("Beta", Beta(1, 1), [2, 2], mean: 0.5, variance: 0.05, fourth: 3.0 / 560),
    moments("Uniform", Uniform(0, 1), [-1, 3], mean: 1, variance: 16.0 / 12, fourth: 256.0 / 80),
    moments("Bernoulli", Bernoulli(0.5), [0.3], mean: 0.3, variance: 0.21, fourth: 0.21 * 0.37),
    moments(
      "Bernoulli(logit:)", Bernoulli(logit: 0), [log(3.0 / 7)], mean: 0.3, variance: 0.21,
      fourth: 0.21 * 0.37),
    moments(
      "Binomial", Binomial(1, 0.5), [10, 0.3], mean: 3, variance: 2.1,
      fourth: 2.1 * (1 + 3 * 8 * 0.21)),
    moments(
      "Binomial(logit:)", Binomial(1, logit: 0), [10, log(3.0 / 7)], mean: 3, variance: 2.1,
      fourth: 2.1 * (1 + 3 * 8 * 0.21)),
    moments("Poisson", Poisson(1), [4], mean: 4, variance: 4, fourth: 52),
    moments("Poisson(logMean:)", Poisson(logMean: 0), [log(4)], mean: 4, variance: 4, fourth: 52),
    moments(
      "NegativeBinomial", NegativeBinomial(mean: 1, dispersion: 1), [4, 2], mean: 4, variance: 12,
      fourth: 144 * (3 + 6.0 / 2 + 1.0 / 12)),
    moments(
      "NegativeBinomial(logMean:)", NegativeBinomial(logMean: 0, dispersion: 1), [log(4), 2],
      mean: 4,
      variance: 12, fourth: 144 * (3 + 6.0 / 2 + 1.0 / 12)),
    quantiles("Categorical", Categorical(0.5), [[0.2, 0.3, 0.5]], [(0, 0.2), (1, 0.5)]),
    quantiles(
      "Categorical(logits:)", Categorical(logits: 0), [[log(2) + 900, log(3) + 900, log(5) + 900]],
      [(0, 0.2), (1, 0.5)]),
    quantiles(
      "Mixture", Mixture(0.5, Normal(0, 1), Normal(0, 1)), [[0.3, 0.7], [-50], [1], [50], [1]],
      [(-50, 0.15), (0, 0.3), (50, 0.65)]),
    quantiles(
      "Mixture of scalar weights", Mixture([0.3, 0.7], Uniform(0, 1), Exponential(rate: 1)),
      [[0.3], [0.7], [0], [1], [1]], [(1, 0.3 + 0.7 * (1 - exp(-1)))]),
    quantiles("Narrowed", Normal(0, 1).positive, [[0], [1], [0]], [(0, 0), (1, 0.682_689_492)]),
  ]
}

@Suite("Random draws")
struct DistributionDrawTests {
  @Test("Draws have the moments or quantiles of their distribution", arguments: DrawCase.all)
  func moments(_ test: DrawCase) throws {
    var stream = RandomStream(seed: 20_26, chain: 0, purpose: .allCases[0], iteration: 0)
    let count = 20_000
    var sums = [Double](repeating: 0, count: test.statistics.count)
    for _ in 0..<count {
      let draw = try #require(test.distribution.draw(test.arguments, size: 1, using: &stream))
      for k in sums.indices { sums[k] += test.statistics[k](draw[0]) }
    }
    for (sum, expected) in zip(sums, test.expected) {
      let error = abs(sum / Double(count) - expected.mean)
      #expect(error <= 5 * expected.deviation / Double(count).squareRoot() + 1e-12)
    }
  }

  @Test("Dirichlet and multivariate normal draws have the right means and covariances")
  func vectors() throws {
    var stream = RandomStream(seed: 7, chain: 0, purpose: .allCases[0], iteration: 0)
    let covariance = [2.0, 0.6, 0.6, 0.5]
    let factor = [sqrt(2), 0, 0.6 / sqrt(2), sqrt(0.32)]
    let count = 20_000
    var cross = [0.0, 0.0]
    var proportions = [0.0, 0.0, 0.0]
    for _ in 0..<count {
      let x = try #require(
        MultivariateNormal(0, covariance: 1).draw([[1, -1], covariance], size: 2, using: &stream))
      let y = try #require(
        MultivariateNormal(0, cholesky: 1).draw([[1], factor], size: 2, using: &stream))
      cross[0] += (x[0] - 1) * (x[1] + 1)
      cross[1] += (y[0] - 1) * (y[1] - 1)
      let p = try #require(Dirichlet(1).draw([[1, 2, 5]], size: 3, using: &stream))
      for k in 0..<3 { proportions[k] += p[k] }
    }
    // Var(xy) = s11 s22 + s12² = 1.36; the beta marginals' variances are at most 0.027.
    for sum in cross {
      #expect(abs(sum / Double(count) - 0.6) < 5 * (1.36 / Double(count)).squareRoot())
    }
    for (sum, mean) in zip(proportions, [0.125, 0.25, 0.625]) {
      #expect(abs(sum / Double(count) - mean) < 5 * (0.027 / Double(count)).squareRoot())
    }
  }

  @Test("Multinomial draws sum to the trials and have the right means and covariances")
  func multinomial() throws {
    var stream = RandomStream(seed: 8, chain: 0, purpose: .allCases[0], iteration: 0)
    let (trials, p) = (12.0, [0.5, 0.0, 0.2, 0.3])
    let count = 20_000
    var sums = [0.0, 0.0, 0.0, 0.0]
    var cross = 0.0
    for _ in 0..<count {
      let x = try #require(Multinomial(1, 0.5).draw([[trials], p], size: 4, using: &stream))
      #expect(x.reduce(0, +) == trials)
      for k in 0..<4 { sums[k] += x[k] }
      cross += (x[0] - trials * p[0]) * (x[3] - trials * p[3])
    }
    for (sum, probability) in zip(sums, p) {
      let error = (trials * probability * (1 - probability) / Double(count)).squareRoot()
      #expect(abs(sum / Double(count) - trials * probability) <= 5 * error)
    }
    // The covariance is -n p q; its Monte Carlo error is about the product of the deviations.
    #expect(
      abs(cross / Double(count) + trials * 0.15) < 5 * trials * 0.23 / Double(count).squareRoot())
  }

  @Test("A flat density has no draws")
  func flat() {
    var stream = RandomStream(seed: 1, chain: 0, purpose: .allCases[0], iteration: 0)
    #expect(Flat().draw([], size: 1, using: &stream) == nil)
    #expect(Flat().positive.draw([[0]], size: 1, using: &stream) == nil)
    #expect(Flat().simplex().draw([], size: 3, using: &stream) == nil)
  }

  @Test("Ordered draws of exponentials have the spacings' means")
  func ordered() throws {
    var stream = RandomStream(seed: 3, chain: 0, purpose: .allCases[0], iteration: 0)
    let distribution = Exponential(rate: 1).ordered()
    var sums = [0.0, 0.0, 0.0]
    let count = 20_000
    for _ in 0..<count {
      let x = try #require(distribution.draw([[1]], size: 3, using: &stream))
      for k in 0..<3 { sums[k] += x[k] }
    }
    for (sum, mean) in zip(sums, [1.0 / 3, 5.0 / 6, 11.0 / 6]) {
      #expect(abs(sum / Double(count) - mean) < 5 * 1.17 / Double(count).squareRoot())
    }
  }

  @Test("A stream determines its draws")
  func deterministic() {
    for test in DrawCase.all {
      var a = RandomStream(seed: 1, chain: 2, purpose: .allCases[0], iteration: 3)
      var b = a
      #expect(
        test.distribution.draw(test.arguments, size: 1, using: &a)
          == test.distribution.draw(test.arguments, size: 1, using: &b))
    }
  }
}
