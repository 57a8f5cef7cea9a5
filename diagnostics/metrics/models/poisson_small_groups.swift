// Counts in eight groups of four, centred intercepts: a deeper funnel than poisson_groups.
// The data is simulated by generate.py.
import Bayes

@main struct PoissonSmallGroups: Model {
  let row = Axis()
  let group = Axis()
  @Observed(over: \Self.row) var count: Counts
  @Given(over: \Self.row, in: \Self.group, named: "group") var groupOf: Indices
  @Given(over: \Self.row) var x: Vector

  @Parameter var mu: Real
  @Parameter var tau: Real
  @Parameter(over: \Self.group) var alpha: Vector
  @Parameter var slope: Real

  var body: some Density {
    mu ~ Normal(0, 2)
    tau ~ HalfNormal(1)
    alpha ~ Normal(mu, tau)
    slope ~ Normal(0, 1)
    count ~ Poisson(logMean: alpha[groupOf] + slope * x)
  }
}
