// Radon in 12 573 houses of 386 counties: a non-centred intercept per county, 391 unknowns.
// Source: posteriordb radon_all-radon_hierarchical_intercept_noncentered; the data is simulated.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct RadonAll: Model {
  let house = Axis()
  let county = Axis(386)
  let slope = Axis(2)
  @Observed(over: \Self.house) var log_radon: Vector
  @Given(over: \Self.house, in: \Self.county) var county_idx: Indices
  @Given(over: \Self.house) var log_uppm: Vector
  @Given(over: \Self.house) var floor_measure: Vector

  @Parameter(over: \Self.county) var alpha_raw: Vector
  @Parameter(over: \Self.slope) var beta: Vector
  @Parameter var mu_alpha: Real
  @Parameter var sigma_alpha: Real
  @Parameter var sigma_y: Real

  var alpha: Vector { mu_alpha + sigma_alpha * alpha_raw }
  var expected: Vector { alpha[county_idx] + beta[0] * log_uppm + beta[1] * floor_measure }

  var body: some Density {
    sigma_alpha ~ HalfNormal(1)
    sigma_y ~ HalfNormal(1)
    mu_alpha ~ Normal(0, 10)
    beta ~ Normal(0, 10)
    alpha_raw ~ Normal(0, 1)
    log_radon ~ Normal(expected, sigma_y)
  }
}
