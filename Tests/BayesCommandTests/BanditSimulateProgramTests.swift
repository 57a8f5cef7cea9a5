// `bayes bandit` as a program.

import BayesCore
import Foundation
import Testing

@Suite("bayes bandit")
struct BanditSimulateProgramTests {
  @Test("The same seed gives the same bytes for any number of threads; JSON says what was played")
  func json() throws {
    let words = [
      "bandit", "--arms", "0.3,0.5,0.7", "--policies", "thompson,ucb1,epsilon-greedy:0.2",
      "--rounds", "200", "--replicates", "20", "--seed", "5", "--format", "json",
    ]
    let one = try bayes(words: words + ["--threads", "1"])
    let two = try bayes(words: words + ["--threads", "2"])
    #expect(one.status == 0 && one.output == two.output)
    let json = try one.json()
    #expect(json["replicates"]?.integer == 20)
    let policies = try #require(json["policies"]?.array)
    #expect(
      policies.compactMap { $0["name"]?.string } == ["thompson", "ucb1", "epsilon-greedy:0.2"])
    let pulls = try #require(policies[0]["pulls"]?.array).compactMap(\.number)
    #expect(abs(pulls.reduce(0, +) - 200) < 1e-9)
    #expect(!one.output.contains("nan") && !one.output.contains("inf"))
  }

  @Test("Table, CSV and plot", arguments: ["table", "csv"])
  func outputs(_ format: String) throws {
    let scratch = try Scratch()
    let result = try bayes(
      "bandit", "--arms", "0.3,0.7", "--rounds", "100", "--replicates", "10", "--seed", "1",
      "--format", format, "--plot", "regret.svg", "--delay", "5", "--batch", "3", in: scratch.folder
    )
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("thompson"))
    #expect(
      result.output.contains(format == "csv" ? "policy,round,regret,regret_se" : "Lai–Robbins"))
    let plot = try String(contentsOfFile: scratch.path("regret.svg"), encoding: .utf8)
    #expect(plot.hasPrefix("<svg") && plot.contains("ucb1"))
  }

  @Test(
    "Worlds of every kind",
    arguments: [
      ["--arms", "1,2,3", "--environment", "gaussian:2"],
      ["--arms", "1,2,3", "--environment", "poisson", "--costs", "0,0.5,2"],
      ["--arms", "3", "--environment", "linear:4:0.5", "--policies", "thompson,lin-ucb,ucb1"],
      ["--arms", "3", "--environment", "logistic:4", "--policies", "thompson,oracle"],
      ["--arms", "3", "--truth", "uniform"], ["--arms", "0.2,0.4", "--drift", "walk:0.01"],
      ["--arms", "0.2,0.4", "--drift", "abrupt:50"],
      ["--arms", "4", "--environment", "gaussian", "--truth", "normal:0:2"],
    ])
  func worlds(_ words: [String]) throws {
    let result = try bayes(
      words: ["bandit", "--rounds", "120", "--replicates", "4", "--seed", "1"] + words)
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.output.contains("nan"))
  }

  @Test(
    "Mistakes end with 64 and say what is wrong",
    arguments: [
      (["--arms", "0.3,1.5"], "an arm's mean is 1.5, not a probability between 0 and 1"),
      (["--arms", "0.3"], "--arms has one arm"), ([], "--arms is missing"),
      (["--arms", "0.3,x"], "--arms expects a number, not 'x'"),
      (["--arms", "0.3,0.4", "--policies", "thomson"], "did you mean 'thompson'?"),
      (["--arms", "0.3,0.4", "--policies", "ucb1,ucb1"], "twice"),
      (["--arms", "0.3,0.4", "--policies", "epsilon-greedy:2"], "not a number from 0 to 1"),
      (["--arms", "0.3,0.4", "--rounds", "0"], "--rounds expects a value from 1"),
      (["--arms", "0.3,0.4", "--costs", "1"], "the number of costs is 1"),
      (["--arms", "0.3,0.4", "--environment", "weibull"], "no kind 'weibull'"),
      (["--arms", "0.3,0.4", "--drift", "walk:x"], "is not a number: 'x'"),
      (["--arms", "3", "--truth", "gamma:1"], "needs the rate"),
      (["--arms", "0.3,0.4", "--policies", "lin-ucb"], "lin-ucb needs contexts"),
      (["--arms", "0.3,0.4", "--plot", "regret.png"], "--plot writes .svg"),
      (
        ["--arms", "3", "--environment", "linear:2:1", "--drift", "walk:0.1"],
        "--drift does not go with contexts"
      ),
    ])
  func mistakes(_ words: [String], _ message: String) throws {
    let result = try bayes(words: ["bandit"] + words)
    #expect(result.status == 64)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test("JSON says which world was simulated")
  func world() throws {
    func world(_ words: String...) throws -> JSONValue {
      let outcome = try bayes(
        words: ["bandit", "--rounds", "20", "--replicates", "2", "--seed", "1", "--format", "json"]
          + words)
      let json = try outcome.json()
      #expect(json["version"]?.string?.isEmpty == false)
      return try #require(json["world"])
    }
    let fixed = try world(
      "--arms", "0.5,2", "--environment", "gaussian:0.5", "--drift", "abrupt:5", "--costs", "0,1")
    #expect(fixed["environment"]?.string == "gaussian" && fixed["deviation"]?.number == 0.5)
    #expect(fixed["arms"]?.array?.compactMap(\.string) == ["1", "2"])
    #expect(fixed["means"]?.array?.compactMap(\.number) == [0.5, 2])
    #expect(fixed["drift"]?["kind"]?.string == "abrupt" && fixed["drift"]?["rounds"]?.integer == 5)
    #expect(fixed["costs"]?.array?.compactMap(\.number) == [0, 1])
    let drawn = try world("--arms", "3", "--truth", "beta:2:5", "--drift", "walk:0.01")
    #expect(drawn["truth"]?.string == "Beta(2, 5)" && drawn["means"]?.number == nil)
    #expect(drawn["drift"]?["deviation"]?.number == 0.01)
    let lines = try world("--arms", "3", "--environment", "logistic:4")
    #expect(lines["context_size"]?.integer == 4 && lines["environment"]?.string == "bernoulli")
    let declared = try world(
      packageRoot + "models/bandits/contextual.swift", "--policies", "random")
    #expect(declared["model"]?.string == "Contextual")
    #expect(declared["arms"]?.array?.compactMap(\.string) == ["discount", "gift", "none"])
  }

  @Test("The table's footnotes say what world it was, and that regret is net of costs")
  func footnotes() throws {
    func output(_ words: String...) throws -> String {
      try bayes(words: ["bandit", "--rounds", "50", "--replicates", "3", "--seed", "1"] + words)
        .output
    }
    let costly = try output(
      "--arms", "0.3,0.5", "--costs", "0,0.1", "--drift", "walk:0.01", "--policies", "oracle,ucb1")
    #expect(
      costly.contains(
        "World: Bernoulli rewards, fixed means, which walk by 0.01 a round, regret net of the costs 0, 0.1."
      ), "\(costly)")
    #expect(costly.contains("best one of the last round"))
    let contextual = try output("--arms", "3", "--environment", "linear:2:1")
    #expect(!contextual.contains("best arm found"), "\(contextual)")
    // All replicates play alike: what differs is rounding.
    let constant = try output("--arms", "0.3,0.5,0.7,0.4,0.6", "--policies", "ucb-v")
    #expect(!constant.contains("± 0.0000000"), "\(constant)")
  }

  @Test("CSV has the plays of each arm in a policy's last row")
  func pulls() throws {
    let words = [
      "bandit", "--arms", "0.3,0.7", "--rounds", "40", "--replicates", "3", "--seed", "1",
    ]
    let csv = try bayes(words: words + ["--format", "csv"]).output
    let json = try bayes(words: words + ["--format", "json"]).json()
    let rows = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows[0].suffix(2) == ["pulls_1", "pulls_2"])
    #expect(rows.allSatisfy { $0.count == rows[0].count })
    for policy in json["policies"]?.array ?? [] {
      let own = rows.filter { $0[0] == policy["name"]?.string }
      #expect(
        own.last?.suffix(2).compactMap(Double.init) == policy["pulls"]?.array?.compactMap(\.number))
      #expect(own.dropLast().allSatisfy { $0.suffix(2) == ["", ""] })
    }
  }

  @Test("Ctrl-C keeps the replicates that had ended")
  func interruption() throws {
    let result = try bayes(
      words: [
        "bandit", "--arms", "0.3,0.5", "--rounds", "20000", "--replicates", "1000000", "--seed",
        "1", "--format", "json", "--policies", "ucb1",
      ], interruptAfter: 2)
    #expect(result.status == 130)
    let json = try result.json()
    let replicates = try #require(json["replicates"]?.integer)
    #expect(replicates > 0 && replicates < 1_000_000)
    #expect(result.errors.contains("Interrupted: the results are those of \(replicates)"))
  }

  @Test("Help lists every policy with its parameters")
  func help() throws {
    let result = try bayes("bandit", "--help")
    #expect(result.output.contains("POLICIES") && result.output.contains("epsilon-greedy-zero"))
    let text = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for words in [
      "sqrt(2 ln t/n) after t plays", "no counts", "rewards from 0 to 1", "nor with a model",
      "with a constant beside the context",
    ] {
      #expect(text.contains(words), "\(words)")
    }
  }
}
