// Data that is only nearly right: what is ignored, what is noted, what is refused.

import BayesCore
import Foundation
import Testing

private let modelText = """
  import Bayes

  @main struct Groups: Model {
    let row = Axis()
    let school = Axis()
    @Observed(over: \\Self.row) var y: Vector
    @Given(over: \\Self.row, in: \\Self.school) var schoolOf: Indices
    @Parameter(over: \\Self.school) var mu: Vector

    var body: some Density {
      mu ~ Normal(0, 1)
      y ~ Normal(mu[schoolOf], 1)
    }
  }
  """

private let goodData = #"{"y": [1, 2], "schoolOf": [1, 2]}"#
private let short = ["--seed", "1", "--warmup", "100", "--draws", "50"]

@Suite(.serialized) struct DataProgramTests {
  private let scratch: Scratch
  private let model: String

  init() throws {
    scratch = try Scratch()
    model = try scratch.write(modelText, to: "groups.swift")
  }

  @Test(
    "Values that the model does not read need no sense",
    arguments: [
      (
        "d.csv",
        "\"\",\"y\",\"schoolOf\",\"note\",\"z\"\n\"1\",1,1,NA,1\n\"2\",2,2,\"b\",NA\n\"3\",1,1,,4\n"
      ),
      ("d.json", #"{"y": [1, 2], "schoolOf": [1, 2], "z": null, "w": {"a": [[1], 2]}}"#),
    ])
  func unread(_ file: String, _ text: String) throws {
    let data = try scratch.write(text, to: file)
    let outcome = try bayes(words: ["sample", model, "--data", data] + short)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("mu[2]"))
    #expect(!outcome.errors.contains("warning"))
  }

  @Test("Missing values in what the model reads are refused with their place") func missing() throws
  {
    let data = try scratch.write("y,schoolOf\n1,1\n2,2\nNA,1\n", to: "d.csv")
    let outcome = try bayes(words: ["sample", model, "--data", data] + short)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("d.csv:4:1"))
  }

  @Test("Data without rows are refused, unless they state that size") func noRows() throws {
    for (file, text) in [("d.csv", "y,schoolOf\n"), ("d.json", #"{"y": [], "schoolOf": []}"#)] {
      let data = try scratch.write(text, to: file)
      let outcome = try bayes(words: ["sample", model, "--data", data] + short)
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("`y` has no rows"))
      #expect(outcome.output.isEmpty)
    }
    let data = try scratch.write(
      #"{"row": 0, "school": 2, "y": [], "schoolOf": []}"#, to: "stated.json")
    let outcome = try bayes(words: ["sample", model, "--data", data] + short)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: `y` has no rows"))
  }

  @Test("A name that nobody reads and that is nearly an axis's is noted") func nearly() throws {
    let data = try scratch.write(
      #"{"y": [1, 2], "schoolOf": [1, 2], "schol": ["A", "B"]}"#, to: "d.json")
    let words = ["sample", model, "--data", data] + short
    let outcome = try bayes(words: words)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: `schol`"))
    #expect(outcome.errors.contains("axis `school`"))
    #expect(try bayes(words: words + ["--quiet"]).errors.isEmpty)
  }

  @Test("Two data files beside the model are ambiguous until one is named") func twoFiles() throws {
    let json = try scratch.write(goodData, to: "groups.json")
    try scratch.write("y,schoolOf\n1,1\n", to: "groups.csv")
    let outcome = try bayes(words: ["sample", model] + short)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("groups.json") && outcome.errors.contains("groups.csv"))
    #expect(try bayes(words: ["sample", model, "--data", json] + short).status == 0)
  }

  @Test(
    "A point of density that does not fit says what would",
    arguments: [
      (#"{"mo": [1, 2]}"#, [], "did you mean 'mu'"),
      (#"{}"#, [], "point.json:1:1: error: the point has no value for `mu`"),
      (#"{"mu": [1, 2, 3]}"#, [], "is a vector of 3; a vector of 2 was expected"),
      ("[1]", ["--unconstrained"], "mu (2)"),
      (#"[1, "NaN"]"#, ["--unconstrained"], "point.json:1:5: error: coordinate 2 is nan"),
      (#"{"mu": 1}"#, ["--unconstrained"], "where an array of numbers was expected"),
    ])
  func points(_ text: String, _ flags: [String], _ message: String) throws {
    let data = try scratch.write(goodData, to: "groups.json")
    let point = try scratch.write(text, to: "point.json")
    let outcome = try bayes(
      words: ["density", model, "--data", data, "--at", point] + flags)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.contains("point.json:1"))
  }
}

@Suite(.serialized) struct OutputFolderTests {
  private let scratch: Scratch
  private let model: String
  private let fit: String

  init() throws {
    scratch = try Scratch()
    model = try scratch.write(modelText, to: "groups.swift")
    try scratch.write(goodData, to: "groups.json")
    fit = scratch.path("fit")
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fit).sorted()
  }

  @Test("A new run replaces an earlier one wholly, also one of more chains") func replaced() throws
  {
    let words = ["sample", model, "--output", fit] + short
    #expect(try bayes(words: words).status == 0)
    #expect(try names().count == 5)
    let again = try bayes(words: words + ["--chains", "2"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try names() == ["chain-1.csv", "chain-2.csv", "run.json"])
  }

  @Test("A run that dies before its first draw leaves an earlier one as it was")
  func keptWhenInterrupted() throws {
    // A model whose warmup outlasts the second by far.
    let words = ["sample", "models/gaussian_mixture.swift", "--output", fit]
    #expect(try bayes(words: words + short).status == 0)
    let files = try names().filter { $0 != "labels" } + ["labels/z.csv"]
    func contents() throws -> [Data] {
      try files.map { try Data(contentsOf: URL(filePath: fit + "/" + $0)) }
    }
    let before = try contents()
    let outcome = try bayes(
      words: words + ["--warmup", "1000000", "--draws", "10"], interruptAfter: 1)
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("nothing was written"))
    #expect(try contents() == before)
  }

  @Test("Draws of another model are not replaced") func anotherModel() throws {
    #expect(try bayes(words: ["sample", model, "--output", fit] + short).status == 0)
    let outcome = try bayes(
      words: ["sample", "models/beta_binomial.swift", "--output", fit] + short)
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("draws of the model Groups"))
  }
}

@Suite(.serialized) struct NewAndMissingTests {
  @Test(
    "new writes a model that compiles, whatever it is called",
    arguments: ["Normal", "Model", "class", "3x", "my model", "Any"])
  func names(_ name: String) throws {
    let scratch = try Scratch()
    let written = try bayes("new", name, in: scratch.folder)
    try #require(written.status == 0, "\(written.errors)")
    let outcome = try bayes(
      words: ["sample", name + ".swift"] + short, in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("A name without a letter is refused") func noLetter() throws {
    let outcome = try bayes("new", "12")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("letter"))
  }

  @Test("A model without its import is told so") func noImport() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      modelText.replacing("import Bayes\n", with: ""), to: "bare.swift")
    let outcome = try bayes("sample", path)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("bare.swift:1: error: the file lacks 'import Bayes'"))
  }

  @Test("Without a Swift compiler the exit code is 69") func noCompiler()
    throws
  {
    let scratch = try Scratch()
    let path = try scratch.write(modelText, to: "groups.swift")
    let outcome = try bayes("sample", path, environment: ["PATH": "/nowhere"])
    #expect(outcome.status == 69)
    #expect(outcome.errors.contains("https://www.swift.org/install"))
  }
}
