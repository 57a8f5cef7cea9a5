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
}
