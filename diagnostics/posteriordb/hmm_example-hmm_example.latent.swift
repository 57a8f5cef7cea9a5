// Two-state hidden Markov chain with unit-variance Gaussian emissions, its states declared @Latent.
// Source: posteriordb hmm_example-hmm_example (Stan user's guide, hidden Markov models), where the first state
// carries no prior weight: there the log density is larger by log 2.
import Bayes

@main struct HMMExample: Model {
  let time = Axis()
  let state = Axis(2)
  @Observed(over: \Self.time) var y: Vector

  @Parameter(over: \Self.state) var theta1: Vector
  @Parameter(over: \Self.state) var theta2: Vector
  @Parameter(over: \Self.state) var mu: Vector
  @Latent(over: \Self.time, in: \Self.state) var z: Labels

  var body: some Density {
    theta1 ~ Dirichlet(1)
    theta2 ~ Dirichlet(1)
    mu ~ Normal(Vector([3, 10]), 1).positive.ordered()
    z ~ MarkovChain(
      initial: Vector([0.5, 0.5]), transition: Matrix(rows: [theta1, theta2]))
    y ~ Normal(mu[z], 1)
  }
}
