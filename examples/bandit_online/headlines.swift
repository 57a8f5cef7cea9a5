// Which of five headlines is clicked most: of rates it is known that they are a few per cent.
import Bayes

@main struct Headlines: Bandit {
  let headline = Axis(["A", "B", "C", "D", "E"])
  @Parameter(over: \Self.headline) var rate: Vector
  @Action(over: \Self.headline) var shown: Choice
  @Observed var clicked: Real

  var body: some Density {
    rate ~ Beta(1, 19)
    clicked ~ Bernoulli(rate[shown])
  }
}
