// What `bayes calibrate` takes: labels by name, certain and rounded probabilities, empty cells, files larger than memory.

import BayesCore
import Foundation
import Testing

/// A table that is taken, and what the report then says.
private struct Taken: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let text: String
  let words: [String]
  let says: [String]

  init(_ name: String, _ text: String, _ words: [String], says: String...) {
    (testDescription, self.text, self.words, self.says) = (name, text, words, says)
  }
}

/// A table that is refused with advice.
private struct Refused: CustomTestStringConvertible, Sendable {
  let text: String
  let words: [String]
  let advice: String
  var testDescription: String { advice }

  init(_ text: String, _ words: [String] = [], says advice: String) {
    (self.text, self.words, self.advice) = (text, words, advice)
  }
}

@Suite("bayes calibrate: what it takes")
struct CalibrateInputProgramTests {
  private func write(_ text: String, _ name: String, in scratch: Scratch) throws {
    try text.write(toFile: scratch.path(name), atomically: true, encoding: .utf8)
  }

  /// Binary rows: a score in steps of 1/100, and a label that follows it.
  private func tiedScores(_ count: Int) -> String {
    "p,y\n"
      + (0..<count).map { row in
        let step = row * 37 % 101
        return "\(Double(step) / 100),\(row * 53 % 97 < step * 97 / 101 ? 1 : 0)\n"
      }.joined()
  }

  @Test(
    "Labels and cells are taken as people write them",
    arguments: [
      Taken(
        "a label by name", "p,y\n0.9,sick\n0.2,well\n0.7,sick\n", ["--positive", "sick"],
        says: "3 rows measured, 2 of label 1"),
      Taken(
        "-1 and 1", "p,y\n0.9,1\n0.2,-1\n0.7,1\n", ["--positive", "1"],
        says: "3 rows measured, 2 of label 1"),
      Taken(
        "true and false", "p,y\n0.9,True\n0.2,false\n", [], says: "2 rows measured, 1 of label 1"),
      Taken(
        "classes numbered from 1 by their columns", "l1,l2,l3,y\n9,0,0,1\n0,9,0,2\n0,0,9,3\n",
        ["--logits", "l1,l2,l3"], says: "the top label is right in 100 % of them"),
      Taken(
        "columns in another order than the labels",
        "p2,p1,p0,y\n0.8,0.1,0.1,2\n0.1,0.8,0.1,1\n0.1,0.1,0.8,0\n",
        ["--probabilities", "p2,p1,p0"], says: "the top label is right in 100 % of them"),
      Taken(
        "the column's whole name", "class_0,class_1,y\n9,0,class_0\n0,9,class_1\n",
        ["--logits", "class_0,class_1"], says: "the top label is right in 100 % of them"),
      Taken(
        "two digits stay together", "p10,p11,y\n9,0,10\n0,9,11\n", ["--logits", "p10,p11"],
        says: "the top label is right in 100 % of them"),
      Taken(
        "a class that does not occur", "a,b,c,y\n9,0,0,0\n0,9,0,1\n", ["--logits", "a,b,c"],
        says: "No row has the label c."),
      Taken(
        "rounded probabilities", "a,b,y\n0.5,0.49,0\n0.2,0.79,1\n",
        ["--probabilities", "a,b", "--normalise"], says: "2 rows measured"),
      Taken(
        "a sum just above 1", "p,y\n1.0000001,1\n0.3,0\n", [],
        says: "Moved away from 0 or 1 to 1e-06 or 1 - 1e-06: 1 cell"),
      Taken(
        "empty cells", "p,y\n0.9,1\n,0\n0.2,\n0.1,0\nNA,1\n", ["--skip-missing"],
        says: "2 rows measured", "Left out for empty cells: 3 rows."),
      Taken(
        "probabilities that are named log odds",
        "s,y\n" + (0..<25).map { "0.\($0 + 10),\($0 % 2)\n" }.joined(), ["--logit", "s"],
        says: "All scores lie between 0 and 1: if they are probabilities"),
      Taken(
        "a sample", "p,y\n" + String(repeating: "0.5,1\n0.4,0\n", count: 500), ["--sample", "100"],
        says: "100 rows measured", "They are a random sample of the file's 1000 rows."),
    ])
  fileprivate func taken(_ given: Taken) throws {
    let scratch = try Scratch()
    try write(given.text, "t.csv", in: scratch)
    let outcome = try bayes(
      words: ["calibrate", "t.csv", "--method", "none", "--bootstrap", "5"] + given.words,
      in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in given.says {
      #expect(outcome.output.contains(text), "\(outcome.output.prefix(600))")
    }
    #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf "))
  }

  @Test(
    "What cannot be taken is refused with what to do",
    arguments: [
      Refused("p,y\n0.9,sick\n", says: "--positive NAME"),
      Refused("p,y\n0.9,sick\n", ["--positive", "ill"], says: "there are sick"),
      Refused("p,y\n13.0,1\n", says: "percents are to be divided by 100"),
      Refused("p;y\n0,9;1\n", says: "with a point and not a comma"),
      Refused("p,y\n,1\n", says: "--skip-missing leaves such rows out"),
      Refused("p,y\n,1\n", ["--skip-missing"], says: "all 1 rows have empty cells"),
      Refused(
        "a,b,y\n0.5,0.49,0\n", ["--probabilities", "a,b"], says: "--normalise divides rounded ones"),
      Refused(
        "a,b,c,y\n1,0,0,3\n", ["--logits", "a,b,c"], says: "labels that count from 1 need 1 less"),
      Refused(
        "l1,l2,y\n1,0,0\n", ["--logits", "l1,l2"],
        says: "one of 1, 2, as the columns' names have it"),
      Refused("p,y\n0.5,1\n", ["--label", "p", "--probability", "p"], says: "cannot be a score"),
      Refused("p,y\n0.5,1\n", ["--group", "y"], says: "cannot be the group as well"),
      Refused(
        "p,y\n0.5,1\n", ["--method", "platt", "--intercepts", "1"],
        says: "are for vector and matrix scaling, not platt"),
      Refused("p,y\n0.5,1\n", ["--save", "no/folder/map.json"], says: "cannot be created"),
    ])
  fileprivate func refused(_ given: Refused) throws {
    let scratch = try Scratch()
    try write(given.text, "t.csv", in: scratch)
    let outcome = try bayes(
      words: ["calibrate", "t.csv", "--bootstrap", "5"] + given.words, in: scratch.folder)
    #expect(outcome.status != 0 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(given.advice), "\(outcome.errors)")
  }

  @Test("Certain probabilities are moved from 0 and 1, so that every method can be fitted")
  func clipped() throws {
    let scratch = try Scratch()
    try write(tiedScores(400), "t.csv", in: scratch)
    let words = ["calibrate", "t.csv", "--bootstrap", "5", "--folds", "3", "--format", "json"]
    let outcome = try bayes(words: words + ["--save", "map.json"], in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let methods = try #require(try outcome.json()["comparison"]?["methods"]?.array)
    for method in methods { #expect(method["failures"]?.array?.isEmpty == true, "\(method)") }
    // A certain new score is what the map was fitted to, and the map can be read whatever was chosen.
    try write("p\n0\n1e-6\n", "new.csv", in: scratch)
    let applied = try bayes("calibrate", "apply", "map.json", "new.csv", in: scratch.folder)
    #expect(applied.status == 0, "\(applied.errors)")
    let values = applied.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",").last!
    }
    #expect(values.count == 2 && values[0] == values[1])
    // Without, the row that cannot be taken is that of the file.
    let without = try bayes(words: words + ["--clip", "0"], in: scratch.folder)
    let failures = try #require(try without.json()["comparison"]?["methods"]?.array).flatMap {
      $0["failures"]?.array ?? []
    }.compactMap(\.string)
    #expect(failures.contains { $0.contains("row 1: found probability 0") })
  }

  @Test("A diagram as PNG is one, or the program that makes it is named")
  func png() throws {
    let scratch = try Scratch()
    try write("p,y\n0.9,1\n0.2,0\n", "t.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "t.csv", "--method", "none", "--bootstrap", "5", "--plot", "t.png",
      in: scratch.folder)
    if outcome.status == 0 {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path("t.png")))
      #expect(bytes.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    } else {
      #expect(outcome.status == 69 && outcome.errors.contains("librsvg2-bin"), "\(outcome.errors)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(!files.contains { $0.hasSuffix(".svg") })
  }

  @Test("The map of a Bayesian binning of tied scores reads back")
  func tiedBinning() throws {
    let scratch = try Scratch()
    try write(tiedScores(300), "t.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "t.csv", "--method", "bayesian-binning", "--bootstrap", "5", "--save",
      "map.json", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let applied = try bayes("calibrate", "apply", "map.json", "t.csv", in: scratch.folder)
    #expect(applied.status == 0, "\(applied.errors)")
  }

  @Test("The scores as they are can be stored as a map that changes nothing")
  func identity() throws {
    let scratch = try Scratch()
    try write("logit,y\n0.5,1\n-0.5,0\n0.25,0\n", "t.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "t.csv", "--method", "none", "--bootstrap", "5", "--save", "map.json",
      in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let applied = try bayes("calibrate", "apply", "map.json", "t.csv", in: scratch.folder)
    let cells = applied.output.split(separator: "\n")[1].split(separator: ",")
    #expect(abs(Double(cells[2])! - 1 / (1 + exp(-0.5))) < 1e-15)
  }

  @Test("Rows without scores keep their place; a file with a mistake leaves none behind")
  func missing() throws {
    let scratch = try Scratch()
    try write("logit,y\n1,1\n-1,0\n2,1\n-2,0\n1,1\n0.5,0\n-1,1\n", "t.csv", in: scratch)
    let fit = try bayes(
      "calibrate", "t.csv", "--method", "temperature", "--bootstrap", "5", "--save", "map.json",
      in: scratch.folder)
    #expect(fit.status == 0, "\(fit.errors)")
    try write("id,logit\n1,0.5\n2,\n3,-0.5\n", "new.csv", in: scratch)
    let applied = try bayes(
      "calibrate", "apply", "map.json", "new.csv", "--skip-missing", in: scratch.folder)
    let lines = applied.output.split(separator: "\n")
    #expect(
      lines.count == 4 && lines[2] == "2,," && applied.errors.contains("1 row without scores"))
    let broken = try bayes(
      "calibrate", "apply", "map.json", "new.csv", "--output", "out.csv", in: scratch.folder)
    #expect(broken.status == 65 && !FileManager.default.fileExists(atPath: scratch.path("out.csv")))
  }

  @Test("A file that does not fit into memory is refused at once, with the way to take it")
  func large() throws {
    let scratch = try Scratch()
    try write("logit,y\n0.5,1\n", "large.csv", in: scratch)
    // A hole of four terabytes takes no room on disk.
    let file = try #require(FileHandle(forWritingAtPath: scratch.path("large.csv")))
    try file.truncate(atOffset: 4_000_000_000_000)
    try file.close()
    let outcome = try bayes("calibrate", "large.csv", in: scratch.folder)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("the file has 4000 GB"), "\(outcome.errors)")
    #expect(outcome.errors.contains("--sample 1000000"))
  }
}
