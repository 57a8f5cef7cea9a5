// What an evaluation warns of, and what a log may not hold.

import BayesBandits
import BayesCore
import Foundation
import Testing

private func choices(_ rows: [(Int, Double, Double)]) -> ChoiceList {
  ChoiceList(
    arms: ["A", "B"],
    choices: rows.enumerated().map {
      LoggedChoice(arm: $1.0, reward: $1.1, propensity: $1.2, line: $0 + 2)
    })
}

private func evaluate(
  _ log: some ChoiceLog, _ policy: TargetPolicy = .uniform, arms: [String]? = nil
) throws -> OffPolicyEvaluation {
  var settings = OffPolicySettings(policy: policy)
  settings.arms = arms
  settings.replicates = 50
  return try evaluateOffPolicy(log, settings)
}

/// 400 rows of arm A, and one of arm B at a propensity of one in a million that paid `reward`.
private func hopeless(_ reward: Double) -> ChoiceList {
  choices((0..<400).map { (0, $0 % 2 == 0 ? 1.0 : 0.0, 0.999_999) } + [(1, reward, 1e-6)])
}

@Suite struct OffPolicyWarningTests {
  @Test("One propensity of a millionth gives a negative click rate, which is said")
  func negativeRate() throws {
    let result = try evaluate(hopeless(0))
    #expect(result[.doublyRobust]!.value! < 0)
    let kinds = result.warnings.map(\.kind)
    #expect(kinds.first == .impossibleValue)
    #expect(kinds.contains(.fewEffectiveRows) && kinds.contains(.oneRow))
    let warning = try #require(result.warnings.first)
    #expect(warning.message.contains("dr gives -") && warning.message.contains("from 0 to 1"))
    #expect(warning.suggestion.contains("1e-06 on line 402"))
    #expect(try evaluate(hopeless(1))[.inversePropensity]!.value! > 1000)
  }

  @Test("A reward model that its own residuals refute is said to be biased") func biasedModel()
    throws
  {
    let log = choices((0..<1000).map { ($0 % 2, Double($0 % 4 / 2), 0.5) })
    var settings = OffPolicySettings(policy: .uniform)
    settings.replicates = 50
    #expect(try evaluateOffPolicy(log, settings).warnings.isEmpty)
    (settings.priorReward, settings.priorCount) = (1, 10_000)
    let warning = try #require(try evaluateOffPolicy(log, settings).warnings.first)
    #expect(warning.kind == .biasedModel && warning.message.contains("dr 0.5"))
  }

  @Test("A log whose propensities are all the same, but not 1/K, is not called uniform")
  func constantPropensities() throws {
    let rows = (0..<300).map { ($0 % 2, Double($0 % 4 / 2), 0.25) }
    let result = try evaluate(choices(rows))
    #expect(result.isPropensityConstant && !result.isLogUniform)
    #expect(try evaluate(choices(rows), arms: nil).arms.count == 2)
  }

  @Test("Weights with a heavy tail are said to be so") func heavyTail() throws {
    // Weights are 1/u: their tail has k = 1.
    let rows = (1...2000).map { (0, 1.0, Double($0) / 2000) }
    let result = try evaluate(choices(rows), .fixed(["A": 1]))
    #expect(result.weights.paretoShape! > 0.7)
    #expect(result.warnings.contains { $0.kind == .heavyTail })
  }

  @Test("Arms that the log never chose, and propensities that cannot be, are said")
  func support() throws {
    let rows = (0..<300).map { (0, Double($0 % 2), 0.5) }
    let result = try evaluate(choices(rows), .fixed(["B": 0.25, "A": 0.75]))
    let warning = try #require(result.warnings.first { $0.kind == .noSupport })
    #expect(warning.message.contains("25 %") && warning.message.contains(": B"))
    #expect(result.warnings.contains { $0.kind == .meanWeight })
    let never = try evaluate(choices(rows), .fixed(["B": 1]))
    #expect(never[.inversePropensity]!.value == nil && never[.replay]!.value == nil)
    #expect(never[.direct]!.value != nil)
    #expect(never.weights.largest == 0)
  }

  @Test("A single row has estimates but no errors") func oneRow() throws {
    let result = try evaluate(choices([(0, 1, 0.5)]))
    #expect(result[.inversePropensity]!.value == 1)
    #expect(result[.inversePropensity]!.standardError == nil)
    #expect(result[.inversePropensity]!.interval == nil)
  }

  @Test(
    "A policy that does not fit the arms is refused",
    arguments: [
      (TargetPolicy.fixed(["C": 1]), "the arm C"), (.listed([1]), "1 probabilities for 2 arms"),
      (.listed([0.5, 0.6]), "sum to 1.1"), (.listed([-0.5, 1.5]), "from 0 to 1"),
      (.logged, "--target-column"),
    ])
  func policies(policy: TargetPolicy, words: String) {
    let error = #expect(throws: OffPolicyError.self) {
      try evaluate(choices([(0, 1, 0.5), (1, 0, 0.5)]), policy)
    }
    #expect(error?.description.contains(words) == true)
  }
}

@Suite struct CSVChoiceLogTests {
  private func log(
    _ text: String, columns: LogColumns = LogColumns(), arms: [String]? = nil
  ) throws -> (rows: [LoggedChoice], log: CSVChoiceLog) {
    let path = NSTemporaryDirectory() + "log-\(UUID().uuidString).csv"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let log = try CSVChoiceLog(path: path, columns: columns, arms: arms)
    var rows: [LoggedChoice] = []
    try log.read { rows.append(copy $0) }
    return (rows, log)
  }

  @Test("Rows are read by name, and those without reward are counted and left out")
  func reading() throws {
    let (rows, log) = try log(
      "id,reward,arm,propensity\n1,1,B,0.5\n2,,A,0.25\n3,-2.5,A,1\n4,NA,A,1\n")
    #expect(log.arms == ["B", "A"] && log.pendingCount == 2)
    #expect(rows.map(\.arm) == [0, 1] && rows.map(\.reward) == [1, -2.5])
    #expect(rows.map(\.propensity) == [0.5, 1] && rows.map(\.line) == [2, 4])
  }

  @Test("The policy's probabilities are read by prefix and arm") func prefix() throws {
    let columns = LogColumns(targetPrefix: "pi_")
    let (rows, log) = try log(
      "arm,reward,propensity,pi_x,pi_y\ny,1,0.5,0.25,0.75\n", columns: columns)
    #expect(log.arms == ["x", "y"] && rows[0].targets == [0.25, 0.75] && rows[0].arm == 1)
  }

  @Test(
    "What a log may not hold is named with line, column and what to do",
    arguments: [
      ("A,1,0", ":2:5: error: column propensity: a propensity of 0", "at the time it was"),
      ("A,1,1.5", ":2:5: error: column propensity: a propensity of 1.5", "at most 1"),
      ("A,1,-0.1", ":2:5: error: column propensity: a propensity of -0.1", "above 0"),
      ("A,1,1e-160", ":2:5: error: column propensity: a propensity of 1e-160", "at least 1e-100"),
      ("A,1,1e-320", ":2:5: error: column propensity: a propensity of 1e-320", "at least 1e-100"),
      ("A,1,nan", ":2:5: error: column propensity: a propensity of nan", "above 0"),
      ("A,1,", ":2:5: error: column propensity: the cell is empty", "correct"),
      ("A,yes,1", ":2:3: error: column reward: \"yes\" where a number", "correct"),
      ("A,inf,1", ":2:3: error: column reward: a reward of inf", "finite"),
      ("C,1,1", ":2:1: error: column arm: \"C\" is none of the 3 arms", "A, B, Banner"),
      ("Baner,1,1", ":2:1: error: column arm: \"Baner\" is none", "did you mean Banner?"),
      (",1,1", ":2:1: error: column arm: the cell is empty", "names its arm"),
      ("A,1", ":2: error: the row has 2 cells, where 3 were expected", "cut off"),
    ])
  func mistakes(row: String, message: String, hint: String) {
    let error = #expect(throws: DataError.self) {
      try log("arm,reward,propensity\n\(row)\n", arms: ["A", "B", "Banner"])
    }
    let text = error?.description ?? ""
    #expect(text.contains(message) && text.contains(hint), "\(text)")
  }

  @Test("A column that is not there is named with the one that was meant")
  func missingColumn() {
    let error = #expect(throws: DataError.self) { try log("arm,rewards,propensity\n") }
    #expect(error?.description.contains("there is no column reward") == true)
    #expect(error?.description.contains("did you mean rewards? Name it with --reward") == true)
    #expect(throws: DataError.self) {
      try log("arm,reward,propensity\n", columns: LogColumns(targetPrefix: "pi_"))
    }
  }

  @Test("A log without rows, or without rewards, is refused as such") func empty() throws {
    let error = #expect(throws: OffPolicyError.self) {
      try evaluate(choices([]))
    }
    #expect(error?.description.contains("no rows to evaluate") == true)
  }
}
