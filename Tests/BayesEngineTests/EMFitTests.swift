// EM from a model: every family ends where the objective is stationary, whatever the M-step.

import BayesCore
import BayesGraph
import BayesInference
import BayesLanguage
import BayesNumerics
import Testing

@testable import BayesEngine

/// A family with data simulated for it.
struct EMCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let updates: [String]
  let fit: @Sendable (EMOptions) throws -> (EMFit, TracedModel, TracedCompleteData)

  init<M: Model & Sendable>(
    _ name: String, _ updates: [String], _ make: @Sendable @escaping () -> M
  ) {
    testDescription = name
    self.updates = updates
    fit = { options in
      let model = make()
      return (
        try fitEM(model, options: options), try trace(model),
        try traceCompleteData(model, rowWeights: options.rowWeights)
      )
    }
  }
}

private func stream(_ seed: UInt64) -> RandomStream {
  RandomStream(seed: seed, chain: 0, purpose: .simulation, iteration: 0)
}

private let cases: [EMCase] = [
  EMCase(
    "normals", ["weights: expected proportions", "mu, sigma: weighted least squares (Normal)"]
  ) {
    var random = stream(1)
    var model = NormalMixture()
    model.$y = Handle(
      (0..<400).map { _ in
        random.uniform() < 0.3 ? -2 + 0.5 * random.normal() : 1 + random.normal()
      })
    return model
  },
  EMCase(
    "counts with exposure", ["weights: expected proportions", "rate: ratios of weighted sums"]
  ) {
    var random = stream(2)
    var model = PoissonMixture()
    let exposure = (0..<300).map { _ in 1 + 3 * random.uniform() }
    model.$exposure = Handle(exposure)
    model.$y = Handle(
      exposure.map { random.poisson(mean: $0 * (random.uniform() < 0.4 ? 1 : 5)) })
    return model
  },
  EMCase(
    "gamma", ["weights: expected proportions", "shape, rate: Newton's method (Gamma)"]
  ) {
    var random = stream(3)
    var model = GammaMixture()
    model.$y = Handle(
      (0..<400).map { _ in
        random.uniform() < 0.5 ? random.gamma(shape: 2, rate: 4) : random.gamma(shape: 20, rate: 4)
      })
    return model
  },
  EMCase("exponential", ["weights: expected proportions", "rate: ratios of weighted sums"]) {
    var random = stream(4)
    var model = ExponentialMixture()
    model.$y = Handle(
      (0..<500).map { _ in
        random.gamma(shape: 1, rate: random.uniform() < 0.5 ? 0.2 : 5)
      })
    return model
  },
  EMCase("binomial", ["weights: expected proportions", "p: ratios of weighted sums"]) {
    var random = stream(5)
    var model = BinomialMixture()
    let trials = (0..<200).map { 10 + $0 % 7 }
    model.$trials = Handle(trials)
    model.$successes = Handle(
      trials.map {
        random.binomial(trials: Double($0), probability: random.uniform() < 0.4 ? 0.2 : 0.8)
      })
    return model
  },
  EMCase(
    "lines with a common slope",
    ["weights: expected proportions", "intercept, slope, sigma: weighted least squares (Normal)"]
  ) {
    var random = stream(6)
    var model = LineMixture()
    let x = (0..<300).map { _ in random.normal() }
    model.$x = Handle(x)
    model.$y = Handle(
      x.map {
        random.uniform() < 0.5 ? 3 + 2 * $0 + 0.3 * random.normal() : -1 + 2 * $0 + random.normal()
      })
    return model
  },
  EMCase("texts", ["weights, p: expected proportions"]) {
    var random = stream(8)
    var model = TextMixture()
    model.$counts = Handle(
      (0..<150).map { _ in
        let kind = Int(3 * random.uniform())
        let p = (0..<5).map { $0 == kind ? 0.6 : 0.1 }
        return Multinomial(1, 0.5).draw([[25], p], size: 5, using: &random)!
      })
    return model
  },
  EMCase(
    "words by source", ["weights, p: expected proportions", "mu: weighted least squares (Normal)"]
  ) {
    var random = stream(9)
    var model = SourceMixture()
    let sources = (0..<120).map { $0 % 3 == 0 ? 1 : 0 }
    model.$sourceOf = Handle(sources)
    model.$length = Handle(sources.map { _ in (random.uniform() < 0.4 ? -2 : 2) + random.normal() })
    model.$counts = Handle(
      sources.map { source in
        let p = source == 0 ? [0.2, 0.3, 0.5] : [0.7, 0.2, 0.1]
        return Multinomial(1, 0.5).draw([[9], p], size: 3, using: &random)!
      })
    return model
  },
  EMCase(
    "Student's t",
    [
      "weights: expected proportions",
      "mu: L-BFGS, since y ~ StudentT", "scale: L-BFGS, since y ~ StudentT",
    ]
  ) {
    var random = stream(7)
    var model = StudentMixture()
    model.$y = Handle(
      (0..<300).map { _ in
        (random.uniform() < 0.4 ? -4 : 2) + random.studentT(degrees: 4)
      })
    return model
  },
]

@Suite("EM from a model")
struct EMFitTests {
  @Test("the gradient of the objective is zero at the estimates", arguments: cases, [false, true])
  func stationary(_ family: EMCase, isMAP: Bool) throws {
    var options = EMOptions(seed: 11)
    options.driver.restarts = 4
    options.usesPriors = isMAP
    let (fit, traced, complete) = try family.fit(options)
    if !isMAP {
      #expect(fit.updates.count == family.updates.count)
      for (found, expected) in zip(fit.updates, family.updates) {
        #expect(found.hasPrefix(expected))
      }
    }
    #expect(fit.best.isConverged)
    #expect(zip(fit.best.path, fit.best.path.dropFirst()).allSatisfy { $0 <= $1 })
    let map = ParameterMap(traced, complete) { _ in true }
    let x = fit.estimates.flatMap(\.values)
    let u = try #require(map.unconstrained(x))
    let node = isMAP ? complete.logPosterior : complete.logLikelihood
    func objective(_ u: [Double]) -> Double {
      Interpreter(complete.graph).values(of: [node], at: map.constrained(u))[0][0]
    }
    for i in u.indices {
      var (ahead, behind) = (u, u)
      ahead[i] += 1e-4
      behind[i] -= 1e-4
      let slope = (objective(ahead) - objective(behind)) / 2e-4
      let curvature = (objective(ahead) + objective(behind) - 2 * objective(u)) / 1e-8
      // A step of Newton's method would move the coordinate by less than a thousandth of its error.
      #expect(abs(slope) <= 1e-3 * abs(curvature).squareRoot() + 1e-6)
    }
  }

  @Test("a weight of three counts as the row three times")
  func weights() throws {
    let y = [-2.0, -1.8, -2.5, 0.9, 1.4, 1.0, 2.2, 0.1, -1.2, 1.7]
    let times = [3.0, 1, 2, 1, 3, 2, 1, 1, 2, 3]
    var once = NormalMixture()
    once.$y = Handle(y)
    var repeated = NormalMixture()
    repeated.$y = Handle(zip(y, times).flatMap { [Double](repeating: $0, count: Int($1)) })
    var options = EMOptions(seed: 5)
    options.computesErrors = true
    let expected = try fitEM(repeated, options: options)
    options.rowWeights = times
    let found = try fitEM(once, options: options)
    #expect(abs(found.logLikelihood - expected.logLikelihood) < 1e-9)
    #expect(found.rowCount == 19)
    #expect(abs(found.bic - expected.bic) < 1e-8)
    #expect(abs(found.icl! - expected.icl!) < 1e-6)
    for (a, b) in zip(found.estimates, expected.estimates) {
      for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-6) }
      for (x, y) in zip(a.standardErrors, b.standardErrors) {
        #expect(abs(try #require(x) - #require(y)) < 1e-5)
      }
    }
  }

  @Test("row weights beside labels of groups are refused")
  func weightsOfGroups() throws {
    struct Grouped: Model {
      let row = Axis(), group = Axis(2), kind = Axis(2)
      @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
      @Observed(over: \Self.row) var y: Vector
      @Parameter(over: \Self.kind) var mu: Vector
      @Latent(over: \Self.group, in: \Self.kind) var z: Labels
      var body: some Density {
        mu ~ Normal(0, 5)
        z ~ Categorical(Vector([0.5, 0.5]))
        y ~ Normal(mu[z[groupOf]], 1)
      }
    }
    var model = Grouped()
    model.$groupOf = [0, 0, 1, 1]
    model.$y = [-1, -2, 3, 2]
    var options = EMOptions(seed: 1)
    _ = try fitEM(model, options: options)
    options.rowWeights = [1, 2, 1, 1]
    let error = #expect(throws: ModelError.self) { try fitEM(model, options: options) }
    #expect(
      "\(error!)".contains("labels of groups of rows, and a weight counts a row, not its group"))
  }

  @Test("a parameter that data say nothing of has no estimate")
  func notEstimable() throws {
    struct Loose: Model {
      let row = Axis()
      @Observed(over: \Self.row) var y: Vector
      @Parameter var centre: Real
      @Parameter var spread: Real
      @Parameter var mu: Real
      var body: some Density {
        centre ~ Normal(0, 1)
        spread ~ HalfNormal(1)
        mu ~ Normal(centre, spread)
        y ~ Normal(mu, 1)
      }
    }
    var model = Loose()
    model.$y = [1, 2, 3]
    #expect(throws: EngineError.notEstimable(parameter: "centre", isMAP: false)) {
      try fitEM(model, options: EMOptions(seed: 1))
    }
  }

  @Test("two points of equal value make the likelihood unbounded, which is said")
  func unbounded() throws {
    var model = NormalMixture()
    model.$y = [1, 1, 1, 1, 5]
    #expect {
      try fitEM(model, options: EMOptions(seed: 1))
    } throws: { error in
      guard case EngineError.noMaximum(let reasons) = error else { return false }
      return reasons.contains { $0.contains("variance goes to 0") || $0.contains("empty") }
    }
  }
}
