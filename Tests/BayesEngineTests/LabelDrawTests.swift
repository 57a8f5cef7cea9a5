// Joint draws of labels against the probabilities of all their combinations.

import BayesCore
import BayesInference
import BayesLanguage
import Glibc
import Testing

@testable import BayesEngine

/// The density of a normal of scale 1 without its constant.
private func kernel(_ y: Double, _ mean: Double) -> Double { exp(-0.5 * (y - mean) * (y - mean)) }

/// Two labels in a row, the second depending on the first.
private struct Dependent: Model {
  let point = Axis(2), part = Axis(2), kind = Axis(3)
  @Observed(over: \Self.point) var y: Vector
  @Parameter var unused: Real
  @Latent(over: \Self.point, in: \Self.part) var a: Labels
  @Latent(over: \Self.point, in: \Self.kind) var b: Labels
  var body: some Density {
    unused ~ Normal(0, 1)
    a ~ Categorical(Vector([0.4, 0.6]))
    b ~ Categorical(logits: Matrix(rows: [Vector([0, 2, 0]), Vector([1, -1, 0.5])])[a])
    y ~ Normal(Vector([0, 1])[a] + Vector([1, 0, -2])[b], 1)
  }

  static let y = [0.5, -1.2]
  static let logits: [[Double]] = [[0, 2, 0], [1, -1, 0.5]]

  /// P(a, b | y) at a row, 3 a + b.
  static func probabilities(_ row: Int) -> [Double] {
    let terms = (0..<6).map { place -> Double in
      let (a, b) = (place / 3, place % 3)
      let whole = logits[a].reduce(0) { $0 + exp($1) }
      return [0.4, 0.6][a] * exp(logits[a][b]) / whole
        * kernel(y[row], [0, 1][a] + [1, 0, -2][b])
    }
    return terms.map { $0 / terms.reduce(0, +) }
  }
}

/// Labels of rows within labels of groups.
private struct Nested: Model {
  let row = Axis(), group = Axis(2), kind = Axis(2), state = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
  @Parameter var unused: Real
  @Latent(over: \Self.group, in: \Self.kind) var g: Labels
  @Latent(over: \Self.row, in: \Self.state) var z: Labels
  var body: some Density {
    unused ~ Normal(0, 1)
    g ~ Categorical(Vector([0.3, 0.7]))
    z ~ Categorical(logits: Matrix(rows: [Vector([0, 1]), Vector([0, -1])])[g[groupOf]])
    y ~ Normal(Vector([-1, 1])[z], 1)
  }

  static let y = [0.3, -1, 0.5], groupOf = [0, 1, 0]

  /// P(g, z | y), by (g0, g1, z0, z1, z2).
  static var probabilities: [[Int]: Double] {
    var all: [[Int]: Double] = [:]
    for number in 0..<32 {
      let labels = (0..<5).map { (number >> $0) & 1 }
      var value = 1.0
      for g in labels[..<2] { value *= [0.3, 0.7][g] }
      for row in 0..<3 {
        let (g, z) = (labels[groupOf[row]], labels[2 + row])
        let logits = [[0.0, 1.0], [0.0, -1.0]][g]
        value *= exp(logits[z]) / (exp(logits[0]) + exp(logits[1])) * kernel(y[row], [-1, 1][z])
      }
      all[labels] = value
    }
    let total = all.values.reduce(0, +)
    return all.mapValues { $0 / total }
  }
}

/// A chain with a label of each step, which depends on the state.
private struct Steps: Model {
  let step = Axis(), state = Axis(2), part = Axis(2)
  @Observed(over: \Self.step) var y: Vector
  @Parameter var unused: Real
  @Latent(over: \Self.step, in: \Self.state) var z: Labels
  @Latent(over: \Self.step, in: \Self.part) var c: Labels
  var body: some Density {
    unused ~ Normal(0, 1)
    z
      ~ MarkovChain(
        initial: Vector([0.6, 0.4]),
        transition: Matrix(rows: [Vector([0.7, 0.3]), Vector([0.2, 0.8])]))
    c ~ Categorical(logits: Matrix(rows: [Vector([0, 1]), Vector([0, -1])])[z])
    y ~ Normal(Vector([-1, 1])[c] + Vector([0, 0.5])[z], 1)
  }

  static let y = [0.3, -1, 0.5]

  /// P(z, c | y), by (z0, z1, z2, c0, c1, c2).
  static var probabilities: [[Int]: Double] {
    var all: [[Int]: Double] = [:]
    for number in 0..<64 {
      let labels = (0..<6).map { (number >> $0) & 1 }
      var value = [0.6, 0.4][labels[0]]
      for t in 0..<3 {
        let (z, c) = (labels[t], labels[3 + t])
        if t > 0 { value *= [[0.7, 0.3], [0.2, 0.8]][labels[t - 1]][z] }
        let logits = [[0.0, 1.0], [0.0, -1.0]][z]
        value *= exp(logits[c]) / (exp(logits[0]) + exp(logits[1]))
        value *= kernel(y[t], [-1, 1][c] + [0, 0.5][z])
      }
      all[labels] = value
    }
    let total = all.values.reduce(0, +)
    return all.mapValues { $0 / total }
  }
}

@Suite("Draws of labels")
struct LabelDrawTests {
  /// Labels of all draws, those of all unknowns one after another.
  private func draws(
    of model: some Model, threads: Int = 2, draws: Int = 5000
  ) throws -> (rows: [[Int]], fit: Fit, labels: [LabelDraws]) {
    let compiled = try CompiledModel(model)
    var settings = SamplerSettings(seed: 11)
    (settings.chains, settings.warmup, settings.draws) = (4, 100, draws)
    settings.threads = threads
    let fit = try compiled.sample(settings: settings)
    let labels = try compiled.labelDraws(of: fit)
    let rows = (0..<4).flatMap { chain in
      (0..<draws).map { draw in labels.flatMap { $0[chain, draw].map(Int.init) } }
    }
    return (rows, fit, labels)
  }

  /// Frequencies beside probabilities, with five standard errors.
  private func compare(_ found: [[Int]], _ expected: [[Int]: Double]) {
    let count = Double(found.count)
    var frequencies: [[Int]: Double] = [:]
    for labels in found { frequencies[labels, default: 0] += 1 / count }
    #expect(abs(expected.values.reduce(0, +) - 1) < 1e-12)
    for (labels, probability) in expected {
      let error = 5 * sqrt(probability * (1 - probability) / count) + 1 / count
      #expect(abs((frequencies[labels] ?? 0) - probability) < error, "\(labels)")
    }
  }

  @Test("Labels that depend on each other are drawn jointly")
  func dependent() throws {
    var model = Dependent()
    model.$y = Handle(Dependent.y)
    let (rows, _, labels) = try draws(of: model)
    #expect(labels.map(\.variable.name) == ["a", "b"])
    for row in 0..<2 {
      let expected = Dependent.probabilities(row).enumerated().map { place, probability in
        ([place / 3, place % 3], probability)
      }
      compare(
        rows.map { [$0[row], $0[2 + row]] }, Dictionary(uniqueKeysWithValues: expected))
    }
  }

  @Test("Labels within labels of groups are drawn given these")
  func nested() throws {
    var model = Nested()
    (model.$y, model.$groupOf) = (Handle(Nested.y), Handle(Nested.groupOf))
    let (rows, fit, labels) = try draws(of: model)
    #expect(labels.map(\.variable.name) == ["g", "z"])
    compare(rows, Nested.probabilities)
    // The probabilities that are reported are the margins of these.
    let expected = Nested.probabilities.reduce(0) { $0 + ($1.key[4] == 1 ? $1.value : 0) }
    #expect(abs(fit[model.$z].values[2][1] - expected) < 1e-12)
    #expect(fit[model.$z].path == nil)
  }

  @Test("Paths of chains are drawn as wholes, further labels of their steps given them")
  func chains() throws {
    var model = Steps()
    model.$y = Handle(Steps.y)
    let (rows, fit, labels) = try draws(of: model)
    #expect(labels.map(\.variable.name) == ["z", "c"])
    compare(rows, Steps.probabilities)
    // The most probable path, the further labels summed out.
    var paths: [[Int]: Double] = [:]
    for (labels, value) in Steps.probabilities { paths[Array(labels[..<3]), default: 0] += value }
    #expect(fit[model.$z].path == paths.max { $0.value < $1.value }!.key)
    #expect(fit[model.$c].path == nil)
  }

  @Test("Draws depend on seed, chain and number only: not on threads, not on thinning")
  func reproducible() throws {
    var model = Steps()
    model.$y = Handle(Steps.y)
    let (_, _, two) = try draws(of: model, threads: 2, draws: 60)
    let (_, fit, one) = try draws(of: model, threads: 1, draws: 60)
    #expect(one == two)
    let thinned = try CompiledModel(model).labelDraws(of: fit, every: 7)
    #expect(thinned["z"]!.draws == Array(stride(from: 0, to: 60, by: 7)))
    for (place, draw) in thinned["z"]!.draws.enumerated() {
      #expect(thinned["z"]![3, place].elementsEqual(one["z"]![3, draw]))
    }
    #expect(Set(one["z"]!.chains).count == 4, "chains have streams of their own")
  }

  @Test("The best path of EM is that at the estimates")
  func pathOfEM() throws {
    var model = Steps()
    model.$y = Handle(Steps.y)
    let compiled = try CompiledModel(model)
    let labels = withPaths(
      compiled.traced.latents.map {
        LabelProbabilities(variable: $0.variable, labels: $0.labels, values: [])
      }, compiled.traced.latentBlocks, compiled.traced.graph, at: [0])
    var paths: [[Int]: Double] = [:]
    for (labels, value) in Steps.probabilities { paths[Array(labels[..<3]), default: 0] += value }
    #expect(labels[0].path == paths.max { $0.value < $1.value }!.key)
  }
}
