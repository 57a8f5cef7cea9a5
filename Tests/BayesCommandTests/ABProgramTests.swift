// `bayes ab` and its three companions as programs.

import BayesCore
import Foundation
import Testing

/// Words of a command line with what its message must say.
private struct Mistake: CustomTestStringConvertible, Sendable {
  let words: [String]
  let status: Int32
  let message: String
  var testDescription: String { words.joined(separator: " ") }

  init(_ status: Int32, _ message: String, _ words: String...) {
    (self.words, self.status, self.message) = (words, status, message)
  }
}

/// A table with what is wrong in it and where.
private struct BadTable: CustomTestStringConvertible, Sendable {
  let text: String
  let words: [String]
  let message: String
  var testDescription: String { message }

  init(_ text: String, _ words: [String] = [], says message: String) {
    (self.text, self.words, self.message) = (text, words, message)
  }
}

@Suite("bayes ab")
struct ABProgramTests {
  @Test("The reference's three arms: exact probabilities and losses, to a JSON reader's digits")
  func reference() throws {
    let outcome = try bayes(
      "ab", "A=80/1500", "B=80/1200", "C=50/1000", "--prior", "0.5,0.5", "--format", "json")
    #expect(outcome.status == 0)
    let variants = try #require(try outcome.json()["variants"]?.array)
    let expected = [
      (0.0654186957, 0.0138554162), (0.8933483282, 0.0004588518), (0.0412329762, 0.0170367785),
    ]
    for (variant, (probability, loss)) in zip(variants, expected) {
      let best = try #require(variant["probability_best"]?.number)
      #expect(abs(best - probability) < 0.6e-10)
      let cost = try #require(variant["expected_loss"]?.number)
      #expect(abs(cost - loss) < 0.6e-10)
    }
    let split = try bayes("ab", "A=80/1500", "B=80/1200", "C=50/1000", "--strict")
    #expect(split.status == 1 && split.output.contains("sample ratio mismatch"))
    #expect(split.output.contains("Stopping as soon as P(best)"))
  }

  @Test(
    "Totals and rows of units of the same data give the same answer",
    arguments: ["binomial", "poisson", "normal"])
  func units(_ metric: String) throws {
    let scratch = try Scratch()
    let values: [(String, Double)] = (0..<90).map { k in
      let value = metric == "normal" ? Double(k % 7) * 0.5 : Double(k % (k % 3 == 0 ? 2 : 3) / 2)
      return (k % 2 == 0 ? "A" : "B", value)
    }
    let rows = values.map { "\($0.0),\($0.1)" }.joined(separator: "\n")
    try ("variant,value\n" + rows + "\n").write(
      toFile: scratch.path("units.csv"), atomically: true, encoding: .utf8)
    let totals = ["A", "B"].map { name -> String in
      let own = values.filter { $0.0 == name }.map(\.1)
      let (count, sum) = (Double(own.count), own.reduce(0, +))
      let spread = own.reduce(0) { $0 + ($1 - sum / count) * ($1 - sum / count) } / (count - 1)
      return metric == "normal"
        ? "\(name)=\(sum / count)/\(spread.squareRoot())/\(own.count)"
        : "\(name)=\(Int(sum))/\(own.count)"
    }
    func best(_ words: [String]) throws -> [Double] {
      let outcome = try bayes(
        words: ["ab"] + words + ["--metric", metric, "--format", "json"], in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require(try outcome.json()["variants"]?.array).compactMap {
        $0["probability_best"]?.number
      }
    }
    let (rowwise, summed) = (try best(["units.csv"]), try best(totals))
    #expect(rowwise.count == 2)
    for (a, b) in zip(rowwise, summed) { #expect(abs(a - b) < 1e-11, "\(rowwise) \(summed)") }
  }

  @Test(
    "Mistakes on the command line are named, with the status of their kind",
    arguments: [
      Mistake(64, "a variant of the metric binomial is NAME=SUCCESSES/TRIALS", "A=1"),
      Mistake(64, "found 'A=nan/3'", "A=nan/3", "B=1/2"),
      Mistake(65, "at least two variants, found 1", "A=1/2"),
      Mistake(65, "variant A: 5 successes are more than 2 trials", "A=5/2", "B=1/2"),
      Mistake(65, "variant A: successes and trials are whole numbers", "A=1.5/3", "B=1/2"),
      Mistake(65, "two variants are named A", "A=1/2", "A=1/3"),
      Mistake(66, "nofile.csv: error: there is no such file", "nofile.csv"),
      Mistake(64, "--mass expects a value between 0 and 1", "A=1/2", "B=1/2", "--mass", "2"),
      Mistake(64, "there is no variant C; there are A, B", "A=1/2", "B=1/2", "--control", "C"),
      Mistake(
        64, "is what no units at all would give", "plan", "--baseline", "0.05", "--effect", "0.01",
        "--power", "0.01"),
      Mistake(64, "1 parts for 2 variants", "A=1/2", "B=1/2", "--split", "1"),
      Mistake(64, "expects 2 numbers, the shapes of a beta", "A=1/2", "B=1/2", "--prior", "1"),
      Mistake(64, "shapes of a beta prior are positive", "A=1/2", "B=1/2", "--prior", "0,1"),
      Mistake(
        65, "the standard deviation is negative", "--metric", "normal", "A=1/-2/3", "B=1/2/4"),
    ])
  fileprivate func mistakes(_ mistake: Mistake) throws {
    let outcome = try bayes(words: ["ab"] + mistake.words)
    #expect(outcome.status == mistake.status)
    #expect(outcome.errors.contains(mistake.message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "Mistakes in a table are named with row and column",
    arguments: [
      BadTable(
        "variant,value\nA,1\nB,zwei\n",
        says: ".csv:3: error: column 2: column value has 'zwei', where a number was expected"),
      BadTable("variant,value\nA,1\nB,2\n", says: ".csv:3: error: column 2: column value has 2"),
      BadTable("group,value\nA,1\nB,0\n", says: "there is no column variant"),
      BadTable("variant,val\nA,1\nB,0\n", says: "there are variant, val"),
      BadTable("variant,value\nA,1\nA,0\n", says: "at least two variants, found 1"),
      BadTable(
        "variant,successes,trials\nA,1,2\nB,3,2\n",
        says: ".csv:3: error: column 2: variant B: 3 successes are more than 2 trials"),
      BadTable(
        "variant,value\nA,1\nB,\n", ["--metric", "normal"],
        says: "t.csv:3:3: error: column value has an empty cell"),
      BadTable("", says: ".csv"),
    ])
  fileprivate func tables(_ bad: BadTable) throws {
    let scratch = try Scratch()
    try bad.text.write(toFile: scratch.path("t.csv"), atomically: true, encoding: .utf8)
    let outcome = try bayes(words: ["ab", "t.csv"] + bad.words, in: scratch.folder)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(bad.message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test("A sample ratio mismatch stands before the decision, and there is none")
  func withheldDecision() throws {
    let text = try bayes("ab", "A=80/1500", "B=80/1200").output
    let warning = try #require(text.range(of: "Warning: sample ratio mismatch"))
    let decision = try #require(text.range(of: "Decision: none, see the warning."))
    #expect(warning.lowerBound < decision.lowerBound)
    let json = try bayes("ab", "A=80/1500", "B=80/1200", "--format", "json").json()
    #expect(json["decision"]?["action"]?.string == "none")
    let planned = try bayes("ab", "A=80/1500", "B=80/1200", "--split", "5,4").output
    #expect(!planned.contains("Warning: sample"))
  }

  @Test("Large counts stand in full, and equal variants differ by 0")
  func rounding() throws {
    let outcome = try bayes("ab", "A=1000000000/2000000000", "B=1000000000/2000000000")
    #expect(outcome.output.contains("1000000000/2000000000"), "\(outcome.output)")
    #expect(outcome.output.contains("B             0.5000           0  -3"), "\(outcome.output)")
    let less = try bayes("ab", "A=10/100", "B=12/100", "--less-is-better")
    #expect(less.output.contains("E[this mean - best mean]"))
  }

  @Test("Totals far beyond a page of pages are as quick as small ones, and no answer is a NaN")
  func extremes() throws {
    for words in [
      ["A=1/2", "B=1/2"], ["A=0/3", "B=3/3"], ["A=100000/10000000", "B=100500/10000000"],
      ["A=0/100000000", "B=5/100000000"],
    ] {
      let outcome = try bayes(words: ["ab"] + words)
      #expect(outcome.status == 0)
      #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf"))
    }
  }

  @Test("Sizes of the reference: three formulas from 5 % to 6 %")
  func plan() throws {
    let outcome = try bayes(
      "ab", "plan", "--baseline", "0.05", "--effect", "0.01", "--format", "json")
    #expect(outcome.status == 0)
    for size in ["8154.98", "8157.73", "8142.61"] { #expect(outcome.output.contains(size)) }
  }

  @Test("Peeking: the same seed gives the same bytes for any number of threads")
  func peek() throws {
    let words = [
      "ab", "peek", "--metric", "normal", "--rules", "z", "--looks", "1,5", "--replicates", "2000",
      "--seed", "1", "--format", "json",
    ]
    let one = try bayes(words: words + ["--threads", "1"])
    #expect(one.status == 0)
    #expect(try bayes(words: words + ["--threads", "2"]).output == one.output)
    #expect(try bayes("ab", "peek", "--rules", "sometimes").status == 64)
  }

  @Test("A monitored test: totals that shrink are refused, a clear effect is found")
  func monitor() throws {
    let scratch = try Scratch()
    func outcome(_ rows: [String]) throws -> Outcome {
      try ("look,variant,successes,trials\n" + rows.joined(separator: "\n") + "\n").write(
        toFile: scratch.path("looks.csv"), atomically: true, encoding: .utf8)
      return try bayes("ab", "monitor", "looks.csv", in: scratch.folder)
    }
    let good = try outcome(["1,A,50,1000", "1,B,52,1000", "2,A,100,2000", "2,B,260,2000"])
    #expect(good.status == 0 && !good.output.contains("nan"), "\(good.errors)")
    let shrunk = try outcome(["1,A,50,1000", "1,B,52,1000", "2,A,40,900", "2,B,60,1100"])
    #expect(shrunk.status == 65, "\(shrunk.output)")
    #expect(shrunk.errors.contains("looks.csv:4"), "\(shrunk.errors)")
    let fallen = try outcome(["1,A,50,1000", "1,B,52,1000", "2,A,40,2000", "2,B,60,2000"])
    #expect(fallen.status == 65, "\(fallen.output)")
    #expect(fallen.errors.contains("looks.csv:4: error: column 3"), "\(fallen.errors)")
  }

  @Test("Running totals of revenue are read with the squares of the amounts")
  func monitoredRevenue() throws {
    let scratch = try Scratch()
    func outcome(_ columns: String, _ rows: [String]) throws -> Outcome {
      try scratch.write(
        "look,variant,conversions,units,\(columns)\n" + rows.joined(separator: "\n") + "\n",
        to: "looks.csv")
      return try bayes("ab", "monitor", "looks.csv", "--metric", "revenue", in: scratch.folder)
    }
    let good = try outcome("sum,sum_sq", ["1,A,50,1000,600,9000", "1,B,60,1000,700,9900"])
    #expect(good.status == 0 && good.output.contains("1000 + 1000"), "\(good.errors)")
    let small = try outcome("sum,sum_sq", ["1,A,50,1000,600,900", "1,B,60,1000,700,9900"])
    #expect(small.status == 65 && small.errors.contains("sum_sq is smaller"), "\(small.errors)")
    let missing = try outcome("sum,sum_log", ["1,A,50,1000,600,120", "1,B,60,1000,700,140"])
    #expect(missing.status == 65, "\(missing.output)")
    #expect(missing.errors.contains("it is the sum of the squares"), "\(missing.errors)")
  }
}
