// Slips that would change a model silently: each is an error or a warning.

import BayesCore
import BayesGraph
import BayesLanguage
import Testing

private struct LogitsByRow: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Counts
  @Parameter(over: \Self.row) var eta: Vector
  var body: some Density {
    eta ~ Normal(0, 1)
    for i in 0..<row.count { y[i] ~ Categorical(logits: eta[i]) }
  }
}

private struct NarrowedData: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var mu: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu, 1).bounded(0, 5)
  }
}

private struct Twice: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var mu: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu, 1)
    y ~ Normal(mu, 1)
  }
}

private struct Years: Model {
  let row = Axis(), year = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Given(over: \Self.row, in: \Self.year, named: "year") var yearOf: Indices
  @Parameter(over: \Self.year) var z: Vector
  var body: some Density {
    z ~ Normal(0, 1)
    y ~ Normal(z[yearOf], 1)
  }
}

private struct Doses: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Given(over: \Self.row) var dose: Vector
  @Parameter var beta: Real
  var body: some Density {
    beta ~ HalfNormal(1)
    y[1...] ~ Normal(log(beta * dose)[1...], 1)
  }
}

/// Doubles at every step; read as a tree it has 2⁴⁰ leaves.
private struct Shared: Model {
  let row = Axis()
  @Observed(over: \Self.row) var y: Vector
  @Parameter var theta: Real
  var body: some Density {
    theta ~ Beta(1, 1)
    let p = (0..<40).reduce(theta) { p, _ in p * (2 - p) }
    for i in 0..<row.count { y[i] ~ Normal(p, 1) }
  }
}

@Suite("Slips")
struct SlipTests {
  private let data = "{\"y\": [1, 0, 1], \"dose\": [0, 1, 2]}"

  private func traced(_ model: some Model, _ json: String) throws -> TracedModel {
    try trace(model, data: try dataSet(from: try parseJSON(text: json), path: "d.json"))
  }

  @Test("A loop over categories with a number each is no vector of logits")
  func logits() {
    #expect(messages(LogitsByRow(), data).first?.contains("expected a vector") == true)
  }

  @Test("Narrowing a likelihood would change nothing, and is an error")
  func narrowedData() {
    #expect(messages(NarrowedData(), data).first?.contains("does not renormalise") == true)
  }

  @Test("Data that stand on the left twice count twice, and are warned of")
  func twice() throws {
    #expect(try traced(Twice(), data).warnings.count == 1)
  }

  @Test("Numbers that become labels are in their own order, whatever that of the rows")
  func years() throws {
    let json = "{\"y\": [1, 0, 1], \"year\": [2020, 2018, 2019]}"
    #expect(
      try traced(Years(), json).parameters[0].variable.dimensions[0].labels == [
        "2018", "2019", "2020",
      ])
  }

  @Test("Simulated data that lack a level keep the axis of the data")
  func simulatedLevels() throws {
    var replacements = DataSet()
    replacements.set("yearOf", .numbers(shape: [3], values: [0, 0, 0]), origin: .code)
    let json = "{\"y\": [1, 0, 1], \"year\": [2020, 2018, 2019]}"
    let found = try trace(
      Years(), data: try dataSet(from: try parseJSON(text: json), path: "d.json"),
      replacements: replacements)
    #expect(found.parameters[0].variable.dimensions[0].size == 3)
  }

  @Test("An infinite logarithm that a slice leaves out does not spoil the gradient")
  func slicedLogarithm() throws {
    let model = try traced(Doses(), data)
    let builder = GraphBuilder(model.graph)
    let root = Tensor(builder: builder, id: model.unconstrainedLogDensity)
    let gradient = builder.gradient(of: root)
    let values = Interpreter(builder.graph).values(of: gradient.map(\.node), at: [0.3])
    #expect(values.joined().allSatisfy { $0.isFinite })
  }

  @Test("A loop over an expression that shares its parts is traced at once")
  func shared() throws {
    #expect(try traced(Shared(), data).statements.count == 4)
  }
}
