// Statements about elements and slices of parameters and of data.

import BayesCore
import BayesGraph
import BayesLanguage
import Testing

/// This file as messages name it.
private let here = SourceLocation(path: #filePath, line: 1).description.dropLast(2)

private struct WalkByElement: Model {
  let n = Axis(6)
  @Parameter var s: Real
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    s ~ HalfNormal(1)
    z[0] ~ Normal(1, 2)
    for i in 1..<n.count {
      z[i] ~ Normal(z[i - 1], s)
    }
  }
}

private struct WalkBySlice: Model {
  let n = Axis(6)
  @Parameter var s: Real
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    s ~ HalfNormal(1)
    z[0] ~ Normal(1, 2)
    z[1...] ~ Normal(z[..<(n.count - 1)], s)
  }
}

private struct Bounded: Model {
  let n = Axis(4)
  @Parameter(over: \Self.n) var p: Vector
  var body: some Density {
    p[0] ~ Uniform(-1, 1)
    p[1..<3] ~ Uniform(0, 3)
    p[3] ~ Beta(2, 3)
  }
}

private struct Cutpoints: Model {
  let n = Axis(3)
  @Parameter(.ordered, over: \Self.n) var c: Vector
  var body: some Density {
    c[0] ~ Normal(-1, 1)
    c[1...] ~ Normal(1, 2)
  }
}

/// Supports that hang on a constant bound.
private struct Edges: Model {
  let n = Axis(2)
  @Parameter(over: \Self.n) var c: Vector
  @Parameter var free: Real
  var body: some Density {
    c ~ Normal(Vector([3, 10]), 1).positive.ordered()
    free ~ Normal(0, 1).lower(-Double.infinity)
  }
}

private struct Halves: Model {
  let n = Axis(2)
  @Parameter(.positive, over: \Self.n) var s: Vector
  var body: some Density {
    s[0] ~ HalfNormal(1)
    s[1] ~ Normal(0, 2)
  }
}

private struct Table: Model {
  let row = Axis(3)
  let column = Axis(2)
  @Parameter(over: \Self.row, \Self.column) var m: Matrix
  var body: some Density {
    m.row(0) ~ Normal(0, 1)
    m[1, 0] ~ Normal(m[0, 0], 2)
    m[1, 1] ~ Normal(m[0, 1], 2)
    m.row(2) ~ MultivariateNormal(m.row(1), cholesky: diagonal(Vector([1, 2])))
  }
}

private struct Picked: Model {
  let group = Axis(3)
  let first = Axis(2)
  @Given(over: \Self.first, in: \Self.group) var places: Indices
  @Parameter(over: \Self.group) var a: Vector
  init() { $places = [2, 0] }
  var body: some Density {
    a[places] ~ Normal(Vector([5, 6]), 1)
    a[1] ~ StudentT(4, 0, 1)
  }
}

private struct Autoregression: Model {
  let time = Axis()
  @Observed(over: \Self.time) var y: Vector
  @Parameter var phi: Real
  init() { $y = [1, 3, 2, 4] }
  var body: some Density {
    phi ~ Normal(0, 1)
    for t in 1..<time.count {
      y[t] ~ Normal(phi * y[t - 1], 0.5)
    }
  }
}

private struct LongWalk: Model {
  let n = Axis(500)
  @Parameter var s: Real
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    s ~ HalfNormal(1)
    z[0] ~ Normal(0, 1)
    for i in 1..<n.count {
      z[i] ~ Normal(z[i - 1], s)
    }
  }
}

private struct Loops: Model {
  let n = Axis(4)
  @Parameter(over: \Self.n) var a: Vector
  @Parameter(over: \Self.n) var b: Vector
  @Parameter(over: \Self.n) var c: Vector
  @Observed(over: \Self.n) var k: Counts
  @Observed(over: \Self.n) var y: Vector
  init() {
    $k = [1, 0, 0, 1]
    $y = [1, 2, 0.5, 3]
  }
  var body: some Density {
    for i in 0..<4 { a[i] ~ Normal(Double(i) / 2, 1.5) }
    for i in 0..<2 {
      b[2 * i] ~ Normal(a[2 * i + 1], 1)
      b[2 * i + 1] ~ StudentT(3, 0, 1)
    }
    for i in 0..<4 { k[i] ~ Bernoulli(logit: a[i] + 2 * b[0]) }
    for i in 0..<4 { log(y[i]) ~ Normal(a[i] + b[3 - i], 2) }
    c[0] ~ Normal(0, 1)
    for i in 1..<4 { c[i] ~ Normal(sum(c[..<i]), 1) }
  }
}

private struct Twice: Model {
  struct Part: Model {
    let n = Axis(3)
    @Parameter(over: \Self.n) var z: Vector
    var body: some Density {
      for i in 0..<3 { z[i] ~ Normal(Double(i), 1) }
    }
  }
  let first = Part()
  let second = Part()
  var body: some Density {
    first
    second
  }
}

private struct Gaps: Model {
  let n = Axis(6)
  @Parameter(over: \Self.n) var z: Vector
  var body: some Density {
    z[1] ~ Normal(0, 1)
    for i in 0..<3 {
      z[i] ~ Normal(0, 2)
    }
  }
}

private struct WholeAndPart: Model {
  let n = Axis(3)
  @Parameter(over: \Self.n) var z: Vector
  @Derived(over: \Self.n) var d: Vector
  var body: some Density {
    z ~ Normal(0, 1)
    z[1...] ~ Normal(0, 2)
    d <- 2 * z
    d[0] ~ Normal(0, 1)
  }
}

private struct Unlike: Model {
  let n = Axis(3)
  @Parameter(over: \Self.n) var z: Vector
  @Parameter(over: \Self.n) var p: Vector
  @Parameter(over: \Self.n) var q: Vector
  @Parameter(over: \Self.n) var r: Vector
  @Parameter(over: \Self.n) var u: Vector
  var body: some Density {
    u[0] ~ Uniform(-1, 2)
    for i in 1..<3 { u[i] ~ Normal(u[2 * i - 3], 1) }
    z[0] ~ Normal(0, 1)
    z[1...] ~ HalfNormal(1)
    p[0] ~ Normal(0, 1)
    p[1...] ~ Dirichlet(Vector([1, 1]))
    q[0] ~ Normal(0, 1)
    q[1...3] ~ Normal(0, 1)
    r[0] ~ Uniform(0, 1)
    for i in 1..<3 { r[i] ~ Uniform(0, r[i - 1]) }
  }
}

private let logTwoPi = 1.8378770664093453

private func normal(_ x: Double, _ m: Double, _ s: Double) -> Double {
  -0.5 * ((x - m) / s) * ((x - m) / s) - logarithm(s) - 0.5 * logTwoPi
}

/// Log density and log Jacobian at a position.
private func value(_ traced: TracedModel, at position: [Double]) -> (
  density: Double, jacobian: Double
) {
  let values = Interpreter(traced.graph).values(
    of: [traced.logDensity, traced.logJacobian], at: position)
  return (values[0][0], values[1][0])
}

/// The largest difference of the gradient from central differences.
private func gradientError(_ traced: TracedModel, at position: [Double]) -> Double {
  let builder = GraphBuilder(traced.graph)
  let root = Tensor(builder: builder, id: traced.unconstrainedLogDensity)
  var gradient = [Double](repeating: 0, count: traced.dimension)
  for part in builder.gradient(of: root) {
    let values = Interpreter(builder.graph).values(of: [part.node], at: position)[0]
    for (i, value) in values.enumerated() { gradient[part.offset + i] += value }
  }
  let step = 1e-5
  return position.indices.map { i in
    func shifted(_ by: Double) -> Double {
      var moved = position
      moved[i] += by
      return Interpreter(traced.graph).values(of: [traced.unconstrainedLogDensity], at: moved)[0][0]
    }
    let slope = (shifted(step) - shifted(-step)) / (2 * step)
    return abs(slope - gradient[i]) / max(1, abs(slope))
  }.max() ?? 0
}

@Suite("Priors of elements")
struct ElementPriorTests {
  private let walk = [0.3, 1.5, 0.2, -0.4, 0.9, 1.1, 2.0]

  @Test("A random walk by elements and by overlapping slices is the density written by hand")
  func randomWalk() throws {
    let s = 1.3498588075760032  // exp 0.3
    var expected = normal(s, 0, 1) + logarithm(2) + normal(walk[1], 1, 2)
    for i in 2..<7 { expected += normal(walk[i], walk[i - 1], s) }
    let models = [try trace(WalkByElement()), try trace(WalkBySlice())]
    for traced in models {
      #expect(abs(value(traced, at: walk).density - expected) < 1e-12)
      #expect(value(traced, at: walk).jacobian == 0.3)
      #expect(gradientError(traced, at: walk) < 1e-7)
      #expect(traced.parameters.map(\.supportDescription) == ["positive", "real"])
    }
    #expect(models[0].statements.map(\.summary)[1...] == ["z[0] ~ Normal", "z[1..<6] ~ Normal"])
  }

  @Test("Elements have bounds of their own, from constants and from the support of each prior")
  func bounds() throws {
    let traced = try trace(Bounded())
    let position = [0.4, -0.3, 1.2, 0.7]
    let p = Interpreter(traced.graph).values(of: [traced.parameters[0].node], at: position)[0]
    func logistic(_ y: Double) -> Double { 1 / (1 + Interpreter.exponential(-y)) }
    let expected = [
      -1 + 2 * logistic(0.4), 3 * logistic(-0.3), 3 * logistic(1.2), logistic(0.7),
    ]
    for (found, expected) in zip(p, expected) { #expect(abs(found - expected) < 1e-14) }
    let density =
      -logarithm(2) - 2 * logarithm(3) + logarithm(12) + logarithm(p[3])
      + 2 * logarithm(1 - p[3])
    #expect(abs(value(traced, at: position).density - density) < 1e-12)
    #expect(gradientError(traced, at: position) < 1e-7)
    #expect(try traced.parameters[0].unconstrain(p, []).count == 4)
  }

  @Test("A stated support holds for the whole, whatever the elements' priors")
  func stated() throws {
    let cutpoints = try trace(Cutpoints())
    let position = [-0.5, 0.1, 0.6]
    let c = Interpreter(cutpoints.graph).values(of: [cutpoints.parameters[0].node], at: position)[0]
    #expect(c[0] < c[1] && c[1] < c[2])
    #expect(
      abs(
        value(cutpoints, at: position).density
          - (normal(c[0], -1, 1) + normal(c[1], 1, 2) + normal(c[2], 1, 2))) < 1e-12)
    #expect(abs(value(cutpoints, at: position).jacobian - 0.7) < 1e-15)
    #expect(gradientError(cutpoints, at: position) < 1e-7)
    #expect(try trace(Halves()).parameters[0].supportDescription == "positive")
    #expect(
      try trace(Edges()).parameters.map(\.supportDescription) == ["positive and ordered", "real"])
  }

  @Test("Rows, entries and a vector prior share a matrix")
  func matrix() throws {
    let traced = try trace(Table())
    let m = [0.1, -0.2, 0.7, 0.4, 1.1, -0.6]
    var expected = normal(m[0], 0, 1) + normal(m[1], 0, 1)
    expected += normal(m[2], m[0], 2) + normal(m[3], m[1], 2)
    expected += normal(m[4], m[2], 1) + normal(m[5], m[3], 2)
    #expect(abs(value(traced, at: m).density - expected) < 1e-12)
    #expect(gradientError(traced, at: m) < 1e-7)
  }

  @Test("An index column on the left picks elements by the data's positions")
  func picked() throws {
    let traced = try trace(Picked())
    let near = value(traced, at: [6, 0, 5]).density
    let studentT = near - 2 * normal(0, 0, 1)
    #expect(abs(studentT - logarithm(0.375)) < 1e-12)
  }

  @Test("Elements of observed data stand on the left like the whole")
  func autoregression() throws {
    let traced = try trace(Autoregression())
    let expected =
      normal(0.3, 0, 1) + normal(3, 0.3, 0.5) + normal(2, 0.9, 0.5) + normal(4, 0.6, 0.5)
    #expect(abs(value(traced, at: [0.3]).density - expected) < 1e-12)
  }

  @Test("A loop that differs in positions and numbers only is one statement, whatever its length")
  func loops() throws {
    let long = try trace(LongWalk())
    #expect(long.dimension == 501)
    #expect(
      long.statements.map(\.summary) == ["s ~ HalfNormal", "z[0] ~ Normal", "z[1..<500] ~ Normal"])
    #expect(long.graph.nodes.count < 60)
    #expect(
      try trace(Twice()).statements.map(\.summary) == [
        "first.z[0..<3] ~ Normal", "second.z[0..<3] ~ Normal",
      ])
    let traced = try trace(Loops())
    #expect(
      traced.statements.map(\.summary) == [
        "a[0..<4] ~ Normal", "b[[0, 2…]] ~ Normal", "b[[1, 3…]] ~ StudentT", "k[0..<4] ~ Bernoulli",
        "log(y[0..<4]) ~ Normal", "c[0] ~ Normal", "c[1] ~ Normal", "c[2] ~ Normal",
        "c[3] ~ Normal",
      ])
    let (a, b, c) = ([0.1, -0.3, 0.8, 0.2], [1.0, -0.5, 0.4, 0.3], [0.9, 0.7, -1.2, 0.6])
    let (k, y) = ([1.0, 0, 0, 1], [1.0, 2, 0.5, 3])
    let position = a + b + c
    var expected = normal(c[0], 0, 1)
    for i in 0..<4 {
      expected += normal(a[i], Double(i) / 2, 1.5) + normal(logarithm(y[i]), a[i] + b[3 - i], 2)
      let probability = 1 / (1 + Interpreter.exponential(-(a[i] + 2 * b[0])))
      expected += logarithm(k[i] == 1 ? probability : 1 - probability)
    }
    expected += normal(b[0], a[1], 1) + normal(b[2], a[3], 1)
    // Student's t with 3 degrees of freedom: Γ(2) / (Γ(3/2) √(3π)) (1 + x²/3)⁻².
    for x in [b[1], b[3]] {
      expected += logarithm(0.36755259694786135) - 2 * logarithm(1 + x * x / 3)
    }
    for i in 1..<4 { expected += normal(c[i], c[0..<i].reduce(0, +), 1) }
    #expect(abs(value(traced, at: position).density - expected) < 1e-12)
    #expect(gradientError(traced, at: position) < 1e-7)
  }

  @Test("Elements without a prior and with two are named")
  func coverage() {
    #expect(
      messages(Gaps()) == [
        "`z[1]` has a second prior (first `z[1] ~ Normal` at \(here):168); leave one, or "
          + "write one as Factor if both are meant",
        "`z[3]`, `z[4]`, `z[5]` have no prior, while other elements of `z` have one; write `z[3] ~ …` in "
          + "body (`~ Flat()` for none)",
      ])
    #expect(
      messages(WholeAndPart()) == [
        "`d` is @Derived and stands on the left of `~`; give the quantities it is made of their priors, or "
          + "write Factor with a log density and the log Jacobian of its definition",
        "`z[1]`, like 1 more of its elements, has a second prior (first `z ~ Normal` at "
          + "\(here):180); leave one, or write one as Factor if both are meant",
      ])
  }

  @Test("Supports that disagree, parts that cannot be, and positions outside are explained")
  func unlike() {
    #expect(
      messages(Unlike()) == [
        "the elements of `z` have different supports: `z[0] ~ Normal` (\(here):197) is "
          + "real, `z[1...] ~ HalfNormal` is positive; state one that holds for all, such as "
          + "`@Parameter(.positive)`, or declare two parameters",
        "`p[1...] ~ Dirichlet`: a part of `p` cannot be simplex by itself; declare that part as a parameter "
          + "of its own",
        "`q` has 3 elements, so that 1..<4 (counted from 0) is out of range; expected a part of 0..<3",
        "the elements of `u` have different supports: `u[0] ~ Uniform` (\(here):195) is between -1 and 2, "
          + "`u[1] ~ Normal` is real; state one that holds for all, such as `@Parameter(.bounded(-1, 2))`, "
          + "or declare two parameters",
        "the bounds of `r` depend on `r` itself; write the bounds with parameters declared before it",
      ])
  }
}

extension Interpreter {
  static func exponential(_ x: Double) -> Double {
    let builder = GraphBuilder()
    let node = builder.unary(.exp, builder.position(offset: 0, shape: .scalar))
    return Interpreter(builder.graph).values(of: [node.id], at: [x])[0][0]
  }
}
