// Is a breast tumour malignant? Logistic regression on six standardised features of its cell nuclei.
// Source: Street, Wolberg & Mangasarian (1993), Wisconsin diagnostic set, UCI. Data: DATA.md.
import Bayes

@main struct LogisticRegression: Model {
  let tumour = Axis()
  let feature = Axis(["radius", "texture", "smoothness", "concavity", "symmetry", "dimension"])

  @Observed(over: \Self.tumour) var malignant: Counts
  @Given(over: \Self.tumour) var radius: Vector
  @Given(over: \Self.tumour) var texture: Vector
  @Given(over: \Self.tumour) var smoothness: Vector
  @Given(over: \Self.tumour) var concavity: Vector
  @Given(over: \Self.tumour) var symmetry: Vector
  @Given(over: \Self.tumour) var dimension: Vector

  @Parameter var alpha: Real
  @Parameter(over: \Self.feature) var beta: Vector

  var size: Vector { beta[0] * radius + beta[1] * texture + beta[2] * smoothness }
  var shape: Vector { beta[3] * concavity + beta[4] * symmetry + beta[5] * dimension }

  var body: some Density {
    alpha ~ Normal(0, 2.5)
    beta ~ Normal(0, 2.5)
    malignant ~ Bernoulli(logit: alpha + size + shape)
  }
}
