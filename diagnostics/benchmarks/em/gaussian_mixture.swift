// Ten Gaussians of ten dimensions, each with its own covariance: what scikit-learn's GaussianMixture fits.
import Bayes

@main struct GaussianMixture10D: Model {
  let point = Axis()
  let feature = Axis(10)
  let component = Axis(10)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix

  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 10)
    sigma ~ InverseWishart(degrees: 12, scale: diagonal(Vector([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])))
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}
