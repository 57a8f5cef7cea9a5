// Autoregression of order five; the first five values are given, not modelled.
// Source: posteriordb arK-arK.
import Bayes

@main struct ARK: Model {
  let time = Axis()
  let lag = Axis(5)
  @Observed(over: \Self.time) var y: Vector

  @Parameter var alpha: Real
  @Parameter(over: \Self.lag) var beta: Vector
  @Parameter var sigma: Real

  /// The series `k` steps before the modelled values.
  func lagged(_ k: Int) -> Vector { y[(lag.count - k)..<(time.count - k)] }

  var expected: Vector {
    var total: Vector = alpha + beta[0] * lagged(1)
    for k in 2...lag.count {
      total = total + beta[k - 1] * lagged(k)
    }
    return total
  }

  var body: some Density {
    alpha ~ Normal(0, 10)
    beta ~ Normal(0, 10)
    sigma ~ HalfCauchy(2.5)
    y[lag.count...] ~ Normal(expected, sigma)
  }
}
