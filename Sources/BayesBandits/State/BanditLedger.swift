// A bandit's state without its model: arms, choices and rewards, all of them kept.

public import BayesCore
import Glibc

/// An arm of a state.
public struct StoredArm: Sendable, Equatable {
  /// Its position from 0, which never changes.
  public var position: Int
  /// Its label.
  public var label: String
  /// Whether it is out of use; rewards of its earlier choices are still taken.
  public var isRetired: Bool
  /// How often it was chosen.
  public var choices: Int
  /// How many of these choices have a reward.
  public var rewarded: Int
  /// The mean of these rewards.
  public var meanReward: Double?
}

/// A choice as it was recorded.
public struct StoredChoice: Sendable, Equatable {
  /// Its id, by which its reward is matched.
  public var id: Int
  /// The arm's position.
  public var arm: Int
  /// The arm's label.
  public var label: String
  /// The probability with which it was chosen.
  public var propensity: Double
  /// The policy's name.
  public var policy: String
  /// Seconds since 1970, UTC.
  public var time: Double
  /// What was known of the round.
  public var context: [Double]
}

/// A reward as it was recorded.
public struct StoredReward: Sendable, Equatable {
  /// The id of its choice.
  public var choice: Int
  /// The label of the arm that was chosen.
  public var label: String
  /// The arm's position.
  public var arm: Int
  /// The reward.
  public var reward: Double
  /// Its number in the order of rewards, from 1.
  public var sequence: Int
}

/// A bandit's state in an SQLite file, as far as it needs no model: many processes may have it open.
///
/// What a method has returned from is on disk: each change is one transaction, synced before it is
/// acknowledged. Used by one thread at a time; other threads open their own. The file lies on a disk of
/// this machine: SQLite's write-ahead log is not for network file systems. While it is open, its newest part may be in the
/// file with `-wal` at its end, which belongs to it.
public final class BanditLedger {
  /// The file.
  public let path: String
  /// The model whose state it is.
  public let model: ModelIdentity
  /// The names of the values of a context.
  public let context: [String]
  /// For each value of a context the axis of which it is a position, counted from 0; `nil` for a number.
  public let contextAxes: [Dimension?]
  /// Which rewards there can be.
  public let rewards: RewardSupport
  let armsAreFixed: Bool
  let database: Database

  /// Opens a state that is there.
  ///
  /// - Parameter busySeconds: how long to wait for others that write, positive.
  /// - Throws: `StateError`.
  public convenience init(path: String, busySeconds: Double = 10) throws {
    let database = try Database(path: path, creates: false, busySeconds: busySeconds)
    guard try database.kind() == .state else {
      throw StateError.damaged(path: path, reason: "the file is empty")
    }
    try database.prepareForWriting()
    try self.init(database)
  }

  /// Opens a state, or makes it where there is none.
  ///
  /// - Throws: `StateError`.
  static func opened(
    path: String, busySeconds: Double, model: some NewState
  ) throws -> BanditLedger {
    let database = try Database(path: path, creates: true, busySeconds: busySeconds)
    let isNew = try database.kind() == .empty
    try database.prepareForWriting()
    if isNew {
      try database.transaction {
        // Another process may have made the tables since.
        if try database.kindWithinTransaction() == .empty {
          try database.createTables()
          try model.write(to: database)
        }
      }
    }
    return try BanditLedger(database)
  }

  private init(_ database: Database) throws {
    self.database = database
    path = database.path
    let row = try database.first(
      """
      SELECT name, fingerprint, context, reward_lower, reward_upper, reward_is_whole,
        arms_are_fixed FROM model
      """
    ) { row in
      (
        ModelIdentity(name: row.text(0), fingerprint: row.text(1)), row.text(2),
        RewardSupport(
          lower: row.optionalReal(3), upper: row.optionalReal(4), isWhole: row.integer(5) != 0),
        row.integer(6) != 0
      )
    }
    guard let row, let names = try? parseJSON(text: row.1, path: path).array else {
      throw StateError.damaged(path: path, reason: "it does not say whose state it is")
    }
    (model, rewards, armsAreFixed) = (row.0, row.2, row.3)
    context = names.compactMap { $0.string ?? $0["name"]?.string }
    contextAxes = names.map(contextAxis)
    try database.snapshot { try checkEnds() }
  }

  /// Records the reward of a choice, once.
  ///
  /// A reward that is recorded already is refused even where it is the same, so that whoever sends twice
  /// learns of it; the message says that nothing is lost. Rewards of arms that were retired meanwhile are taken.
  ///
  /// - Throws: `StateError.unknownChoice`, `.alreadyRewarded`, `.impossibleReward` and others.
  @discardableResult
  public func reward(_ reward: Double, choice id: Int) throws -> StoredReward {
    try database.transaction {
      try checkEnds()
      return try record(reward, choice: id)
    }
  }

  /// The part of ``reward(_:choice:)`` that is done within a transaction.
  func record(_ reward: Double, choice id: Int) throws -> StoredReward {
    let (arm, label) = try openChoice(id, reward)
    let sequence = try rewardCount() + 1
    try database.run(
      "UPDATE choices SET reward = ?, reward_time = ?, reward_sequence = ? WHERE id = ?",
      .real(reward), .real(now()), .integer(sequence), .integer(id))
    return StoredReward(choice: id, label: label, arm: arm, reward: reward, sequence: sequence)
  }

  /// The arm of a choice that may take this reward.
  func openChoice(_ id: Int, _ reward: Double) throws -> (arm: Int, label: String) {
    try checkReward(reward)
    guard let choice = try choice(id) else {
      throw try unknownChoice(id)
    }
    if let recorded = choice.reward {
      throw StateError.alreadyRewarded(path: path, id: id, recorded: recorded, given: reward)
    }
    return (choice.arm, choice.label)
  }

  private func checkReward(_ reward: Double) throws {
    guard rewards.contains(reward) else {
      throw StateError.impossibleReward(reward, expected: rewards.description)
    }
  }

  private func choice(
    _ id: Int
  ) throws -> (arm: Int, label: String, reward: Double?, sequence: Int?)? {
    try database.first(
      """
      SELECT arm, label, reward, reward_sequence
        FROM choices JOIN arms ON arms.position = choices.arm WHERE id = ?
      """, .integer(id)
    ) {
      (
        $0.integer(0), $0.text(1), $0.optionalReal(2), $0.isNull(3) ? nil : $0.integer(3)
      )
    }
  }

  /// Makes what is believed void, in this file and in every process; within a transaction.
  func forgetBelief() throws {
    try database.run("UPDATE model SET generation = generation + 1")
    try database.run("DELETE FROM belief")
  }

  /// Counts what makes beliefs void: one of another generation is not used.
  func generation() throws -> Int {
    try database.first("SELECT generation FROM model") { $0.integer(0) } ?? 0
  }

  /// Replaces the reward of a choice, which was recorded by mistake; what is believed is computed anew
  /// when it is needed next. The reward keeps its place in the order.
  ///
  /// - Throws: `StateError.unknownChoice`, `.noReward`, `.impossibleReward` and others.
  @discardableResult
  public func correct(_ reward: Double, choice id: Int) throws -> StoredReward {
    try checkReward(reward)
    return try database.transaction {
      guard let choice = try choice(id) else {
        throw try unknownChoice(id)
      }
      guard let sequence = choice.sequence else { throw StateError.noReward(path: path, id: id) }
      try database.run(
        "UPDATE choices SET reward = ?, reward_time = ? WHERE id = ?", .real(reward), .real(now()),
        .integer(id))
      try forgetBelief()
      return StoredReward(
        choice: id, label: choice.label, arm: choice.arm, reward: reward, sequence: sequence)
    }
  }

  /// How many rewards were recorded.
  public func rewardCount() throws -> Int {
    try database.first("SELECT coalesce(max(reward_sequence), 0) FROM choices") {
      $0.integer(0)
    } ?? 0
  }

  /// How many choices were recorded; their ids are 1 to this.
  public func choiceCount() throws -> Int {
    try database.first("SELECT coalesce(max(id), 0) FROM choices") { $0.integer(0) } ?? 0
  }
}

/// The axis of a context's value as the table `model` keeps it.
private func contextAxis(_ record: JSONValue) -> Dimension? {
  guard let name = record["name"]?.string,
    let size = record["size"]?.integer
  else { return nil }
  let labels = record["labels"]?.array?.compactMap(\.string)
  return Dimension(name: name, size: size, labels: labels?.count == size ? labels : nil)
}

/// What a new state is filled with.
protocol NewState {
  func write(to database: Database) throws
}

extension StoredModel: NewState {
  /// A name for each number of a context; for a position its axis as well.
  private var contextRecord: JSONValue {
    JSONValue(
      .array(
        zip(context, contextAxes).map { name, axis in
          guard let axis else { return JSONValue(.string(name)) }
          return [
            "name": JSONValue(.string(name)), "size": .integer(axis.size),
            "labels": axis.labels.map { .strings($0) } ?? nil,
          ]
        }))
  }

  func write(to database: Database) throws {
    let time = now()
    try database.run(
      """
      INSERT INTO model (id, name, fingerprint, context, reward_lower, reward_upper,
        reward_is_whole, arms_are_fixed, generation, created) VALUES (1, ?, ?, ?, ?, ?, ?, ?, 0, ?)
      """,
      .text(identity.name), .text(identity.fingerprint),
      .text(jsonText(contextRecord)), .optional(rewards.lower), .optional(rewards.upper),
      .integer(rewards.isWhole ? 1 : 0), .integer(armsAreFixed ? 1 : 0), .real(time))
    for (position, label) in arms.enumerated() {
      try database.run(
        "INSERT INTO arms (position, label, added) VALUES (?, ?, ?)", .integer(position),
        .text(label), .real(time))
    }
  }
}

/// Seconds since 1970.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
