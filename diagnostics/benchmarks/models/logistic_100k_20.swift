// Logistic regression of 100 000 rows on 20 columns; the data is simulated.
// Source: the usual stress test of gradient speed; the likelihood is bound by memory.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Bayes

@main struct Logistic: Model {
  let row = Axis()
  let column = Axis()
  @Observed(over: \Self.row) var y: Counts
  @Given(over: \Self.row, \Self.column) var X: Matrix

  @Parameter(over: \Self.column) var beta: Vector

  var body: some Density {
    beta ~ Normal(0, 1)
    y ~ Bernoulli(logit: X * beta)
  }
}
