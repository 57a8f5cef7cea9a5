// Bad input of every kind: a clear message, the right exit code, nothing on standard output.

import BayesCore
import Foundation
import Testing

/// A small regression that the cases below give bad data.
private let modelText = """
  import Bayes

  @main struct Line: Model {
    let row = Axis()
    @Observed(over: \\Self.row) var y: Vector
    @Given(over: \\Self.row) var x: Vector
    @Observed var successes: Count

    @Parameter var slope: Real
    @Parameter var rate: Real

    var body: some Density {
      slope ~ Normal(0, 1)
      rate ~ Beta(1, 1)
      y ~ Normal(slope * x, 1)
      successes ~ Binomial(10, rate)
    }
  }
  """

private struct BadData: Sendable, CustomTestStringConvertible {
  let what: String
  let file: String
  let text: String
  let message: String
  var testDescription: String { what }

  init(_ what: String, _ file: String, _ text: String, _ message: String) {
    (self.what, self.file, self.text, self.message) = (what, file, text, message)
  }
}

private let badData = [
  BadData("malformed JSON", "d.json", "{\"y\": [1, 2,\n", "d.json:2"),
  BadData(
    "NaN", "d.json", #"{"y": [1, "NaN"], "x": [1, 2], "successes": 3}"#, "y"),
  BadData(
    "text in numbers", "d.json", #"{"y": [1, "two"], "x": [1, 2], "successes": 3}"#, "d.json:1"),
  BadData(
    "ragged rows", "d.json", #"{"y": [[1, 2], [3]], "x": [1, 2], "successes": 3}"#, "row 2"),
  BadData(
    "wrong lengths", "d.json", #"{"y": [1, 2, 3], "x": [1, 2], "successes": 3}"#, "x"),
  BadData(
    "a value outside the support", "d.json", #"{"y": [1, 2], "x": [1, 2], "successes": 11}"#,
    "successes"),
  BadData(
    "a missing name", "d.json", #"{"y": [1, 2], "z": [1, 2], "successes": 3}"#, "x"),
  BadData("ragged CSV", "d.csv", "y,x\n1,2\n3\n", "d.csv:3"),
  BadData("text in a CSV column", "d.csv", "y,x\n1,2\n3,4\n5,oops\n", "d.csv:4"),
  BadData("CSV without header", "d.csv", "1,2\n3,4\n", "d.csv:1"),
]

@Suite(.serialized) struct BadInputTests {
  private let scratch: Scratch
  private let model: String

  init() throws {
    scratch = try Scratch()
    model = try scratch.write(modelText, to: "line.swift")
  }

  private func expect(
    _ outcome: Outcome, _ status: Int32, _ messages: String...,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    for message in messages {
      #expect(outcome.errors.contains(message), sourceLocation: sourceLocation)
    }
  }

  @Test("Bad data", arguments: badData) fileprivate func data(_ bad: BadData) throws {
    let path = try scratch.write(bad.text, to: bad.file)
    expect(try bayes("sample", model, "--data", path), 65, bad.message)
  }

  @Test("Missing files") func missing() throws {
    expect(try bayes("sample", scratch.path("none.swift")), 66, "none.swift")
    expect(try bayes("sample", model, "--data", scratch.path("none.json")), 66, "none.json")
    expect(try bayes("sample", model), 65, "line.json")
    expect(try bayes("summary", scratch.path("none")), 66, "none")
  }

  @Test("A model that does not compile shows the compiler's words about the file")
  func broken() throws {
    let path = try scratch.write(
      modelText.replacing("Normal(0, 1)", with: "Normall(0, 1)"), to: "broken.swift")
    let outcome = try bayes("sample", path)
    expect(outcome, 65, "broken.swift:13:", "Normall")
    #expect(!outcome.errors.contains("swift-frontend"))
    let empty = try scratch.write("import Bayes\n", to: "empty.swift")
    expect(try bayes("sample", empty), 65, "empty.swift", "@main")
  }

  @Test(
    "What people who know other languages write first is answered with what to write",
    arguments: [
      ("@Observed var k: Int", "y ~ Normal(mu, 1)", "declared as Count"),
      ("", "if mu > 0 { y ~ Normal(mu, 1) }", "select(condition, a, b)"),
      ("", "for i in 0..<3 { y ~ Normal(mu * i, 1) }", "hint: a whole-number variable of Swift is"),
      ("", "y ~ normal(mu, 1)", "hint: did you mean 'Normal'?"),
      ("", "target += mu", "hint: add to the log density with Factor"),
      ("", "y = Normal(mu, 1)", "hint: a statement is y ~ Distribution"),
    ])
  func habits(declaration: String, statement: String, advice: String) throws {
    let path = try scratch.write(
      """
      import Bayes

      @main struct Habits: Model {
        @Observed var y: Real
        @Parameter var mu: Real
        \(declaration)

        var body: some Density {
          mu ~ Normal(0, 1)
          \(statement)
        }
      }
      """, to: "habits.swift")
    expect(try bayes("sample", path), 65, "habits.swift:", advice)
  }

  @Test("Mistakes and warnings name the file as it was typed") func typedPath() throws {
    let text = """
      import Bayes

      @main struct Typed: Model {
        @Parameter var mu: Real
        @Parameter var sigma: Real

        var body: some Density {
          sigma ~ Normal(0, 1)
          mu ~ Normal(0, sigma)
        }
      }
      """
    let folder = scratch.path("")
    try FileManager.default.createDirectory(
      atPath: scratch.path("models"), withIntermediateDirectories: true)
    _ = try scratch.write(text, to: "models/typed.swift")
    let outcome = try bayes(
      "sample", "models/typed.swift", "--seed", "1", "--warmup", "10", "--draws", "10", in: folder)
    #expect(outcome.errors.contains("models/typed.swift:9: warning: scale of Normal is `sigma`"))
    #expect(outcome.errors.contains("write `sigma ~ HalfNormal(1)`"))
    _ = try scratch.write(
      text.replacing("mu ~ Normal(0, sigma)", with: "mu ~ Normal(0, -1)"), to: "models/typed.swift")
    expect(
      try bayes("sample", "models/typed.swift", in: folder), 65,
      "models/typed.swift:9: error: scale of")
  }

  @Test(
    "Usage errors end with 64",
    arguments: [
      [], ["sampel"], ["sample"], ["sample", "m.swift", "--draws", "0"],
      ["sample", "m.swift", "--chains", "none"], ["sample", "m.swift", "--frobnicate"],
      ["sample", "m.swift", "--target-acceptance", "1"],
      ["sample", "m.swift", "--metric", "round"],
      ["density"], ["summary"], ["new"],
    ])
  func usage(_ words: [String]) throws {
    expect(try bayes(words: words), 64, "error: ", "--help")
  }

  @Test("An impossible initial density names the statement and its line") func impossible() throws {
    let path = try scratch.write(
      """
      import Bayes

      @main struct Impossible: Model {
        @Parameter var x: Real

        var body: some Density {
          x ~ Normal(0, 1)
          Factor(log(-1 - x * x))
        }
      }
      """, to: "impossible.swift")
    expect(try bayes("sample", path, "--seed", "1"), 65, "impossible.swift:8")
  }

  @Test("Bad points and initial values") func points() throws {
    let data = try scratch.write(
      #"{"y": [1, 2], "x": [1, 2], "successes": 3}"#, to: "line.json")
    for (text, message) in [
      (#"{"slope": 1}"#, "rate"), (#"{"slope": 1, "rate": 2}"#, "rate"),
      (#"{"slope": [1], "rate": 0.5}"#, "slope"),
      (#"{"slop": 1, "rate": 0.5, "slope": 1}"#, "slop"),
      (#"{"slope": "a", "rate": 0.5}"#, "slope"), ("[1]", "object"),
    ] {
      let point = try scratch.write(text, to: "point.json")
      expect(try bayes("density", model, "--data", data, "--at", point), 65, message)
    }
    let start = try scratch.write(#"{"rate": -1}"#, to: "init.json")
    expect(try bayes("sample", model, "--data", data, "--init", start, "--seed", "1"), 65, "rate")
    let array = try scratch.write("[1, 2, 3]", to: "array.json")
    expect(
      try bayes("density", model, "--data", data, "--at", array, "--unconstrained"), 65, "3 numbers"
    )
  }

  @Test("Output that cannot be created ends with 73, before sampling") func unwritable() throws {
    try scratch.write(#"{"y": [1, 2], "x": [1, 2], "successes": 3}"#, to: "line.json")
    let file = try scratch.write("", to: "file")
    expect(try bayes("sample", model, "--seed", "1", "--output", file), 73, file)
    expect(try bayes("sample", model, "--seed", "1", "--output", "/proc/none"), 73, "/proc/none")
  }

  @Test("A full disk ends with 74") func fullDisk() throws {
    try scratch.write(#"{"y": [1, 2], "x": [1, 2], "successes": 3}"#, to: "line.json")
    let full = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    let words = ["sample", model, "--seed", "1", "--warmup", "100", "--draws", "100"]
    let outcome = try bayes(words: words, output: full)
    #expect(outcome.status == 74)
    #expect(outcome.errors.contains("No space left"))
  }
}
