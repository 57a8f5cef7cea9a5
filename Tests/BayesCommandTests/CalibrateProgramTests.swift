// `bayes calibrate` and `calibrate apply` as programs.

import BayesCore
import Foundation
import Testing

/// A table with what is wrong in it and where.
private struct BadScores: CustomTestStringConvertible, Sendable {
  let text: String
  let words: [String]
  let status: Int32
  let message: String
  var testDescription: String { message }

  init(_ text: String, _ words: [String] = [], _ status: Int32 = 65, says message: String) {
    (self.text, self.words, self.status, self.message) = (text, words, status, message)
  }
}

/// Rows of labels whose log odds are the logit over 2: overconfident scores.
private func overconfidentScores(_ count: Int, seed: UInt64 = 1) -> String {
  var state = seed
  func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
  var text = "id,logit,y\n"
  for row in 0..<count {
    let logit = 8 * uniform() - 4
    text += "\(row),\(logit),\(uniform() < 1 / (1 + exp(-logit / 2)) ? 1 : 0)\n"
  }
  return text
}

@Suite("bayes calibrate")
struct CalibrateProgramTests {
  private func write(_ text: String, _ name: String, in scratch: Scratch) throws {
    try text.write(toFile: scratch.path(name), atomically: true, encoding: .utf8)
  }

  @Test("One method: measures before, held out and on the same rows; the map is applied to a file")
  func oneMethod() throws {
    let scratch = try Scratch()
    try write(overconfidentScores(1500), "scores.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "scores.csv", "--method", "temperature", "--bootstrap", "50", "--save",
      "map.json", "--plot", "reliability.svg", "--format", "json", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["before"]?["calibrated"]?.bool == false)
    #expect(json["after"]?["calibrated"]?.bool == true)
    let map = try #require(json["map"]?["parameters"]?["temperature"]?.number)
    #expect(map > 1.6 && map < 2.5)
    let losses = try ["before", "after", "after_same_rows"].map {
      try #require(json[$0]?["nll"]?.number)
    }
    #expect(losses[2] < losses[1] && losses[1] < losses[0])
    #expect(
      try String(contentsOfFile: scratch.path("reliability.svg"), encoding: .utf8)
        .hasPrefix("<svg"))
    let applied = try bayes(
      "calibrate", "apply", "map.json", "scores.csv", "--output", "new.csv", in: scratch.folder)
    #expect(applied.status == 0, "\(applied.errors)")
    let lines = try String(contentsOfFile: scratch.path("new.csv"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 1501 && lines[0] == "id,logit,y,calibrated")
    let cells = lines[7].split(separator: ",").compactMap { Double($0) }
    #expect(abs(cells[3] - 1 / (1 + exp(-cells[1] / map))) < 1e-15)
    let again = try bayes("calibrate", "apply", "map.json", "new.csv", in: scratch.folder)
    #expect(again.status == 65 && again.errors.contains("there is a column calibrated already"))
  }

  @Test(
    "All methods are compared on held-out rows; the same seed gives the same bytes for any threads")
  func comparison() throws {
    let scratch = try Scratch()
    try write(overconfidentScores(400), "scores.csv", in: scratch)
    let words = ["calibrate", "scores.csv", "--bootstrap", "20", "--folds", "3"]
    let one = try bayes(words: words + ["--threads", "1"], in: scratch.folder)
    #expect(one.status == 0, "\(one.errors)")
    #expect(try bayes(words: words + ["--threads", "2"], in: scratch.folder).output == one.output)
    #expect(one.output.contains("Methods on held-out rows, 3 folds of 400 rows"))
    #expect(one.output.contains("Chosen: "))
    for method in ["temperature", "platt", "beta", "isotonic", "histogram", "bayesian-binning"] {
      #expect(one.output.contains(method))
    }
    #expect(!one.output.contains("nan") && !one.output.contains("inf "))
  }

  @Test("Several classes, fitted to the first rows and measured on the others; labels by name")
  func classes() throws {
    let scratch = try Scratch()
    var text = "animal,score_cat,score_dog,score_eel\n"
    for row in 0..<90 {
      let own = row % 3
      let scores = (0..<3).map {
        $0 == (row % 10 == 0 ? (own + 1) % 3 : own) ? 4.0 : Double(row % 7) / 7
      }
      text +=
        "\(["cat", "dog", "eel"][own])," + scores.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try write(text, "animals.csv", in: scratch)
    let words = [
      "calibrate", "animals.csv", "--label", "animal", "--logits", "score_cat,score_dog,score_eel",
      "--method", "temperature", "--bootstrap", "20",
    ]
    let outcome = try bayes(
      words: words + ["--fit-rows", "60", "--save", "map.json"], in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains(
        "Fitted to the first 60 rows, measured on those after them.\n30 rows measured;"))
    #expect(outcome.output.contains("Classwise ECE"))
    let applied = try bayes("calibrate", "apply", "map.json", "animals.csv", in: scratch.folder)
    #expect(applied.output.contains("calibrated_cat,calibrated_dog,calibrated_eel"))
    #expect(try bayes(words: words + ["--fit-rows", "90"], in: scratch.folder).status == 64)
  }

  @Test(
    "Mistakes are named with their place, and end with the status of their kind",
    arguments: [
      BadScores("logit,y\n0.1,1\n0.2,2\n", says: "t.csv:3:5: error: y has 2"),
      BadScores("logit,y\n0.1,1\n,0\n", says: "t.csv:3:1: error: logit has an empty cell"),
      BadScores("logit,y\n0.1,1\nnan,0\n", says: "t.csv:3:1: error: logit has nan"),
      BadScores("logit,y\n0.1,1\ninf,0\n", says: "expected a finite logit"),
      BadScores("p,y\n0.1,1\n1.5,0\n", says: "t.csv:3:1: error: p has 1.5"),
      BadScores("p,p,y\n0.1,1,1\n", says: "two columns are named p"),
      BadScores("p,y\n0.1,1,7\n", says: "t.csv:2: error: the row has 3 cells"),
      BadScores("p,y\n", says: "there are no rows below the names"),
      BadScores("", says: "the file has no rows"),
      BadScores(
        "a,b,y\n0.5,0.6,1\n", ["--probabilities", "a,b"],
        says: "t.csv:2:1: error: the probabilities of the row sum to 1.1"),
      BadScores("logit,y\n1,1\n2,1\n3,1\n", says: "all 3 rows have label 1"),
      BadScores("logit,y\n1,1\n", says: "need at least 2"),
      BadScores(
        "logit,y\n1,1\n2,1\n3,1\n-1,0\n-2,0\n-3,0\n", ["--method", "temperature"],
        says: "the scores separate the labels"),
      BadScores(
        "logit,y\n1,1\n-1,0\n2,0\n", says: "3 rows cannot be divided into 5 folds"),
      BadScores("s,y\n1,1\n", [], 64, says: "which columns of t.csv are the scores?"),
      BadScores("logit,z\n1,1\n", [], 64, says: "which column of t.csv has the labels?"),
      BadScores("logit,y\n1,1\n", ["--label", "won"], says: "there is no column won"),
      BadScores(
        "logit,y\n1,1\n", ["--logit", "logit", "--probability", "p"], 64,
        says: "exclude one another"),
      BadScores("logit,y\n1,1\n", ["--method", "magic"], 64, says: "--method"),
      BadScores("logit,y\n1,1\n0,0\n", ["--plot", "x.jpg"], 64, says: "--plot writes .svg"),
    ])
  fileprivate func mistakes(_ bad: BadScores) throws {
    let scratch = try Scratch()
    try write(bad.text, "t.csv", in: scratch)
    let method = bad.words.contains("--method") ? [] : ["--method", "platt"]
    let outcome = try bayes(
      words: ["calibrate", "t.csv", "--bootstrap", "5"] + method + bad.words, in: scratch.folder)
    #expect(outcome.status == bad.status, "\(outcome.errors)")
    #expect(outcome.errors.contains(bad.message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test("Measuring alone needs neither two labels nor many rows")
  func measuring() throws {
    let scratch = try Scratch()
    try write("p,y\n0,1\n", "one.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "one.csv", "--method", "none", "--bootstrap", "5", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // The first bin includes 0: the error of p = 0 for what came is 1.
    #expect(outcome.output.contains("1.00000"))
    #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf"))
  }

  @Test("Groups have their own table, temperatures and sentences about fairness")
  func groups() throws {
    let scratch = try Scratch()
    let outcome = try bayes(
      "calibrate", packageRoot + "examples/calibration/clinics.csv", "--group", "clinic",
      "--method", "none", "--bootstrap", "20", "--format", "json", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let groups = try #require(try outcome.json()["groups"])
    let rows = try #require(groups["groups"]?.array)
    #expect(rows.compactMap { $0["name"]?.string } == ["north", "south", "east"])
    // The temperatures that made the data lie in the pooled intervals, and pooling draws them together.
    for (row, truth) in zip(rows, [1.2, 2, 3]) {
      let interval = try #require(row["temperature_pooled"]?["interval"]?.array).compactMap(
        \.number)
      #expect(interval[0] < truth && truth < interval[1])
    }
    #expect(groups["fairness"]?["statement"]?.array?.count == 6)
  }

  @Test("A forecast of a straight line by its drift is right; every window sees the past alone")
  func forecast() throws {
    let scratch = try Scratch()
    // Row t is 2t, but the last one is far off: no forecast before it may know.
    let values = (0..<30).map { 2 * $0 } + [1000]
    try write(
      "t,value\n" + values.enumerated().map { "\($0),\($1)\n" }.joined(), "s.csv", in: scratch)
    let outcome = try bayes(
      "calibrate", "forecast", "s.csv", "--methods", "last,mean,ar:1", "--training", "10",
      "--format", "json", in: scratch.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let methods = try #require(try outcome.json()["methods"]?.array)
    let last = try #require(methods[0]["overall"]?["mae"]?.number)
    // 20 windows are off by 2, the last by 1000 − 58.
    #expect(abs(last - (20 * 2 + 942.0) / 21) < 1e-9)
    #expect(methods[0]["windows"]?.integer == 21)
    for words in [["--training", "31"], ["--methods", "magic"], ["--methods", "ar"]] {
      let refused = try bayes(
        words: ["calibrate", "forecast", "s.csv"] + words, in: scratch.folder)
      #expect((refused.status == 64 || refused.status == 65) && refused.output.isEmpty, "\(words)")
    }
    try write("value\n1\n\n3\n", "gap.csv", in: scratch)
    #expect(try bayes("calibrate", "forecast", "gap.csv", in: scratch.folder).status == 65)
  }

  @Test("Conformal sets and intervals cover, and say when there are too few rows")
  func conformal() throws {
    let scratch = try Scratch()
    try write(overconfidentScores(600, seed: 4), "scores.csv", in: scratch)
    let sets = try bayes(
      "calibrate", "conformal", "scores.csv", "--format", "json", in: scratch.folder)
    #expect(sets.status == 0, "\(sets.errors)")
    let json = try sets.json()
    #expect(json["too_low"]?.bool == false && json["rank"]?.integer == 271)
    let numbers = try bayes(
      "calibrate", "conformal", "scores.csv", "--label", "logit", "--prediction", "id",
      "--fit-rows",
      "5", in: scratch.folder)
    #expect(numbers.output.contains("at least 9 rows are needed"), "\(numbers.output)")
    #expect(!numbers.output.contains("inf "))
    #expect(
      try bayes("calibrate", "conformal", "scores.csv", "--lower", "id", in: scratch.folder).status
        == 64)
  }

  @Test("A map that is none is refused with its key")
  func badMap() throws {
    let scratch = try Scratch()
    try write("p,y\n0.5,1\n", "new.csv", in: scratch)
    try write("{\"format\": \"bayes calibration map\", \"version\": 9}", "map.json", in: scratch)
    let outcome = try bayes("calibrate", "apply", "map.json", "new.csv", in: scratch.folder)
    #expect(outcome.status == 65 && outcome.errors.contains("version"))
    #expect(
      try bayes("calibrate", "apply", "none.json", "new.csv", in: scratch.folder).status == 66)
  }
}
