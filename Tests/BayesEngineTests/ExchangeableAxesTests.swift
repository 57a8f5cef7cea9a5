// Which components may change places.

import BayesCore
import BayesInference
import BayesLanguage
import Testing

@testable import BayesEngine

/// Normals whose priors have spreads, and whose scales have upper bounds, of their own.
private struct NormalParts: Model {
  let point = Axis(), component = Axis(3)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var spreads = [6.0, 6, 6]
  var bounds = [20.0, 20, 20]
  var shares = [1.0 / 3, 1.0 / 3, 1.0 / 3]
  var body: some Density {
    mu ~ Normal(0, Vector(spreads))
    sigma ~ Uniform(0, Vector(bounds))
    z ~ Categorical(Vector(shares))
    y ~ Normal(mu[z], sigma[z])
  }
}

/// A hidden Markov model; its transition matrix has states in both dimensions.
private struct HiddenStates: Model {
  let time = Axis(), state = Axis(3)
  @Observed(over: \Self.time) var y: Vector
  @Parameter(over: \Self.state) var initial: Vector
  @Parameter(over: \Self.state, \Self.state) var transition: Matrix
  @Parameter(over: \Self.state) var mu: Vector
  @Latent(over: \Self.time, in: \Self.state) var z: Labels
  var body: some Density {
    initial ~ Dirichlet(1)
    transition ~ Dirichlet(2)
    mu ~ Normal(0, 5)
    z ~ MarkovChain(initial: initial, transition: transition)
    y ~ Normal(mu[z], 1)
  }
}

private let data = [-4.1, -3.2, -2.7, 0.4, 0.9, 0.1, 3.5, 2.9, 4.4, 3.1]

private func axes(of model: some Model) throws -> [String] {
  let compiled = try CompiledModel(model)
  var settings = SamplerSettings(seed: 9)
  (settings.warmup, settings.draws) = (100, 20)
  return try compiled.exchangeableAxes(
    compiled.sample(settings: settings, relabels: false).run
  ).map(\.dimension.name)
}

@Suite("Exchangeable components")
struct ExchangeableAxesTests {
  @Test("Components with equal priors, supports and probabilities may change places")
  func equal() throws {
    var model = NormalParts()
    model.$y = Handle(data)
    #expect(try axes(of: model) == ["component"])
  }

  @Test("Anything that tells components apart, however little, keeps their numbers")
  func unequal() throws {
    var spreads = NormalParts()
    spreads.spreads[2] = 6.0001
    // Equal densities on supports that differ: values within both do not show it.
    var bounds = NormalParts()
    bounds.bounds[1] = 20.001
    var shares = NormalParts()
    shares.shares = [0.3334, 0.3333, 0.3333]
    for var model in [spreads, bounds, shares] {
      model.$y = Handle(data)
      #expect(try axes(of: model) == [])
      #expect(try model.sample(seed: 2, warmup: 200, draws: 50).relabelled == [])
    }
  }

  @Test("An order has no place for exchanged components") func ordered() throws {
    var model = NormalMixture()
    model.$y = Handle(data)
    #expect(try axes(of: model) == [])
  }

  @Test("Matrices for each component are exchanged whole")
  func matrices() throws {
    var model = PlaneMixture()
    let shifts: [Double] = [0, 1, 1, 0, 1, 1, 0, 1, 1, 0]
    let points: [[Double]] = data.indices.map { [data[$0], shifts[$0] - data[9 - $0]] }
    model.$y = Handle(points)
    #expect(try axes(of: model) == ["component"])
  }

  @Test("States of a Markov chain are exchanged in rows and columns of the transition matrix")
  func chain() throws {
    var model = HiddenStates()
    model.$y = Handle(data)
    #expect(try axes(of: model) == ["state"])
  }

  @Test("A permutation moves every dimension over the axis and no other")
  func permutation() {
    let state = Dimension(name: "state", size: 2)
    let other = Dimension(name: "other", size: 2)
    func moved(_ dimensions: [Dimension]) -> [Double] {
      var values = [-1.0] + (0..<dimensions.reduce(1) { $0 * $1.size }).map(Double.init)
      permute(&values, in: 1..<values.count, dimensions, axis: "state", [1, 0])
      #expect(values[0] == -1)
      return Array(values[1...])
    }
    #expect(moved([]) == [0])
    #expect(moved([state]) == [1, 0])
    #expect(moved([other]) == [0, 1])
    #expect(moved([state, other]) == [2, 3, 0, 1])
    #expect(moved([other, state]) == [1, 0, 3, 2])
    #expect(moved([state, state]) == [3, 2, 1, 0])
    #expect(moved([state, other, other]) == [4, 5, 6, 7, 0, 1, 2, 3])
    // A turn of three: position k gets what was at order[k].
    var turned = [10.0, 11, 12]
    permute(&turned, in: 0..<3, [Dimension(name: "state", size: 3)], axis: "state", [1, 2, 0])
    #expect(turned == [11, 12, 10])
  }
}
