// Declared bandits on the command line: simulate, choose, update.

import BayesCore
import Foundation
import Testing

private let clicks = "models/bandits/click_through.swift"

@Suite struct BanditModelProgramTests {
  @Test("Choices and rewards go through a state that keeps what the model believes")
  func production() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    func choose(_ words: String...) throws -> JSONValue {
      let outcome = try bayes(
        words: ["bandit", "choose", clicks, "--state", state, "--format", "json"] + words)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.json()
    }
    let first = try choose("--seed", "3")
    #expect(first["propensity"]?.number.map { abs($0 - 0.2) < 1e-9 } == true)
    #expect(first["belief"]?.string?.contains("learnt in closed form") == true)
    let arm = try #require(first["arm"]?.string)
    for (id, reward) in [(1, "1"), (2, "1"), (3, "1"), (4, "1")] {
      if id > 1 { _ = try choose("--policy", "greedy") }
      let outcome = try bayes(
        "bandit", "update", clicks, "--state", state, "--choice", "\(id)", "--reward", reward)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    // Beta(5, 1) beside four of Beta(1, 1): E[x⁴] = 5 / 9.
    let last = try choose("--seed", "1")
    let propensity = try #require(last["propensity"]?.number)
    let expected = last["arm"]?.string == arm ? 5.0 / 9 : 1.0 / 9
    #expect(abs(propensity - expected) < 1e-9, "\(propensity)")
    let impossible = try bayes(
      "bandit", "update", clicks, "--state", state, "--choice", "5", "--reward", "0.5")
    #expect(impossible.status == 65)
    let refusal = "a reward of 0.5 is not one of the model's\n  hint: expected 0 or 1"
    #expect(impossible.errors.contains(refusal), "\(impossible.errors)")
    let unheard = try bayes(
      "bandit", "update", "--state", state, "--choice", "5", "--reward", "0.5")
    #expect(unheard.status == 65 && unheard.errors.contains(refusal), "\(unheard.errors)")
    let added = try bayes("bandit", "arms", "--state", state, "--add", "F", "--retire", arm)
    #expect(added.status == 0, "\(added.errors)")
    let after = try choose("--seed", "2")
    #expect(after["propensity"]?.number.map { abs($0 - 0.2) < 1e-9 } == true)
    let other = try bayes("bandit", "choose", "models/bandits/basket.swift", "--state", state)
    #expect(other.status == 65)
    #expect(other.errors.contains("is that of the model ClickThrough"))
  }

  @Test("A simulation of a declared bandit is the same for any number of threads")
  func simulation() throws {
    func simulate(_ threads: String) throws -> Outcome {
      try bayes(
        "bandit", "models/bandits/contextual.swift", "--rounds", "60", "--replicates", "12",
        "--policies", "thompson,random", "--seed", "5", "--threads", threads)
    }
    let one = try simulate("1")
    let two = try simulate("2")
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.output == two.output)
    #expect(
      one.errors.contains(
        "thompson: level, slope: Normal, learnt in closed form from Normal rewards"))
    #expect(one.output.contains("discount"))
  }

  @Test("A posterior without closed form is sampled, and the note says why")
  func sampled() throws {
    let outcome = try bayes(
      "bandit", "models/bandits/hierarchical.swift", "--rounds", "30", "--replicates", "2",
      "--policies", "thompson", "--seed", "1", "--refresh", "15", "--format", "json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("NUTS, 1000 draws, renewed every 15 rewards"))
    #expect(try outcome.json()["policies"]?.array?.count == 1)
    let exact = try bayes(
      "bandit", "models/bandits/hierarchical.swift", "--rounds", "30", "--replicates", "2",
      "--belief", "exact")
    #expect(exact.status == 65)
    #expect(exact.errors.contains("there is no closed form: `spread ~ HalfNormal`"))
    let laplace = try bayes(
      "bandit", "models/bandits/hierarchical.swift", "--rounds", "30", "--replicates", "2",
      "--belief", "laplace")
    #expect(laplace.status == 65, "\(laplace.output)")
    #expect(laplace.errors.contains("sample it by NUTS (--belief nuts)"))
  }

  @Test("A quicker belief is named where the model has it", arguments: [true, false])
  func quicker(_ hasMode: Bool) throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      import Bayes
      @main struct Logits: Bandit {
        let arm = Axis(2)
        @Parameter(over: \\Self.arm) var logit: Vector
        @Action(over: \\Self.arm) var shown: Choice
        @Observed var bought: Real
        var body: some Density {
          logit ~ Normal(0, 1)
          bought ~ Bernoulli(logit: logit[shown])
        }
      }
      """, to: "logits.swift")
    // The folder that is not there stops it before the hours of sampling.
    let outcome = try bayes(
      "bandit",
      hasMode ? "logits.swift" : packageRoot + "models/bandits/hierarchical.swift", "--rounds",
      "100000", "--replicates", "100000", "--plot", "/nowhere/r.svg", in: scratch.folder)
    #expect(outcome.status == 73, "\(outcome.errors)")
    #expect(outcome.errors.contains("--belief laplace is quicker") == hasMode, "\(outcome.errors)")
    #expect(outcome.errors.contains("--refresh 10000 finds it less often") != hasMode)
  }

  @Test("A context of an axis is given by label or position, and exported by label")
  func labelledContext() throws {
    let scratch = try Scratch()
    func model(_ arms: String) throws {
      try scratch.write(
        """
        import Bayes
        @main struct Visitors: Bandit {
          let arm = Axis([\(arms)]), segment = Axis(["new", "old"])
          @Parameter(over: \\Self.arm, \\Self.segment) var rate: Matrix
          @Action(over: \\Self.arm) var shown: Choice
          @Context(in: \\Self.segment) var who: Choice
          @Observed var bought: Real
          var body: some Density {
            for k in 0..<arm.count { rate.row(k) ~ Beta(1, 1) }
            bought ~ Bernoulli(rate[shown, who])
          }
        }
        """, to: "visitors.swift")
    }
    func choose(_ context: String) throws -> Outcome {
      try bayes(
        "bandit", "choose", "visitors.swift", "--state", "v.db", "--context", context,
        in: scratch.folder)
    }
    try model("\"A\", \"B\"")
    for context in ["old", "1"] {
      let outcome = try choose(context)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let wrong = try choose("young")
    #expect(wrong.status == 64, "\(wrong.errors)")
    #expect(wrong.errors.contains("is no who, which is one of new, old, or a position from 1 to 2"))
    let log = try bayes("bandit", "export", "--state", "v.db", in: scratch.folder)
    let lines = log.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 3 && lines[0].contains(",who,"), "\(log.output)")
    #expect(lines.count == 3 && lines[1].contains(",old,") && lines[2].contains(",new,"))
    try model("\"A\", \"F\"")
    let edited = try choose("old")
    #expect(edited.status == 0, "\(edited.errors)")
    #expect(edited.errors.contains("the model has the arm F, the state has not"))
    #expect(edited.errors.contains("the state has the arm B, the model has not"))
  }

  @Test(
    "What does not go together is said",
    arguments: [
      (
        ["bandit", clicks, "--arms", "0.1,0.2"],
        64,
        "--arms and a model do not go together\n  hint: the model says what arms and rewards are"
      ),
      (["bandit", clicks, "--policies", "thomson"], 64, "thomson"),
      (
        [
          "bandit", "choose", "models/bandits/contextual.swift", "--state", "c.db", "--context",
          "1",
        ],
        65, "in this order: visitor[age], visitor[visits], visitor[basket]"
      ),
      (["bandit", "choose", clicks], 64, "--state is missing"),
      (["bandit", "models/eight_schools.swift"], 65, "is a Model, not a Bandit"),
      (
        ["bandit", clicks, "--rounds", "5", "--replicates", "1", "--plot", "/nowhere/r.svg"], 73,
        "/nowhere/r.svg: error: the output cannot be created"
      ),
      (["sample", clicks], 65, "ClickThrough is a bandit, which says what one round brings"),
    ] as [([String], Int32, String)])
  func mistakes(_ words: [String], _ status: Int32, _ message: String) throws {
    let scratch = try Scratch()
    var words = words
    if let place = words.firstIndex(of: "c.db") { words[place] = scratch.path("c.db") }
    let outcome = try bayes(words: words)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }
}
