// Click rates of five arms, each with its own uniform Beta prior: what a Thompson bandit draws from.
// Source: Thompson (1933), On the likelihood that one unknown probability exceeds another. Data: DATA.md.
import Bayes

@main struct BanditRates: Model {
  let arm = Axis()
  @Given(over: \Self.arm) var shows: Counts
  @Observed(over: \Self.arm) var clicks: Counts

  @Parameter(over: \Self.arm) var rate: Vector

  var body: some Density {
    rate ~ Beta(1, 1)
    clicks ~ Binomial(shows, rate)
  }
}
