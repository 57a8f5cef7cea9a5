// House radon with one intercept per county, pooled towards their mean (non-centred), and soil uranium.
// Source: Gelman & Hill (2007), chapter 12. The data is simulated (DATA.md).
import Bayes

@main struct Radon: Model {
  let house = Axis()
  let county = Axis()
  @Observed(over: \Self.house, named: "log_radon") var logRadon: Vector
  @Given(over: \Self.house, in: \Self.county, named: "county") var countyOf: Indices
  @Given(over: \Self.house) var floor: Vector
  @Given(over: \Self.house, named: "log_uranium") var logUranium: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.county) var eta: Vector
  @Derived(over: \Self.county) var alpha: Vector
  @Parameter var onFloor: Real
  @Parameter var onUranium: Real
  @Parameter var sigma: Real

  var body: some Density {
    mu ~ Normal(0, 5)
    tau ~ HalfNormal(1)
    eta ~ Normal(0, 1)
    alpha <- mu + tau * eta
    onFloor ~ Normal(0, 2)
    onUranium ~ Normal(0, 2)
    sigma ~ HalfNormal(2)
    logRadon ~ Normal(alpha[countyOf] + onFloor * floor + onUranium * logUranium, sigma)
  }
}
