// Quiet and restless years: the number of large earthquakes a year, a mixture of two Poissons.
// Source: Zucchini & MacDonald (2009), Hidden Markov Models for Time Series, section 1.2. Data: DATA.md.
import Bayes

@main struct PoissonMixture: Model {
  let year = Axis()
  let kind = Axis(2)
  @Observed(over: \Self.year) var earthquakes: Counts

  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter(over: \Self.kind) var rate: Vector
  @Latent(over: \Self.year, in: \Self.kind) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(4)
    rate ~ Gamma(shape: 4, rate: 0.2).ordered()
    z ~ Categorical(weights)
    earthquakes ~ Poisson(rate[z])
  }
}
