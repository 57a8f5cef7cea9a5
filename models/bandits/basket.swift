// Which page sells more per visit: normal values whose variance is unknown too.
import Bayes

@main struct Basket: Bandit {
  let page = Axis(["plain", "pictures", "video"])
  @Parameter(over: \Self.page) var variance: Vector
  @Parameter(over: \Self.page) var mean: Vector
  @Action(over: \Self.page) var shown: Choice
  @Observed var value: Real

  var body: some Density {
    variance ~ InverseGamma(shape: 2, scale: 50)
    mean ~ Normal(20, sqrt(variance / 0.1))
    value ~ Normal(mean[shown], sqrt(variance[shown]))
  }
}
