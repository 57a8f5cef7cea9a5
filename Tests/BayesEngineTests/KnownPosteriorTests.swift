// Posteriors that are known exactly, sampled from code.

import BayesCore
import BayesEngine
import BayesLanguage
import BayesNumerics
import Foundation
import Testing

private struct NormalKnownSD: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var mu: Real
  var body: some Density {
    mu ~ Normal(0, 10)
    y ~ Normal(mu, 1.5)
  }
}

private struct NormalUnknown: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var mu: Real
  @Parameter var sigma: Real
  var body: some Density {
    mu ~ Normal(0, 10)
    sigma ~ HalfNormal(5)
    y ~ Normal(mu, sigma)
  }
}

private struct LogisticRegression: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Counts
  @Given(over: \Self.row) var x: Vector
  @Parameter var alpha: Real
  @Parameter var beta: Real
  var body: some Density {
    alpha ~ Normal(0, 2)
    beta ~ Normal(0, 2)
    y ~ Bernoulli(logit: alpha + beta * x)
  }
}

private struct PoissonRegression: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Counts
  @Given(over: \Self.row) var x: Vector
  @Parameter var alpha: Real
  @Parameter var beta: Real
  var body: some Density {
    alpha ~ Normal(0, 2)
    beta ~ Normal(0, 2)
    y ~ Poisson(logMean: alpha + beta * x)
  }
}

private struct BetaBinomial: Model {
  @Given var trials: Count
  @Observed var successes: Count
  @Parameter var theta: Real
  var body: some Density {
    theta ~ Beta(2, 2)
    successes ~ Binomial(trials, theta)
  }
}

/// Also depends on the numbers of a prior further up, for simulation.
private struct Hierarchy: Model {
  let group = Axis(4)
  @Observed(over: \Self.group) var y: Vector
  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.group) var eta: Vector
  @Derived(over: \Self.group) var theta: Vector
  var body: some Density {
    mu ~ Normal(0, 2)
    tau ~ Gamma(shape: 3, rate: 3)
    eta ~ Normal(0, 1)
    theta <- mu + tau * eta
    y ~ Normal(theta, 1)
  }
}

private let fixtures =
  URL(filePath: #filePath).deletingLastPathComponent()
  .path(percentEncoded: false) + "Fixtures/"

private func posterior(_ name: String) throws -> JSONValue {
  let all = try parseJSON(path: fixtures + "posteriors.json")["posteriors"]?.array ?? []
  return try #require(all.first { $0["name"]?.string == name })
}

@Suite struct KnownPosteriorTests {
  private static let models: [(String, any Model)] = [
    ("normal_known_sd", NormalKnownSD()), ("normal_unknown", NormalUnknown()),
    ("logistic_regression", LogisticRegression()), ("poisson_regression", PoissonRegression()),
    ("beta_binomial", BetaBinomial()),
  ]

  @Test(
    "Means and sds are exact within five Monte Carlo errors", arguments: models.indices,
    [SamplerChoice.nuts, .hmc])
  func known(_ index: Int, _ sampler: SamplerChoice) throws {
    let (name, model) = Self.models[index]
    let reference = try posterior(name)
    let data = try dataSet(from: try #require(reference["data"]), path: "posteriors.json")
    let fit = try model.sample(seed: 11, data: data) {
      if sampler == .hmc { $0.algorithm = .hmc(leapfrogs: 7) }
    }
    #expect(fit.summary.health.divergences == 0)
    for quantity in fit.summary.quantities {
      let truth = try #require(reference["posterior"]?[quantity.name])
      let error = try #require(quantity.mcseMean.number)
      let mean = try #require(truth["mean"]?.number)
      let sd = try #require(truth["sd"]?.number)
      #expect(abs(quantity.mean! - mean) < 5 * error, "\(quantity.name)")
      // The sd of a nearly normal posterior has a Monte Carlo error of sd / √(2 ESS).
      #expect(abs(quantity.sd! / sd - 1) < 8 * error / sd, "\(quantity.name)")
    }
  }

  @Test("Handles give typed draws") func handles() throws {
    var model = Hierarchy()
    model.$y = [1, 2, 3, 4]
    let fit = try model.sample(seed: 5, chains: 2, warmup: 200, draws: 50)
    #expect(fit[model.$mu].count == 2)
    #expect(fit[model.$mu][1].count == 50)
    #expect(fit[model.$theta][0][0].count == 4)
    let (mu, tau) = (fit[model.$mu][0][9], fit[model.$tau][0][9])
    let (eta, theta) = (fit[model.$eta][0][9], fit[model.$theta][0][9])
    for k in 0..<4 { #expect(abs(mu + tau * eta[k] - theta[k]) < 1e-12) }
    #expect(fit["theta[2]"]?[0][9] == theta[1])
  }

  @Test("A seed gives the same draws, whatever the number of threads") func reproducible() throws {
    var model = Hierarchy()
    model.$y = [1, 2, 3, 4]
    let one = try model.sample(seed: 3, warmup: 150, draws: 40) { $0.threads = 1 }
    let four = try model.sample(seed: 3, warmup: 150, draws: 40) { $0.threads = 4 }
    #expect(one.draws.chains == four.draws.chains)
  }

  @Test("Constrained points go to positions and back") func points() throws {
    var model = Hierarchy()
    model.$y = [1, 2, 3, 4]
    let compiled = try CompiledModel(model)
    let point = try dataSet(
      from: parseJSON(text: #"{"mu": 1, "tau": 2, "eta": [0.1, 0.2, 0.3, 0.4]}"#), path: "point")
    let position = try compiled.position(of: point)
    #expect(position.count == 6)
    #expect(position[0] == 1)
    #expect(abs(exp(position[1]) - 2) < 1e-12)
    let value = try compiled.density(at: position)
    #expect(abs(value.logDensityUnconstrained - value.logDensity - log(2.0)) < 1e-12)
    #expect(throws: EngineError.wrongLength(found: 2, expected: 6)) {
      try compiled.density(at: [0, 0])
    }
  }

  @Test("Simulated data have the prior predictive's moments") func simulation() throws {
    var model = Hierarchy()
    model.$y = [0, 0, 0, 0]
    let simulator = try PriorSimulator(model)
    var sum = 0.0
    var squares = 0.0
    let count = 4000
    for index in 0..<count {
      var stream = RandomStream(seed: 9, chain: index, purpose: .test, iteration: 0)
      let simulation = try simulator.simulate(using: &stream)
      guard case .numbers(_, let y) = simulation.data["y"]!.value else { continue }
      sum += y[0]
      squares += y[0] * y[0]
    }
    // Var y = Var mu + E tau² + 1 = 4 + (1/3 + 1) + 1.
    #expect(abs(sum / Double(count)) < 5 * (6.34 / Double(count)).squareRoot())
    #expect(abs(squares / Double(count) - 6.333) < 0.8)
  }

  @Test("Ranks of simulation-based calibration are uniform") func calibration() throws {
    var model = Hierarchy()
    model.$y = [0, 0, 0, 0]
    let ranks = try calibrationRanks(
      of: model, simulations: 60, draws: 19, thinning: 5, warmup: 300, seed: 4)
    #expect(ranks.names.count == 10)
    for quantity in ranks.names.indices {
      #expect(ranks.uniformity(of: quantity, bins: 5) > 1e-5, "\(ranks.names[quantity])")
    }
  }
}

/// The samplers that the table above runs.
enum SamplerChoice: Sendable { case nuts, hmc }
