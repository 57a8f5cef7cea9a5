// Models that the tests of EM fit, one per family of components.

import BayesCore
import BayesLanguage
import Foundation

@testable import BayesEngine

/// The data of a fixture.
func emFixture(_ name: String) throws -> DataSet {
  try readCSV("\(emFixtureFolder)/\(name).csv")
}

let emFixtureFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Fixtures/em").path

/// Two normals in order.
struct NormalMixture: Model {
  let point = Axis(), component = Axis(2)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 2).ordered()
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}

/// Bivariate normals with covariances of their own.
struct PlaneMixture: Model {
  let point = Axis(), feature: Axis, component: Axis
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  init(_ features: [String] = ["x1", "x2"], components: Int = 2) {
    feature = Axis(features)
    component = Axis(components)
  }
  init() { self.init(["x1", "x2"]) }

  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 100)
    sigma
      ~ InverseWishart(
        degrees: Double(feature.count) + 2,
        scale: diagonal(Vector([Double](repeating: 1, count: feature.count))))
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}

/// Poisson counts with exposures.
struct PoissonMixture: Model {
  let row = Axis(), component = Axis(2)
  @Given(over: \Self.row) var exposure: Vector
  @Observed(over: \Self.row) var y: Counts
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var rate: Vector
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    rate ~ Gamma(shape: 2, rate: 1)
    z ~ Categorical(weights)
    y ~ Poisson(exposure * rate[z])
  }
}

/// Gamma waiting times.
struct GammaMixture: Model {
  let row = Axis(), component = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var shape: Vector
  @Parameter(over: \Self.component) var rate: Vector
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    shape ~ Gamma(shape: 2, rate: 0.5)
    rate ~ Gamma(shape: 2, rate: 0.5)
    z ~ Categorical(weights)
    y ~ Gamma(shape: shape[z], rate: rate[z])
  }
}

/// Exponential waiting times.
struct ExponentialMixture: Model {
  let row = Axis(), component = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var rate: Vector
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    rate ~ Gamma(shape: 1, rate: 1)
    z ~ Categorical(weights)
    y ~ Exponential(rate: rate[z])
  }
}

/// Successes of two kinds of coin.
struct BinomialMixture: Model {
  let row = Axis(), component = Axis(2)
  @Given(over: \Self.row) var trials: Counts
  @Observed(over: \Self.row) var successes: Counts
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var p: Vector
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    p ~ Beta(2, 2)
    z ~ Categorical(weights)
    successes ~ Binomial(trials, p[z])
  }
}

/// Texts of several kinds, each a row of counts of words.
struct TextMixture: Model {
  let text = Axis(), kind = Axis(3)
  let word = Axis(["word1", "word2", "word3", "word4", "word5"])
  @Observed(over: \Self.text, \Self.word) var counts: Matrix
  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter(over: \Self.kind, \Self.word) var p: Matrix
  @Latent(over: \Self.text, in: \Self.kind) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    p ~ Dirichlet(1.5)
    z ~ Categorical(weights)
    counts ~ Multinomial(rowSums(counts), p[z])
  }
}

/// Lengths of texts of two kinds, and counts of their words, whose proportions depend on the source alone.
struct SourceMixture: Model {
  let text = Axis(), kind = Axis(2), source = Axis(2)
  let word = Axis(["word1", "word2", "word3"])
  @Observed(over: \Self.text) var length: Vector
  @Observed(over: \Self.text, \Self.word) var counts: Matrix
  @Given(over: \Self.text, in: \Self.source) var sourceOf: Indices
  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Parameter(over: \Self.source, \Self.word) var p: Matrix
  @Latent(over: \Self.text, in: \Self.kind) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    mu ~ Normal(0, 10)
    p ~ Dirichlet(1.5)
    z ~ Categorical(weights)
    length ~ Normal(mu[z], 1)
    counts ~ Multinomial(rowSums(counts), p[sourceOf])
  }
}

/// Two lines with a common slope and scales of their own.
struct LineMixture: Model {
  let row = Axis(), component = Axis(2)
  @Given(over: \Self.row) var x: Vector
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var intercept: Vector
  @Parameter var slope: Real
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    intercept ~ Normal(0, 5)
    slope ~ Normal(0, 5)
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(intercept[z] + slope * x, sigma[z])
  }
}

/// Heavy tails, which have no closed form.
struct StudentMixture: Model {
  let row = Axis(), component = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter var scale: Real
  @Latent(over: \Self.row, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 3)
    scale ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ StudentT(4, mu[z], scale)
  }
}
