// Bayesian temperature scaling in the engine's own language.

import BayesLanguage

/// Labels 0 and 1 whose log odds are the logits divided by a temperature.
struct TemperatureModel: Model {
  let row = Axis()
  @Observed(over: \Self.row) var label: Counts
  @Given(over: \Self.row) var logit: Vector
  @Given var location: Real
  @Given var scale: Real

  @Parameter var temperature: Real

  var body: some Density {
    temperature ~ LogNormal(location, scale)
    label ~ Bernoulli(logit: logit / temperature)
  }
}
