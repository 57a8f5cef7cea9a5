// Two-state hidden Markov chain with unit-variance Gaussian emissions, states summed out by hand.
// Source: posteriordb hmm_example-hmm_example (Stan user's guide, hidden Markov models).
import Bayes

@main struct HMMExample: Model {
  let time = Axis()
  let state = Axis(2)
  @Given(over: \Self.time) var y: Vector

  @Parameter(over: \Self.state) var theta1: Vector
  @Parameter(over: \Self.state) var theta2: Vector
  @Parameter(over: \Self.state) var mu: Vector

  /// log Normal(y_t; mu_k, 1).
  func emission(_ t: Int, _ k: Int) -> Real {
    -0.5 * square(y[t] - mu[k]) - 0.9189385332046727
  }

  /// The forward recursion; the first state carries no prior weight.
  var logLikelihood: Real {
    var first: Real = emission(0, 0)
    var second: Real = emission(0, 1)
    for t in 1..<time.count {
      let toFirst = logSumExp(first + log(theta1[0]), second + log(theta2[0]))
      let toSecond = logSumExp(first + log(theta1[1]), second + log(theta2[1]))
      first = toFirst + emission(t, 0)
      second = toSecond + emission(t, 1)
    }
    return logSumExp(first, second)
  }

  var body: some Density {
    theta1 ~ Dirichlet(1)
    theta2 ~ Dirichlet(1)
    mu ~ Normal(Vector([3, 10]), 1).positive.ordered()
    Factor(logLikelihood)
  }
}
