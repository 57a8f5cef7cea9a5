// Two overlapping groups of points, each Gaussian; the order of the means tells the groups apart.
// Source: posteriordb, low_dim_gauss_mix. Data: DATA.md.
import Bayes

@main struct GaussianMixture: Model {
  let point = Axis()
  let component = Axis(2)
  @Observed(over: \Self.point) var y: Vector

  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(5)
    mu ~ Normal(0, 2).ordered()
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}
