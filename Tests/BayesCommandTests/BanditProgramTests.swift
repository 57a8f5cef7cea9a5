// The commands of bandits as a user meets them: results, refusals, exit codes, and what a kill leaves.

import BayesBandits
import BayesCore
import Foundation
import Glibc
import Testing

/// A belief that learns nothing: its arms are alike.
private struct EvenBelief: StoredBelief {
  var count: Int
  mutating func observe(arm: Int, reward: Double, context: [Double]) {}
  func means(context: [Double]) -> [Double] { [Double](repeating: 0.5, count: count) }
  func probabilitiesOfBest(context: [Double], among arms: [Int]) -> [Double] {
    arms.map { _ in 1 / Double(arms.count) }
  }
  var state: [Double] { [] }
}

/// A state of two arms with some choices.
private func makeState(_ path: String, choices: Int) throws {
  let model = StoredModel(
    identity: ModelIdentity(name: "Even", fingerprint: "even"), arms: ["A", "B"],
    rewards: .binary, make: { EvenBelief(count: $0.count) },
    restore: { arms, _ in EvenBelief(count: arms.count) })
  let store = try BanditStore(path: path, model: model)
  for i in 0..<choices { _ = try store.choose(seed: UInt64(i)) }
}

@Suite struct BanditEvaluateProgramTests {
  private let log = packageRoot + "examples/bandit_log/headlines.csv"

  @Test("The JSON of an evaluation has all estimates with intervals") func json() throws {
    let outcome = try bayes(
      "bandit", "evaluate", "--log", log, "--policy", "always:C", "--format", "json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let object = try outcome.json()
    let estimates = try #require(object["estimates"]?.array)
    #expect(
      estimates.compactMap { $0["method"]?.string }
        == ["replay", "ips", "snips", "direct", "dr", "switch-dr"])
    for estimate in estimates {
      let ends = estimate["interval"]?.array?.compactMap(\.number) ?? []
      let value = try #require(estimate["value"]?.number)
      #expect(ends.count == 2 && ends[0] < value && value < ends[1])
    }
    #expect(object["probabilities"]?.array?.compactMap(\.number) == [0, 0, 1, 0, 0])
  }

  @Test("A policy that learns is evaluated by replay") func learning() throws {
    let outcome = try bayes(
      "bandit", "evaluate", "--log", log, "--policy", "thompson", "--format", "json")
    let object = try outcome.json()
    let choices = object["choices"]?.array?.compactMap(\.number) ?? []
    #expect(choices.count == 5)
    #expect(object["rounds"]?.number == choices.reduce(0, +))
    let text = try bayes("bandit", "evaluate", "--log", log, "--policy", "epsilon-greedy:0.2")
    #expect(text.status == 0 && text.output.contains("which learns as it goes"))
    let folds = try bayes(
      "bandit", "evaluate", "--log", log, "--policy", "thompson", "--folds", "5")
    #expect(folds.status == 64)
    #expect(folds.errors.contains("--folds and --policy thompson do not go together"))
    let wrong = try bayes("bandit", "evaluate", "--log", log, "--policy", "thompson-beta:-1")
    #expect(wrong.status == 64, "\(wrong.errors)")
  }

  @Test("--strict turns a warning into exit code 1") func strict() throws {
    let outcome = try bayes("bandit", "evaluate", "--log", log, "--policy", "greedy", "--strict")
    #expect(outcome.status == 1 && outcome.output.contains("which flatters it"))
  }

  @Test(
    "What cannot be evaluated ends with its exit code and says what to do",
    arguments: [
      ("", Int32(64), "--log is missing"), ("--log LOG", 64, "--policy is missing"),
      ("--log LOG --policy unifrom", 64, "did you mean 'uniform'?"),
      ("--log LOG --policy fixed:0.5,x", 64, "'x' in --policy fixed:0.5,x is no probability"),
      ("--log LOG --policy uniform --target-column p", 64, "only one of --policy"),
      ("--log LOG --policy greedy --split 0.5 --folds 2", 64, "exclude one another"),
      ("--log LOG --policy uniform --split 1", 64, "neither included"),
      ("--log LOG --policy always:F", 65, "the arm F"),
      ("--log LOG --policy fixed:1", 65, "1 probabilities for 5 arms"),
      ("--log LOG --policy fixed:A=0.5,B=0.6", 65, "sum to 1.1"),
      ("--log LOG --policy uniform --reward click", 65, "there is no column click"),
      ("--log LOG --policy uniform --arms A,B,C,D", 65, "\"E\" is none of the 4 arms"),
      ("--log LOG --target-column id", 65, "where a probability was expected"),
      ("--log /dev/null --policy uniform", 66, "it is a pipe or a device"),
      ("--log nowhere.csv --policy uniform", 66, "there is no such file"),
    ])
  func refusals(words: String, status: Int32, message: String) throws {
    let outcome = try bayes(
      words: ["bandit", "evaluate"]
        + words.split(separator: " ").map { $0 == "LOG" ? log : String($0) })
    #expect(outcome.status == status && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }
}

@Suite struct BanditStateProgramTests {
  @Test("Rewards, arms and the log go through the commands") func story() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    try makeState(state, choices: 4)
    let update = try bayes(
      "bandit", "update", "--state", state, "--choice", "2", "--reward", "1", "--format", "json")
    #expect(try update.json()["sequence"]?.integer == 1)
    let arms = try bayes(
      "bandit", "arms", "--state", state, "--add", "C", "--retire", "B", "--check", "--format",
      "json")
    let labels = try arms.json()["arms"]?.array?.compactMap { $0["label"]?.string }
    #expect(labels == ["A", "B", "C"])
    let log = try bayes("bandit", "export", "--state", state)
    #expect(log.output.split(separator: "\n").count == 5)
    let file = scratch.path("log.csv")
    #expect(try bayes("bandit", "export", "--state", state, "--output", file).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == log.output)
    let result = try bayes("bandit", "evaluate", "--log", file, "--policy", "uniform")
    #expect(result.status == 0 && result.output.contains("3 rows without reward are left out"))
  }

  @Test(
    "What a state refuses ends with its exit code and says what to do",
    arguments: [
      ("update --choice 1 --reward 1", Int32(64), "--state is missing"),
      ("update --state arms.db --reward 1", 64, "--choice is missing"),
      ("update --state arms.db --choice 1 --reward 1", 65, "has its reward already: 1.0"),
      ("update --state arms.db --choice 1 --reward 0", 65, "0.0 is refused"),
      ("update --state arms.db --choice 2 --reward 1 --correct", 65, "without --correct"),
      ("update --state arms.db --choice 9 --reward 1", 65, "there is no choice 9"),
      ("update --state arms.db --choice 2 --reward 0.5", 65, "expected 0 or 1"),
      ("update --state no.db --choice 1 --reward 1", 66, "there is no such state"),
      ("arms --state arms.db --retire X", 65, "there is no arm X"),
      ("arms --state arms.db --add A", 65, "there is an arm A already"),
      ("arms --state arms.db --retire A --retire B", 65, "B is the last arm in use"),
      ("arms --state text.db", 65, "not a database"), ("arms --state cut.db", 65, "damaged"),
      ("export --state .", 73, "it is a directory"),
      ("export --state arms.db --output no/log.csv", 73, "cannot be created"),
    ])
  func refusals(words: String, status: Int32, message: String) throws {
    let scratch = try Scratch()
    try makeState(scratch.path("arms.db"), choices: 3)
    try BanditLedger(path: scratch.path("arms.db")).reward(1, choice: 1)
    try scratch.write(String(repeating: "arm,reward\n", count: 100), to: "text.db")
    let whole = try Data(contentsOf: URL(filePath: scratch.path("arms.db")))
    try whole.prefix(5000).write(to: URL(filePath: scratch.path("cut.db")))
    let outcome = try bayes(
      words: ["bandit"] + words.split(separator: " ").map(String.init), in: scratch.folder)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  private let model = packageRoot + "models/bandits/click_through.swift"

  @Test(
    "A page that lost its choices is damage for every command, without a check before",
    arguments: ["choose MODEL", "update --choice 3 --reward 1", "export", "arms"])
  func lostChoices(words: String) throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    #expect(try bayes("bandit", "choose", model, "--state", state).status == 0)
    for _ in 1...3 { _ = try bayes("bandit", "choose", model, "--state", state) }
    var bytes = try Data(contentsOf: URL(filePath: state))
    // The page with the choices: a leaf of four rows.
    let page = try #require(
      stride(from: 4096, to: bytes.count, by: 4096).first {
        bytes[$0] == 13 && bytes[$0 + 3] == 0 && bytes[$0 + 4] == 4
      })
    bytes[page + 4] = 0
    try bytes.write(to: URL(filePath: state))
    let outcome = try bayes(
      words: ["bandit"] + words.split(separator: " ").map { $0 == "MODEL" ? model : String($0) }
        + ["--state", state])
    #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome.output)")
    #expect(
      outcome.errors.contains("damaged: 4 choices were recorded, the last one to be found is 0"),
      "\(outcome.errors)")
  }

  @Test("A declared bandit chooses, learns, takes a new arm, and refuses the state of another one")
  func declared() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    func choose(_ model: String, _ seed: Int) throws -> Outcome {
      try bayes(
        "bandit", "choose", model, "--state", state, "--seed", "\(seed)", "--format", "json")
    }
    for i in 1...4 {
      let choice = try choose(model, i)
      #expect(choice.status == 0, "\(choice.errors)")
      #expect(try choice.json()["choice"]?.integer == i)
      // With the model, and without it.
      let words = ["bandit", "update"] + (i % 2 == 0 ? [model] : [])
      let update = try bayes(
        words: words + ["--state", state, "--choice", "\(i)", "--reward", "\(i % 2)"])
      #expect(update.status == 0, "\(update.errors)")
    }
    #expect(try bayes("bandit", "arms", "--state", state, "--add", "F", "--check").status == 0)
    let next = try choose(model, 5)
    let propensity = try next.json()["propensity"]?.number ?? 0
    #expect(next.status == 0 && propensity > 0.01 && propensity < 0.9)
    let impossible = try bayes(
      "bandit", "update", model, "--state", state, "--choice", "5", "--reward", "0.5")
    #expect(impossible.status == 65, "\(impossible.errors)")
    let other = try choose(packageRoot + "models/bandits/hierarchical.swift", 6)
    #expect(other.status == 65 && other.errors.contains("the model ClickThrough ("))
  }

  @Test("A kill at any moment loses no choice that was acknowledged, and no id is given twice")
  func killedChoices() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    let words = ["bandit", "choose", model, "--state", state]
    let clock = ContinuousClock()
    _ = try bayes(words: words)
    let whole = try clock.measure { _ = try bayes(words: words) }
    var acknowledged: [Int] = []
    for i in 1...30 {
      let (_, output) = try run(words, killedAfter: whole * (1.6 * Double(i) / 30), scratch)
      if output.hasPrefix("Choice "), output.hasSuffix(".\n") {
        let id = output.dropFirst("Choice ".count).prefix { $0.isNumber }
        acknowledged.append(try #require(Int(id)))
      }
    }
    #expect(!acknowledged.isEmpty && Set(acknowledged).count == acknowledged.count)
    let log = try bayes("bandit", "export", "--state", state)
    let ids = log.output.split(separator: "\n").dropFirst().compactMap { row in
      row.split(separator: ",").first.flatMap { Int($0) }
    }
    #expect(ids == Array(1...ids.count))
    #expect(Set(acknowledged).isSubset(of: ids))
    #expect(try bayes("bandit", "arms", "--state", state, "--check").status == 0)
  }

  @Test("A kill at any moment loses no reward that was acknowledged, and counts none twice")
  func kills() throws {
    let scratch = try Scratch()
    let state = scratch.path("arms.db")
    let count = 40
    try makeState(state, choices: count)
    var acknowledged: Set<Int> = []
    var killed = 0
    let clock = ContinuousClock()
    let whole = try clock.measure { _ = try bayes("bandit", "arms", "--state", state) }
    for id in 1...count {
      // From at once to well after the end, so that kills fall on everything that an update does.
      let moment = whole * (1.6 * Double(id) / Double(count))
      let words = ["bandit", "update", "--state", state, "--choice", "\(id)", "--reward", "1"]
      let (status, output) = try run(words, killedAfter: moment, scratch)
      if status == SIGKILL { killed += 1 }
      if output.contains("is recorded") { acknowledged.insert(id) }
    }
    let rows = try rewards(state)
    #expect(acknowledged.isSubset(of: rows.keys))
    #expect(rows.values.allSatisfy { $0 == 1 })
    #expect(killed > 0 && !acknowledged.isEmpty, "\(killed) killed")
    // Sending everything again fills the gaps and is refused for what is there.
    for id in 1...count {
      let outcome = try bayes(
        "bandit", "update", "--state", state, "--choice", "\(id)", "--reward", "1")
      #expect(outcome.status == (rows[id] == nil ? 0 : 65), "\(id): \(outcome.errors)")
    }
    #expect(try rewards(state).count == count)
    #expect(try bayes("bandit", "arms", "--state", state, "--check").status == 0)
  }

  /// Runs the program, and kills it after some time.
  private func run(
    _ words: [String], killedAfter time: Duration, _ scratch: Scratch
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = words
    let path = scratch.path("out-\(UUID().uuidString)")
    try Data().write(to: URL(filePath: path))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(UInt32(time / .microseconds(1)))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: path, encoding: .utf8))
  }

  /// The rewards of the log by choice.
  private func rewards(_ state: String) throws -> [Int: Double] {
    let log = try bayes("bandit", "export", "--state", state)
    let rows = log.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    return Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        Double(row[5]).map { (Int(row[0])!, $0) }
      })
  }
}
