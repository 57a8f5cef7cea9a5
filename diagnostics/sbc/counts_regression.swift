// Overdispersed counts on two covariates: a negative binomial regression with a log link.
// Source: Stan User's Guide, "Regression models"; the covariates are simulated once.
import Bayes

@main struct CountsRegression: Model {
  let row = Axis()
  let slope = Axis(2)
  @Observed(over: \Self.row) var count: Counts
  @Given(over: \Self.row) var x1: Vector
  @Given(over: \Self.row) var x2: Vector

  @Parameter var alpha: Real
  @Parameter(over: \Self.slope) var beta: Vector
  @Parameter var dispersion: Real

  var logMean: Vector { alpha + beta[0] * x1 + beta[1] * x2 }

  var body: some Density {
    alpha ~ Normal(1, 0.5)
    beta ~ Normal(0, 0.5)
    dispersion ~ Gamma(shape: 4, rate: 1)
    count ~ NegativeBinomial(logMean: logMean, dispersion: dispersion)
  }
}
