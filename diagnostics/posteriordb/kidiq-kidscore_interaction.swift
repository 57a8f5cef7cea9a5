// Children's test scores on the mother's schooling, her IQ and their interaction.
// Source: posteriordb kidiq-kidscore_interaction (Gelman & Hill 2007, chapter 3).
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct KidscoreInteraction: Model {
  let child = Axis()
  let coefficient = Axis(4)
  @Observed(over: \Self.child) var kid_score: Vector
  @Given(over: \Self.child) var mom_hs: Vector
  @Given(over: \Self.child) var mom_iq: Vector

  @Parameter(over: \Self.coefficient) var beta: Vector
  @Parameter var sigma: Real

  var expected: Vector {
    beta[0] + beta[1] * mom_hs + beta[2] * mom_iq + beta[3] * (mom_hs * mom_iq)
  }

  var body: some Density {
    beta ~ Flat()
    sigma ~ HalfCauchy(2.5)
    kid_score ~ Normal(expected, sigma)
  }
}
