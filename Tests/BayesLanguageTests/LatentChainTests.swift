// Markov chains as models: the density is the sum over every path of states.

import BayesCore
import BayesGraph
import BayesLanguage
import BayesNumerics
import Testing

/// A hidden Markov model with most of what may stand in one: two sequences whose rows are mixed,
/// observations row by row and through an index column, rows without any, and labels of a mixture.
private struct Hidden: Model {
  let step = Axis(), reading = Axis(), person = Axis(), state = Axis(2), part = Axis(2)
  @Given(over: \Self.step, in: \Self.person) var personOf: Indices
  @Given(over: \Self.reading, in: \Self.step) var stepOf: Indices
  @Observed(over: \Self.step) var n: Counts
  @Observed(over: \Self.step) var x: Vector
  @Observed(over: \Self.reading) var y: Vector
  @Parameter(over: \Self.state) var start: Vector
  @Parameter(over: \Self.state) var fromFirst: Vector
  @Parameter(over: \Self.state) var fromSecond: Vector
  @Parameter(over: \Self.state) var mu: Vector
  @Parameter(over: \Self.state, \Self.part) var logits: Matrix
  @Parameter(over: \Self.part) var shift: Vector
  @Latent(over: \Self.step, in: \Self.state) var z: Labels
  @Latent(over: \Self.step, in: \Self.part) var c: Labels
  @Latent(over: \Self.reading, in: \Self.part) var d: Labels
  var body: some Density {
    start ~ Dirichlet(2)
    fromFirst ~ Dirichlet(1)
    fromSecond ~ Dirichlet(1)
    mu ~ Normal(0, 1)
    logits ~ Normal(0, 1)
    shift ~ Normal(0, 1)
    z
      ~ MarkovChain(
        initial: start, transition: Matrix(rows: [fromFirst, fromSecond]), sequence: personOf)
    n ~ Poisson(exp(mu[z]))
    c ~ Categorical(logits: logits[z])
    x ~ Normal(shift[c], 0.7)
    d ~ Categorical(logits: logits[z[stepOf]])
    y ~ Normal(shift[d] + mu[z[stepOf]], 1)
  }

  /// The same with its labels given.
  struct Twin: Model {
    let step = Axis(), reading = Axis(), state = Axis(2), part = Axis(2)
    @Given(over: \Self.reading, in: \Self.step) var stepOf: Indices
    @Observed(over: \Self.step) var n: Counts
    @Observed(over: \Self.step) var x: Vector
    @Observed(over: \Self.reading) var y: Vector
    @Parameter(over: \Self.state) var start: Vector
    @Parameter(over: \Self.state) var fromFirst: Vector
    @Parameter(over: \Self.state) var fromSecond: Vector
    @Parameter(over: \Self.state) var mu: Vector
    @Parameter(over: \Self.state, \Self.part) var logits: Matrix
    @Parameter(over: \Self.part) var shift: Vector
    @Given(over: \Self.step, in: \Self.state) var z: Indices
    @Observed(over: \Self.step, in: \Self.part) var c: Indices
    @Observed(over: \Self.reading, in: \Self.part) var d: Indices
    var body: some Density {
      start ~ Dirichlet(2)
      fromFirst ~ Dirichlet(1)
      fromSecond ~ Dirichlet(1)
      mu ~ Normal(0, 1)
      logits ~ Normal(0, 1)
      shift ~ Normal(0, 1)
      n ~ Poisson(exp(mu[z]))
      c ~ Categorical(logits: logits[z])
      x ~ Normal(shift[c], 0.7)
      d ~ Categorical(logits: logits[z[stepOf]])
      y ~ Normal(shift[d] + mu[z[stepOf]], 1)
    }
  }

  static let persons = [1, 0, 1, 0]
  // Steps 0 and 3 have no reading, step 1 has two.
  static let stepOf = [1, 2, 1]
  static let n: Handle<Counts> = [0, 3, 1, 2]
  static let x: Handle<Vector> = [0.1, -1.4, 0.8, 2.2]
  static let y: Handle<Vector> = [1.1, -0.2, 0.4]

  static var filled: Self {
    var model = Self()
    (model.$n, model.$x, model.$y) = (n, x, y)
    (model.$personOf, model.$stepOf) = (Handle(persons), Handle(stepOf))
    return model
  }

  static func given(_ z: [Int], _ c: [Int], _ d: [Int]) -> Twin {
    var model = Twin()
    (model.$n, model.$x, model.$y, model.$stepOf) = (n, x, y, Handle(stepOf))
    (model.$z, model.$c, model.$d) = (Handle(z), Handle(c), Handle(d))
    return model
  }
}

@Suite("Markov chains as models")
struct LatentChainTests {
  private static func bits(_ number: Int, _ count: Int) -> [Int] {
    (0..<count).map { (number >> $0) & 1 }
  }

  @Test("Sequences, gaps, index columns and labels within: the sum over every path and label")
  func enumeration() throws {
    let traced = try trace(Hidden.filled)
    #expect(traced.latents.map(\.variable.name) == ["z", "c", "d"])
    let position = (0..<traced.dimension).map { 0.35 * Double($0 % 5) - 0.6 }
    let interpreter = Interpreter(traced.graph)
    func value(_ name: String) -> [Double] {
      let node = traced.parameters.first { $0.variable.name == name }!.node
      return interpreter.values(of: [node], at: position)[0]
    }
    let (start, moves) = (value("start"), [value("fromFirst"), value("fromSecond")])
    // Labels given the states are independent of each other: 2⁴ paths by 2⁷ labels.
    var terms: [(z: [Int], c: [Int], d: [Int], value: Double)] = []
    for number in 0..<(1 << 11) {
      let all = Self.bits(number, 11)
      let (z, c, d) = (Array(all[..<4]), Array(all[4..<8]), Array(all[8...]))
      // A sample of each label's values suffices where all others are 0: the density factorises.
      guard c.reduce(0, +) + d.reduce(0, +) <= 1 else { continue }
      let twin = try trace(Hidden.given(z, c, d))
      let density = Interpreter(twin.graph).values(of: [twin.logDensity], at: position)[0][0]
      var path = 0.0
      for person in 0...1 {
        let own = Hidden.persons.indices.filter { Hidden.persons[$0] == person }
        path += logarithm(start[z[own[0]]])
        for (a, b) in zip(own, own.dropFirst()) { path += logarithm(moves[z[a]][z[b]]) }
      }
      terms.append((z, c, d, density + path))
    }
    // For each path: Π over labels of (1 + the ratio that a label of 1 makes).
    var paths: [(z: [Int], value: Double, odds: [Double])] = []
    for term in terms where term.c.allSatisfy({ $0 == 0 }) && term.d.allSatisfy({ $0 == 0 }) {
      let others = terms.filter { $0.z == term.z && $0.c + $0.d != term.c + term.d }
      var odds = [Double](repeating: 0, count: 7)
      for other in others {
        odds[(other.c + other.d).firstIndex(of: 1)!] = exponential(other.value - term.value)
      }
      paths.append((term.z, term.value + odds.reduce(0) { $0 + logarithm(1 + $1) }, odds))
    }
    #expect(paths.count == 16)
    let largest = paths.map(\.value).max()!
    let sum = paths.reduce(0) { $0 + exponential($1.value - largest) }
    let total = largest + logarithm(sum)
    let found = interpreter.values(of: [traced.logDensity], at: position)[0][0]
    #expect(abs(found - total) < 1e-12 * abs(total), "\(found) \(total)")
    let probabilities = traced.latents.map {
      interpreter.values(of: $0.probabilities, at: position)
    }
    for t in 0..<4 {
      let z = paths.reduce(0) { $1.z[t] == 1 ? $0 + exponential($1.value - total) : $0 }
      #expect(abs(probabilities[0][1][t] - z) < 1e-12)
      let c = paths.reduce(0) { $0 + exponential($1.value - total) * $1.odds[t] / (1 + $1.odds[t]) }
      #expect(abs(probabilities[1][1][t] - c) < 1e-12)
    }
    for r in 0..<3 {
      let d = paths.reduce(0) {
        $0 + exponential($1.value - total) * $1.odds[4 + r] / (1 + $1.odds[4 + r])
      }
      #expect(abs(probabilities[2][1][r] - d) < 1e-12)
    }
    for latent in probabilities {
      for t in latent[0].indices { #expect(abs(latent[0][t] + latent[1][t] - 1) < 1e-14) }
    }
    // The likelihood is one number for each sequence.
    let marginal = traced.statements.last!
    #expect(marginal.kind == .marginal(labels: ["z", "c", "d"], data: ["n", "x", "y"]))
    #expect(traced.graph[marginal.pointwise].shape == .vector(2))
  }

  @Test("The log density and draws of a path follow its sequences")
  func path() {
    let builder = GraphBuilder()
    let chain = MarkovChain(initial: Vector([0.5]), transition: Vector([0.5]))
    let arguments = [
      builder.data([0.2, 0.8], shape: .vector(2)),
      builder.data([0.9, 0.1, 0.3, 0.7], shape: .matrix(2, 2)),
      builder.data([1, 0, 1, 0], shape: .vector(4)),
    ]
    let density = chain.logDensity(builder.data([0, 1, 1, 1], shape: .vector(4)), arguments)
    #expect(abs(density.dataValues![0] - logarithm(0.8 * 0.7 * 0.2 * 0.1)) < 1e-15)
    let single = chain.logDensity(
      builder.data([0, 1, 1, 1], shape: .vector(4)), Array(arguments[..<2]))
    #expect(abs(single.dataValues![0] - logarithm(0.2 * 0.1 * 0.7 * 0.7)) < 1e-15)
    var stream = RandomStream(seed: 1, chain: 0, purpose: .test, iteration: 0)
    let path = chain.draw(
      [[0, 1], [0, 1, 1, 0], [0, 0, 1, 0, 1]], size: 5, using: &stream)
    #expect(path == [1, 0, 1, 1, 0])
  }
}

private struct TwoChains: Model {
  let step = Axis(), state = Axis(2)
  @Observed(over: \Self.step) var y: Vector
  @Given(over: \Self.state, \Self.state) var move: Matrix
  @Latent(over: \Self.step, in: \Self.state) var a: Labels
  @Latent(over: \Self.step, in: \Self.state) var b: Labels
  var body: some Density {
    a ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: move)
    b ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: move)
    y ~ Normal(Vector(a) + Vector(b), 1)
  }
}

private struct Grouped: Model {
  let step = Axis(), person = Axis(), state = Axis(2)
  @Observed(over: \Self.step) var y: Vector
  @Given(over: \Self.step, in: \Self.person) var personOf: Indices
  @Given(over: \Self.state, \Self.state) var move: Matrix
  @Latent(over: \Self.person, in: \Self.state) var kind: Labels
  @Latent(over: \Self.step, in: \Self.state) var z: Labels
  var body: some Density {
    kind ~ Bernoulli(0.5)
    z ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: move, sequence: personOf)
    y ~ Normal(Vector(z) + Vector(kind[personOf]), 1)
  }
}

private struct Misplaced: Model {
  let step = Axis(), state = Axis(2), other = Axis(3)
  @Observed(over: \Self.step) var y: Vector
  @Observed(over: \Self.step, in: \Self.state) var seen: Indices
  @Given(over: \Self.state, \Self.state) var move: Matrix
  @Parameter(over: \Self.state) var p: Vector
  @Latent(over: \Self.step, in: \Self.state) var a: Labels
  var body: some Density {
    p ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: move)
    seen ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: move)
    a ~ Bernoulli(0.5)
    y ~ Normal(Vector(a), 1)
  }
}

private struct Sized: Model {
  let step = Axis(), state = Axis(2)
  var first = Vector([0.5, 0.5])
  var rows = [Vector([0.5, 0.5]), Vector([0.1, 0.9])]
  var dependent = false
  @Observed(over: \Self.step) var y: Vector
  @Latent(over: \Self.step, in: \Self.state) var a: Labels
  @Latent(over: \Self.step, in: \Self.state) var b: Labels
  var body: some Density {
    b ~ Bernoulli(0.5)
    if dependent {
      a ~ MarkovChain(initial: Vector([0.2, 0.8])[b], transition: Matrix(rows: rows))
    } else {
      a ~ MarkovChain(initial: first, transition: Matrix(rows: rows))
    }
    y ~ Normal(Vector(a) + Vector(b), 1)
  }
}

extension LatentChainTests {
  @Test("What cannot be summed out is refused in plain words")
  func refusals() {
    func check(_ found: [String], _ expected: [String]) {
      #expect(found.count == expected.count, "\(found)")
      for (message, start) in zip(found, expected) {
        #expect(message.hasPrefix(start), "\(message)")
      }
    }
    let move = #""move": [[0.9, 0.1], [0.2, 0.8]]"#
    check(
      messages(TwoChains(), #"{"y": [1, 2], \#(move)}"#),
      ["`a`, `b` are Markov chains that depend on each other"])
    check(
      messages(Grouped(), #"{"y": [1, 2, 3], "personOf": ["u", "v", "v"], \#(move)}"#),
      ["`z` is a Markov chain whose steps depend on the labels `kind` of groups of rows"])
    check(
      messages(Misplaced(), #"{"y": [1, 2], "seen": [1, 2], \#(move)}"#),
      [
        "`p ~ MarkovChain`: MarkovChain is the distribution of discrete unknowns",
        "`seen ~ MarkovChain`: MarkovChain is the distribution of discrete unknowns",
        "`seen` is @Observed but stands on no left side", "`p` has no prior",
      ])
    let y = #"{"y": [1, 2]}"#
    #expect(messages(Sized(), y) == [])
    check(
      messages(Sized(first: Vector([0.2, 0.3, 0.5])), y),
      ["`a ~ MarkovChain`: `initial` is a vector of 3, but axis `state` has 2 states"])
    check(
      messages(Sized(rows: [Vector([0.2, 0.3, 0.5]), Vector([0.2, 0.3, 0.5])]), y),
      [
        "`a ~ MarkovChain`: `transition` is a matrix of 2 rows and 3 columns, but axis `state` has 2 states"
      ])
    check(
      messages(Sized(rows: [Vector([0.2, 0.7]), Vector([0.2, 0.8])]), y),
      ["transition of MarkovChain is 0.2 in"])
    check(
      messages(Sized(rows: [Vector([0.2, 0.8]), Vector([1])]), y),
      ["`[1…]` is a vector of 1 and `[0.2, 0.8…]` is a vector of 2: the rows of a matrix expect"])
    check(
      messages(Sized(dependent: true), y),
      ["`a ~ MarkovChain`: `initial` depends on a discrete unknown"])
  }
}

/// e to a power, by the graph's own function.
private func exponential(_ x: Double) -> Double { UnaryOp.exp.function(x) }

/// A hidden Markov model whose states are summed out by hand.
private struct ByHand: Model {
  let time = Axis(), state = Axis(2)
  @Given(over: \Self.time) var y: Vector
  @Parameter(over: \Self.state) var theta1: Vector
  @Parameter(over: \Self.state) var theta2: Vector
  @Parameter(over: \Self.state) var mu: Vector

  func emission(_ t: Int, _ k: Int) -> Real {
    -0.5 * square(y[t] - mu[k]) - 0.9189385332046727
  }

  var body: some Density {
    theta1 ~ Dirichlet(1)
    theta2 ~ Dirichlet(1)
    mu ~ Normal(Vector([3, 10]), 1).positive.ordered()
    Factor(logLikelihood)
  }

  var logLikelihood: Real {
    var (first, second) = (emission(0, 0), emission(0, 1))
    for t in 1..<time.count {
      let toFirst = logSumExp(first + log(theta1[0]), second + log(theta2[0]))
      let toSecond = logSumExp(first + log(theta1[1]), second + log(theta2[1]))
      (first, second) = (toFirst + emission(t, 0), toSecond + emission(t, 1))
    }
    return logSumExp(first, second)
  }
}

/// The same with the states as a discrete unknown.
private struct ByChain: Model {
  let time = Axis(), state = Axis(2)
  @Observed(over: \Self.time) var y: Vector
  @Parameter(over: \Self.state) var theta1: Vector
  @Parameter(over: \Self.state) var theta2: Vector
  @Parameter(over: \Self.state) var mu: Vector
  @Latent(over: \Self.time, in: \Self.state) var z: Labels
  var body: some Density {
    theta1 ~ Dirichlet(1)
    theta2 ~ Dirichlet(1)
    mu ~ Normal(Vector([3, 10]), 1).positive.ordered()
    z ~ MarkovChain(initial: Vector([0.5, 0.5]), transition: Matrix(rows: [theta1, theta2]))
    y ~ Normal(mu[z], 1)
  }
}

extension LatentChainTests {
  @Test(
    "States summed out by hand give the same density and gradient, in a graph that grows with time")
  func byHand() throws {
    let values = (0..<60).map { 6 + 4 * UnaryOp.sin.function(0.7 * Double($0 * $0 % 17)) }
    var (hand, chain) = (ByHand(), ByChain())
    (hand.$y, chain.$y) = (Handle(values), Handle(values))
    let traces = [try trace(hand), try trace(chain)]
    let results = traces.map { traced -> [[Double]] in
      let builder = GraphBuilder(traced.graph)
      let root = Tensor(builder: builder, id: traced.unconstrainedLogDensity)
      let parts = builder.gradient(of: root)
      return [[0.2, -0.4, 1.1, 0.9], [1.5, 0.1, 0.7, 1.6]].map { position in
        let values = Interpreter(builder.graph).values(
          of: [root.id] + parts.map(\.node), at: position)
        var gradient = [Double](repeating: 0, count: 4)
        for (part, value) in zip(parts, values.dropFirst()) {
          for (i, x) in value.enumerated() { gradient[part.offset + i] += x }
        }
        return values[0] + gradient
      }
    }
    for (a, b) in zip(results[0], results[1]) {
      // There the first state has no probability, here ½.
      #expect(abs(a[0] - logarithm(2) - b[0]) < 1e-10)
      for (x, y) in zip(a, b).dropFirst() { #expect(abs(x - y) < 1e-10) }
    }
    #expect(traces[1].graph.nodes.count * 4 < traces[0].graph.nodes.count)
  }
}
