// Success rates of 25 categories that share a population: mean mu and concentration kappa, both unknown.
// Source: Gelman et al., Bayesian Data Analysis, section 5.3 (there: rat tumours). Data: DATA.md.
import Bayes

@main struct CategoryRates: Model {
  let category = Axis()
  @Given(over: \Self.category) var trials: Counts
  @Observed(over: \Self.category) var successes: Counts

  @Parameter var mu: Real
  @Parameter var kappa: Real
  @Parameter(over: \Self.category) var theta: Vector

  var body: some Density {
    mu ~ Beta(2, 5)
    kappa ~ HalfNormal(50)
    theta ~ Beta(mu * kappa, (1 - mu) * kappa)
    successes ~ Binomial(trials, theta)
  }
}
