// `bayes em`: fits, comparisons, files, and what it says of mistakes.

import BayesCore
import Foundation
import Testing

/// A ready model with a discrete unknown.
private struct Ready: Sendable, CustomTestStringConvertible {
  let name: String
  /// Its row in `em_reference.json`.
  let reference: String
  /// Numbers of components for which its statements hold.
  let components: String?
  var testDescription: String { name }

  init(_ name: String, as reference: String? = nil, components: String? = "1...3") {
    (self.name, self.reference, self.components) = (name, reference ?? name, components)
  }

  var path: String { "models/\(name).swift" }
}

private let ready = [
  Ready("gaussian_mixture"), Ready("gaussian_mixture_2d", as: "faithful_full_2"),
  Ready("poisson_mixture"), Ready("mixture_of_regressions"), Ready("hmm_gaussian"),
  Ready("zero_inflated", components: "2...3"), Ready("bernoulli_mixture", components: nil),
  Ready("hmm_categorical", components: nil),
]

@Suite("em with the ready models") struct EMModelTests {
  @Test("Every model with a discrete unknown is in the table below") func complete() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: packageRoot + "models")
    let found = try files.filter { $0.hasSuffix(".swift") }.filter {
      try String(contentsOfFile: packageRoot + "models/" + $0, encoding: .utf8).contains("@Latent")
    }
    #expect(Set(found) == Set(ready.map { $0.name + ".swift" }))
  }

  @Test("The maximum is the reference's, and JSON says all of it", arguments: ready)
  private func maximum(_ model: Ready) throws {
    let file = packageRoot + "Tests/BayesEngineTests/Fixtures/em_reference.json"
    let table = try parseJSON(
      text: String(contentsOfFile: file, encoding: .utf8), path: file)
    let rows = (table["mixtures"]?.array ?? []) + (table["chains"]?.array ?? [])
    let reference = try #require(rows.first { $0["name"]?.string == model.reference })

    let outcome = try bayes(
      "em", model.path, "--seed", "1", "--restarts", "30", "--format", "json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let found = try outcome.json()
    let expected = try #require(reference["logLikelihood"]?.number)
    #expect(abs(try #require(found["log_likelihood"]?.number) - expected) < 1e-6)
    #expect(found["parameters"]?.integer == reference["parameterCount"]?.integer)
    #expect(found["rows"]?.integer == reference["rows"]?.integer)
    let bic = try #require(reference["bic"]?.number)
    #expect(abs(try #require(found["bic"]?.number) - bic) < 1e-5)
    for key in [
      "model", "version", "seed", "method", "covariance", "estimates", "no_standard_errors",
      "log_likelihood", "log_posterior", "parameters", "rows", "bic", "aic", "icl", "labels",
      "m_step", "iterations", "path", "seconds_per_iteration", "restarts", "converged", "warnings",
      "seconds",
    ] {
      #expect(found[key] != nil, "\(key)")
    }
    #expect(found["restarts"]?["count"]?.integer == 30)
    #expect(found["converged"]?.bool == true)
    for estimate in found["estimates"]?.array ?? [] {
      let count = estimate["elements"]?.array?.count
      #expect(estimate["values"]?.array?.count == count)
      #expect(estimate["standard_errors"]?.array?.count == count)
    }
    let path = try #require(found["path"]?.array).compactMap(\.number)
    #expect(zip(path, path.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test(
    "With --map the posterior density is at least that of the likelihood's maximum",
    arguments: ready)
  private func map(_ model: Ready) throws {
    let outcome = try bayes(
      "em", model.path, "--seed", "1", "--map", "--format", "json", "--quiet",
      "--no-standard-errors")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.json()
    #expect(found["method"]?.string == "map")
    #expect(try #require(found["log_posterior"]?.number).isFinite)
    #expect(try #require(found["log_likelihood"]?.number).isFinite)
  }

  @Test("The probabilities of each row's labels add to 1", arguments: ready)
  private func responsibilities(_ model: Ready) throws {
    let scratch = try Scratch()
    let file = scratch.path("who.csv")
    let outcome = try bayes(
      "em", model.path, "--seed", "1", "--responsibilities", file, "--quiet",
      "--no-standard-errors")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",") }
    let columns = lines[0].indices.filter { lines[0][$0].hasPrefix("probability_") }
    #expect(columns.count == 2)
    #expect(lines[0][1] == "most_probable")
    for line in lines.dropFirst() {
      let values = try columns.map { try #require(Double(line[$0])) }
      #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(abs(values.reduce(0, +) - 1) < 1e-12)
      let best = columns.max { Double(line[$0])! < Double(line[$1])! }!
      #expect(lines[0][best] == "probability_" + line[1])
    }
  }

  @Test("Numbers of components are compared", arguments: ready)
  private func components(_ model: Ready) throws {
    guard let range = model.components else {
      let outcome = try bayes("em", model.path, "--seed", "1", "--components", "1...3")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("hint: this is so with 1 component;"), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
      return
    }
    let words = ["em", model.path, "--seed", "1", "--components", range, "--quiet"]
    let outcome = try bayes(words: words)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Best by BIC: "))
    #expect(outcome.output.contains("Best by ICL: "))
    let json = try bayes(words: words + ["--format", "json"]).json()
    let rows = try #require(json["models"]?.array)
    #expect(rows.count == (range == "1...3" ? 3 : 2))
    let fits = rows.compactMap { $0["log_likelihood"]?.number }
    // One more component never fits worse, if the maximum is found.
    #expect(zip(fits, fits.dropFirst()).allSatisfy { $0 <= $1 + 1e-6 })
    #expect(json["best_by_bic"]?["components"]?.integer != nil)
  }
}

private let twoParts = """
  import Bayes

  @main struct TwoParts: Model {
    let point = Axis()
    let part = Axis(2)
    @Observed(over: \\Self.point) var y: Vector
    @Parameter(over: \\Self.part) var weights: Vector
    @Parameter(over: \\Self.part) var mu: Vector
    @Parameter(over: \\Self.part) var sigma: Vector
    @Latent(over: \\Self.point, in: \\Self.part) var z: Labels
    var body: some Density {
      weights ~ Dirichlet(2)
      mu ~ Normal(0, 5).ordered()
      sigma ~ HalfNormal(2)
      z ~ Categorical(weights)
      y ~ Normal(mu[z], sigma[z])
    }
  }
  """

private let rows: [(y: Double, count: Int)] = [
  (-2, 3), (-1.8, 1), (-2.5, 2), (0.9, 1), (1.4, 3), (1, 2), (2.2, 1), (0.1, 1), (-1.2, 2),
  (1.7, 3),
]

private struct Slip: Sendable, CustomTestStringConvertible {
  let what: String
  let words: [String]
  let status: Int32
  let messages: [String]
  var testDescription: String { what }

  init(_ what: String, _ words: String, _ status: Int32, _ messages: String...) {
    self.what = what
    self.words = words.split(separator: " ").map(String.init)
    (self.status, self.messages) = (status, messages)
  }
}

private let slips = [
  Slip(
    "a column of weights that is not there", "two.swift --weights coutn", 65,
    "error: the data has no column `coutn` for --weights", "hint: did you mean `count`?"),
  Slip(
    "a negative weight", "two.swift --weights negative", 65,
    "two.csv:6, column 3: error: the weight in row 5 is -2; expected a finite number, at least 0"),
  Slip(
    "weights that are words", "two.swift --weights word", 65,
    "two.csv, column 4: error: the weights `word` are text; expected a number for each row"),
  Slip("weights of 0 only", "two.swift --weights zero", 65, "error: all weights are 0"),
  Slip(
    "too few weights", "two.swift --weights w --data short.json", 65, "there are 2 row weights",
    "3 rows"),
  Slip(
    "a matrix of weights", "two.swift --weights matrix --data short.json", 65,
    "short.json:3: error: the weights `matrix` are numbers of shape [1, 3]"),
  Slip(
    "an unknown form of covariance", "two.swift --covariance ful", 64,
    "--covariance expects full, diagonal, spherical or tied, not \"ful\""),
  Slip(
    "a form without effect", "two.swift --covariance tied", 65,
    "--covariance tied says nothing to this model"),
  Slip(
    "forms without effect", "two.swift --covariance full,tied", 65,
    "--covariance tied says nothing to this model"),
  Slip("no components", "two.swift --components 0", 64, "--components expects a range"),
  Slip("a range backwards", "two.swift --components 3...1", 64, "not \"3...1\""),
  Slip(
    "responsibilities of a comparison", "two.swift --components 1...3 --responsibilities x.csv",
    64, "go with one model, not with a comparison"),
  Slip(
    "a start of a comparison", "two.swift --components 1...3 --start none.json", 64,
    "go with one model, not with a comparison"),
  Slip("no restarts", "two.swift --restarts 0", 64, "--restarts expects a value from 1"),
  Slip(
    "a start without a value", "two.swift --start half.json", 65,
    "half.json: error: the start lacks weights, sigma"),
  Slip(
    "an impossible start", "two.swift --start impossible.json", 65,
    "impossible.json: error: EM found no maximum from this start"),
  Slip(
    "a start with a misspelt name", "two.swift --start misspelt.json", 65,
    "misspelt.json:1: error: the model has no parameter 'sigm'", "did you mean 'sigma'?"),
  Slip("a start that is not there", "two.swift --start none.json", 66, "none.json"),
  Slip(
    "restarts that all run to an unbounded likelihood", "two.swift --data equal.json", 65,
    "error: EM found no maximum: 10 × a component's variance goes to 0", "--map with priors"),
  Slip(
    "a folder that is not there", "two.swift --responsibilities none/who.csv", 73,
    "the output cannot be created"),
]

@Suite("em and its settings") struct EMSettingsTests {
  let scratch: Scratch
  let model: String

  init() throws {
    scratch = try Scratch()
    model = try scratch.write(twoParts, to: "two.swift")
    let lines = rows.enumerated().map { index, row in
      "\(row.y),\(row.count),\(index == 4 ? -2 : 1),\(index % 2 == 0 ? "a" : "b"),0"
    }
    try scratch.write(
      (["y,count,negative,word,zero"] + lines).joined(separator: "\n"), to: "two.csv")
    try scratch.write(
      "{\"y\": [1, 2, 3],\n\"w\": [1, 2],\n\"matrix\": [[1, 2, 3]]}", to: "short.json")
    try scratch.write(#"{"y": [1, 1, 1, 1, 5]}"#, to: "equal.json")
    try scratch.write(#"{"mu": [1, 2]}"#, to: "half.json")
    try scratch.write(
      #"{"mu": [1, 2], "weights": [0.5, 0.5], "sigm": [1, 1]}"#, to: "misspelt.json")
    try scratch.write(
      #"{"mu": [1, 2], "weights": [0.5, 0.5], "sigma": [-1, 1]}"#, to: "impossible.json")
  }

  private func em(_ words: [String]) throws -> Outcome {
    try bayes(words: ["em"] + words + ["--seed", "1"], in: scratch.folder)
  }

  @Test("A mistake is named, and nothing is printed as a result", arguments: slips)
  private func mistake(_ slip: Slip) throws {
    let outcome = try em(slip.words)
    #expect(outcome.status == slip.status, "\(outcome.errors)")
    for message in slip.messages { #expect(outcome.errors.contains(message), "\(outcome.errors)") }
    if slip.status != 73 { #expect(outcome.output.isEmpty) }
  }

  @Test("A weight of three is the row three times") func weights() throws {
    let repeated = rows.flatMap { [String](repeating: "\($0.y)", count: $0.count) }
    try scratch.write((["y"] + repeated).joined(separator: "\n"), to: "repeated.csv")
    let words = ["two.swift", "--format", "json", "--quiet"]
    let found = try em(words + ["--data", "two.csv", "--weights", "count"]).json()
    let expected = try em(words + ["--data", "repeated.csv"]).json()
    #expect(found["rows"]?.integer == 19)
    for key in ["log_likelihood", "bic", "aic", "icl"] {
      let (a, b) = (try #require(found[key]?.number), try #require(expected[key]?.number))
      #expect(abs(a - b) < 1e-6, "\(key)")
    }
    let text = try em(["two.swift", "--data", "two.csv", "--weights", "count"])
    #expect(text.output.contains("(each row counted once, whatever its weight)"))
  }

  @Test("A model without discrete unknowns has no components and no responsibilities")
  func noLatent() throws {
    let counted = try bayes(
      "em", "models/eight_schools.swift", "--seed", "1", "--components", "1...3")
    #expect(counted.status == 65)
    #expect(counted.errors.contains("the model has no @Latent"))
    let written = try bayes(
      "em", "models/eight_schools.swift", "--seed", "1", "--responsibilities",
      scratch.path("who.csv"))
    #expect(written.status == 65)
    #expect(written.errors.contains("the model has no @Latent"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("who.csv")))
  }

  @Test("Parameters that the data do not determine are a warning") func undetermined() throws {
    let words = ["em", "models/eight_schools.swift", "--seed", "1"]
    let outcome = try bayes(words: words)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Warning: the observed information is not positive definite"))
    #expect(try bayes(words: words + ["--strict"]).status == 1)
  }

  @Test("A model that cannot be fitted has a row with the reason in a comparison")
  func failedCandidate() throws {
    let outcome = try em(["two.swift", "--data", "equal.json", "--components", "1,2,2"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("10 × a component's variance goes to 0"))
    #expect(outcome.output.contains("Best by BIC: 1 component."))
    // Repeated numbers are compared once.
    #expect(outcome.output.split(separator: "\n").count == 5)
  }

  @Test("Where there are no data, the message is about data") func noData() throws {
    try FileManager.default.removeItem(atPath: scratch.path("two.csv"))
    let outcome = try em(["two.swift", "--components", "1...3"])
    #expect(outcome.status == 65)
    #expect(!outcome.errors.contains("component;"), "\(outcome.errors)")
  }

  @Test("The same seed gives the same bytes") func reproducible() throws {
    for words in [["models/gaussian_mixture_2d.swift"], ["models/hmm_gaussian.swift", "--map"]] {
      let runs = try (1...2).map { threads in
        try bayes(
          words: ["em"] + words + ["--seed", "7", "--threads", "\(threads)", "--quiet"])
      }
      #expect(runs[0].status == 0, "\(runs[0].errors)")
      #expect(runs[0].output == runs[1].output)
      #expect(runs[0].errors.isEmpty && runs[1].errors.isEmpty)
    }
  }

  @Test("A start replaces the restarts") func start() throws {
    try scratch.write(
      #"{"mu": [-1, 2], "weights": [0.5, 0.5], "sigma": [1, 1]}"#, to: "good.json")
    let outcome = try em(["two.swift", "--start", "good.json", "--format", "json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json()["restarts"]?["count"]?.integer == 1)
  }

  @Test("Ctrl-C ends with 130 and reports the restarts that had begun") func interrupted() throws {
    // The model is compiled first, so that the interrupt meets the restarts.
    _ = try em(["two.swift", "--restarts", "1"])
    let outcome = try bayes(
      words: ["em", "two.swift", "--seed", "1", "--restarts", "1000000", "--no-acceleration"],
      in: scratch.folder, interruptAfter: 2)
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(outcome.errors.contains("Interrupted"))
    #expect(outcome.output.contains("sigma[2]"))
  }

  @Test("Help has examples") func help() throws {
    let outcome = try bayes("em", "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES"))
  }
}
