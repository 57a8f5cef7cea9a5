// Fisher's iris as a mixture of normals: many local maxima and unbounded ones.

import Bayes

@main struct Iris: Model {
  let flower = Axis()
  let feature = Axis(["sepal_length", "sepal_width", "petal_length", "petal_width"])
  let component = Axis(3)
  @Observed(over: \Self.flower, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.flower, in: \Self.component) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(3, 3)
    sigma ~ InverseWishart(degrees: 6, scale: diagonal(Vector([1, 1, 1, 1])))
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}
