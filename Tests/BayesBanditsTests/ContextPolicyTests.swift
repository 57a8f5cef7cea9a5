// Policies that read contexts, against direct solutions.

import BayesBandits
import BayesNumerics
import Glibc
import Testing

/// Contexts and rewards of one arm.
private func observations(_ count: Int, _ dimension: Int) -> (x: [[Double]], y: [Double]) {
  var stream = RandomStream(seed: 31, chain: 0, purpose: .test, iteration: 0)
  let x = (0..<count).map { _ in (0..<dimension).map { _ in stream.normal() } }
  let y = x.map { row in
    row.enumerated().reduce(0.5 * stream.normal()) { $0 + $1.element * (Double($1.offset) - 1.5) }
  }
  return (x, y)
}

@Suite("Policies with contexts")
struct ContextPolicyTests {
  @Test("The posterior of linear Thompson is the least-squares solution after 3 000 rewards")
  func linear() throws {
    let (deviation, prior, dimension) = (0.5, 2.0, 4)
    var policy = LinearThompson(
      deviation: deviation, prior: prior, armCount: 2, contextSize: dimension)
    let (x, y) = observations(3000, dimension)
    for (x, y) in zip(x, y) { policy.update(arm: 1, reward: y, context: x.span) }
    // Ridge regression as least squares with a row more for each coefficient.
    let ridge = deviation / prior
    var design = (0..<dimension).map { column in x.map { $0[column] } }
    for column in 0..<dimension {
      design[column] += (0..<dimension).map { $0 == column ? ridge : 0 }
    }
    let direct = leastSquaresFactor(
      design: design, response: y + Array(repeating: 0, count: dimension))
    let found = policy.posterior(of: 1)
    for (a, b) in zip(found.mean, direct.coefficients) { #expect(abs(a - b) < 1e-11) }
    // Covariance times the precision of the posterior is the identity.
    for i in 0..<dimension {
      for j in 0..<dimension {
        var product = 0.0
        for k in 0..<dimension {
          let precision = design[k].indices.reduce(0) { $0 + design[k][$1] * design[j][$1] }
          product += found.covariance[i * dimension + k] * precision / (deviation * deviation)
        }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-10)
      }
    }
    #expect(policy.posterior(of: 0).mean == [0, 0, 0, 0])
  }

  @Test("Linear and logistic Thompson choose with the probability to be best in the context")
  func frequencies() throws {
    func check(_ policy: some PropensityPolicy) throws {
      let context = [0.3, -1.2, 0.8]
      let expected = try policy.choiceProbabilities(context: context.span)
      var stream = RandomStream(seed: 32, chain: 0, purpose: .test, iteration: 0)
      var counts = [0.0, 0.0, 0.0]
      for _ in 0..<10_000 {
        var copy = policy
        counts[copy.choose(context: context.span, using: &stream)] += 1
      }
      for (count, p) in zip(counts, expected) {
        #expect(abs(count / 10_000 - p) < 4.5 * (p * (1 - p) / 10_000).squareRoot())
      }
    }
    let (x, y) = observations(30, 3)
    var linear = LinearThompson(armCount: 3, contextSize: 3)
    var logistic = LogisticThompson(armCount: 3, contextSize: 3)
    for (place, (x, y)) in zip(x, y).enumerated() {
      linear.update(arm: place % 3, reward: y, context: x.span)
      logistic.update(arm: place % 3, reward: y > 0 ? 1 : 0, context: x.span)
    }
    try check(linear)
    try check(logistic)
  }

  @Test("One reward moves logistic Thompson to the exact mode, with the curvature there")
  func laplace() {
    let x = [0.7, -1.1, 2.0]
    var policy = LogisticThompson(prior: 1.5, armCount: 1, contextSize: 3)
    policy.update(arm: 0, reward: 1, context: x.span)
    let (mode, covariance) = policy.posterior(of: 0)
    // The gradient of log prior and log likelihood is 0 at the mode.
    let score = zip(mode, x).reduce(0) { $0 + $1.0 * $1.1 }
    for (m, x) in zip(mode, x) {
      #expect(abs((1 - logistic(score)) * x - m / 2.25) < 1e-12)
    }
    // The inverse of prior precision plus curvature.
    let weight = logistic(score) * (1 - logistic(score))
    for i in 0..<3 {
      for j in 0..<3 {
        var product = 0.0
        for k in 0..<3 {
          product += covariance[3 * i + k] * ((k == j ? 1 / 2.25 : 0) + weight * x[k] * x[j])
        }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test("LinUCB's first bound is α times the length of the context over the root of the ridge")
  func firstBound() {
    // With equal bounds all arms tie; a reward makes one arm's bound narrower and its mean larger.
    var policy = LinUCB(alpha: 0.1, ridge: 4, armCount: 2, contextSize: 2)
    let x = [1.0, 2.0]
    #expect(policy.choiceProbabilities(context: x.span) == [0.5, 0.5])
    policy.update(arm: 1, reward: 3, context: x.span)
    #expect(policy.choiceProbabilities(context: x.span) == [0, 1])
  }
}
