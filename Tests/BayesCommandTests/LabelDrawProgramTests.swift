// `sample --label-draws`, the path of a Markov chain and columns of labels with gaps, by the program.

import BayesCore
import Foundation
import Testing

private let weatherText = """
  import Bayes

  @main struct Weather: Model {
    let day = Axis(), state = Axis(["calm", "wild"])
    @Observed(over: \\Self.day) var y: Vector
    @Parameter(over: \\Self.state) var mu: Vector
    @Latent(over: \\Self.day, in: \\Self.state, named: "weather") var z: Labels
    var body: some Density {
      mu ~ Normal(0, 1).ordered()
      z ~ MarkovChain(
        initial: Vector([0.5, 0.5]),
        transition: Matrix(rows: [Vector([0.9, 0.1]), Vector([0.1, 0.9])]))
      y ~ Normal(mu[z], 0.3)
    }
  }
  """

@Suite("Draws of labels in the program's output")
struct LabelDrawProgramTests {
  @Test("Draws, path and known labels reach their files; a later run without draws removes them")
  func files() throws {
    let scratch = try Scratch()
    let model = try scratch.write(weatherText, to: "weather.swift")
    let data = "y,weather\n-1,calm\n-1.1,NA\n0.9,\n1,wild\n1.2,wild\n"
    _ = try scratch.write(data, to: "weather.csv")
    let folder = scratch.path("fit")
    let arguments = ["sample", model, "--seed", "1", "--warmup", "200", "--draws", "20"]
    let outcome = try bayes(words: arguments + ["--output", folder, "--label-draws"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let labels = try String(contentsOfFile: folder + "/labels/z.csv", encoding: .utf8)
    #expect(labels.hasPrefix("day,most_probable,path,probability_calm,probability_wild\n"))
    #expect(labels.hasSuffix("5,wild,wild,0.0,1.0\n"), "\(labels)")
    let draws = try String(contentsOfFile: folder + "/labels/z_draws.csv", encoding: .utf8)
    let rows = draws.split(separator: "\n")
    #expect(rows.count == 81)
    #expect(rows[0] == "chain,draw,z[1],z[2],z[3],z[4],z[5]")
    #expect(rows[1].hasPrefix("1,1,calm,") && rows[80].hasPrefix("4,20,calm,"))
    #expect(rows.dropFirst().allSatisfy { row in row.hasSuffix(",wild,wild") })
    let again = try bayes(words: arguments + ["--output", folder])
    #expect(again.status == 0, "\(again.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/labels/z_draws.csv"))
  }

  @Test("EM writes the path into JSON and into the file of responsibilities")
  func em() throws {
    let scratch = try Scratch()
    let model = try scratch.write(weatherText, to: "weather.swift")
    _ = try scratch.write(
      #"{"y": [-1, -1.1, 0.9, 1, 1.2], "weather": ["calm", null, null, "wild", "wild"]}"#,
      to: "weather.json")
    let file = scratch.path("who.csv")
    let outcome = try bayes(
      "em", model, "--seed", "1", "--format", "json", "--responsibilities", file)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let path = try parseJSON(text: outcome.output)["labels"]?.array?[0]["path"]?.array
    #expect(path?.map(\.string) == ["calm", "calm", "wild", "wild", "wild"])
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.hasPrefix("day,most_probable,path,"))
  }

  @Test("Draws of labels need a folder")
  func usage() throws {
    let scratch = try Scratch()
    let model = try scratch.write(weatherText, to: "weather.swift")
    let outcome = try bayes("sample", model, "--label-draws")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--label-draws needs a folder to write to"))
  }
}
