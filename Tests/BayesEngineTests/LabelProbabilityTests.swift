// Probabilities of discrete unknowns after sampling.

import BayesEngine
import BayesLanguage
import Testing

/// Everything but the labels is known, so that their probabilities are too.
private struct KnownParts: Model {
  let point = Axis(), part = Axis(["low", "high"])
  @Observed(over: \Self.point) var y: Vector
  @Parameter var unused: Real
  @Latent(over: \Self.point, in: \Self.part) var z: Labels
  var body: some Density {
    unused ~ Normal(0, 1)
    z ~ Categorical(Vector([0.25, 0.75]))
    y ~ Normal(Vector([-1, 1])[z], 1)
  }
}

@Suite("Probabilities of labels")
struct LabelProbabilityTests {
  @Test("Labels of a model without other unknowns have their exact probabilities")
  func exact() throws {
    var model = KnownParts()
    model.$y = [0, 2, -0.5]
    let fit = try model.sample(seed: 1, chains: 2, warmup: 100, draws: 50)
    let found = fit[model.$z]
    // P(high) = 3 / (3 + exp(−2y)), by Bayes's rule: SciPy 1.17, expit(2 y + log 3).
    let expected = [0.75, 0.9939318344798832, 0.5246331135813284]
    for (row, probability) in zip(found.values, expected) {
      #expect(abs(row[1] - probability) < 1e-12)
      #expect(abs(row[0] + row[1] - 1) < 1e-12)
    }
    #expect(found.mostProbable == [1, 1, 1])
    #expect(abs(found.expectedCounts[1] - expected.reduce(0, +)) < 1e-12)
    #expect(fit.draws.variables.map(\.name) == ["unused"])
  }
}
