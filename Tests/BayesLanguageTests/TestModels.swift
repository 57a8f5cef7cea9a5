// Models that the tests trace.

import BayesLanguage

struct EightSchools: Model {
  let school = Axis()
  @Observed(over: \Self.school) var y: Vector
  @Given(over: \Self.school) var sigma: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.school) var eta: Vector
  @Derived(over: \Self.school) var theta: Vector

  var body: some Density {
    mu ~ Normal(0, 5)
    tau ~ HalfCauchy(5)
    eta ~ Normal(0, 1)
    theta <- mu + tau * eta
    y ~ Normal(theta, sigma)
  }

  /// With the classic data set in code.
  static var filled: EightSchools {
    var model = EightSchools()
    model.$y = [28, 8, -3, 7, -1, 1, 18, 12]
    model.$sigma = [15, 10, 16, 11, 9, 11, 10, 18]
    return model
  }
}

struct Radon: Model {
  let house = Axis()
  let county = Axis()
  @Observed(over: \Self.house) var y: Vector
  @Given(over: \Self.house, in: \Self.county, named: "county") var countyOf: Indices

  @Parameter(over: \Self.county) var alpha: Vector

  var body: some Density {
    alpha ~ Normal(0, 1)
    y ~ Normal(alpha[countyOf], 1)
  }
}
