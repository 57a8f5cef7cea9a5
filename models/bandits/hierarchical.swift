// Many headlines, few views of each: rates with a common centre, so that a headline nobody has seen
// begins where the others are.
import Bayes

@main struct Hierarchical: Bandit {
  let headline = Axis(20)
  @Parameter var centre: Real
  @Parameter var spread: Real
  @Parameter(over: \Self.headline) var logOdds: Vector
  @Action(over: \Self.headline) var shown: Choice
  @Observed var read: Real

  var body: some Density {
    centre ~ Normal(-2, 1)
    spread ~ HalfNormal(0.5)
    logOdds ~ Normal(centre, spread)
    read ~ Bernoulli(logit: logOdds[shown])
  }
}
