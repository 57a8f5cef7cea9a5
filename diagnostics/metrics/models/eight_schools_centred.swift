// Eight schools with centred effects: a funnel in which every metric diverges.
import Bayes

@main struct EightSchoolsCentred: Model {
  let school = Axis()
  @Observed(over: \Self.school) var y: Vector
  @Given(over: \Self.school) var sigma: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.school) var theta: Vector

  var body: some Density {
    mu ~ Normal(0, 5)
    tau ~ HalfCauchy(5)
    theta ~ Normal(mu, tau)
    y ~ Normal(theta, sigma)
  }
}
