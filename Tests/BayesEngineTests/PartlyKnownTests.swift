// Discrete unknowns of which some are known: data where they are, summed out where they are not.

import BayesCompiler
import BayesCore
import BayesGraph
import BayesInference
import BayesLanguage
import Glibc
import Testing

@testable import BayesEngine

/// A mixture of which some points are classified.
private struct Classified: Model {
  let point = Axis(), component = Axis(3)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component, named: "species") var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 5)
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }

  /// The same as two data sets: points with labels, and points without.
  struct Twin: Model {
    let known = Axis(), point = Axis(), component = Axis(3)
    @Observed(over: \Self.known) var x: Vector
    @Observed(over: \Self.known, in: \Self.component) var species: Indices
    @Observed(over: \Self.point) var y: Vector
    @Parameter(over: \Self.component) var weights: Vector
    @Parameter(over: \Self.component) var mu: Vector
    @Parameter(over: \Self.component) var sigma: Vector
    @Latent(over: \Self.point, in: \Self.component) var z: Labels
    var body: some Density {
      weights ~ Dirichlet(1)
      mu ~ Normal(0, 5)
      sigma ~ HalfNormal(2)
      species ~ Categorical(weights)
      x ~ Normal(mu[species], sigma[species])
      z ~ Categorical(weights)
      y ~ Normal(mu[z], sigma[z])
    }
  }

  static let y = [0.3, -2, 4, 5.5, 1, -0.4, 2.2]
  static let species: [Double] = [1, .nan, 3, .nan, 2, .nan, 1]
}

/// A mixture of two, for EM.
private struct TwoKinds: Model {
  let point = Axis(), component = Axis(2)
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component) var mu: Vector
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component, named: "kind") var z: Labels
  var body: some Density {
    weights ~ Dirichlet(1)
    mu ~ Normal(0, 5)
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}

/// A chain some of whose states are known.
private struct Seen: Model {
  let step = Axis(), state = Axis(["calm", "wild"])
  @Observed(over: \Self.step) var y: Vector
  @Parameter(over: \Self.state) var mu: Vector
  @Latent(over: \Self.step, in: \Self.state, named: "weather") var z: Labels
  var body: some Density {
    mu ~ Normal(0, 1)
    z
      ~ MarkovChain(
        initial: Vector([0.6, 0.4]),
        transition: Matrix(rows: [Vector([0.7, 0.3]), Vector([0.2, 0.8])]))
    y ~ Normal(mu[z], 1)
  }
}

private func data(_ columns: [(String, DataValue)]) -> DataSet {
  var set = DataSet()
  for (name, value) in columns { set.set(name, value, origin: .code) }
  return set
}

private func numbers(_ values: [Double]) -> DataValue {
  .numbers(shape: [values.count], values: values)
}

@Suite("Partly known labels")
struct PartlyKnownTests {
  private let classified = data([
    ("y", numbers(Classified.y)), ("species", numbers(Classified.species)),
  ])
  private let position = [0.3, -0.2, 0.5, -1, 2, 0.1, -0.3, 0.4]

  @Test(
    "Known labels are data: value and gradient, in the kernel and in the interpreter",
    arguments: [true, false])
  func asData(isNative: Bool) throws {
    var settings = KernelSettings()
    settings.isNative = isNative
    let known = Classified.species.indices.filter { !Classified.species[$0].isNaN }
    let rest = Classified.species.indices.filter { Classified.species[$0].isNaN }
    let twin = data([
      ("x", numbers(known.map { Classified.y[$0] })),
      ("species", numbers(known.map { Classified.species[$0] })),
      ("y", numbers(rest.map { Classified.y[$0] })),
    ])
    let a = try CompiledModel(Classified(), data: classified, settings: settings)
    let b = try CompiledModel(Classified.Twin(), data: twin, settings: settings)
    let (found, expected) = (try a.density(at: position), try b.density(at: position))
    #expect(abs(found.logDensity - expected.logDensity) < 1e-12 * abs(expected.logDensity))
    for (one, other) in zip(found.gradient, expected.gradient) {
      #expect(abs(one - other) < 1e-11 * max(1, abs(other)))
    }
    #expect(!found.gradient.contains { !$0.isFinite })
  }

  @Test("Known labels have probabilities of exactly 0 and 1, and are what is drawn")
  func certain() throws {
    let compiled = try CompiledModel(Classified(), data: classified)
    var settings = SamplerSettings(seed: 2)
    (settings.chains, settings.warmup, settings.draws) = (2, 200, 100)
    let fit = try compiled.sample(settings: settings)
    let draws = try compiled.labelDraws(of: fit)[0]
    for (row, label) in Classified.species.enumerated() where !label.isNaN {
      let expected: [Double] = [1, 2, 3].map { $0 == label ? 1 : 0 }
      #expect(fit.labels[0].values[row] == expected)
      let drawn: [Int32] = (0..<100).map { Array(draws[1, $0])[row] }
      #expect(Set(drawn) == [Int32(label) - 1])
    }
    for (row, label) in Classified.species.enumerated() where label.isNaN {
      #expect(abs(fit.labels[0].values[row].reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test(
    "A chain with known states is summed over the paths through them", arguments: [true, false])
  func chain(isNative: Bool) throws {
    var settings = KernelSettings()
    settings.isNative = isNative
    let y = [0.5, -1, 0.2, 1.4]
    let set = data([
      ("y", numbers(y)), ("weather", .text(shape: [4], values: ["", "wild", "NA", "calm"])),
    ])
    let compiled = try CompiledModel(Seen(), data: set, settings: settings)
    let mu = [-0.3, 0.8]
    func normal(_ y: Double, _ mean: Double, _ scale: Double = 1) -> Double {
      exp(-0.5 * (y - mean) * (y - mean) / scale / scale) / (scale * sqrt(2 * Double.pi))
    }
    var total = 0.0
    var first = 0.0
    for (a, c) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      let path = [a, 1, c, 0]
      var value = [0.6, 0.4][a]
      for t in 1..<4 { value *= [[0.7, 0.3], [0.2, 0.8]][path[t - 1]][path[t]] }
      for t in 0..<4 { value *= normal(y[t], mu[path[t]]) }
      total += value
      if a == 0 { first += value }
    }
    let density = try compiled.density(at: mu)
    let expected = log(total) + log(normal(mu[0], 0)) + log(normal(mu[1], 0))
    #expect(abs(density.logDensity - expected) < 1e-12)
    #expect(!density.gradient.contains { !$0.isFinite })
    // By central differences.
    for k in 0..<2 {
      var (low, high) = (mu, mu)
      (low[k], high[k]) = (mu[k] - 1e-5, mu[k] + 1e-5)
      let above = try compiled.density(at: high).logDensity
      let below = try compiled.density(at: low).logDensity
      let slope = (above - below) / 2e-5
      #expect(abs(slope - density.gradient[k]) < 1e-8)
    }
    var sampling = SamplerSettings(seed: 4)
    (sampling.chains, sampling.warmup, sampling.draws) = (1, 100, 50)
    let fit = try compiled.sample(settings: sampling)
    #expect(fit.labels[0].values[1] == [0, 1])
    #expect(fit.labels[0].values[3] == [1, 0])
    #expect(fit.labels[0].path?[1] == 1 && fit.labels[0].path?[3] == 0)
    let draws = try compiled.labelDraws(of: fit)[0]
    let drawn: [[Int32]] = (0..<50).map { Array(draws[0, $0]) }
    #expect(drawn.allSatisfy { $0[1] == 1 && $0[3] == 0 })
    let nodes = compiled.traced.latents[0].probabilities
    let exact = Interpreter(compiled.traced.graph).values(of: nodes, at: mu)
    #expect(abs(exact[0][0] - first / total) < 1e-12)
  }

  @Test("EM with all labels known is the maximum likelihood of each group")
  func allKnown() throws {
    let (y, kind): ([Double], [Double]) = ([1, 2, 3.5, 10, 12], [1, 1, 1, 2, 2])
    var options = EMOptions(seed: 1)
    options.driver.restarts = 3
    let model = TwoKinds()
    let fit = try fitEM(
      model, data: data([("y", numbers(y)), ("kind", numbers(kind))]), options: options)
    let mean = 6.5 / 3
    let squares: [Double] = [1, 2, 3.5].map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / 3
    #expect(zip(fit[model.$weights], [0.6, 0.4]).allSatisfy { abs($0 - $1) < 1e-10 })
    #expect(zip(fit[model.$mu], [mean, 11]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(zip(fit[model.$sigma], [sqrt(variance), 1]).allSatisfy { abs($0 - $1) < 1e-9 })
    let expected: [[Double]] = kind.map { $0 == 1 ? [1, 0] : [0, 1] }
    #expect(fit[model.$z].values == expected)
    #expect(fit[model.$z].path == nil)
  }

  @Test("EM with some labels known ends where its step by hand stands still")
  func someKnown() throws {
    let y: [Double] = [1, 2, 3.5, 10, 12, 5, 6, 7.5, 2.5, 9]
    let kind: [Double] = [1, 1, .nan, .nan, 2, .nan, .nan, .nan, 1, 2]
    var options = EMOptions(seed: 1)
    options.driver.restarts = 5
    options.driver.tolerance = 1e-14
    let model = TwoKinds()
    let fit = try fitEM(
      model, data: data([("y", numbers(y)), ("kind", numbers(kind))]), options: options)
    let (weights, mu, sigma) = (fit[model.$weights], fit[model.$mu], fit[model.$sigma])
    let probability = y.indices.map { row -> Double in
      if !kind[row].isNaN { return kind[row] == 1 ? 1 : 0 }
      let terms = (0..<2).map { k in
        weights[k] / sigma[k] * exp(-0.5 * pow((y[row] - mu[k]) / sigma[k], 2))
      }
      return terms[0] / (terms[0] + terms[1])
    }
    for k in 0..<2 {
      let own = probability.map { k == 0 ? $0 : 1 - $0 }
      let total = own.reduce(0, +)
      var (mean, variance) = (0.0, 0.0)
      for (r, value) in zip(own, y) { mean += r * value / total }
      for (r, value) in zip(own, y) { variance += r * (value - mean) * (value - mean) / total }
      #expect(abs(weights[k] - total / 10) < 1e-6)
      #expect(abs(mu[k] - mean) < 1e-5)
      #expect(abs(sigma[k] - sqrt(variance)) < 1e-5)
    }
    for row in y.indices { #expect(abs(fit[model.$z].values[row][0] - probability[row]) < 1e-12) }
  }
}
