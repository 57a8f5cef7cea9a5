// The model of models/eight_schools.swift, as a part of a program.
import Bayes

struct EightSchools: Model {
  let school = Axis(["Choate", "Deerfield", "Andover", "Exeter", "Hotchkiss", "Lawrenceville", "St. Paul's", "Mt. Hermon"])
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
