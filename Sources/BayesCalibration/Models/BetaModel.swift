// Bayesian beta calibration in the engine's own language.

import BayesLanguage

/// Labels 0 and 1 whose log odds are a log p − b log(1 − p) + c.
struct BetaModel: Model {
  let row = Axis()
  @Observed(over: \Self.row) var label: Counts
  /// log p.
  @Given(over: \Self.row) var logChance: Vector
  /// −log(1 − p).
  @Given(over: \Self.row) var minusLogRest: Vector
  @Given var slopeScale: Real
  @Given var interceptScale: Real

  @Parameter var a: Real
  @Parameter var b: Real
  @Parameter var c: Real

  var body: some Density {
    a ~ LogNormal(0, slopeScale)
    b ~ LogNormal(0, slopeScale)
    c ~ Normal(0, interceptScale)
    label ~ Bernoulli(logit: a * logChance + b * minusLogRest + c)
  }
}
