// Children's test scores on the mother's IQ.
// Source: posteriordb kidiq-kidscore_momiq (Gelman & Hill 2007, chapter 3).
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct KidscoreMomiq: Model {
  let child = Axis()
  let coefficient = Axis(2)
  @Observed(over: \Self.child) var kid_score: Vector
  @Given(over: \Self.child) var mom_iq: Vector

  @Parameter(over: \Self.coefficient) var beta: Vector
  @Parameter var sigma: Real

  var body: some Density {
    beta ~ Flat()
    sigma ~ HalfCauchy(2.5)
    kid_score ~ Normal(beta[0] + beta[1] * mom_iq, sigma)
  }
}
