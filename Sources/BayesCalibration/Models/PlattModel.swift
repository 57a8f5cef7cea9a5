// Bayesian Platt scaling in the engine's own language.

import BayesLanguage

/// Labels 0 and 1 whose log odds are a rising line in the logits.
struct PlattModel: Model {
  let row = Axis()
  @Observed(over: \Self.row) var label: Counts
  @Given(over: \Self.row) var logit: Vector
  @Given var slopeScale: Real
  @Given var interceptScale: Real

  @Parameter var slope: Real
  @Parameter var intercept: Real

  var body: some Density {
    slope ~ LogNormal(0, slopeScale)
    intercept ~ Normal(0, interceptScale)
    label ~ Bernoulli(logit: slope * logit + intercept)
  }
}
