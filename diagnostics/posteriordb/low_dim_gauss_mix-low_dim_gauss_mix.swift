// Two Gaussians on a line, ordered means.
// Source: posteriordb low_dim_gauss_mix-low_dim_gauss_mix.
import Bayes

@main struct LowDimGaussMix: Model {
  let point = Axis()
  let component = Axis(2)
  @Observed(over: \Self.point) var y: Vector

  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Parameter var theta: Real

  var body: some Density {
    mu ~ Normal(0, 2).ordered()
    sigma ~ HalfNormal(2)
    theta ~ Beta(5, 5)
    y ~ Mixture([theta, 1 - theta], Normal(mu[0], sigma[0]), Normal(mu[1], sigma[1]))
  }
}
