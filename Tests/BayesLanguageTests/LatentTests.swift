// Discrete unknowns: summed out, the density is the sum over every assignment of labels.

import BayesCore
import BayesGraph
import BayesLanguage
import Testing

/// What the models below share: unknown labels in one copy, the same labels as data in the other.
private protocol Enumerable: Model {
  associatedtype Twin: Model
  /// The same model with its labels given, in the order of `sizes`.
  static func given(_ labels: [[Int]]) -> Twin
  static var filled: Self { get }
  /// For each unknown the number of positions and of labels.
  static var sizes: [(positions: Int, labels: Int)] { get }
}

private struct Pair: Enumerable {
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
  struct Twin: Model {
    let point = Axis(), component = Axis(2)
    @Observed(over: \Self.point) var y: Vector
    @Parameter(over: \Self.component) var weights: Vector
    @Parameter(over: \Self.component) var mu: Vector
    @Parameter(over: \Self.component) var sigma: Vector
    @Observed(over: \Self.point, in: \Self.component) var z: Indices
    var body: some Density {
      weights ~ Dirichlet(1)
      mu ~ Normal(0, 2).ordered()
      sigma ~ HalfNormal(2)
      z ~ Categorical(weights)
      y ~ Normal(mu[z], sigma[z])
    }
  }
  static let y: Handle<Vector> = [-1.2, 0.4, 2.5, 3.1, -0.3]
  static var filled: Self {
    var model = Self()
    model.$y = y
    return model
  }
  static func given(_ labels: [[Int]]) -> Twin {
    var model = Twin()
    model.$y = y
    model.$z = Handle(labels[0])
    return model
  }
  static let sizes = [(positions: 5, labels: 2)]
}

/// Two unknowns in each row, one depending on the other, and two observations.
private struct Joint: Enumerable {
  let row = Axis(), kind = Axis(3), state = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Observed(over: \Self.row) var n: Counts
  @Given(over: \Self.row) var x: Vector
  @Parameter(over: \Self.kind) var p: Vector
  @Parameter(over: \Self.kind) var q: Vector
  @Parameter(over: \Self.kind) var a: Vector
  @Parameter(over: \Self.kind, \Self.state) var b: Matrix
  @Latent(over: \Self.row, in: \Self.kind) var z: Labels
  @Latent(over: \Self.row, in: \Self.state) var w: Labels
  var body: some Density {
    p ~ Dirichlet(2)
    q ~ Beta(2, 3)
    a ~ Normal(0, 1)
    b ~ Normal(0, 1)
    z ~ Categorical(p)
    w ~ Bernoulli(q[z])
    y ~ Normal(a[z] * x + b[z, w], 1)
    n ~ Poisson(2 + Vector(w))
  }
  struct Twin: Model {
    let row = Axis(), kind = Axis(3), state = Axis(2)
    @Observed(over: \Self.row) var y: Vector
    @Observed(over: \Self.row) var n: Counts
    @Given(over: \Self.row) var x: Vector
    @Parameter(over: \Self.kind) var p: Vector
    @Parameter(over: \Self.kind) var q: Vector
    @Parameter(over: \Self.kind) var a: Vector
    @Parameter(over: \Self.kind, \Self.state) var b: Matrix
    @Observed(over: \Self.row, in: \Self.kind) var z: Indices
    @Given(over: \Self.row, in: \Self.state) var w: Indices
    @Observed(over: \Self.row) var coin: Counts
    var body: some Density {
      p ~ Dirichlet(2)
      q ~ Beta(2, 3)
      a ~ Normal(0, 1)
      b ~ Normal(0, 1)
      z ~ Categorical(p)
      coin ~ Bernoulli(q[z])
      y ~ Normal(a[z] * x + b[z, w], 1)
      n ~ Poisson(2 + Vector(coin))
    }
  }
  static let (y, n, x): (Handle<Vector>, Handle<Counts>, Handle<Vector>) = (
    [0.3, -1, 2.2], [1, 4, 2], [1, 0.5, -2]
  )
  static var filled: Self {
    var model = Self()
    (model.$y, model.$n, model.$x) = (y, n, x)
    return model
  }
  static func given(_ labels: [[Int]]) -> Twin {
    var model = Twin()
    (model.$y, model.$n, model.$x) = (y, n, x)
    (model.$z, model.$w, model.$coin) = (Handle(labels[0]), Handle(labels[1]), Handle(labels[1]))
    return model
  }
  static let sizes = [(positions: 3, labels: 3), (positions: 3, labels: 2)]
}

/// Labels of rows within labels of groups.
private struct Nested: Enumerable {
  let row = Axis(), group = Axis(2), kind = Axis(2), state = Axis(3)
  @Observed(over: \Self.row) var y: Vector
  @Observed(over: \Self.group) var size: Vector
  @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
  @Parameter(over: \Self.kind) var p: Vector
  @Parameter(over: \Self.kind, \Self.state) var q: Matrix
  @Parameter(over: \Self.state) var mu: Vector
  @Parameter(over: \Self.kind) var shift: Vector
  @Latent(over: \Self.group, in: \Self.kind) var g: Labels
  @Latent(over: \Self.row, in: \Self.state) var z: Labels
  var body: some Density {
    p ~ Dirichlet(1)
    q ~ Normal(0, 1)
    mu ~ Normal(0, 1)
    shift ~ Normal(0, 1)
    g ~ Categorical(p)
    size ~ Normal(shift[g], 1)
    z ~ Categorical(logits: q[g[groupOf]])
    y ~ Normal(mu[z] + shift[g[groupOf]], 1)
  }
  struct Twin: Model {
    let row = Axis(), group = Axis(2), kind = Axis(2), state = Axis(3)
    @Observed(over: \Self.row) var y: Vector
    @Observed(over: \Self.group) var size: Vector
    @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
    @Parameter(over: \Self.kind) var p: Vector
    @Parameter(over: \Self.kind, \Self.state) var q: Matrix
    @Parameter(over: \Self.state) var mu: Vector
    @Parameter(over: \Self.kind) var shift: Vector
    @Observed(over: \Self.group, in: \Self.kind) var g: Indices
    @Observed(over: \Self.row, in: \Self.state) var z: Indices
    var body: some Density {
      p ~ Dirichlet(1)
      q ~ Normal(0, 1)
      mu ~ Normal(0, 1)
      shift ~ Normal(0, 1)
      g ~ Categorical(p)
      size ~ Normal(shift[g], 1)
      z ~ Categorical(logits: q[g[groupOf]])
      y ~ Normal(mu[z] + shift[g[groupOf]], 1)
    }
  }
  static let (y, size, groupOf): (Handle<Vector>, Handle<Vector>, Handle<Indices>) = (
    [0.3, -1, 2.2, 0.5], [1.5, -0.2], [0, 1, 1, 0]
  )
  static var filled: Self {
    var model = Self()
    (model.$y, model.$size, model.$groupOf) = (y, size, groupOf)
    return model
  }
  static func given(_ labels: [[Int]]) -> Twin {
    var model = Twin()
    (model.$y, model.$size, model.$groupOf) = (y, size, groupOf)
    (model.$g, model.$z) = (Handle(labels[0]), Handle(labels[1]))
    return model
  }
  static let sizes = [(positions: 2, labels: 2), (positions: 4, labels: 3)]
}

@Suite("Discrete unknowns")
struct LatentTests {
  /// log Σ over every assignment, and for each unknown, position and label its probability.
  private func enumerate<M: Enumerable>(
    _: M.Type, at position: [Double]
  ) throws -> (total: Double, probabilities: [[[Double]]]) {
    let cells = M.sizes.flatMap { Array(repeating: $0.labels, count: $0.positions) }
    var assignment = [Int](repeating: 0, count: cells.count)
    var densities: [([Int], Double)] = []
    repeat {
      var rest = assignment[...]
      let labels = M.sizes.map { size in
        defer { rest = rest.dropFirst(size.positions) }
        return Array(rest.prefix(size.positions))
      }
      let traced = try trace(M.given(labels))
      let value = Interpreter(traced.graph).values(of: [traced.logDensity], at: position)[0][0]
      densities.append((assignment, value))
      var cell = 0
      while cell < cells.count {
        assignment[cell] += 1
        if assignment[cell] < cells[cell] { break }
        assignment[cell] = 0
        cell += 1
      }
      if cell == cells.count { break }
    } while true
    let largest = densities.map(\.1).max()!
    let weights = densities.map { exponential($0.1 - largest) }
    let sum = weights.reduce(0, +)
    var start = 0
    let probabilities = M.sizes.map { size in
      defer { start += size.positions }
      return (0..<size.labels).map { label in
        (start..<start + size.positions).map { place in
          zip(densities, weights).filter { $0.0.0[place] == label }.map(\.1).reduce(0, +) / sum
        }
      }
    }
    return (largest + logarithm(sum), probabilities)
  }

  private func check<M: Enumerable>(_ type: M.Type) throws {
    let traced = try trace(M.filled)
    #expect(traced.latents.count == M.sizes.count)
    for shift in [0.0, 0.7, -1.3] {
      let position = (0..<traced.dimension).map { 0.3 * Double($0 % 5) - 0.5 + shift }
      let (total, probabilities) = try enumerate(type, at: position)
      let interpreter = Interpreter(traced.graph)
      let value = interpreter.values(of: [traced.logDensity], at: position)[0][0]
      #expect(abs(value - total) < 1e-12 * abs(total), "\(M.self) \(value) \(total)")
      for (latent, expected) in zip(traced.latents, probabilities) {
        let found = interpreter.values(of: latent.probabilities, at: position)
        for (a, b) in zip(found.joined(), expected.joined()) { #expect(abs(a - b) < 1e-12) }
      }
    }
  }

  @Test("One label a row")
  func one() throws { try check(Pair.self) }

  @Test("Two labels a row, one depending on the other, and two observations")
  func joint() throws { try check(Joint.self) }

  @Test("Labels of rows nested in labels of groups")
  func nested() throws { try check(Nested.self) }
}

private struct Refused: Model {
  let row = Axis(), kind = Axis(2), other = Axis(3)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Latent(over: \Self.row, in: \Self.kind) var a: Labels
  @Latent(over: \Self.row, in: \Self.kind) var b: Labels
  @Latent(over: \Self.row, in: \Self.kind) var c: Labels
  var body: some Density {
    mu ~ Normal(0, 1)
    a ~ Categorical(Vector([0.5, 0.5]))
    a ~ Categorical(Vector([0.5, 0.5]))
    c ~ Bernoulli(0.5)
    y ~ Normal(mu[a], 1)
  }
}

private struct Sizes: Model {
  let row = Axis(), kind = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Latent(over: \Self.row, in: \Self.kind) var a: Labels
  @Latent(over: \Self.row, in: \Self.kind) var b: Labels
  @Latent(over: \Self.row, in: \Self.kind) var c: Labels
  @Latent(over: \Self.row, in: \Self.kind) var d: Labels
  @Derived(over: \Self.row) var e: Vector
  var body: some Density {
    mu ~ Normal(0, 1)
    a ~ Categorical(Vector([0.2, 0.3, 0.5]))
    b ~ Normal(0, 1)
    c ~ Poisson(3)
    d ~ Bernoulli(0.5)
    e <- mu[d]
    y[1...] ~ Normal(mu[d], 1)
  }
}

private struct Tied: Model {
  let row = Axis(), kind = Axis(2)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Latent(over: \Self.row, in: \Self.kind) var a: Labels
  var body: some Density {
    mu ~ Normal(0, 1)
    a ~ Bernoulli(0.5)
    y ~ Normal(sum(mu[a]), 1)
  }
}

private struct Huge: Model {
  let row = Axis(), kind = Axis(100)
  @Observed(over: \Self.row) var y: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Latent(over: \Self.row, in: \Self.kind) var a: Labels
  @Latent(over: \Self.row, in: \Self.kind) var b: Labels
  var body: some Density {
    mu ~ Normal(0, 1)
    a ~ Categorical(logits: mu)
    b ~ Categorical(logits: mu)
    y ~ Normal(mu[a] + mu[b], 1)
  }
}

extension LatentTests {
  @Test("What cannot be summed out is refused, with what to write instead")
  func refused() {
    let y = "{\"y\": [1, 2]}"
    func check(_ found: [String], _ expected: [String]) {
      #expect(found.count == expected.count)
      for (message, start) in zip(found, expected) {
        #expect(message.hasPrefix(start))
      }
    }
    check(
      messages(Refused(), y),
      [
        "`a` has a second distribution (first at",
        "`b` has no distribution; write `b ~ Categorical(…)`",
      ])
    check(
      messages(Sizes(), y),
      [
        "`a ~ Categorical`: the distribution has more values than the 2 labels of axis `kind`",
        "`b ~ Normal`: `b` is a discrete unknown, and Normal is no distribution of whole numbers",
        "`c ~ Poisson`: the distribution has more values than the 2 labels of axis `kind`",
        "`y[1...] ~ Normal`: location of Normal is a vector[2] beside a vector[1]",
        "`d` is @Latent and summed out, so that it has no value in a draw",
      ])
    check(
      messages(Tied(), y), ["`sum(mu[a])` mixes the labels of different rows, so that `a` cannot"])
    check(
      messages(Huge(), y),
      [
        "summing out takes every combination of labels (`a`: 100, `b`: 100): 10000 for each of 2 rows"
      ])
  }
}

/// e to a power, by the graph's own interpreter.
private func exponential(_ x: Double) -> Double {
  let builder = GraphBuilder()
  let node = builder.unary(.exp, builder.position(offset: 0, shape: .scalar))
  return Interpreter(builder.graph).values(of: [node.id], at: [x])[0][0]
}
