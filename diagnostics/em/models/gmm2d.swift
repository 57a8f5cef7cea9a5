// Two bivariate normals: a known maximum.

import Bayes

@main struct GMM2D: Model {
  let point = Axis()
  let feature = Axis(["x1", "x2"])
  let component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 10)
    sigma ~ InverseWishart(degrees: 4, scale: diagonal(Vector([1, 1])))
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}
