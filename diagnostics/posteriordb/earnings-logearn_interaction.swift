// Log earnings on height, sex and their interaction.
// Source: posteriordb earnings-logearn_interaction (Gelman & Hill 2007, chapter 4).
import Bayes

@main struct LogearnInteraction: Model {
  let person = Axis()
  let coefficient = Axis(4)
  @Observed(over: \Self.person) var earn: Vector
  @Given(over: \Self.person) var height: Vector
  @Given(over: \Self.person) var male: Vector

  @Parameter(over: \Self.coefficient) var beta: Vector
  @Parameter var sigma: Real

  var expected: Vector {
    beta[0] + beta[1] * height + beta[2] * male + beta[3] * (height * male)
  }

  var body: some Density {
    beta ~ Flat()
    sigma ~ Flat().positive
    log(earn) ~ Normal(expected, sigma)
  }
}
