// Latent classes: two kinds of respondents, each with its own probability of a yes to each of four questions.
// Source: Goodman (1974), Exploratory latent structure analysis, Biometrika 61. Data: DATA.md.
import Bayes

@main struct BernoulliMixture: Model {
  let respondent = Axis()
  let question = Axis(["accident", "critic", "doctor", "board"])
  let kind = Axis(["rarely yes", "often yes"])
  @Observed(over: \Self.respondent, \Self.question) var y: Matrix

  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter(over: \Self.kind, \Self.question) var p: Matrix
  @Latent(over: \Self.respondent, in: \Self.kind) var z: Labels

  /// The share of yes among all respondents. One kind lies below it and the other above: this tells them apart.
  let share = Vector([0.79, 0.50, 0.51, 0.31])

  var body: some Density {
    weights ~ Dirichlet(2)
    p.row(0) ~ Uniform(0, share)
    p.row(1) ~ Uniform(share, 1)
    z ~ Categorical(weights)
    y ~ Bernoulli(p[z])
  }
}
