// Relabelled draws of mixtures without an order.

import BayesCore
import BayesLanguage
import BayesNumerics
import Testing

@testable import BayesEngine

/// Normals with a common scale and no order.
private struct FreeMixture: Model {
  let point = Axis(), component: Axis
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter var sigma: Real
  @Derived var difference: Real
  @Derived(over: \Self.component) var doubled: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  init() { self.init(components: 2) }
  init(components: Int) { component = Axis(components) }

  var body: some Density {
    weights ~ Dirichlet(4)
    mu ~ Normal(0, 6)
    sigma ~ HalfNormal(2)
    difference <- mu[1] - mu[0]
    doubled <- 2 * mu
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma)
  }
}

/// The same with an order.
private struct OrderedMixture: Model {
  let point = Axis(), component: Axis
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter var sigma: Real
  @Latent(over: \Self.point, in: \Self.component) var z: Labels

  init() { self.init(components: 2) }
  init(components: Int) { component = Axis(components) }

  var body: some Density {
    weights ~ Dirichlet(4)
    mu ~ Normal(0, 6).ordered()
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma)
  }
}

/// Normals with a scale that is known.
private struct NarrowMixture: Model {
  let point = Axis(), component = Axis(2)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    mu ~ Normal(0, 10)
    z ~ Categorical(Vector([0.5, 0.5]))
    y ~ Normal(mu[z], 1)
  }
}

/// Rows around centres, as many as shares say.
private func rows(_ centres: [Double], _ counts: [Int], seed: UInt64) -> [Double] {
  var stream = RandomStream(seed: seed, chain: 0, purpose: .test, iteration: 0)
  return zip(centres, counts).flatMap { centre, count in
    (0..<count).map { _ in centre + stream.normal() }
  }
}

private let twoCentres = rows([-3, 3], [70, 40], seed: 21)
private let threeCentres = rows([-6, 0, 6], [50, 35, 20], seed: 22)

@Suite("Relabelled draws")
struct RelabelledDrawsTests {
  @Test(
    "A mixture without order, relabelled, has the posterior of the ordered one",
    arguments: [(twoCentres, [0, 1]), (threeCentres, [0, 1, 2])])
  func ordered(data: [Double], bySize: [Int]) throws {
    var free = FreeMixture(components: bySize.count)
    free.$y = Handle(data)
    var ordered = OrderedMixture(components: bySize.count)
    ordered.$y = Handle(data)
    let fit = try free.sample(seed: 5)
    let reference = try ordered.sample(seed: 4)
    #expect(fit.relabelled == ["component"])
    #expect(fit.advice.map(\.code) == [.relabelled])
    #expect(reference.relabelled == [])
    for name in ["mu", "weights"] {
      for (k, place) in bySize.enumerated() {
        let found = fit.summary.quantities.first { $0.name == "\(name)[\(k + 1)]" }!
        let expected = reference.summary.quantities.first { $0.name == "\(name)[\(place + 1)]" }!
        #expect(found.rHat.number! < 1.01)
        let error =
          (found.mcseMean.number! * found.mcseMean.number!
          + expected.mcseMean.number! * expected.mcseMean.number!).squareRoot()
        #expect(abs(found.mean! - expected.mean!) < 4 * error, "\(found) \(expected)")
        #expect(abs(found.sd! / expected.sd! - 1) < 0.15)
      }
    }
    for (found, expected) in zip(fit[free.$z].values, reference[ordered.$z].values) {
      for (k, place) in bySize.enumerated() { #expect(abs(found[k] - expected[place]) < 0.02) }
    }
  }

  @Test("Derived quantities follow the renumbered parameters, and the rest stays as it was drawn")
  func derived() throws {
    var model = FreeMixture()
    model.$y = Handle(twoCentres)
    let fit = try model.sample(seed: 5, warmup: 300, draws: 100)
    let raw = try model.sample(seed: 5, warmup: 300, draws: 100, relabels: false)
    #expect(fit.relabelled == ["component"])
    #expect(raw.relabelled == [])
    #expect(raw.summary.health.permuted.contains("mu"))
    #expect(raw.advice.contains { $0.code == .labelSwitching })
    #expect(fit.run.chains.map(\.positions) == raw.run.chains.map(\.positions))
    #expect(fit[model.$sigma] == raw[model.$sigma])
    for (chain, old) in zip(fit[model.$mu], raw[model.$mu]) {
      for (mu, old) in zip(chain, old) {
        #expect(mu.sorted() == old.sorted())
        #expect(mu[0] < mu[1])
      }
    }
    for ((mu, doubled), difference) in zip(
      zip(fit[model.$mu], fit[model.$doubled]), fit[model.$difference])
    {
      for draw in mu.indices {
        #expect(abs(difference[draw] - (mu[draw][1] - mu[draw][0])) < 1e-9)
        #expect(zip(doubled[draw], mu[draw]).allSatisfy { abs($0 - 2 * $1) < 1e-9 })
      }
    }
  }

  @Test("A seed gives the same bits with one thread and with two") func threads() throws {
    var model = FreeMixture()
    model.$y = Handle(twoCentres)
    let fits = try [1, 2].map { threads in
      try model.sample(seed: 5, warmup: 200, draws: 100) { $0.threads = threads }
    }
    #expect(fits[0].relabelled == ["component"])
    #expect(fits[0].draws.chains == fits[1].draws.chains)
    #expect(fits[0].labels == fits[1].labels)
    #expect(fits[0].summary == fits[1].summary)
  }

  @Test("Draws whose components stay in place are those without relabelling")
  func unswitched() throws {
    var model = FreeMixture()
    model.$y = Handle(twoCentres)
    var start = DataSet()
    start.set("mu", .numbers(shape: [2], values: [3, -3]), origin: .code)
    let fits = try [true, false].map {
      try model.sample(
        seed: 6, warmup: 200, draws: 100, initialValues: start, relabels: $0)
    }
    #expect(fits[0].relabelled == [])
    #expect(fits[0].draws.chains == fits[1].draws.chains)
    #expect(fits[0].labels == fits[1].labels)
  }

  @Test("Chains in modes that are no permutations of each other still disagree, and are warned of")
  func differentModes() throws {
    // Two components for three clusters: the one in the middle goes with either neighbour.
    var model = NarrowMixture()
    model.$y = Handle(rows([-12, 0, 12], [30, 30, 30], seed: 23))
    let fit = try model.sample(seed: 7, chains: 8, warmup: 300, draws: 200)
    #expect(fit.summary.health.worstRHat!.value > 1.5)
    #expect(fit.advice.contains { $0.code == .rHat && $0.severity == .warning })
    let middle = fit[model.$mu].map { chain in chain.map { abs($0.reduce(0, +)) }.reduce(0, +) / 200
    }
    #expect(middle.allSatisfy { abs($0 - 6) < 2 }, "each chain is in one of the two modes")
  }
}
