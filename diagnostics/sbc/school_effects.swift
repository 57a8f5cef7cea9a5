// Effects in eight schools, non-centred, with priors that simulated data can come from.
// Source: Rubin (1981); the half-normal scale keeps simulated effects in a range that schools have.
import Bayes

@main struct SchoolEffects: Model {
  let school = Axis()
  @Observed(over: \Self.school) var y: Vector
  @Given(over: \Self.school) var sigma: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.school) var eta: Vector
  @Derived(over: \Self.school) var theta: Vector

  var body: some Density {
    mu ~ Normal(0, 5)
    tau ~ HalfNormal(5)
    eta ~ Normal(0, 1)
    theta <- mu + tau * eta
    y ~ Normal(theta, sigma)
  }
}
