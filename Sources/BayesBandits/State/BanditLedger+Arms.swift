// Arms come and go: added, retired, brought back, never removed.

import BayesCore

/// An arm's label, and whether it is out of use.
public struct ArmUse: Sendable, Equatable {
  /// Its position from 0, which never changes.
  public var position: Int
  /// Its label.
  public var label: String
  /// Whether it is out of use.
  public var isRetired: Bool
  /// Whether it was added after the state was made.
  public var isAdded: Bool
}

extension BanditLedger {
  /// All arms in the order of their positions, with what came of them.
  ///
  /// - Throws: `StateError`, also where the file lacks choices that were recorded.
  public func arms() throws -> [StoredArm] {
    try database.snapshot {
      try checkRows()
      var arms: [StoredArm] = []
      try database.forEach(
        """
        SELECT position, label, retired, count(id), count(reward), avg(reward)
          FROM arms LEFT JOIN choices ON choices.arm = arms.position
          GROUP BY position ORDER BY position
        """
      ) { row in
        arms.append(
          StoredArm(
            position: row.integer(0), label: row.text(1), isRetired: !row.isNull(2),
            choices: row.integer(3), rewarded: row.integer(4), meanReward: row.optionalReal(5)))
      }
      return arms
    }
  }

  /// Adds an arm at the next position; what is believed is computed anew from all rewards when it is
  /// needed next, with the new arm's prior.
  ///
  /// - Throws: `StateError.armExists`, `.invalidLabel`, `.fixedArms` and others.
  public func addArm(_ label: String) throws {
    try database.transaction { try add(label) }
  }

  /// Takes an arm out of use. Rewards of its earlier choices are still taken and learnt from.
  ///
  /// - Returns: whether it was in use.
  /// - Throws: `StateError.unknownArm`, `.lastArm` and others.
  @discardableResult
  public func retireArm(_ label: String) throws -> Bool {
    try database.transaction { try retire(label) }
  }

  /// Brings a retired arm back, with all that was learnt of it.
  ///
  /// - Returns: whether it was retired.
  /// - Throws: `StateError.unknownArm` and others.
  @discardableResult
  public func restoreArm(_ label: String) throws -> Bool {
    try database.transaction { try restore(label) }
  }

  /// Adds arms, then brings some back, then takes some out of use: all of it, or where there is an error
  /// nothing.
  ///
  /// - Throws: as ``addArm(_:)``, ``restoreArm(_:)`` and ``retireArm(_:)``.
  public func changeArms(
    adding added: [String], restoring restored: [String], retiring retired: [String]
  ) throws {
    if added.isEmpty && restored.isEmpty && retired.isEmpty { return }
    try database.transaction {
      for label in added { try add(label) }
      for label in restored { try restore(label) }
      for label in retired { try retire(label) }
    }
  }

  private func add(_ label: String) throws {
    guard !label.isEmpty, !label.contains(where: \.isNewline), !label.contains("\0") else {
      throw StateError.invalidLabel(label)
    }
    guard !armsAreFixed else { throw StateError.fixedArms(path: path, model: model.name) }
    let labels = try armUse()
    if let arm = labels.first(where: { $0.label == label }) {
      throw StateError.armExists(path: path, label: label, isRetired: arm.isRetired)
    }
    try database.run(
      "INSERT INTO arms (position, label, added) VALUES (?, ?, ?)", .integer(labels.count),
      .text(label), .real(now()))
    try forgetBelief()
  }

  @discardableResult
  private func retire(_ label: String) throws -> Bool {
    let arms = try armUse()
    let arm = try find(label, arms)
    if arm.isRetired { return false }
    if arms.count(where: { !$0.isRetired }) == 1 {
      throw StateError.lastArm(path: path, label: label)
    }
    try database.run(
      "UPDATE arms SET retired = ? WHERE position = ?", .real(now()), .integer(arm.position))
    return true
  }

  @discardableResult
  private func restore(_ label: String) throws -> Bool {
    let arm = try find(label, try armUse())
    try database.run("UPDATE arms SET retired = NULL WHERE position = ?", .integer(arm.position))
    return arm.isRetired
  }

  /// Labels by position, and whether they are out of use; without what came of them, which takes no longer than there
  /// are arms.
  public func armUse() throws -> [ArmUse] {
    var arms: [ArmUse] = []
    try database.forEach(
      "SELECT position, label, retired, added > created FROM arms, model ORDER BY position"
    ) { row in
      guard row.integer(0) == arms.count else {
        throw StateError.damaged(path: path, reason: "arm \(arms.count) is missing")
      }
      arms.append(
        ArmUse(
          position: row.integer(0), label: row.text(1), isRetired: !row.isNull(2),
          isAdded: row.integer(3) != 0))
    }
    return arms
  }

  private func find(
    _ label: String, _ arms: [ArmUse]
  ) throws -> ArmUse {
    if let arm = arms.first(where: { $0.label == label }) { return arm }
    let labels = arms.map(\.label)
    throw StateError.unknownArm(
      path: path, label: label, closest: likelyArm(label, labels), arms: labels)
  }
}
