// Rows of a matrix as draws of a distribution of vectors, and square matrices over an axis.

import BayesCore
import BayesGraph
import Testing

@testable import BayesLanguage

/// A distribution of vectors on a matrix, from `rows.json`.
struct RowCase: Sendable, CustomTestStringConvertible {
  let distribution: String
  let form: String
  let value: FixtureValue
  let arguments: [FixtureValue]
  let logDensity: [Double]

  static let all: [RowCase] = fixtureRows("rows.json", "rows").map { json in
    RowCase(
      distribution: json["distribution"]!.string!, form: json["form"]!.string!,
      value: FixtureValue(json["value"]!),
      arguments: json["arguments"]!.array!.map(FixtureValue.init),
      logDensity: FixtureValue(json["logDensity"]!).values)
  }

  var subject: any Distribution {
    switch form {
    case "covariance": MultivariateNormal(0, covariance: 1)
    case "cholesky": MultivariateNormal(0, cholesky: 1)
    case "counts": Multinomial(1, 0.5)
    default: Dirichlet(1)
    }
  }

  var testDescription: String {
    "\(distribution) \(form) of \(arguments.map(\.shape.description).joined(separator: ", "))"
  }
}

@Suite("Rows as draws") struct RowTests {
  @Test(
    "Each row has the density that scipy gives it, as data and as coordinates",
    arguments: RowCase.all, [false, true])
  func densities(_ test: RowCase, _ isData: Bool) {
    let b = GraphBuilder()
    var position: [Double] = []
    func make(_ value: FixtureValue, asData: Bool) -> Tensor {
      if asData { return b.data(value.values, shape: value.shape) }
      defer { position += value.values }
      return b.position(offset: position.count, shape: value.shape)
    }
    // Counts have no gradient.
    let value = make(test.value, asData: isData || test.form == "counts")
    let arguments = test.arguments.map { make($0, asData: false) }
    #expect(test.subject.conflict(arguments, shape: value.shape) == nil)
    let density = test.subject.logDensity(value, arguments)
    #expect(density.shape == .vector(4))
    let gradient = b.gradient(of: (density * b.data([1, -2, 3, 0.5], shape: .vector(4))).sum)
    let interpreter = Interpreter(b.graph)
    let found = interpreter.values(of: [density.id], at: position)[0]
    for (a, expected) in zip(found, test.logDensity) {
      #expect(abs(a - expected) < 1e-12 * max(1, abs(expected)), "\(a) for \(expected)")
    }
    for part in gradient {
      let found = interpreter.values(of: [part.node], at: position)[0]
      for i in found.indices {
        func moved(_ step: Double) -> Double {
          var at = position
          at[part.offset + i] += step
          return zip(interpreter.values(of: [density.id], at: at)[0], [1, -2, 3, 0.5])
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
        // A covariance is read by its lower triangle; its gradient has the two halves of an entry.
        let isSymmetric = test.form == "covariance" && part.offset + i >= position.count - 9
        if isSymmetric { continue }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(found[i] - difference) < 1e-6 * max(1, abs(difference)))
      }
    }
  }

  @Test("Data rows with one mean and one covariance are one quadratic form")
  func oneForm() {
    let b = GraphBuilder()
    let x = b.data([1, 2, 3, 4, 5, 6], shape: .matrix(3, 2))
    let l = b.position(offset: 0, shape: .matrix(2, 2))
    for mean in [b.constant(0), b.position(offset: 4, shape: .vector(2))] {
      let density = MultivariateNormal(0, cholesky: 1).logDensity(x, [mean, l])
      let needed = b.graph.reachable(from: [density.id])
      let forms = zip(b.graph.nodes, needed).filter {
        $1 && $0.op == .rowQuadratic(isTriangular: true)
      }
      #expect(forms.count == 1)
    }
  }

  @Test(
    "A matrix of simplexes, ordered rows and the like: there and back, row by row",
    arguments: [
      (.simplex, Shape.matrix(3, 4)), (.simplex, .matrix(20, 3)), (.simplex, .matrix(18, 1)),
      (.ordered, .matrix(3, 2)), (.positiveOrdered, .matrix(2, 3)), (.sumToZero, .matrix(2, 3)),
      (.covariance, .matrix(6, 2)), (.covarianceCholesky, .matrix(6, 3)),
      (.correlationCholesky, .matrix(6, 3)),
    ] as [(SupportKind, Shape)])
  func transforms(_ kind: SupportKind, _ shape: Shape) throws {
    let support: Support =
      switch kind {
      case .simplex: .simplex
      case .ordered: .ordered
      case .positiveOrdered: .positiveOrdered
      case .sumToZero: .sumToZero
      case .covariance: .covariance
      case .covarianceCholesky: .covarianceCholesky
      default: .correlationCholesky
      }
    #expect(support.mismatch(shape, isStack: true) == nil)
    let count = support.unconstrainedCount(shape)
    let b = GraphBuilder()
    let result = support.constrain(b.position(offset: 0, shape: .vector(count)), shape: shape)
    #expect(result.value.shape == shape)
    let parts = kind.parts(of: shape)
    let own = count / parts.count
    let single = (0..<parts.count).map {
      support.constrain(
        b.position(offset: $0 * own, shape: .vector(own)), shape: parts.shape)
    }
    let y = (0..<count).map { 0.37 * Double($0 % 7) - 1 }
    let interpreter = Interpreter(b.graph)
    let found = interpreter.values(of: [result.value.id, result.logAbsDetJacobian.id], at: y)
    let alone = interpreter.values(
      of: single.map(\.value.id) + single.map(\.logAbsDetJacobian.id), at: y)
    for (a, b) in zip(found[0], alone[..<parts.count].joined()) { #expect(abs(a - b) < 1e-14) }
    let jacobian = alone[parts.count...].reduce(0) { $0 + $1[0] }
    #expect(abs(found[1][0] - jacobian) < 1e-12 * max(1, abs(jacobian)))
    #expect(kind.firstViolation(of: found[0], shape: shape, bounds: []) == nil)
    let back = try kind.unconstrain(found[0], shape: shape)
    for (a, b) in zip(back, y) { #expect(abs(a - b) < 1e-9, "\(a) for \(b)") }
  }

  @Test("What is wrong in a row or a matrix is named with its place")
  func violations() {
    func message(_ kind: SupportKind, _ values: [Double], _ shape: Shape) -> String {
      do {
        _ = try kind.unconstrain(values, shape: shape)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(.simplex, [0.5, 0.5, 0.4, 0.5], .matrix(2, 2))
        == "element [2, 1] is 0.4; expected elements that sum to 1, not to 0.9")
    #expect(
      message(.covariance, [1, 0, 0, 1, 1, 2, 2, 1], .matrix(4, 2))
        == "element [3, 1] is 1; expected a positive definite matrix (matrix 2)")
    #expect(
      message(.simplex, [0.5, 0.5, 0, 1], .matrix(2, 2))
        == "element [2, 1] is 0; expected inside the support, not on its edge")
  }
}

// MARK: Mixtures of multivariate normals

private struct FullMixture: Model {
  let point = Axis(), feature = Axis(), component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature, \Self.feature) var sigma: Matrices
  @Given(over: \Self.feature, \Self.feature) var scale: Matrix
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    mu ~ Normal(0, 10)
    sigma ~ InverseWishart(degrees: 4, scale: scale)
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma[z])
  }
}

private struct TiedMixture: Model {
  let point = Axis(), feature = Axis(), component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.feature, \Self.feature) var sigma: Matrix
  @Given(over: \Self.feature, \Self.feature) var scale: Matrix
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    mu ~ Normal(0, 10)
    sigma ~ InverseWishart(degrees: 4, scale: scale)
    z ~ Categorical(weights)
    y ~ MultivariateNormal(mu[z], covariance: sigma)
  }
}

private struct DiagonalMixture: Model {
  let point = Axis(), feature = Axis(), component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component, \Self.feature) var sigma: Matrix
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    mu ~ Normal(0, 10)
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}

private struct SphericalMixture: Model {
  let point = Axis(), feature = Axis(), component = Axis(2)
  @Observed(over: \Self.point, \Self.feature) var y: Matrix
  @Parameter(over: \Self.component) var weights: Vector
  @Parameter(over: \Self.component, \Self.feature) var mu: Matrix
  @Parameter(over: \Self.component) var sigma: Vector
  @Latent(over: \Self.point, in: \Self.component) var z: Labels
  var body: some Density {
    weights ~ Dirichlet(2)
    mu ~ Normal(0, 10)
    sigma ~ HalfNormal(2)
    z ~ Categorical(weights)
    y ~ Normal(mu[z], sigma[z])
  }
}

/// Numbers of nested JSON arrays, flattened.
private func flat(_ json: JSONValue) -> [Double] {
  json.array.map { $0.flatMap(flat) } ?? [fixtureNumber(json)]
}

extension RowTests {
  /// A mixture traced on the rows of the fixture, and its values at the fixture's parameters.
  private func evaluate(
    _ model: some Model, _ json: JSONValue
  ) throws -> (density: Double, pointwise: [Double], first: [Double], graph: Graph) {
    var data = DataSet()
    let y = flat(json["y"]!)
    data.set("y", .numbers(shape: [y.count / 2, 2], values: y), origin: .code)
    data.set("scale", .numbers(shape: [2, 2], values: [1, 0.1, 0.1, 2]), origin: .code)
    let traced = try trace(model, data: data)
    var position: [Double] = []
    for parameter in traced.parameters {
      position += try parameter.unconstrain(flat(json[parameter.variable.name]!), position)
    }
    let marginal = try #require(
      traced.statements.first { if case .marginal = $0.kind { true } else { false } })
    let found = Interpreter(traced.graph).values(
      of: [traced.logDensity, marginal.pointwise, traced.latents[0].probabilities[0]], at: position)
    return (found[0][0], found[1], found[2], traced.graph)
  }

  @Test("A bivariate mixture is what scipy gives, labels summed out by hand", arguments: 0..<4)
  func mixture(_ index: Int) throws {
    let json = fixtureRows("rows.json", "mixture")[index]
    let models: [any Model] = [FullMixture(), TiedMixture(), DiagonalMixture(), SphericalMixture()]
    let found = try evaluate(models[index], json)
    let expected = fixtureNumber(json["logDensity"]!)
    #expect(abs(found.density - expected) < 1e-11 * abs(expected), "\(found.density), \(expected)")
    for (a, b) in zip(found.pointwise, flat(json["pointwise"]!)) {
      #expect(abs(a - b) < 1e-12 * 10)
    }
    for (a, b) in zip(found.first, flat(json["first"]!)) { #expect(abs(a - b) < 1e-12) }
  }

  @Test(
    "A mixture reads no matrix of as many rows as the data, but the data", arguments: 0..<4)
  func sizes(_ index: Int) throws {
    let json = fixtureRows("rows.json", "mixture")[index]
    let models: [any Model] = [FullMixture(), TiedMixture(), DiagonalMixture(), SphericalMixture()]
    let graph = try evaluate(models[index], json).graph
    let sums = graph.nodes.indices.map { NodeID($0) }.filter { graph[$0].op == .logSumExpOf }
    let needed = graph.reachable(from: sums)
    for (node, isNeeded) in zip(graph.nodes, needed) where isNeeded && node.shape.rank == 2 {
      if case .data = node.op { continue }
      #expect(node.shape.rows <= 4, "\(node.op) of \(node.shape)")
    }
  }
}

// MARK: Refusals and priors

private struct KnownGroups: Model {
  let row = Axis(), group = Axis(2), feature = Axis(2)
  @Observed(over: \Self.row, \Self.feature) var y: Matrix
  @Given(over: \Self.row, in: \Self.group) var groupOf: Indices
  @Parameter(over: \Self.group, \Self.feature, \Self.feature) var sigma: Matrices
  var body: some Density {
    sigma ~ Wishart(degrees: 3, scale: diagonal(Vector([1, 1])))
    y ~ MultivariateNormal(0, covariance: sigma[groupOf])
  }
}

private struct Slips: Model {
  let row = Axis(), three = Axis(3), two = Axis(2)
  @Observed(over: \Self.row, \Self.two) var y: Matrix
  @Parameter(over: \Self.three, \Self.three) var wide: Matrix
  @Parameter(over: \Self.three) var mean: Vector
  @Parameter(over: \Self.three, \Self.two) var p: Matrix
  var body: some Density {
    wide ~ InverseWishart(degrees: 4, scale: diagonal(Vector([1, 1, 1])))
    mean ~ Normal(0, 1)
    p ~ Dirichlet(Vector([1, 1, 1]))
    y ~ MultivariateNormal(0, covariance: wide)
    y ~ MultivariateNormal(mean, covariance: diagonal(Vector([1, 1])))
    y ~ Dirichlet(1)
  }
}

private struct Stack: Model {
  let two = Axis(2), three = Axis(3)
  @Parameter(over: \Self.two, \Self.three, \Self.two) var sigma: Matrices
  @Parameter(.covariance, over: \Self.three, \Self.two) var tall: Matrix
  var body: some Density {
    sigma ~ Flat()
    tall ~ Flat()
  }
}

private struct Factors: Model {
  let group = Axis(2), feature = Axis(["a", "b", "c"])
  @Parameter(over: \Self.group, \Self.feature, \Self.feature) var l: Matrices
  @Parameter(.covariance, over: \Self.group, \Self.feature, \Self.feature) var s: Matrices
  @Parameter(over: \Self.group, \Self.feature) var u: Matrix
  var body: some Density {
    l ~ LKJCholesky(2)
    s ~ Flat()
    u ~ MultivariateNormal(0, cholesky: l[1])
  }
}

private struct Tallies: Model {
  let row = Axis(), kind = Axis(["a", "b", "c"])
  @Given(over: \Self.row) var trials: Counts
  @Observed(over: \Self.row, \Self.kind) var counts: Matrix
  @Parameter(over: \Self.kind) var p: Vector
  @Parameter(over: \Self.row) var q: Vector
  var body: some Density {
    p ~ Dirichlet(1)
    q ~ Flat()
    counts ~ Multinomial(trials, p)
    counts ~ Multinomial(trials, q)
    counts ~ Multinomial(p, p)
  }
}

extension RowTests {
  @Test(
    "Rows of counts that do not sum to their trials are named, and probabilities of another length")
  func tallies() {
    let found = messages(
      Tallies(), "{\"counts\": [[1, 2, 0], [2, 0, 1]], \"trials\": [3, 4]}")
    let expected = [
      "`counts ~ Multinomial`: `counts` is 2 in row 2, column 1",
      "`counts ~ Multinomial`: probabilities of Multinomial is a vector[2] beside a matrix[2,3]; expected a "
        + "vector[3], or a matrix[2,3] with one row for each",
      "`counts ~ Multinomial`: trials of Multinomial is a vector[3] beside a matrix[2,3]; expected a scalar, or "
        + "a vector[2] with one for each row",
    ]
    #expect(found.count == expected.count, "\(found)")
    for (message, start) in zip(found, expected) { #expect(message.hasPrefix(start), "\(message)") }
    #expect(
      found.first?.hasSuffix("expected counts in its row that sum to the 4 trials, not to 3")
        == true,
      "\(found)")
  }

  @Test("What does not fit is refused with the sizes")
  func refusals() {
    let rows = "{\"y\": [[1, 2], [0.3, 0.7]], \"groupOf\": [1, 2]}"
    let groups = messages(KnownGroups(), rows)
    #expect(groups.count == 1)
    #expect(
      groups.first?.hasPrefix(
        "`sigma[groupOf]` names matrix 1 in row 1 and matrix 2 in row 2 (counted from 1)") == true)
    let slips = messages(Slips(), rows)
    let expected = [
      "`p ~ Dirichlet`: concentration of Dirichlet is a vector[3] beside a matrix[3,2]",
      "`y ~ MultivariateNormal`: covariance of MultivariateNormal is a matrix[3,3] beside a matrix[2,2]",
      "`y ~ MultivariateNormal`: mean of MultivariateNormal is a vector[3] beside a matrix[2,2]",
      "`y ~ Dirichlet`: `y` is 2 in row 1, column 2",
    ]
    #expect(slips.count == expected.count, "\(slips)")
    for (message, start) in zip(slips, expected) { #expect(message.hasPrefix(start), "\(message)") }
    let stack = messages(Stack())
    #expect(
      stack.first?.hasPrefix("`sigma` is square matrices, one for each position of an axis, but")
        == true,
      "\(stack)")
    #expect(
      stack.contains { $0.contains("cannot be covariance matrix; expected a square") }, "\(stack)")
  }

  @Test("A matrix for each position has names, coordinates and a density for each")
  func stack() throws {
    let traced = try trace(Factors())
    #expect(traced.dimension == 2 * 3 + 2 * 6 + 6)
    let l = traced.parameters[0]
    #expect(l.variable.dimensions.map(\.size) == [2, 3, 3])
    #expect(l.variable.elementNames[9 + 3] == "l[2,b,a]")
    #expect(l.variable.stanColumnNames[9 + 3] == "l.2.2.1")
    let prior = try #require(traced.statements.first)
    #expect(traced.graph[prior.pointwise].shape == .vector(2))
    let y = (0..<traced.dimension).map { 0.1 * Double($0) - 1 }
    let values = Interpreter(traced.graph).values(of: traced.parameters.map(\.node), at: y)
    for (parameter, value) in zip(traced.parameters, values) {
      let own = y[parameter.offset..<(parameter.offset + parameter.unconstrainedCount)]
      let back = try parameter.unconstrain(value, Array(y[..<parameter.offset]))
      for (a, b) in zip(back, own) { #expect(abs(a - b) < 1e-9) }
    }
  }
}
