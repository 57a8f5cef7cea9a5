// Old Faithful's eruptions: groups in length and waiting time, each a Gaussian with its own covariance.
// Source: Azzalini & Bowman (1990), A look at some data on the Old Faithful geyser. Data: DATA.md.
import Bayes

@main struct GaussianMixture2D: Model {
  let point = Axis()
  let feature = Axis(["eruptions", "waiting"])
  let component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix

  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  /// Nothing orders the components, so that any number of them will do. Chains may number them differently:
  /// `bayes sample` then relabels the draws, and says so.
  var body: some Density {
    weights ~ Dirichlet(2)
    for k in 0..<component.count {
      mu.row(k) ~ Normal(Vector([3.5, 70]), Vector([1.5, 15]))
    }
    sigma ~ InverseWishart(degrees: 4, scale: diagonal(Vector([0.2, 40])))
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}
