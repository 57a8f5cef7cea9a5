// Many writers at once, and files that were damaged.

import BayesCore
import Foundation
import Glibc
import Testing

@testable import BayesBandits

@Suite struct SharedStateTests {
  @Test("Threads with connections of their own lose nothing and count nothing twice")
  func threads() async throws {
    let folder = try StateFolder()
    let (path, each) = (folder.state, 25)
    let ids = try await withThrowingTaskGroup(of: [Int].self) { group in
      for worker in 0..<4 {
        group.addTask {
          // All of them make the state at the same time.
          let store = try BanditStore(path: path, model: rates(), busySeconds: 60)
          var own: [Int] = []
          for i in 0..<each {
            let choice = try store.choose()
            own.append(choice.id)
            try store.reward(Double((i + worker) % 2), choice: choice.id)
          }
          return own
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(ids.sorted() == Array(1...(4 * each)))
    let store = try BanditStore(path: path, model: rates())
    #expect(try store.belief().counts.reduce(0, +) == Double(4 * each))
    #expect(try store.ledger.rewardCount() == 4 * each)
    #expect(try store.ledger.check().isEmpty)
    // The belief in the file, and the one made anew from the rewards, are the same.
    let kept = try store.belief()
    try store.ledger.database.run("DELETE FROM belief")
    #expect(try BanditStore(path: path, model: rates()).belief() == kept)
  }

  @Test("Many who make the same state at once all find it theirs") func creation() async throws {
    for _ in 0..<12 {
      let folder = try StateFolder()
      let path = folder.state
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask {
            try BanditStore(path: path, model: rates(), busySeconds: 60).choose().id
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(sum == 36)
    }
  }

  @Test("Of two writers who send the same reward, one is refused") func sameReward() async throws {
    let folder = try StateFolder()
    let path = folder.state
    let store = try BanditStore(path: path, model: rates())
    let ids = try (0..<20).map { _ in try store.choose().id }
    let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let ledger = try BanditLedger(path: path, busySeconds: 60)
          return try ids.reduce(0) { count, id in
            do {
              try ledger.reward(1, choice: id)
              return count + 1
            } catch StateError.alreadyRewarded { return count }
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(accepted == 20)
    #expect(try store.ledger.rewardCount() == 20)
  }

  @Test("A writer who waits in vain is told that nothing was recorded") func busy() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let id = try store.choose().id
    let other = try BanditLedger(path: folder.state, busySeconds: 0.05)
    try store.ledger.database.transaction {
      let error = #expect(throws: StateError.self) { try other.reward(1, choice: id) }
      #expect(error == .busy(path: folder.state, seconds: 0.05))
      // Reading does not wait.
      let count = try other.arms().count
      #expect(count == 3)
    }
    try other.reward(1, choice: id)
  }

  @Test("A transaction that fails leaves nothing behind") func rollback() throws {
    struct Stop: Error {}
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    let id = try store.choose().id
    #expect(throws: Stop.self) {
      try store.ledger.database.transaction {
        _ = try store.ledger.record(1, choice: id)
        throw Stop()
      }
    }
    #expect(try store.ledger.rewardCount() == 0)
    try store.reward(1, choice: id)
  }

  @Test("A belief that was damaged is made again from the rewards") func damagedBelief() throws {
    let folder = try StateFolder()
    let store = try BanditStore(path: folder.state, model: rates())
    for i in 0..<9 { try store.reward(Double(i % 2), choice: try store.choose().id) }
    let belief = try store.belief()
    try store.ledger.database.run("UPDATE belief SET state = zeroblob(length(state))")
    #expect(try BanditStore(path: folder.state, model: rates()).belief() == belief)
  }
}

@Suite struct DamageTests {
  /// A state of 300 choices, closed, as bytes.
  private static let bytes = Result {
    let folder = try StateFolder()
    do {
      let store = try BanditStore(path: folder.state, model: rates())
      try store.ledger.database.run("PRAGMA synchronous = OFF")
      for i in 0..<300 {
        let id = try store.choose(seed: UInt64(i)).id
        try store.reward(Double(i % 2), choice: id)
      }
    }
    #expect(access(folder.state + "-wal", F_OK) != 0)
    return try Data(contentsOf: URL(filePath: folder.state))
  }

  /// What a file of these bytes is said to be, by opening it, using it and checking it.
  private func verdict(_ bytes: Data) throws -> StateError? {
    let folder = try StateFolder()
    try bytes.write(to: URL(filePath: folder.state))
    do {
      let store = try BanditStore(path: folder.state, model: rates())
      let findings = try store.ledger.check()
      if let first = findings.first { throw StateError.damaged(path: folder.state, reason: first) }
      _ = try store.choose()
      try store.ledger.export { _ in }
      return nil
    } catch let error as StateError { return error }
  }

  private func isDamage(_ error: StateError?) -> Bool {
    if case .damaged = error { true } else { false }
  }

  @Test(
    "A file cut short anywhere is said to be damaged", arguments: [1, 50, 200, 4096, 10_000, -1])
  func truncated(count: Int) throws {
    let whole = try Self.bytes.get()
    #expect(try verdict(whole) == nil)
    let cut = count < 0 ? whole.count - 4096 : count
    #expect(isDamage(try verdict(whole.prefix(cut))), "\(cut) of \(whole.count)")
  }

  @Test(
    "A file whose pages were overwritten is said to be damaged", arguments: [0, 1, 2, 3, 4, 5, 6])
  func overwritten(page: Int) throws {
    var whole = try Self.bytes.get()
    #expect(whole.count > 7 * 4096)
    for i in 0..<64 { whole[page * 4096 + i] = UInt8(truncatingIfNeeded: 37 &* i &+ 11) }
    #expect(isDamage(try verdict(whole)), "page \(page)")
  }

  @Test("Other files are not taken for states, and are left as they are") func otherFiles() throws {
    let folder = try StateFolder()
    let text = Data("arm,reward\nA,1\n".utf8) + Data(repeating: 65, count: 2000)
    try text.write(to: URL(filePath: folder.path("log.csv")))
    let error = #expect(throws: StateError.self) {
      try BanditStore(path: folder.path("log.csv"), model: rates())
    }
    #expect(isDamage(error) && error?.description.contains("not a database") == true)
    #expect(try Data(contentsOf: URL(filePath: folder.path("log.csv"))) == text)

    let other = try Database(path: folder.path("other.db"), creates: true, busySeconds: 1)
    try other.run("CREATE TABLE accounts (id INTEGER)")
    #expect(throws: StateError.foreign(path: folder.path("other.db"))) {
      try BanditStore(path: folder.path("other.db"), model: rates())
    }

    _ = try BanditStore(path: folder.state, model: rates())
    let state = try Database(path: folder.state, creates: false, busySeconds: 1)
    try state.run("PRAGMA user_version = 7")
    #expect(throws: StateError.newer(path: folder.state, version: 7)) {
      try BanditLedger(path: folder.state)
    }
  }

  @Test("A state that is missing, empty, in no folder or a folder is named as such")
  func places() throws {
    let folder = try StateFolder()
    #expect(throws: StateError.missing(path: folder.state)) { try BanditLedger(path: folder.state) }
    #expect(access(folder.state, F_OK) != 0)
    try Data().write(to: URL(filePath: folder.path("empty.db")))
    #expect(throws: StateError.self) { try BanditLedger(path: folder.path("empty.db")) }
    for path in [folder.path("no/arms.db"), folder.folder, "/proc/arms.db"] {
      let error = #expect(throws: StateError.self) {
        try BanditStore(path: path, model: rates())
      }
      guard case .notWritable = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
    }
  }

  @Test(
    "A folder that may not be written in is named as such",
    .enabled(if: geteuid() != 0, "root may write everywhere"))
  func readOnly() throws {
    let folder = try StateFolder()
    chmod(folder.folder, 0o555)
    defer { chmod(folder.folder, 0o755) }
    let error = #expect(throws: StateError.self) {
      try BanditStore(path: folder.state, model: rates())
    }
    guard case .notWritable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
