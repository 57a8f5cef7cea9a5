// How columns of labels with gaps meet a model.

import BayesCore
import BayesLanguage
import Testing

/// A mixture of which some points are classified.
private struct Irises: Model {
  let point = Axis(), kind = Axis(["setosa", "virginica"])
  @Observed(over: \Self.point) var y: Vector
  @Parameter(over: \Self.kind) var mu: Vector
  @Latent(over: \Self.point, in: \Self.kind, named: "species") var z: Labels
  var body: some Density {
    mu ~ Normal(0, 5)
    z ~ Categorical(Vector([0.5, 0.5]))
    y ~ Normal(mu[z], 1)
  }
}

/// The same with a column of known labels.
private struct Known: Model {
  let point = Axis(), kind = Axis(["a", "b"])
  @Observed(over: \Self.point, in: \Self.kind) var species: Indices
  @Parameter var logit: Real
  var body: some Density {
    logit ~ Normal(0, 1)
    species ~ Categorical(Vector([0.5, 0.5]))
  }
}

/// What is wrong with a model and a table.
private func mistakes(_ model: some Model, csv: String) throws -> [String] {
  let names = DataNames(of: model)
  let data = try parseCSV(text: csv, path: "d.csv", needed: names.needed, gapped: names.gapped)
  do {
    _ = try trace(model, data: data)
    return []
  } catch let error as ModelError {
    return error.items.map(\.message)
  }
}

@Suite("Columns of labels with gaps")
struct PartlyKnownLabelTests {
  @Test(
    "Names or positions from 1, gaps as empty cells or words; a column without a gap is one too",
    arguments: [
      "y,species\n1,setosa\n2,\n3,NA\n4,virginica\n",
      "y,species\n1,1\n2,\n3,NA\n4,2\n",
      "y,species\n1,1\n2,1\n3,2\n4,2\n",
      "y,species\n1,\n2,\n3,\n4,\n",
    ])
  func tables(csv: String) throws {
    #expect(try mistakes(Irises(), csv: csv) == [])
  }

  @Test(
    "In JSON a gap is null, or a word for it",
    arguments: [
      #"{"y": [1, 2, 3], "species": ["setosa", null, "virginica"]}"#,
      #"{"y": [1, 2, 3], "species": [1, null, 2]}"#,
      #"{"y": [1, 2, 3], "species": [1, "NA", 2]}"#,
    ])
  func json(text: String) throws {
    let names = DataNames(of: Irises())
    #expect(names.gapped == ["species"])
    let data = try dataSet(
      from: try parseJSON(text: text), path: "d.json", needed: names.needed, gapped: names.gapped)
    let traced = try trace(Irises(), data: data)
    #expect(traced.data.map(\.name) == ["y", "z"])
    #expect(traced.latents[0].labels.labels == ["setosa", "virginica"])
  }

  @Test(
    "What is no label names the row, the place and the closest label",
    arguments: [
      (
        "y,species\n1,setosa\n2,virginca\n3,\n",
        "`z` has \"virginca\" in row 2 (d.csv:3, column 2); expected a label of axis `kind`; did you mean "
          + "\"virginica\"?"
      ),
      (
        "y,species\n1,1\n2,3\n3,\n",
        "`z` has 3 in row 2 (d.csv:3, column 2); expected a position on axis `kind`, from 1 to 2 "
          + "(positions in data count from 1)"
      ),
      (
        "y\n1\n2\n",
        "the data has no `species`, which `z` is bound to; it has `y`"
      ),
    ])
  func refused(csv: String, expected: String) throws {
    #expect(try mistakes(Irises(), csv: csv) == [expected])
  }

  @Test("A gap in a column that is declared as data names the declaration that allows it")
  func advice() throws {
    let found = try mistakes(Known(), csv: "species\na\n\"\"\nb\n")
    #expect(found.count == 1)
    #expect(
      found.first?.hasSuffix(
        "or declare it @Latent with `named: \"species\"`, which sums missing labels out") == true,
      "\(found)")
  }
}
