// Which banner is clicked most: rates with a flat prior, learnt in closed form.
import Bayes

@main struct ClickThrough: Bandit {
  let arm = Axis(["A", "B", "C", "D", "E"])
  @Parameter(over: \Self.arm) var rate: Vector
  @Action(over: \Self.arm) var shown: Choice
  @Observed var clicked: Real

  var body: some Density {
    rate ~ Beta(1, 1)
    clicked ~ Bernoulli(rate[shown])
  }
}
