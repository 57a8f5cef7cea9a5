// Old Faithful's waiting times in their order: after a short one comes a long one.
// Source: Zucchini & MacDonald (2009), Hidden Markov Models for Time Series, chapter 10. Data: DATA.md.
import Bayes

@main struct HMMGaussian: Model {
  let eruption = Axis()
  let state = Axis(["short", "long"])
  @Observed(over: \Self.eruption) var waiting: Vector

  @Parameter(over: \Self.state) var start: Vector
  @Parameter(over: \Self.state, \Self.state) var move: Matrix
  @Parameter(over: \Self.state) var mu: Vector
  @Parameter(over: \Self.state) var sigma: Vector
  @Latent(over: \Self.eruption, in: \Self.state) var z: Labels

  var body: some Density {
    start ~ Dirichlet(1)
    move ~ Dirichlet(1)
    mu ~ Normal(70, 20).ordered()
    sigma ~ HalfNormal(10)
    z ~ MarkovChain(initial: start, transition: move)
    waiting ~ Normal(mu[z], sigma[z])
  }
}
