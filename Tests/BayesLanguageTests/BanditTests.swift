// Declared bandits: what a round is, and what is said of mistakes.

import BayesCore
import BayesGraph
import Glibc
import Testing

@testable import BayesLanguage

private struct Offers: Bandit {
  let offer = Axis(["a", "b"]), feature = Axis(2), segment = Axis(["new", "old", "gone"])
  @Given(over: \Self.offer) var price: Vector
  @Given(over: \Self.offer, in: \Self.segment) var kindOf: Indices
  @Parameter(over: \Self.offer, \Self.feature) var slope: Matrix
  @Parameter(over: \Self.segment) var level: Vector
  @Action(over: \Self.offer, named: "offer shown") var made: Choice
  @Context(over: \Self.feature) var x: Vector
  @Context(in: \Self.segment) var who: Choice
  @Observed var bought: Real
  @Derived var reward: Real
  init() {
    $price = [2, 10]
    $kindOf = [2, 0]
  }
  var body: some Density {
    for k in 0..<offer.count { slope.row(k) ~ Normal(0, 1) }
    level ~ Normal(0, 3)
    let logit = level[who] + level[kindOf[made]] + slope[made, 1] + dot(slope[made], x)
    bought ~ Bernoulli(logit: logit)
    reward <- price[made] * logistic(logit)
  }
}

extension Matrix {
  /// An entry of the row that a choice names.
  fileprivate subscript(choice: Choice, column: Int) -> Real { self[choice][column] }
}

private func mistakes(_ model: some Bandit) -> [String] {
  do {
    _ = try traceRound(
      of: model, declared: BayesLanguage.declaration(of: model), arm: 0, context: [],
      parameters: .values)
    return []
  } catch let error as ModelError {
    return error.items.map(\.message)
  } catch {
    return ["\(error)"]
  }
}

private struct TwoActions: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var first: Choice
  @Action(over: \Self.arm) var second: Choice
  @Observed var y: Real
  var body: some Density {
    rate ~ Beta(1, 1)
    y ~ Bernoulli(rate[first] * rate[second])
  }
}

private struct Column: Bandit {
  let arm = Axis(2), row = Axis(3)
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed(over: \Self.row) var y: Vector
  var body: some Density {
    rate ~ Beta(1, 1)
    y ~ Bernoulli(rate[shown])
  }
}

private struct Heavy: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var mu: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed var y: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Cauchy(mu[shown], 1)
  }
}

private struct Infinite: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var mu: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed var y: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ StudentT(1, mu[shown], 1)
  }
}

private struct WholeVector: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed var y: Real
  var body: some Density {
    rate ~ Beta(1, 1)
    y ~ Bernoulli(rate)
  }
}

private struct LocalPrior: Bandit {
  let arm = Axis(2)
  @Parameter var mu: Real
  @Context var hour: Real
  @Action(over: \Self.arm) var shown: Choice
  @Observed var y: Real
  var body: some Density {
    mu ~ Normal(hour, 1)
    y ~ Normal(mu, 1)
  }
}

@Suite("Declared bandits") struct BanditTests {
  @Test("A declaration lists arms, contexts and reward as logs name them")
  func declaration() throws {
    let found = try BayesLanguage.declaration(of: Offers())
    #expect(found.model == "Offers")
    #expect(found.action == "offer shown")
    #expect(found.arms.labels == ["a", "b"])
    #expect(found.contexts.flatMap(\.columns) == ["x[1]", "x[2]", "who"])
    #expect(found.contextSize == 3)
    #expect(found.reward == "bought")
  }

  @Test("A round has the density and the mean reward of its arm and context", arguments: [0, 1])
  func round(_ arm: Int) throws {
    let declared = try BayesLanguage.declaration(of: Offers())
    let round = try traceRound(
      of: Offers(), declared: declared, arm: arm, context: [0, 0, 1], parameters: .values)
    #expect(round.parameters == 0..<7 && round.contexts == 7..<10 && round.observed == 10)
    let slope = [0.3, -0.2, 0.7, 1.1]
    let level = [0.5, -1, 2]
    let x = [1.5, -0.5]
    let position = slope + level + x + [.nan, 1]
    let own = [slope[2 * arm], slope[2 * arm + 1]]
    let logit = level[1] + level[arm == 0 ? 2 : 0] + own[1] + own[0] * x[0] + own[1] * x[1]
    let p = 1 / (1 + exp(-logit))
    let values = Interpreter(round.graph).values(
      of: [round.reward] + round.terms.map(\.total), at: position)
    #expect(abs(values[0][0] - (arm == 0 ? 2 : 10) * p) < 1e-12)
    #expect(round.terms.count == 1 && abs(values[1][0] - log(p)) < 1e-12)
    #expect(round.priors.count >= 2 && !round.isRewardObserved)
    let other = try traceRound(
      of: Offers(), declared: declared, arm: arm, context: [0, 0, 1], parameters: .coordinates)
    #expect(other.parameters == 0..<7 && other.model?.dimension == 7)
  }

  @Test(
    "Mistakes say what a bandit needs",
    arguments: [
      (
        Infinite(),
        "the mean of `y ~ StudentT` is not finite: degrees of freedom 1, expected more than 1; state what"
      ),
      (
        WholeVector(),
        "`y ~ Bernoulli`: probability of Bernoulli is a vector[2] beside a scalar; expected a scalar: one element, "
          + "as in rate[shown]"
      ),
      (
        TwoActions(),
        "a bandit has one @Action; TwoActions has `first` and `second`: write `@Action(over: "
      ),
      (
        Column(),
        "`y` is a vector; a round of a bandit brings one number, declared Real or Count without `over:`"
      ),
      (
        Heavy(),
        "the mean of `y ~ Cauchy` has no formula here; state what a round is worth: `@Derived var reward: Real` "
          + "and `reward <- …` in body"
      ),
      (
        LocalPrior(), "`mu ~ Normal` depends on the round: a prior is one for all rounds"
      ),
    ] as [(any Bandit & Sendable, String)])
  func slips(_ model: any Bandit & Sendable, _ expected: String) {
    let found = mistakes(model)
    #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
  }

  @Test("A bandit is no model of a table, and a choice belongs to a bandit")
  func misplaced() {
    struct Astray: Model {
      let arm = Axis(2)
      @Parameter(over: \Self.arm) var rate: Vector
      @Given var shown: Choice
      @Observed var y: Real
      var body: some Density {
        rate ~ Beta(1, 1)
        y ~ Bernoulli(rate[shown])
      }
    }
    let astray = messages(Astray(), "{\"y\": 1, \"shown\": 1}")
    #expect(
      astray.first
        == "`shown` is a Choice, which is of one round of a bandit; expected @Action or @Context")
    let table = messages(Heavy())
    #expect(
      table.contains {
        $0.hasPrefix("`shown` is @Action, of a bandit's rounds: `bayes bandit` runs")
      }, "\(table)")
  }

  @Test("Means of distributions are those of their draws", arguments: meanCases)
  func means(_ test: MeanCase) throws {
    let builder = GraphBuilder()
    let arguments = test.arguments.map { values in
      values.count == 1
        ? builder.constant(values[0]) : builder.data(values, shape: .vector(values.count))
    }
    let mean = try #require(test.distribution.mean(arguments))
    let value = Interpreter(builder.graph).values(of: [mean.id], at: [])[0][0]
    #expect(value == test.expected || abs(value - test.expected) < 1e-12 * max(1, abs(value)))
  }
}

struct MeanCase: Sendable, CustomTestStringConvertible {
  let distribution: any Distribution
  let arguments: [[Double]]
  let expected: Double
  var testDescription: String { "\(distribution.name) \(arguments)" }

  init(_ distribution: any Distribution, _ arguments: [[Double]], _ expected: Double) {
    (self.distribution, self.arguments, self.expected) = (distribution, arguments, expected)
  }
}

/// Closed forms of the textbooks, with numbers that SciPy gives too.
private let meanCases = [
  MeanCase(Normal(0, 1), [[2], [3]], 2), MeanCase(Laplace(0, 1), [[2], [3]], 2),
  MeanCase(Logistic(0, 1), [[2], [3]], 2), MeanCase(StudentT(1, 0, 1), [[3], [2], [5]], 2),
  MeanCase(StudentT(1, 0, 1), [[1], [2], [5]], .infinity),
  MeanCase(HalfNormal(1), [[2]], 1.5957691216057308),
  MeanCase(LogNormal(0, 1), [[0.5], [0.8]], 2.2704998375324057),
  MeanCase(Exponential(rate: 1), [[4]], 0.25),
  MeanCase(Gamma(shape: 1, rate: 1), [[3], [4]], 0.75),
  MeanCase(InverseGamma(shape: 1, scale: 1), [[3], [4]], 2),
  MeanCase(Beta(1, 1), [[3], [1]], 0.75),
  MeanCase(Uniform(0, 1), [[-1], [4]], 1.5), MeanCase(Bernoulli(0.5), [[0.3]], 0.3),
  MeanCase(Bernoulli(logit: 0), [[0.4]], 0.598687660112452),
  MeanCase(Binomial(1, 0.5), [[8], [0.25]], 2),
  MeanCase(Binomial(1, logit: 0), [[10], [0.4]], 5.98687660112452),
  MeanCase(Poisson(1), [[3.5]], 3.5), MeanCase(Poisson(logMean: 0), [[0.4]], 1.4918246976412703),
  MeanCase(NegativeBinomial(mean: 1, dispersion: 1), [[3], [2]], 3),
  MeanCase(Categorical(0.5), [[0.2, 0.3, 0.5]], 1.3),
  MeanCase(Categorical(logits: 0), [[0, 0, 0]], 1),
]
