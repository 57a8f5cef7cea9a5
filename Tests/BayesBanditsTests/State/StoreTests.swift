// Choices and rewards in a file: what is recorded, what is refused, what is learnt.

import BayesCore
import BayesLanguage
import BayesNumerics
import Foundation
import Testing

@testable import BayesBandits

private struct Slopes: Bandit {
  let arm = Axis(2)
  @Parameter(over: \Self.arm) var slope: Vector
  @Action(over: \Self.arm) var chosen: Choice
  @Context var x: Real
  @Observed var y: Real
  var body: some Density {
    slope ~ Normal(0, 1)
    y ~ Normal(x * slope[chosen], 1)
  }
}

@Suite struct StoreTests {
  @Test("A choice has an id and the probability with which it was drawn; its reward is learnt")
  func chooseAndReward() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let first = try store.choose(seed: 1)
    #expect(first.id == 1 && abs(first.propensity - 1 / 3.0) < 1e-12)
    let second = try store.choose(seed: 2)
    #expect(second.id == 2)
    let reward = try store.reward(1, choice: 2)
    #expect(reward.sequence == 1 && reward.label == second.label)
    let third = try store.choose(seed: 3)
    let sum = 2 / 3.0 + 0.5 + 0.5
    #expect(abs(third.propensity - (third.arm == second.arm ? 2 / 3.0 : 0.5) / sum) < 1e-12)
    // A delayed reward of the first choice.
    try store.reward(0, choice: 1)
    var expected = [Double](repeating: 0, count: 6)
    expected[2 * second.arm] += 1
    expected[2 * first.arm + 1] += 1
    #expect(try store.belief().counts == expected)
  }

  @Test("Changes of arms are made together or not at all")
  func armsTogether() throws {
    let folder = try StateFolder()
    let ledger = try BanditStore(path: folder.state, model: rates()).ledger
    #expect(throws: StateError.self) {
      try ledger.changeArms(adding: ["F"], restoring: [], retiring: ["Nope"])
    }
    #expect(try ledger.arms().map(\.label) == ["A", "B", "C"])
    try ledger.changeArms(adding: ["F"], restoring: [], retiring: ["A", "B"])
    #expect(try ledger.arms().map(\.label) == ["A", "B", "C", "F"])
    #expect(try ledger.arms().map(\.isRetired) == [true, true, false, false])
  }

  @Test("What one process recorded, another one knows: belief, ids and arms") func reopening()
    throws
  {
    let folder = try StateFolder()
    var choices: [StoredChoice] = []
    for i in 0..<20 {
      let store = try BanditStore(path: folder.state, model: rates())
      let choice = try store.choose(seed: UInt64(i))
      choices.append(choice)
      try store.reward(Double(i % 2), choice: choice.id)
    }
    #expect(choices.map(\.id) == Array(1...20))
    let store = try BanditStore(path: folder.state, model: rates())
    var expected = CountBelief(counts: [Double](repeating: 0, count: 6))
    for (i, choice) in choices.enumerated() {
      try expected.observe(arm: choice.arm, reward: Double(i % 2), context: [])
    }
    #expect(try store.belief() == expected)
  }

  @Test("The frequencies of choices are the probabilities that are recorded")
  func frequencies() throws {
    var stream = RandomStream(seed: 9, chain: 0, purpose: .test, iteration: 0)
    let probabilities = [0.5, 0, 0.3, 0.2, 0]
    var counts = [0, 0, 0, 0, 0]
    for _ in 0..<20_000 { counts[drawn(probabilities, using: &stream)] += 1 }
    for (count, probability) in zip(counts, probabilities) {
      let slack = 4 * (20_000 * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(count) - 20_000 * probability) <= slack)
    }
  }

  @Test("Exploration keeps every propensity away from 0") func exploration() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let first = try store.choose(ChoiceRule(.uniform), seed: 1)
    try store.reward(1, choice: first.id)
    let rule = ChoiceRule(.greedy, exploration: 0.3)
    for seed in 0..<20 {
      let choice = try store.choose(rule, seed: UInt64(seed))
      #expect(abs(choice.propensity - (choice.arm == first.arm ? 0.8 : 0.1)) < 1e-12)
      #expect(choice.policy == "greedy+0.3")
    }
    #expect(try store.choose(ChoiceRule(.greedy)).propensity == 1)
  }

  @Test(
    "A reward twice, for an unknown choice or of an impossible value is refused, and changes nothing"
  )
  func refusals() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let id = try store.choose().id
    try store.reward(1, choice: id)
    let belief = try store.belief()
    let same = #expect(throws: StateError.self) { try store.reward(1, choice: id) }
    #expect(same == .alreadyRewarded(path: folder.state, id: 1, recorded: 1, given: 1))
    #expect(same?.description.contains("nothing is to be done") == true)
    let other = #expect(throws: StateError.self) { try store.ledger.reward(0, choice: id) }
    #expect(other?.description.contains("0.0 is refused") == true)
    let unknown = #expect(throws: StateError.self) { try store.reward(1, choice: 7) }
    #expect(
      unknown?.description.contains("there is no choice 7\n  hint: choices are 1 to 1") == true)
    for reward in [0.5, 2, -1, .nan, .infinity] {
      #expect(throws: StateError.self) { try store.reward(reward, choice: id) }
      #expect(throws: StateError.self) { try store.ledger.reward(reward, choice: id) }
    }
    #expect(try store.belief() == belief)
    #expect(try store.ledger.rewardCount() == 1)
  }

  @Test("A reward that only the model refuses is not recorded") func modelRefuses() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates(rewards: .real))
    let id = try store.choose().id
    #expect(throws: CountBelief.NotARate.self) { try store.reward(0.5, choice: id) }
    #expect(try store.ledger.rewardCount() == 0)
    try store.reward(1, choice: id)
  }

  @Test(
    "A reward after which the posterior is not finite is refused, and one recorded without the model named"
  )
  func absurdReward() throws {
    let folder = try StateFolder()
    let model = try StoredModel(Unknown(), options: BeliefOptions(seed: 1))
    let store = try BanditStore(path: folder.state, model: model)
    let id = try store.choose().id
    #expect(throws: StateError.impossibleReward(1e170, expected: moderateReward)) {
      try store.reward(1e170, choice: id)
    }
    #expect(try store.ledger.rewardCount() == 0)
    _ = try store.choose()
    try store.ledger.reward(1e170, choice: id)
    try store.ledger.reward(1, choice: 2)
    let reason = "the posterior would not be finite"
    let expected = StateError.unlearnable(
      path: folder.state, id: id, reward: 1e170, reason: reason)
    #expect(throws: expected) { try store.choose() }
    try store.ledger.correct(2, choice: id)
    _ = try store.choose()
  }

  @Test("A context of absurd numbers is refused as such") func absurdContext() throws {
    let folder = try StateFolder()
    let model = try StoredModel(Slopes(), options: BeliefOptions(seed: 1))
    let store = try BanditStore(path: folder.state, model: model)
    #expect(throws: StateError.immoderateContext) { try store.choose(context: [1e200]) }
    _ = try store.choose(context: [3])
  }

  @Test("A reward recorded without the model is learnt at the next choice") func catchingUp() throws
  {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    for _ in 0..<30 { _ = try store.choose() }
    let ledger = try BanditLedger(path: folder.state)
    var expected = CountBelief(counts: [Double](repeating: 0, count: 6))
    for id in stride(from: 30, through: 1, by: -1) {
      let recorded = try ledger.reward(Double(id % 3 == 0 ? 1 : 0), choice: id)
      #expect(recorded.sequence == 31 - id)
      try expected.observe(arm: recorded.arm, reward: recorded.reward, context: [])
    }
    #expect(try store.belief() == expected)
    _ = try store.choose()
    #expect(try BanditStore(path: folder.state, model: rates()).belief() == expected)
  }

  @Test("A reward recorded by mistake is replaced, and everybody learns of it") func correcting()
    throws
  {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates(rewards: .real))
    let other = try BanditStore(path: folder.state, model: rates(rewards: .real))
    let ids = try (0..<4).map { try store.choose(seed: UInt64($0)).id }
    for id in ids.dropLast() { try store.reward(1, choice: id) }
    #expect(try other.belief().counts.reduce(0, +) == 3)
    // Without the model nobody sees that 0.5 is no reward of it.
    try store.ledger.reward(0.5, choice: 4)
    let error = #expect(throws: StateError.self) { try store.choose() }
    #expect(error?.description.contains("reward 0.5 of choice 4") == true)
    #expect(error?.description.contains("--choice 4 --reward R --correct") == true)
    #expect(try store.ledger.correct(0, choice: 4).sequence == 4)
    try store.ledger.correct(0, choice: 1)
    let counts = try store.belief().counts
    #expect(stride(from: 0, to: 6, by: 2).reduce(0) { $0 + counts[$1] } == 2)
    #expect(counts.reduce(0, +) == 4)
    #expect(try other.belief().counts == counts)
    let open = try store.choose().id
    #expect(throws: StateError.noReward(path: folder.state, id: open)) {
      try store.ledger.correct(1, choice: open)
    }
    #expect(throws: StateError.self) { try store.ledger.correct(1, choice: 99) }
  }

  @Test("A state of another model is refused, and both are named") func otherModel() throws {
    let folder = try StateFolder()
    _ = try BanditStore(path: folder.state, model: rates(name: "Clicks"))
    let error = #expect(throws: StateError.self) {
      try BanditStore(path: folder.state, model: rates(name: "Sales"))
    }
    #expect(error?.description.contains("model Clicks (fClicks), not of Sales (fSales)") == true)
  }

  @Test("Contexts are checked, kept and exported") func contexts() throws {
    let folder = try StateFolder()
    let model = rates(context: ["age", "reward"])
    let store = try BanditStore(path: folder.state, model: model)
    #expect(throws: StateError.self) { try store.choose() }
    #expect(throws: StateError.self) { try store.choose(context: [1, .nan]) }
    _ = try store.choose(context: [0.1, -3])
    var rows: [String] = []
    try store.ledger.export { rows.append($0) }
    #expect(rows[0] == "id,time,arm,policy,propensity,age,context_reward,reward,reward_time\n")
    #expect(rows[1].contains(",thompson,0.3333333333333333,0.1,-3,,\n"))
  }
}

@Suite struct OwnPolicyTests {
  @Test("A policy of one's own chooses by its probabilities, which are recorded under its name")
  func own() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates(context: ["age"]))
    try store.ledger.retireArm("A")
    var seen: Set<String> = []
    for seed in 0..<40 {
      let choice = try store.choose(as: "mine", context: [Double(seed)], seed: UInt64(seed)) {
        round in
        #expect(round.arms == ["B", "C"] && round.positions == [1, 2])
        #expect(round.context == [Double(seed)])
        #expect(round.belief.means(context: []).count == 3)
        return [0.25, 0.75]
      }
      #expect(choice.policy == "mine" && choice.propensity == (choice.label == "B" ? 0.25 : 0.75))
      seen.insert(choice.label)
    }
    #expect(seen == ["B", "C"])
    var text = ""
    try store.ledger.export { text += $0 }
    #expect(text.contains(",mine,0.75,39,"), "\(text)")
    for id in 1...40 { try store.reward(Double(id % 2), choice: id) }
    text = ""
    try store.ledger.export { text += $0 }
    try text.write(toFile: folder.path("log.csv"), atomically: false, encoding: .utf8)
    // The log is evaluated by a function of the context.
    let log = try CSVChoiceLog(path: folder.path("log.csv"), columns: LogColumns(context: ["age"]))
    let policy = RowPolicy("the old get B") { context, arms in
      arms.map { ($0 == "B") == (context[0] >= 20) ? 1 : 0 }
    }
    let result = try evaluateOffPolicy(log, OffPolicySettings(policy: .computed(policy)))
    #expect(result.rowCount == 40 && result.probabilities == nil)
    #expect(result[.doublyRobust]?.value != nil && result.weights.largest == 4)
  }

  @Test(
    "Probabilities that are none are refused, and nothing is recorded",
    arguments: [[1.0], [0.5, 0.6, 0], [1.5, -0.5, 0], [.nan, 0.5, 0.5], [0, 0, 0], []])
  func refused(_ probabilities: [Double]) throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    #expect(throws: StateError.self) { try store.choose(as: "mine") { _ in probabilities } }
    #expect(try store.ledger.choiceCount() == 0)
  }

  @Test("Costs are taken from the means, by position of all arms") func costs() throws {
    let folder = try StateFolder()
    let model = try StoredModel(ClickThrough(), options: BeliefOptions(seed: 1))
    let store = try BanditStore(path: folder.state, model: model)
    // All means are 1/3 before any reward.
    let rule = ChoiceRule(.greedy, costs: [0.1, 0.2, 0])
    let choice = try store.choose(rule)
    #expect(choice.label == "C" && choice.propensity == 1 && choice.policy == "greedy-costs")
    try store.ledger.retireArm("C")
    #expect(try store.choose(rule).label == "A")
    // The belief's own probabilities, of arms in use.
    let costs = [0.3, 0, 5]
    let expected = try BanditModel(ClickThrough()).belief(BeliefOptions(seed: 1))
      .probabilitiesOfBest(context: [], among: [0, 1], costs: costs)
    #expect(abs(expected[0] - 0.5) > 0.1)
    for seed in 0..<5 {
      let choice = try store.choose(ChoiceRule(.thompson, costs: costs), seed: UInt64(seed))
      #expect(abs(choice.propensity - expected[choice.arm]) < 1e-9)
    }
    for costs in [[0.1, 0.2], [0, 0, 0, 0], [0, .nan, 0]] {
      #expect(throws: StateError.self) { try store.choose(ChoiceRule(.thompson, costs: costs)) }
    }
    // A belief that does not know of costs says so, unless they are all the same.
    let plain = try BanditStore(path: folder.path("plain.db"), model: rates())
    #expect(throws: StateError.noCosts) {
      try plain.choose(ChoiceRule(.thompson, costs: [0, 0, 1]))
    }
    #expect(throws: Never.self) { try plain.choose(ChoiceRule(.thompson, costs: [2, 2, 2])) }
  }
}

@Suite struct ArmTests {
  @Test("An arm is added with its prior, and what was learnt of the others stays") func adding()
    throws
  {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    for i in 0..<10 { try store.reward(Double(i % 2), choice: try store.choose(seed: 5).id) }
    let before = try store.belief().counts
    try BanditLedger(path: folder.state).addArm("D")
    #expect(try store.belief().counts == before + [0, 0])
    let seen = try (0..<40).map { try store.choose(seed: UInt64($0)).label }
    #expect(seen.contains("D"))
    let again = try BanditStore(path: folder.state, model: rates())
    #expect(try again.belief().counts == before + [0, 0])
    #expect(throws: StateError.armExists(path: folder.state, label: "D", isRetired: false)) {
      try store.ledger.addArm("D")
    }
    for label in ["", "two\nlines"] {
      #expect(throws: StateError.invalidLabel(label)) { try store.ledger.addArm(label) }
    }
  }

  @Test("A retired arm is not chosen, its late rewards are learnt, and it can come back")
  func retiring() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let choices = try (0..<30).map { try store.choose(seed: UInt64($0)) }
    let late = try #require(choices.first { $0.label == "B" })
    #expect(try store.ledger.retireArm("B"))
    #expect(try !store.ledger.retireArm("B"))
    let seen = try (0..<40).map { try store.choose(seed: UInt64($0)) }
    #expect(!seen.contains { $0.label == "B" } && seen.allSatisfy { $0.propensity == 0.5 })
    try store.reward(1, choice: late.id)
    #expect(try store.belief().counts[2] == 1)
    let error = #expect(throws: StateError.self) { try store.ledger.addArm("B") }
    #expect(error?.description.contains("--restore B") == true)
    try store.ledger.retireArm("A")
    #expect(throws: StateError.lastArm(path: folder.state, label: "C")) {
      try store.ledger.retireArm("C")
    }
    #expect(try store.ledger.restoreArm("B"))
    #expect(try (0..<40).map { try store.choose(seed: UInt64($0)).label }.contains("B"))
    let arms = try store.ledger.arms()
    #expect(arms.map(\.isRetired) == [true, false, false] && arms[1].meanReward == 1)
  }

  @Test("Arms that do not exist, and models whose arms are fixed, are named") func refusals() throws
  {
    let folder = try StateFolder()
    let store = try BanditStore(
      path: folder.state, model: rates(["banner", "video"], fixed: true))
    let error = #expect(throws: StateError.self) { try store.ledger.retireArm("vdeo") }
    #expect(error?.description.contains("did you mean video?") == true)
    #expect(throws: StateError.fixedArms(path: folder.state, model: "Rates")) {
      try store.ledger.addArm("audio")
    }
  }
}

@Suite struct ExportTests {
  @Test("The export is the log that evaluation reads, whatever the labels") func roundTrip() throws
  {
    let folder = try StateFolder()
    let labels = ["plain", "with, comma", "\"quoted\"", " space"]
    let store = try BanditStore(path: folder.state, model: rates(labels))
    var choices: [StoredChoice] = []
    for i in 0..<60 {
      let choice = try store.choose(seed: UInt64(i))
      choices.append(choice)
      if i % 4 != 3 { try store.reward(Double(i % 2), choice: choice.id) }
    }
    var text = ""
    try store.ledger.export { text += $0 }
    try text.write(toFile: folder.path("log.csv"), atomically: false, encoding: .utf8)
    let log = try CSVChoiceLog(path: folder.path("log.csv"))
    var rows: [LoggedChoice] = []
    try log.read { rows.append(copy $0) }
    #expect(log.pendingCount == 15 && rows.count == 45)
    let rewarded = choices.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
    #expect(rows.map { log.arms[$0.arm] } == rewarded.map(\.label))
    #expect(rows.map(\.propensity) == rewarded.map(\.propensity))
    let times = try #require(text.split(separator: "\n").dropFirst().first?.split(separator: ","))
    #expect(times[1].count == 24 && times[1].hasSuffix("Z") && times[1].contains("T"))
    let result = try evaluateOffPolicy(log, OffPolicySettings(policy: .uniform))
    #expect(result.rowCount == 45 && result.warnings.contains { $0.kind == .pendingRewards })
  }
}
