// Which offer suits which visitor: a line in the visitor's features for each offer.
import Bayes

@main struct Contextual: Bandit {
  let offer = Axis(["discount", "gift", "none"])
  let feature = Axis(["age", "visits", "basket"])
  @Parameter(over: \Self.offer) var level: Vector
  @Parameter(over: \Self.offer, \Self.feature) var slope: Matrix
  @Action(over: \Self.offer) var made: Choice
  @Context(over: \Self.feature) var visitor: Vector
  @Observed var spent: Real

  var body: some Density {
    level ~ Normal(0, 1)
    for k in 0..<offer.count { slope.row(k) ~ Normal(0, 0.5) }
    spent ~ Normal(level[made] + dot(slope[made], visitor), 1)
  }
}
