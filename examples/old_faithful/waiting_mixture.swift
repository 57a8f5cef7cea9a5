// Old Faithful's waiting times without their order: two groups, each Gaussian.
import Bayes

@main struct WaitingMixture: Model {
  let eruption = Axis()
  let group = Axis(["short", "long"])
  @Observed(over: \Self.eruption) var waiting: Vector

  @Parameter(over: \Self.group) var weights: Vector
  @Parameter(over: \Self.group) var mu: Vector
  @Parameter(over: \Self.group) var sigma: Vector
  @Latent(over: \Self.eruption, in: \Self.group) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(70, 20).ordered()
    sigma ~ HalfNormal(10)
    z ~ Categorical(weights)
    waiting ~ Normal(mu[z], sigma[z])
  }
}
