// Latent classes: two kinds of students, each with its own probability of a universalistic answer to each question.
// Source: Goodman (1974), Exploratory latent structure analysis, Biometrika 61. Data: DATA.md.
import Bayes

@main struct BernoulliMixture: Model {
  let student = Axis()
  let question = Axis(["accident", "critic", "doctor", "board"])
  let kind = Axis(["particularist", "universalist"])
  @Observed(over: \Self.student, \Self.question) var y: Matrix

  @Parameter(over: \Self.kind) var weights: Vector
  @Parameter(over: \Self.kind, \Self.question) var p: Matrix
  @Latent(over: \Self.student, in: \Self.kind) var z: Labels

  /// The share of universalistic answers among all. One kind lies below it and the other above: this tells
  /// them apart.
  let share = Vector([0.79, 0.50, 0.51, 0.31])

  var body: some Density {
    weights ~ Dirichlet(2)
    p.row(0) ~ Uniform(0, share)
    p.row(1) ~ Uniform(share, 1)
    z ~ Categorical(weights)
    y ~ Bernoulli(p[z])
  }
}
