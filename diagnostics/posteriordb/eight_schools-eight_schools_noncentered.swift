// Coaching effects in eight schools, non-centred.
// Source: posteriordb eight_schools-eight_schools_noncentered (Rubin 1981).
import Bayes

@main struct EightSchoolsNoncentered: Model {
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
