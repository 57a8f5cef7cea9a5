// Forty offers whose values have a common centre: the posterior is normal, so that what one offer teaches about
// the others is exact and costs no sampling.
import Bayes

@main struct PooledValues: Bandit {
  let offer = Axis(40)
  @Parameter var centre: Real
  @Parameter(over: \Self.offer) var mean: Vector
  @Action(over: \Self.offer) var made: Choice
  @Observed var value: Real

  var body: some Density {
    centre ~ Normal(0, 3)
    mean ~ Normal(centre, 0.5)
    value ~ Normal(mean[made], 1)
  }
}
