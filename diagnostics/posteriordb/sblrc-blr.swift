// Linear regression on five strongly correlated columns, no intercept.
// Source: posteriordb sblrc-blr.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct BLR: Model {
  let row = Axis()
  let column = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Given(over: \Self.row, \Self.column) var X: Matrix

  @Parameter(over: \Self.column) var beta: Vector
  @Parameter var sigma: Real

  var body: some Density {
    beta ~ Normal(0, 10)
    sigma ~ HalfNormal(10)
    y ~ Normal(X * beta, sigma)
  }
}
