// Where the sizes and labels of axes come from.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import BayesCore
import BayesLanguage
import Testing

private func data(_ json: String) throws -> DataSet {
  try dataSet(from: try parseJSON(text: json), path: "d.json")
}

private struct Listed: Model {
  let home = Axis()
  let county = Axis(["a", "b", "c"])
  @Observed(over: \Self.home) var y: Vector
  @Given(over: \Self.home, in: \Self.county) var countyOf: Indices
  @Parameter(over: \Self.county) var mu: Vector
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu[countyOf], 1)
  }
}

private struct Hierarchy: Model {
  let group = Axis(2)
  @Parameter var mean: Real
  @Parameter(over: \Self.group) var effect: Vector
  var body: some Density {
    mean ~ Normal(0, 1)
    effect ~ Normal(mean, 1)
  }
}

private struct Nested: Model {
  let slope = Hierarchy()
  let intercept = Hierarchy()
  var isWide = true
  @Given var X: Matrix
  @Observed var y: Vector
  var body: some Density {
    slope
    if isWide {
      intercept
    }
    for k in 0..<2 {
      y ~ Normal(X.column(k) * slope.effect[k] + intercept.mean, 1)
    }
    y[1...] ~ Normal(select(X.row(0) > 0, 1, X * slope.effect)[1...], 2)
  }
}

@Suite("Axes")
struct AxisTests {
  @Test("Labels and sizes come from the axis's own entry of the data")
  func ownEntry() throws {
    var set = try data(#"{"school": ["A", "B"], "y": [1, 2], "sigma": [1, 1]}"#)
    #expect(
      try trace(EightSchools(), data: set).derived[0].variable.elementNames
        == ["theta[A]", "theta[B]"])
    set.set("school", .numbers(shape: [], values: [2]), origin: .code)
    #expect(
      try trace(EightSchools(), data: set).derived[0].variable.elementNames
        == ["theta[1]", "theta[2]"])
  }

  @Test(
    "Levels of an index column: text and codes with gaps become labels, codes without are positions",
    arguments: [
      (#"["u", "w", "u"]"#, ["alpha[u]", "alpha[w]"]),
      ("[20, 10, 20]", ["alpha[10]", "alpha[20]"]),
      ("[2, 1, 2]", ["alpha[1]", "alpha[2]"]),
    ])
  func levels(column: String, names: [String]) throws {
    let traced = try trace(Radon(), data: data(#"{"y": [1, 2, 3], "county": \#(column)}"#))
    #expect(traced.parameters[0].variable.elementNames == names)
  }

  @Test("A level without rows is kept when the axis lists it")
  func keptLevel() throws {
    let traced = try trace(Listed(), data: data(#"{"y": [1, 2], "countyOf": ["c", "a"]}"#))
    #expect(traced.parameters[0].variable.elementNames == ["mu[a]", "mu[b]", "mu[c]"])
    #expect(
      messages(Listed(), #"{"y": [1, 2], "countyOf": ["c", "A"]}"#) == [
        "`countyOf` has \"A\" in row 2 (d.json:1); expected a label of axis `county`; did you mean "
          + "\"a\"?"
      ])
  }

  @Test("Values set in code stand before those of the data, and index columns count from 0 there")
  func setInCode() throws {
    var model = Radon()
    model.$y = [1, 2.5, -3]
    model.$countyOf = [1, 0, 1]
    let traced = try trace(model, data: data(#"{"y": [1]}"#))
    #expect(traced.parameters[0].variable.elementNames == ["alpha[1]", "alpha[2]"])
    #expect(traced.names[model.$alpha.key] == "alpha")
    let values: [Double] = [4, 5, 6]
    model.$y = Handle(values)
    model.$countyOf = ["north", "south", "north"]
    #expect(
      try trace(model).parameters[0].variable.elementNames == ["alpha[north]", "alpha[south]"])
  }

  @Test("Submodels nest, their names are paths; if and for work in bodies")
  func nested() throws {
    var model = Nested()
    model.$X = [[1, 2], [3, 4]]
    model.$y = [1, 2]
    let traced = try trace(model)
    #expect(
      traced.parameters.map(\.variable.name)
        == ["slope.mean", "slope.effect", "intercept.mean", "intercept.effect"])
    #expect(traced.statements.count == 7)
    #expect(traced.statements.last?.summary == "y[1...] ~ Normal")
    model.isWide = false
    #expect(
      messages(model).count == 2, "two parameters of the branch that was not taken lack a prior")
  }
}
