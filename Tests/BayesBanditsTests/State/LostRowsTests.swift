// Pages that SQLite reads without complaint and that have lost their rows: every use of the state says so.

import Foundation
import Testing

@testable import BayesBandits

/// A page of a state, and what became of it.
struct LostPage: Sendable, CustomTestStringConvertible {
  enum Damage: String, CaseIterable {
    /// The number of rows in the page's header is 0.
    case noRows
    /// All after the header and the places of the rows is 0.
    case zeroedRows
  }
  var table: String
  var damage: Damage
  var testDescription: String { "\(table), \(damage)" }

  /// Does the damage to a closed file of 4096-byte pages, of which this table has one.
  func damage(_ path: String) throws {
    let page: Int
    do {
      let database = try Database(path: path, creates: false, busySeconds: 1)
      page = try #require(
        try database.first("SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'") {
          $0.integer(0)
        })
    }
    var bytes = try Data(contentsOf: URL(filePath: path))
    let start = (page - 1) * 4096
    let count = Int(bytes[start + 3]) << 8 | Int(bytes[start + 4])
    // A leaf of a table or of an index.
    #expect([13, 10].contains(bytes[start]) && count > 0)
    switch damage {
    case .noRows: (bytes[start + 3], bytes[start + 4]) = (0, 0)
    case .zeroedRows: for i in start + 8 + 2 * count..<start + 4096 { bytes[i] = 0 }
    }
    try bytes.write(to: URL(filePath: path))
  }

  static let all = [
    "choices", "sqlite_autoindex_choices_1", "arms", "sqlite_autoindex_arms_1", "sqlite_sequence",
    "model",
  ].flatMap { table in Damage.allCases.map { LostPage(table: table, damage: $0) } }
}

@Suite struct LostRowsTests {
  /// A closed state of 12 choices, 8 with rewards, as bytes.
  private static let bytes = Result {
    let folder = try StateFolder()
    do {
      let store = try BanditStore(path: folder.state, model: rates())
      try store.ledger.database.run("PRAGMA synchronous = OFF")
      for i in 0..<12 {
        let id = try store.choose(seed: UInt64(i)).id
        if i < 8 { try store.reward(Double(i % 2), choice: id) }
      }
    }
    return try Data(contentsOf: URL(filePath: folder.state))
  }

  private func state(_ folder: StateFolder) throws {
    try Self.bytes.get().write(to: URL(filePath: folder.state))
  }

  private func expectDamage(_ what: String, _ use: () throws -> Void) {
    let error = #expect(throws: StateError.self, "\(what)", performing: use)
    guard let error else { return }
    if case .damaged = error { return }
    Issue.record("\(what): \(error)")
  }

  @Test("Every use of a state that has lost a page's rows says so", arguments: LostPage.all)
  func eachUse(_ page: LostPage) throws {
    let folder = try StateFolder()
    try state(folder)
    try page.damage(folder.state)
    let path = folder.state
    expectDamage("choose") { _ = try BanditStore(path: path, model: rates()).choose() }
    expectDamage("learn") { try BanditStore(path: path, model: rates()).reward(1, choice: 10) }
    expectDamage("arms") { _ = try BanditLedger(path: path).arms() }
    expectDamage("export") { try BanditLedger(path: path).export { _ in } }
    // A reward without the model needs neither arms' positions nor their index to be recorded.
    if !page.table.contains("arms") {
      expectDamage("update") { try BanditLedger(path: path).reward(1, choice: 11) }
    }
  }

  @Test("A store that is open when the rows get lost takes no further choice and no reward")
  func whileOpen() throws {
    let folder = try StateFolder()
    try state(folder)
    let store = try BanditStore(path: folder.state, model: rates())
    // Takes rows away as damage does: the sequence keeps what was given out.
    try store.ledger.database.run("PRAGMA foreign_keys = OFF")
    try store.ledger.database.run("DELETE FROM choices WHERE id > 9")
    expectDamage("choose") { _ = try store.choose() }
    expectDamage("learn") { try store.reward(1, choice: 9) }
    expectDamage("update") { try store.ledger.reward(1, choice: 9) }
  }

  @Test("Rows that are lost in the middle are missed by the log, the arms and their own reward")
  func middle() throws {
    let folder = try StateFolder()
    try state(folder)
    let ledger = try BanditLedger(path: folder.state)
    try ledger.database.run("DELETE FROM choices WHERE id = 9")
    expectDamage("arms") { _ = try ledger.arms() }
    expectDamage("update") { try ledger.reward(1, choice: 9) }
    var rows = 0
    expectDamage("export") { try ledger.export { _ in rows += 1 } }
    #expect(rows == 0)
    #expect(try !ledger.check().isEmpty)
    #expect(throws: StateError.unknownChoice(path: folder.state, id: 13, last: 12)) {
      try ledger.reward(1, choice: 13)
    }
    #expect(throws: StateError.unknownChoice(path: folder.state, id: 0, last: 12)) {
      try ledger.reward(1, choice: 0)
    }
  }
}
