// Beliefs of declared bandits: what is recognised, what is learnt, and how it agrees with sampling.

import BayesCore
import BayesLanguage
import BayesNumerics
import Testing

@testable import BayesBandits

private func stream(_ seed: UInt64) -> RandomStream {
  RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: 0)
}

private func exact(_ model: some Bandit) throws -> any ArmBelief {
  var options = BeliefOptions(seed: 1)
  options.method = .exact
  return try BanditModel(model).belief(options)
}

/// Mean and variance of each arm's mean reward over draws.
private func moments(
  _ belief: any ArmBelief, _ context: [Double] = [], draws: Int = 20_000
) throws -> (means: [Double], variances: [Double]) {
  var random = stream(77)
  var sums = [Double](repeating: 0, count: belief.armCount)
  var squares = sums
  for _ in 0..<draws {
    for (k, x) in try belief.drawMeans(context: context, using: &random).enumerated() {
      sums[k] += x
      squares[k] += x * x
    }
  }
  let n = Double(draws)
  return (sums.map { $0 / n }, zip(sums, squares).map { $1 / n - $0 * $0 / (n * n) })
}

@Suite("Beliefs in closed form")
struct ConjugateBeliefTests {
  @Test("Bernoulli rewards are added to a beta posterior")
  func beta() throws {
    var belief = try exact(ClickThrough())
    for reward in [1.0, 0, 1, 1] { try belief.observe(arm: 1, reward: reward, context: []) }
    try belief.observe(arm: 2, reward: 0, context: [])
    #expect(try belief.means(context: []) == [1 / 3.0, 4 / 7.0, 1 / 4.0])
    let (means, variances) = try moments(belief)
    for (k, (a, b)) in [(1.0, 2.0), (4, 3), (1, 3)].enumerated() {
      let variance = a * b / ((a + b) * (a + b) * (a + b + 1))
      #expect(abs(means[k] - a / (a + b)) < 5 * (variance / 20_000).squareRoot())
      #expect(abs(variances[k] / variance - 1) < 0.06)
    }
    #expect(
      belief.explanation == "rate: Beta, learnt in closed form from Bernoulli rewards")
    #expect(throws: BeliefError.impossibleReward(0.5, expected: "0 or 1")) {
      try belief.observe(arm: 0, reward: 0.5, context: [])
    }
    #expect(throws: BeliefError.unknownArm(3, count: 3)) {
      try belief.observe(arm: 3, reward: 1, context: [])
    }
    #expect(belief.observationCount == 5)
  }

  @Test("Counts learn a rate from an exposure that is part of the context")
  func gamma() throws {
    var belief = try exact(Calls())
    try belief.observe(arm: 0, reward: 7, context: [2])
    try belief.observe(arm: 0, reward: 1, context: [0.5])
    #expect(try belief.means(context: [3]) == [3 * 10 / 3.0, 3 * 2 / 0.5])
    #expect(throws: BeliefError.impossibleReward(-1, expected: "a whole number from 0")) {
      try belief.observe(arm: 0, reward: -1, context: [1])
    }
    #expect(
      throws: BeliefError.impossibleContext(
        expected: "a context that multiplies the rate by a positive number")
    ) {
      try belief.observe(arm: 0, reward: 1, context: [-1])
    }
    #expect(throws: BeliefError.wrongContext(found: 0, expected: 1)) {
      try belief.observe(arm: 0, reward: 1, context: [])
    }
  }

  @Test("A stated reward need not be the mean of what is observed, nor linear")
  func statedReward() throws {
    var waiting = try exact(Waiting())
    for time in [0.5, 1.5, 1] { try waiting.observe(arm: 1, reward: time, context: []) }
    // rate ~ Gamma(4, 5): E[1 / rate] = 5 / 3. The prior of the other, Gamma(1, 2), has none.
    let (means, variances) = try moments(waiting)
    #expect(abs(means[1] + 5 / 3.0) < 5 * (variances[1] / 20_000).squareRoot())
    var sales = try exact(Sales())
    try sales.observe(arm: 1, reward: 2, context: [])
    let expected = [8 * 5 * 0.5, 8 * 20 * 3 / 10.0]
    for (a, b) in zip(try sales.means(context: []), expected) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("Categories learn a Dirichlet posterior; the reward is the category's number")
  func dirichlet() throws {
    var belief = try exact(Stars())
    for stars in [4.0, 4, 3] { try belief.observe(arm: 0, reward: stars, context: []) }
    let p = [1, 2, 3, 3, 3].map { Double($0) / 12 }
    let mean = p.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
    #expect(abs(try belief.means(context: [])[0] - mean) < 1e-12)
    #expect(abs(try belief.means(context: [])[1] - 2) < 1e-12)
    #expect(throws: BeliefError.impossibleReward(5, expected: "a category from 0 to 4")) {
      try belief.observe(arm: 0, reward: 5, context: [])
    }
  }

  @Test("Means with a common centre are one joint normal: a reward of one arm moves all")
  func jointNormal() throws {
    var belief = try exact(Partners())
    for y in [3.0, 2.0] { try belief.observe(arm: 0, reward: y, context: []) }
    // By hand: mean_k = centre + e_k, so that Cov(mean_j, mean_k) = 4 + δ_jk / 4; two rewards with mean 2.5.
    let variance = 4.25 + 1.5 * 1.5 / 2
    let first = 1 + 4.25 / variance * 1.5
    let other = 1 + 4 / variance * 1.5
    for (a, b) in zip(try belief.means(context: []), [first, other, other]) {
      #expect(abs(a - b) < 1e-12)
    }
    let (_, variances) = try moments(belief)
    #expect(abs(variances[0] / (4.25 - 4.25 * 4.25 / variance) - 1) < 0.06)
    #expect(abs(variances[1] / (4.25 - 16 / variance) - 1) < 0.06)
  }

  @Test("An unknown variance gives Student's t: the closed form of normal–inverse-gamma")
  func unknownVariance() throws {
    var belief = try exact(Unknown())
    let rewards = [1.0, 2.5, 0.5, 3]
    for y in rewards { try belief.observe(arm: 0, reward: y, context: []) }
    let (kappa, n) = (0.25, 4.0)
    let mean = 7 / n
    let posterior = (kappa * 0.5 + n * mean) / (kappa + n)
    let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let a = 3 + n / 2
    let b = 2 + 0.5 * squares + 0.5 * kappa * n * (mean - 0.5) * (mean - 0.5) / (kappa + n)
    #expect(abs(try belief.means(context: [])[0] - posterior) < 1e-12)
    // The variance of the location is b / ((a − 1)(κ + n)).
    let (_, variances) = try moments(belief)
    #expect(abs(variances[0] / (b / ((a - 1) * (kappa + n))) - 1) < 0.08)
  }

  @Test("Coefficients of contexts agree with the solution of the normal equations")
  func regression() throws {
    var belief = try exact(Lines())
    var random = stream(4)
    // Order of parameters: slope a, slope b, level.
    var precision = DenseMatrix(rows: 6, columns: 6)
    for i in 0..<6 { precision[i, i] = i < 4 ? 1 : 1 / 9.0 }
    var shift = [Double](repeating: 0, count: 6)
    for round in 0..<50 {
      let (arm, segment) = (round % 2, round % 3 == 0 ? 1 : 0)
      let x = [random.normal(), random.normal()]
      let y = random.normal()
      try belief.observe(arm: arm, reward: y, context: x + [Double(segment)])
      var row = [Double](repeating: 0, count: 6)
      row[2 * arm] = x[0]
      row[2 * arm + 1] = x[1]
      row[4 + segment] = 1
      for i in 0..<6 {
        shift[i] += row[i] * y / 0.25
        for j in 0..<6 { precision[i, j] += row[i] * row[j] / 0.25 }
      }
    }
    let factor = try #require(cholesky(precision))
    let right = DenseMatrix(rows: 6, columns: 1, values: shift)
    let forward = solveTriangular(lower: factor, right)
    let solution = solveTriangular(lower: factor, forward, transposed: true).values
    let means = try belief.means(context: [0.3, -1, 1])
    for arm in 0..<2 {
      let slopes = 0.3 * solution[2 * arm] - solution[2 * arm + 1]
      let expected = slopes + solution[5]
      #expect(abs(means[arm] - expected) < 1e-10)
    }
    #expect(throws: BeliefError.contextOutside(position: 2, size: 2)) {
      try belief.means(context: [0, 0, 2])
    }
  }

  @Test("A saved state is taken over, a foreign one refused")
  func state() throws {
    var belief = try exact(Unknown())
    for y in [1.0, 2.5] { try belief.observe(arm: 0, reward: y, context: []) }
    var other = try exact(Unknown())
    try other.restore(belief.state)
    #expect(other.state == belief.state)
    #expect(try other.means(context: []) == belief.means(context: []))
    #expect(throws: BeliefError.foreignState) { try other.restore([1, 2]) }
    var third = try exact(ClickThrough())
    #expect(throws: BeliefError.foreignState) { try third.restore(belief.state) }
  }

  @Test("What has no closed form says which statement is to blame")
  func refusals() throws {
    let error = #expect(throws: BeliefError.self) { try exact(Hierarchy()) }
    #expect("\(error!)".contains("`tau ~ HalfNormal` ("))
    struct Narrow: Bandit {
      let arm = Axis(2)
      @Parameter(.bounded(0, 0.5), over: \Self.arm) var rate: Vector
      @Action(over: \Self.arm) var shown: Choice
      @Observed var clicked: Real
      var body: some Density {
        rate ~ Beta(1, 1)
        clicked ~ Bernoulli(rate[shown])
      }
    }
    let narrow = #expect(throws: BeliefError.self) { try exact(Narrow()) }
    #expect("\(narrow!)".contains("the support of rate is between 0 and 0.5"))
  }
}
