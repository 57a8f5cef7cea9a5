// EM from a model: estimates against hand-made EM and known optima.

import BayesCore
import BayesInference
import BayesLanguage
import BayesNumerics
import Testing

@testable import BayesEngine

private struct Mixture: Model {
  let point = Axis(), component = Axis(2)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 2).ordered()
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}

private func sample(_ count: Int, seed: UInt64) -> [Double] {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: 0)
  return (0..<count).map { _ in
    stream.uniform() < 0.3 ? -2 + 0.5 * stream.normal() : 1 + stream.normal()
  }
}

@Suite("EM from a model")
struct EMFitTests {
  @Test("a mixture of two normals")
  func normals() throws {
    var model = Mixture()
    model.$y = Handle(sample(500, seed: 1))
    var options = EMOptions(seed: 3)
    options.driver.restarts = 5
    let fit = try fitEM(model, options: options)
    print(fit.estimates, fit.logLikelihood, fit.updates, fit.notes, fit.seconds, fit.best.iterations)
    #expect(fit[model.$mu][0] < fit[model.$mu][1])
    for pair in zip(fit.best.path, fit.best.path.dropFirst()) { #expect(pair.0 <= pair.1) }
  }
}
