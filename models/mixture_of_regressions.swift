// Two lines through one cloud of points: which point belongs to which line is unknown.
// Source: DeSarbo & Cron (1988), A maximum likelihood methodology for clusterwise linear regression. Data: DATA.md.
import Bayes

@main struct MixtureOfRegressions: Model {
  let point = Axis()
  let line = Axis(2)
  @Given(over: \Self.point) var x: Vector
  @Observed(over: \Self.point) var y: Vector

  @Parameter(over: \Self.line) var weights: Vector
  @Parameter(over: \Self.line) var intercept: Vector
  @Parameter(over: \Self.line) var slope: Vector
  @Parameter(over: \Self.line) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.line) var z: Labels

  var body: some Density {
    weights ~ Dirichlet(2)
    intercept ~ Normal(0, 3).ordered()
    slope ~ Normal(0, 2)
    sigma ~ HalfNormal(1)
    z ~ Categorical(weights)
    y ~ Normal(intercept[z] + slope[z] * x, sigma[z])
  }
}
