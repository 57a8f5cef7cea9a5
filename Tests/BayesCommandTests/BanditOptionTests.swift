// The options of `bandit evaluate`, `choose`, `update` and `arms` against the library's own values.

import BayesBandits
import BayesCore
import Foundation
import Testing

/// A log of 300 rows of two arms, with a policy's probabilities beside them.
private func writeLog(_ path: String) throws {
  var text = "arm,reward,propensity,p,new_A,new_B\n"
  for i in 0..<300 {
    let isA = (i * 7) % 10 < 6
    let share = 0.2 + 0.05 * Double(i % 10)
    let reward = (i * 31) % (isA ? 9 : 4) == 0 ? 1 : 0
    text +=
      "\(isA ? "A" : "B"),\(reward),\(isA ? 0.6 : 0.4),\(isA ? share : 1 - share),"
      + "\(share),\(1 - share)\n"
  }
  try text.write(toFile: path, atomically: true, encoding: .utf8)
}

/// Words of `bandit evaluate`, and the settings that they are.
private struct Evaluation: CustomTestStringConvertible, Sendable {
  let words: String
  let settings: OffPolicySettings
  var columns = LogColumns()
  var testDescription: String { words }

  init(
    _ words: String, _ policy: TargetPolicy, columns: LogColumns = LogColumns(),
    _ change: (inout OffPolicySettings) -> Void = { _ in }
  ) {
    self.words = words
    self.columns = columns
    var settings = OffPolicySettings(policy: policy)
    settings.replicates = 500
    change(&settings)
    self.settings = settings
  }
}

private let evaluations: [Evaluation] = [
  Evaluation("--target-column p", .logged, columns: LogColumns(target: "p")),
  Evaluation("--target-prefix new_", .logged, columns: LogColumns(targetPrefix: "new_")),
  Evaluation("--policy uniform --interval normal", .uniform) { $0.interval = .normal },
  Evaluation("--policy uniform --interval bootstrap --seed 3", .uniform) {
    $0.interval = .bootstrap
    $0.seed = 3
  },
  Evaluation("--policy uniform --interval bernstein --confidence 0.9", .uniform) {
    $0.interval = .bernstein
    $0.confidence = 0.9
  },
  Evaluation("--policy always:B --confidence 0.5", .fixed(["B": 1])) { $0.confidence = 0.5 },
  Evaluation("--policy greedy --split 0.5", .greedy) { $0.trainingShare = 0.5 },
]

@Suite struct BanditOptionTests {
  @Test("bandit evaluate gives the library's estimates and intervals", arguments: evaluations)
  fileprivate func evaluate(_ evaluation: Evaluation) throws {
    let scratch = try Scratch()
    let path = scratch.path("log.csv")
    try writeLog(path)
    let outcome = try bayes(
      words: ["bandit", "evaluate", "--log", path, "--replicates", "500", "--format", "json"]
        + evaluation.words.split(separator: " ").map(String.init))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let json = try outcome.json()
    let result = try evaluateOffPolicy(
      CSVChoiceLog(path: path, columns: evaluation.columns), evaluation.settings)
    #expect(json["rows"]?.integer == result.rowCount)
    #expect(json["training_rows"]?.integer == result.trainingCount)
    let estimates = try #require(json["estimates"]?.array)
    #expect(estimates.count == result.estimates.count)
    for (found, own) in zip(estimates, result.estimates) {
      #expect(found["value"]?.number == own.value)
      #expect(found["interval_method"]?.string == own.intervalMethod?.rawValue)
      #expect(
        found["interval"]?.array?.compactMap(\.number)
          == own.interval.map { [$0.lowerBound, $0.upperBound] })
    }
  }

  @Test("Replay of a policy that learns: an interval of possible rewards, and none without rounds")
  func replay() throws {
    let scratch = try Scratch()
    let rows = (0..<200).map { "\($0 % 2 == 0 ? "A" : "B"),\($0 == 40 ? 1 : 0),0.5\n" }.joined()
    try scratch.write("arm,reward,propensity\n" + rows, to: "rare.csv")
    func outcome(_ log: String, _ words: String...) throws -> Outcome {
      try bayes(words: ["bandit", "evaluate", "--log", log] + words, in: scratch.folder)
    }
    let rare = try outcome("rare.csv", "--policy", "ucb1", "--format", "json").json()
    let ends = (rare["interval"]?.array ?? []).compactMap(\.number)
    #expect(rare["interval_method"]?.string == "jeffreys")
    #expect(ends.count == 2 && ends[0] >= 0 && ends[1] <= 1 && ends[0] < ends[1])
    // The first arm of the policy is one that the log never chose.
    try scratch.write("arm,reward,propensity\nB,1,0.5\nB,0,0.5\n", to: "b.csv")
    let none = try outcome("b.csv", "--arms", "A,B", "--policy", "explore-then-commit:1")
    #expect(none.status == 0, "\(none.errors)")
    #expect(none.output.contains("Warning: none of 2 rows could be played."), "\(none.output)")
    #expect(!none.output.contains("Mean reward by rounds") && !none.output.contains("Choices:"))
    let oracle = try outcome("rare.csv", "--policy", "oracle")
    #expect(oracle.status == 64 && oracle.errors.contains("needs a simulated world"))
  }

  private let model = packageRoot + "models/bandits/click_through.swift"

  @Test("choose --explore mixes with uniform choices; update --correct replaces a reward")
  func exploreAndCorrect() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    func choose(_ words: String...) throws -> JSONValue {
      let outcome = try bayes(
        words: ["bandit", "choose", model, "--state", state, "--format", "json"] + words)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.json()
    }
    func update(_ words: String...) throws -> Outcome {
      try bayes(words: ["bandit", "update", "--state", state, "--choice", "1"] + words)
    }
    let first = try #require(try choose("--seed", "1")["arm"]?.string)
    #expect(try update("--reward", "1").status == 0)
    // One arm is ahead: .5 + .5/5 of the greedy choices fall on it, .5/5 on each other.
    let ahead = try choose("--policy", "greedy", "--explore", "0.5", "--seed", "1")
    let isFirst = ahead["arm"]?.string == first
    #expect(ahead["propensity"]?.number.map { abs($0 - (isFirst ? 0.6 : 0.1)) < 1e-12 } == true)
    #expect(ahead["policy"]?.string == "greedy+0.5")
    #expect(try update("--reward", "0").status == 65)
    let corrected = try update("--reward", "0", "--correct")
    #expect(corrected.status == 0, "\(corrected.errors)")
    // Now it is behind: the four others share what is greedy.
    let behind = try choose("--policy", "greedy", "--explore", "0.5", "--seed", "1")
    let share = behind["arm"]?.string == first ? 0.1 : 0.1 + 0.5 / 4
    #expect(behind["propensity"]?.number.map { abs($0 - share) < 1e-12 } == true, "\(behind)")
  }

  @Test("choose --costs: what counts is the mean less the cost; wrong numbers are refused")
  func costs() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    func choose(_ words: String...) throws -> Outcome {
      try bayes(
        words: ["bandit", "choose", model, "--state", state, "--format", "json"] + words)
    }
    let costs = "0.2,0.2,0.1,0.2,0.2"
    let greedy = try choose("--policy", "greedy", "--costs", costs).json()
    #expect(greedy["arm"]?.string == "C" && greedy["propensity"]?.number == 1)
    #expect(greedy["policy"]?.string == "greedy-costs")
    // Beta(1, 1) arms, one of them cheaper by c: best with probability ∫ P(other < x + c)⁴ dx, c = .1.
    let thompson = try choose("--costs", costs, "--seed", "2").json()
    let best = (1 - pow(0.1, 5)) / 5 + 0.1
    let share = thompson["arm"]?.string == "C" ? best : (1 - best) / 4
    #expect(thompson["propensity"]?.number.map { abs($0 - share) < 1e-9 } == true, "\(thompson)")
    let few = try choose("--costs", "0.1,0.2")
    #expect(few.status == 65, "\(few.errors)")
    #expect(few.errors.contains("2 costs for 5 arms") && few.errors.contains("A, B, C, D, E"))
    #expect(try choose("--costs", "a,b,c,d,e").status == 64)
    #expect(try choose("--costs", costs, "--policy", "uniform").status == 64)
    let log = try bayes("bandit", "export", "--state", state)
    #expect(log.output.split(separator: "\n").count == 3)
  }

  @Test("arms --restore brings an arm back; an arm that was added is noted once")
  func restoreAndAdd() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    func arms(_ words: String...) throws -> Outcome {
      try bayes(words: ["bandit", "arms", "--state", state] + words)
    }
    func choose(_ words: String...) throws -> Outcome {
      try bayes(words: ["bandit", "choose", model, "--state", state] + words)
    }
    #expect(try choose().status == 0)
    let retired = try arms("--retire", "B", "--format", "json").json()
    func isRetired(_ json: JSONValue) -> [Bool] {
      (json["arms"]?.array ?? []).compactMap { $0["retired"]?.bool }
    }
    #expect(isRetired(retired) == [false, true, false, false, false])
    let restored = try arms("--restore", "B", "--format", "json").json()
    #expect(isRetired(restored) == [false, false, false, false, false])
    let added = try arms("--add", "F")
    #expect(added.errors.contains("F can be chosen from now on"), "\(added.errors)")
    let after = try choose()
    #expect(after.status == 0 && !after.errors.contains("the state has the arm F"))
    #expect(try !arms().errors.contains("F"))
  }
}
