// A bandit in production: choices from what its model believes, kept in a file.

import BayesCore
import BayesNumerics

/// A bandit's state together with its model.
///
/// A choice is drawn from known probabilities and recorded with its propensity and an id; its reward comes
/// later, in any order, from any process. What the model believes is a function of the rewards in the order in which they were
/// recorded; it is kept in the same transaction as the reward it is due to, and where it lags behind (a
/// reward recorded without the model, an arm added) it catches up from the recorded rewards.
///
/// Nobody holds the file locked while a model thinks: a choice is computed from one state of the file,
/// then recorded, unless arms have changed meanwhile.
///
/// Many processes and threads may have the state open, each with a store of its own.
public final class BanditStore<Belief: StoredBelief> {
  /// Arms, choices and rewards.
  public let ledger: BanditLedger
  private let model: StoredModel<Belief>
  private var cache: Believed?

  /// Opens the state of a model, or makes it where there is none.
  ///
  /// - Parameter busySeconds: how long to wait for others that write, positive.
  /// - Throws: `StateError`; also for the state of another model.
  public init(path: String, model: StoredModel<Belief>, busySeconds: Double = 10) throws {
    self.model = model
    ledger = try BanditLedger.opened(path: path, busySeconds: busySeconds, model: model)
    guard ledger.model.fingerprint == model.identity.fingerprint else {
      throw StateError.otherModel(path: path, found: ledger.model, given: model.identity)
    }
  }

  /// Chooses an arm and records the choice; when this returns, it is on disk.
  ///
  /// - Parameters:
  ///   - context: what is known of the round, as many values as the model has.
  ///   - seed: the key of the draw, for tests; `nil` for the system's randomness.
  /// - Throws: `StateError`, and what the belief throws.
  public func choose(
    _ rule: ChoiceRule = ChoiceRule(), context: [Double] = [], seed: UInt64? = nil
  ) throws -> StoredChoice {
    try recordedChoice(rule.name, context, seed) { known, inUse in
      try rule.checkCosts(known.arms.map(\.label))
      return try rule.probabilities(known.belief, context: context, among: inUse)
    }
  }

  /// Chooses an arm by a policy of your own, and records the choice with its propensity.
  ///
  /// ```swift
  /// let choice = try store.choose(as: "halves") { round in
  ///   round.arms.map { _ in 1 / Double(round.arms.count) }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - name: what is recorded as the choice's policy.
  ///   - context: what is known of the round, as many values as the model has.
  ///   - seed: the key of the draw, for tests; `nil` for the system's randomness.
  ///   - probabilities: the probability of each arm in use, in the order of `arms`; called again where another process
  ///     changes the arms meanwhile.
  /// - Throws: `StateError`, also for probabilities that are none; what the belief and `probabilities` throw.
  /// - Precondition: the name is a line of text, not empty.
  public func choose(
    as name: String, context: [Double] = [], seed: UInt64? = nil,
    probabilities: (ChoiceRound<Belief>) throws -> [Double]
  ) throws -> StoredChoice {
    precondition(!name.isEmpty && !name.contains(where: \.isNewline), "a line of text")
    return try recordedChoice(name, context, seed) { known, inUse in
      let own = try probabilities(
        ChoiceRound(
          context: context, arms: inUse.map { known.arms[$0].label }, positions: inUse,
          belief: known.belief))
      let sum = own.reduce(0, +)
      guard own.count == inUse.count, own.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(sum - 1) <= 1e-6
      else { throw StateError.invalidProbabilities("\(own) for \(inUse.count) arms") }
      return own.map { $0 / sum }
    }
  }

  /// Draws an arm from probabilities, and records it.
  private func recordedChoice(
    _ policy: String, _ context: [Double], _ seed: UInt64?,
    _ probabilities: (_ known: Believed, _ inUse: [Int]) throws -> [Double]
  ) throws -> StoredChoice {
    guard context.count == model.context.count, context.allSatisfy(\.isFinite) else {
      throw StateError.wrongContext(expected: model.context, given: context.count)
    }
    while true {
      let known = try believed()
      let inUse = known.arms.filter { !$0.isRetired }.map(\.position)
      let chances: [Double]
      do {
        chances = try probabilities(known, inUse)
      } catch  where !(error is BeliefError) && context.contains(where: { abs($0) > 1e15 }) {
        throw StateError.immoderateContext
      }
      var stream = RandomStream(
        seed: seed ?? UInt64.random(in: 0...UInt64.max), chain: 0, purpose: .simulation,
        iteration: try ledger.choiceCount())
      let position = drawn(chances, using: &stream)
      var choice = StoredChoice(
        id: 0, arm: inUse[position], label: known.arms[inUse[position]].label,
        propensity: min(1, chances[position]), policy: policy, time: now(), context: context)
      let isRecorded = try ledger.database.transaction {
        try ledger.checkEnds()
        let current = try ledger.armUse().filter { !$0.isRetired }.map(\.position)
        guard current == inUse, try ledger.generation() == known.generation else { return false }
        try ledger.database.run(
          """
          INSERT INTO choices (time, arm, policy, propensity, context, rewards_known)
            VALUES (?, ?, ?, ?, ?, ?)
          """,
          .real(choice.time), .integer(choice.arm), .text(choice.policy), .real(choice.propensity),
          context.isEmpty ? .null : .text(jsonText(.numbers(context))), .integer(known.rewards))
        choice.id = ledger.database.lastInsertedID
        try keep(known)
        return true
      }
      if isRecorded { return choice }
    }
  }

  /// Records the reward of a choice, once, and what the model learns of it.
  ///
  /// - Throws: as ``BanditLedger/reward(_:choice:)``, and what the belief throws of a reward that it cannot
  ///   take, which is then not recorded.
  @discardableResult
  public func reward(_ reward: Double, choice id: Int) throws -> StoredReward {
    let (arm, _) = try ledger.openChoice(id, reward)
    var next = try believed()
    let text = try ledger.database.first(
      "SELECT context FROM choices WHERE id = ?", .integer(id)
    ) { $0.optionalText(0) }
    try next.belief.observe(
      arm: arm, reward: reward, context: try ledger.contextValues(text ?? nil))
    guard next.belief.state.allSatisfy(\.isFinite) else {
      throw StateError.impossibleReward(reward, expected: moderateReward)
    }
    next.rewards += 1
    let (recorded, isNext) = try ledger.database.transaction {
      try ledger.checkEnds()
      let recorded = try ledger.record(reward, choice: id)
      // Where another reward came between, the belief catches up when it is needed.
      let isNext =
        try recorded.sequence == next.rewards && ledger.generation() == next.generation
      if isNext { try keep(next) }
      return (recorded, isNext)
    }
    if isNext { cache = next }
    return recorded
  }

  /// What is believed after all rewards recorded so far, by position of the arms.
  ///
  /// - Throws: `StateError`, and what the belief throws.
  public func belief() throws -> Belief {
    try believed().belief
  }

  /// A belief, and what of the file it knows.
  private struct Believed {
    var belief: Belief
    /// It knows the first so many rewards.
    var rewards: Int
    /// It holds while no arm is added and no reward corrected.
    var generation: Int
    var arms: [ArmUse]
  }

  /// The belief after the rewards recorded so far.
  private func believed() throws -> Believed {
    let database = ledger.database
    let result = try database.snapshot {
      let (generation, arms) = (try ledger.generation(), try ledger.armUse())
      let (belief, rewards) = try start(arms.map(\.label), generation)
      var known = Believed(belief: belief, rewards: rewards, generation: generation, arms: arms)
      let prior = known
      try learn(into: &known, isChecked: false)
      // Which reward it was is worth a second pass only where there is one.
      if known.rewards > rewards, !known.belief.state.allSatisfy(\.isFinite) {
        known = prior
        try learn(into: &known, isChecked: true)
      }
      return known
    }
    cache = result
    return result
  }

  /// Learns the recorded rewards that a belief does not know yet.
  ///
  /// - Parameter isChecked: whether the belief is looked at after each reward.
  private func learn(into known: inout Believed, isChecked: Bool) throws {
    try ledger.database.forEach(
      """
      SELECT id, arm, reward, context, reward_sequence FROM choices
        WHERE reward_sequence > ? ORDER BY reward_sequence
      """, .integer(known.rewards)
    ) { row in
      known.rewards += 1
      guard row.integer(4) == known.rewards, known.arms.indices.contains(row.integer(1)) else {
        throw StateError.damaged(path: ledger.path, reason: "reward \(known.rewards) is missing")
      }
      func unlearnable(_ reason: String) -> StateError {
        .unlearnable(path: ledger.path, id: row.integer(0), reward: row.real(2), reason: reason)
      }
      let context = try ledger.contextValues(row.optionalText(3))
      do {
        try known.belief.observe(arm: row.integer(1), reward: row.real(2), context: context)
      } catch {
        throw unlearnable("\(error)")
      }
      if isChecked, !known.belief.state.allSatisfy(\.isFinite) {
        throw unlearnable("the posterior would not be finite")
      }
    }
  }

  /// The latest belief there is: this store's own, the one in the file, or the prior.
  private func start(
    _ labels: [String], _ generation: Int
  ) throws -> (belief: Belief, rewards: Int) {
    let database = ledger.database
    let kept = try database.first("SELECT generation, rewards, checksum FROM belief") {
      (generation: $0.integer(0), rewards: $0.integer(1), checksum: $0.integer(2))
    }
    if let cache, cache.generation == generation, cache.rewards >= kept?.rewards ?? 0 {
      return (cache.belief, cache.rewards)
    }
    if let kept, kept.generation == generation {
      let bytes = try database.first("SELECT state FROM belief") { $0.blob(0) } ?? []
      // A belief that was damaged is left, and made again from the rewards.
      if checksum(bytes) == kept.checksum, let state = doubles(bytes) {
        return (try model.restore(labels, state), kept.rewards)
      }
    }
    return (try model.make(labels), 0)
  }

  /// Keeps a belief that knows more rewards than the one in the file; within a transaction that has
  /// seen to its generation.
  private func keep(_ known: Believed) throws {
    let kept = try ledger.database.first("SELECT rewards FROM belief") { $0.integer(0) }
    guard kept.map({ $0 < known.rewards }) ?? (known.rewards > 0) else { return }
    let bytes = known.belief.state.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) }
    }
    try ledger.database.run(
      "REPLACE INTO belief (id, generation, rewards, checksum, state) VALUES (1, ?, ?, ?, ?)",
      .integer(known.generation), .integer(known.rewards), .integer(checksum(bytes)), .blob(bytes))
  }
}

/// What is expected where a reward leaves no finite posterior.
let moderateReward = "a number of moderate size: the posterior after it would not be finite"

/// The numbers of a blob, or `nil` where it is none of them.
private func doubles(_ bytes: [UInt8]) -> [Double]? {
  guard bytes.count % 8 == 0 else { return nil }
  return bytes.withUnsafeBytes { raw in
    stride(from: 0, to: bytes.count, by: 8).map {
      Double(
        bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
    }
  }
}

/// FNV-1a of 64 bits.
private func checksum(_ bytes: [UInt8]) -> Int {
  let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
    ($0 ^ UInt64($1)) &* 0x100_0000_01B3
  }
  return Int(Int64(bitPattern: hash))
}
