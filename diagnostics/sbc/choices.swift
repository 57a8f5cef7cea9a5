// Which of four options people chose: a Dirichlet prior on the shares, one category per person.
// Source: the conjugate pair of Gelman et al., Bayesian Data Analysis, section 3.4.
import Bayes

@main struct Choices: Model {
  let person = Axis()
  let option = Axis(4)
  @Observed(over: \Self.person, in: \Self.option) var choice: Indices

  @Parameter(over: \Self.option) var share: Vector

  var body: some Density {
    share ~ Dirichlet(1.5)
    choice ~ Categorical(share)
  }
}
