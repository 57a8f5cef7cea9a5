// What `sample` says of discrete unknowns: table, JSON and the file of `--output`.

import BayesCore
import Foundation
import Testing

private let modelText = """
  import Bayes

  @main struct Parts: Model {
    let point = Axis(), part = Axis(["low", "high"])
    @Observed(over: \\Self.point) var y: Vector
    @Parameter var unused: Real
    @Latent(over: \\Self.point, in: \\Self.part) var z: Labels
    var body: some Density {
      unused ~ Normal(0, 1)
      z ~ Categorical(Vector([0.25, 0.75]))
      y ~ Normal(Vector([-1, 1])[z], 1)
    }
  }
  """

private let mixtureText = """
  import Bayes

  @main struct Mixture: Model {
    let point = Axis(), component = Axis(2)
    @Observed(over: \\Self.point) var y: Vector
    @Parameter(over: \\Self.component) var mu: Vector
    @Latent(over: \\Self.point, in: \\Self.component) var z: Labels
    var body: some Density {
      mu ~ Normal(0, 5)
      z ~ Categorical(Vector([0.5, 0.5]))
      y ~ Normal(mu[z], 1)
    }
  }
  """

@Suite("Labels in the program's output")
struct LabelProgramTests {
  @Test("Table and file have the labels' probabilities") func table() throws {
    let scratch = try Scratch()
    let model = try scratch.write(modelText, to: "parts.swift")
    _ = try scratch.write(#"{"y": [0, 2]}"#, to: "parts.json")
    let folder = scratch.path("fit")
    let outcome = try bayes(
      "sample", model, "--seed", "1", "--warmup", "100", "--draws", "20", "--output", folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("z = high: 1.7 (87.2 %)"))
    let text = try String(contentsOfFile: folder + "/labels/z.csv", encoding: .utf8)
    #expect(text.hasPrefix("point,most_probable,probability_low,probability_high\n1,high,0.25"))
    let summary = try bayes("summary", folder)
    #expect(summary.status == 0, "\(summary.errors)")
  }

  @Test("Switched components are relabelled in table, JSON and files, or stay with --relabel never")
  func relabelled() throws {
    let scratch = try Scratch()
    let model = try scratch.write(mixtureText, to: "mixture.swift")
    _ = try scratch.write(
      #"{"y": [-3.5, -3.1, -2.9, -2.2, -3.4, -2.6, -3.8, 2.5, 3.2, 3.6, 2.9]}"#, to: "mixture.json")
    let folder = scratch.path("fit")
    let words = ["sample", model, "--seed", "1", "--warmup", "300", "--draws", "500"]
    let outcome = try bayes(
      words: words + ["--format", "json", "--output", folder, "--strict", "--quiet"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.json()
    #expect(found["relabelled"]?.array?.map(\.string) == ["component"])
    #expect(found["advice"]?.array?.map { $0["code"]?.string } == ["relabelled"])
    // The larger component comes first.
    #expect((found["variables"]?.array?[0]["mean"]?.number ?? 0) < -2.5)
    #expect((found["labels"]?.array?[0]["probabilities"]?.array?[0].array?[0].number ?? 0) > 0.99)
    let record = try parseJSON(path: folder + "/run.json")
    #expect(record["relabelled"]?.array?.count == 1)
    let summary = try bayes("summary", folder)
    #expect(summary.output.contains("Note: The components of component changed places"))
    let raw = try bayes(words: words + ["--relabel", "never", "--format", "json", "--quiet"])
    let kept = try raw.json()
    #expect(kept["relabelled"]?.array?.isEmpty == true)
    #expect(kept["advice"]?.array?.contains { $0["code"]?.string == "label_switching" } == true)
  }
}
