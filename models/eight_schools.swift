// Coaching effects in eight schools, partially pooled; non-centred, so that a small tau is no obstacle.
// Source: Rubin (1981); Gelman et al., Bayesian Data Analysis, section 5.5. Data: DATA.md.
import Bayes

@main struct EightSchools: Model {
  let school = Axis()
  @Observed(over: \Self.school) var y: Vector
  @Given(over: \Self.school) var sigma: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.school) var eta: Vector
  @Derived(over: \Self.school) var theta: Vector

  var body: some Density {
    mu ~ Normal(0, 5)
    tau ~ HalfCauchy(5)
    eta ~ Normal(0, 1)
    theta <- mu + tau * eta
    y ~ Normal(theta, sigma)
  }
}
