// A hidden Markov chain of five states, five-dimensional Gaussians: what hmmlearn's GaussianHMM fits.
import Bayes

@main struct GaussianChain5D: Model {
  let step = Axis()
  let feature = Axis(5)
  let state = Axis(5)
  @Observed(over: \Self.step, \Self.feature) var y: Matrix

  @Parameter(over: \Self.state) var start: Vector
  @Parameter(over: \Self.state, \Self.state) var move: Matrix
  @Parameter(over: \Self.state, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.state, \Self.feature, \Self.feature) var sigma: Matrices
  @Latent(over: \Self.step, in: \Self.state) var z: Labels

  var body: some Density {
    start ~ Dirichlet(1)
    move ~ Dirichlet(1)
    mu ~ Normal(0, 10)
    sigma ~ InverseWishart(degrees: 7, scale: diagonal(Vector([1, 1, 1, 1, 1])))
    z ~ MarkovChain(initial: start, transition: move)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}
