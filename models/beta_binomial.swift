// How fair is a coin? A Beta prior and a binomial count; the posterior is Beta(2 + heads, 2 + tails).
// Source: Gelman et al., Bayesian Data Analysis, section 2.4. Data: DATA.md.
import Bayes

@main struct BetaBinomial: Model {
  @Given var trials: Count
  @Observed var successes: Count

  @Parameter var theta: Real

  var body: some Density {
    theta ~ Beta(2, 2)
    successes ~ Binomial(trials, theta)
  }
}
