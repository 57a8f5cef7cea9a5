// How data meets a model: rows that are not there, positions of two kinds, names that nobody reads.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import BayesCore
import BayesGraph
import BayesLanguage
import Testing

private func data(_ json: String, needed: Set<String>? = nil) throws -> DataSet {
  try dataSet(from: try parseJSON(text: json), path: "d.json", needed: needed)
}

/// Two index columns into one axis.
private struct Matches: Model {
  let match = Axis()
  let team = Axis()
  @Observed(over: \Self.match) var margin: Vector
  @Given(over: \Self.match, in: \Self.team) var home: Indices
  @Given(over: \Self.match, in: \Self.team) var away: Indices
  @Parameter(over: \Self.team) var skill: Vector
  var body: some Density {
    skill ~ Normal(0, 1)
    margin ~ Normal(skill[home] - skill[away], 1)
  }
}

private struct Loose: Model {
  @Observed var y: Vector
  @Given var X: Matrix
  @Parameter var mu: Real
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ Normal(mu, 1)
  }
}

@Suite("Data binding")
struct DataBindingTests {
  @Test("Data without rows is a mistake, since the posterior would be the prior")
  func noRows() {
    #expect(
      messages(EightSchools(), #"{"y": [], "sigma": []}"#) == [
        "`y` has no rows (d.json:1), so that nothing would be learnt from it; if none are meant, state "
          + "that: \"school\": 0 in the data"
      ])
    #expect(
      messages(Radon(), #"{"y": [], "county": []}"#).count == 1, "the rows, not their groups too")
    #expect(
      messages(Loose(), #"{"y": [], "X": [[], []]}"#) == [
        "`y` has no rows (d.json:1), so that nothing would be learnt from it; if none are meant, declare "
          + "it over an axis, whose size the data can state as 0"
      ])
    #expect(messages(Loose(), #"{"y": [1], "X": [[], []]}"#) == [], "given data may be empty")
  }

  @Test("The size 0 stated in data makes rows optional")
  func statedNoRows() throws {
    let traced = try trace(
      EightSchools(), data: data(#"{"school": 0, "y": [], "sigma": []}"#))
    #expect(traced.dimension == 2)
    #expect(traced.data.map { $0.dimensions[0].size } == [0, 0])
  }

  @Test(
    "Positions of code count from 0 and those of data from 1, over one axis as well",
    arguments: [
      ([0, 1, 0], "[2, 1, 2]", ["skill[1]", "skill[2]"]),
      ([0, 1, 2], "[2, 3, 1]", ["skill[1]", "skill[2]", "skill[3]"]),
      ([0, 1, 0], "[20, 10, 10]", ["skill[10]", "skill[20]"]),
      ([0, 1, 0], #"["u", "v", "u"]"#, ["skill[u]", "skill[v]"]),
      ([2, 2, 2], "[1, 2, 1]", ["skill[1]", "skill[2]", "skill[3]"]),
    ])
  func mixedPositions(home: [Int], away: String, names: [String]) throws {
    var model = Matches()
    model.$home = Handle(home)
    let traced = try trace(model, data: data(#"{"margin": [1, 2, 3], "away": \#(away)}"#))
    #expect(traced.parameters[0].variable.elementNames == names)
  }

  @Test("Positions of code alone give the axis their highest one as its end")
  func codePositions() throws {
    var model = Matches()
    model.$home = [0, 3]
    model.$away = [3, 0]
    model.$margin = [1, -1]
    #expect(try trace(model).parameters[0].variable.elementNames.last == "skill[4]")
  }

  @Test("A model says which names it reads")
  func names() {
    var model = EightSchools()
    #expect(DataNames(of: model).needed == ["y", "sigma", "school"])
    #expect(DataNames(of: Radon()).needed == ["y", "county", "house"])
    model.$sigma = [1]
    #expect(DataNames(of: model).needed == ["y", "school"])
  }

  @Test(
    "An unused entry under nearly the name of an axis, or hidden by code, is hinted at",
    arguments: [
      (#""schol": ["A", "B"]"#, "`schol` (d.json:1) is not used; did you mean axis `school`"),
      (#""schools": 2"#, "`schools` (d.json:1) is not used; did you mean axis `school`"),
      (#""sigma": [1, 2]"#, "`sigma` (d.json:1) is not used: the model sets it in code"),
      (#""school": ["A", "B"]"#, nil),
      (#""schools": [0.5, 0.25]"#, nil),
      (#""weather": ["wet", "dry"]"#, nil),
    ] as [(String, String?)])
  func hints(entry: String, expected: String?) throws {
    var model = EightSchools()
    model.$sigma = [1, 1]
    let hints = try DataNames(of: model).hints(for: data(#"{"y": [1, 2], \#(entry)}"#))
    #expect(hints.count == (expected == nil ? 0 : 1), "\(hints)")
    if let expected { #expect(hints.first?.hasPrefix(expected) == true, "\(hints)") }
  }

  @Test("An entry that is no data is found as what was perhaps meant")
  func unread() throws {
    do {
      _ = try trace(
        EightSchools(), data: data(#"{"y": [1], "sigmas": [null]}"#, needed: ["y", "sigma"]))
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains("did you mean `sigmas`?"))
    }
  }
}

private struct Table: Model {
  let row = Axis(), feature = Axis(["eruptions", "waiting"])
  @Observed(over: \Self.row, \Self.feature) var y: Matrix
  @Parameter(over: \Self.feature) var mu: Vector
  var body: some Density {
    mu ~ Normal(0, 1)
    y ~ MultivariateNormal(mu, cholesky: diagonal(Vector([1, 1])))
  }
}

extension DataBindingTests {
  @Test("A matrix is read from the columns that its axis names, and as a whole where it is there")
  func columns() throws {
    #expect(DataNames(of: Table()).needed == ["y", "eruptions", "waiting", "row"])
    let table = try parseCSV(text: "waiting,eruptions,id\n79,3.6,a\n54,1.8,b\n", path: "d.csv")
    let traced = try trace(Table(), data: table)
    #expect(traced.data[0].dimensions.map(\.size) == [2, 2])
    let whole = try trace(
      Table(), data: data(#"{"y": [[3.6, 79], [1.8, 54]], "waiting": "x"}"#))
    let at = [1.5, -0.5]
    let values = [traced, whole].map {
      Interpreter($0.graph).values(of: [$0.logDensity], at: at)[0][0]
    }
    #expect(values[0] == values[1])
  }

  @Test(
    "What is wrong with the columns of a matrix is said of the column",
    arguments: [
      ("waitin,eruptions\n1,2\n", "the data has no column `waiting` for `y`"),
      ("waiting,eruptions\nlong,2\nshort,3\n", "column `waiting` of `y` is no list of numbers"),
      ("waiting,eruptions\nnan,2\n", "`y` has no number in row 1, column 2 (d.csv:2, column 1)"),
      ("a,b\n1,2\n", "the data has no `y`, nor columns `eruptions`, `waiting`"),
    ])
  func wrongColumns(_ text: String, _ start: String) throws {
    do {
      _ = try trace(Table(), data: parseCSV(text: text, path: "d.csv"))
      Issue.record("no error")
    } catch let error as ModelError {
      #expect(error.items.first?.message.hasPrefix(start) == true, "\(error)")
    }
  }
}
