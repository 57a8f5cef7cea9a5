// GARCH(1, 1): the variance follows the last squared deviation and the last variance.
// Source: posteriordb garch-garch11 (Stan user's guide, time series).
import Bayes

@main struct GARCH11: Model {
  let time = Axis()
  @Observed(over: \Self.time) var y: Vector
  @Given var sigma1: Real

  @Parameter var mu: Real
  @Parameter var alpha0: Real
  @Parameter var alpha1: Real
  @Parameter var beta1: Real

  /// The standard deviation at each time; `sigma1` at the first.
  var scales: Vector {
    var variance: Real = square(sigma1)
    var scales: [Real] = [sigma1]
    for t in 1..<time.count {
      variance = alpha0 + alpha1 * square(y[t - 1] - mu) + beta1 * variance
      scales.append(sqrt(variance))
    }
    return Vector(scales)
  }

  var body: some Density {
    mu ~ Flat()
    alpha0 ~ Flat().positive
    alpha1 ~ Flat().bounded(0, 1)
    beta1 ~ Flat().bounded(0, 1 - alpha1)
    y ~ Normal(mu, scales)
  }
}
