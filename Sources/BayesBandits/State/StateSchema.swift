// The tables of a bandit's state, and how a file is recognised as one.

import Glibc

/// The format of state files.
///
/// | table | holds |
/// | --- | --- |
/// | `model` | one row: whose state this is; `generation` counts corrections and added arms, after which the belief is made anew |
/// | `arms` | a row for each arm, never removed: `retired` is when it went out of use |
/// | `choices` | a row for each choice: its reward is null until it came; `reward_sequence` counts rewards in their order |
/// | `belief` | one row: what the model has learnt after the first `rewards` rewards, which can be rebuilt from `choices` |
///
/// Times are seconds since 1970, UTC.
enum StateSchema {
  /// "Byes": tells the files of this engine from other databases.
  static let applicationID = 0x4279_6573
  /// The format's version.
  static let version = 1

  static let tables = [
    """
    CREATE TABLE model (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      name TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      context TEXT NOT NULL,
      reward_lower REAL, reward_upper REAL,
      reward_is_whole INTEGER NOT NULL,
      arms_are_fixed INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      created REAL NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE arms (
      position INTEGER PRIMARY KEY,
      label TEXT NOT NULL UNIQUE,
      added REAL NOT NULL,
      retired REAL
    ) STRICT
    """,
    """
    CREATE TABLE choices (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time REAL NOT NULL,
      arm INTEGER NOT NULL REFERENCES arms (position),
      policy TEXT NOT NULL,
      propensity REAL NOT NULL CHECK (propensity > 0 AND propensity <= 1),
      context TEXT,
      rewards_known INTEGER NOT NULL,
      reward REAL,
      reward_time REAL,
      reward_sequence INTEGER UNIQUE,
      CHECK ((reward IS NULL) = (reward_sequence IS NULL))
    ) STRICT
    """,
    """
    CREATE TABLE belief (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      generation INTEGER NOT NULL,
      rewards INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      state BLOB NOT NULL
    ) STRICT
    """,
  ]
}

extension Database {
  /// What a file is before it is used.
  enum Kind: Equatable {
    /// A new file, or one without content.
    case empty
    /// A state of this version.
    case state
  }

  /// Recognises the file without writing to it, from one state of it: another process may be making it.
  ///
  /// - Throws: `StateError` for what is no state.
  func kind() throws -> Kind { try snapshot { try kindWithinTransaction() } }

  /// The part of ``kind()`` that is done within a transaction.
  func kindWithinTransaction() throws -> Kind {
    let application = try pragma("application_id")
    let version = try pragma("user_version")
    let objects = try first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
    if application == 0, version == 0, objects == 0 {
      // SQLite takes a file that is too short for a header to be a new one.
      var status = stat()
      if stat(path, &status) == 0, status.st_size > 0, try pragma("page_count") == 0 {
        throw StateError.damaged(path: path, reason: "the file ends too early")
      }
      return .empty
    }
    guard application == StateSchema.applicationID else { throw StateError.foreign(path: path) }
    if version > StateSchema.version { throw StateError.newer(path: path, version: version) }
    return .state
  }

  /// Sets how the file is written: a write-ahead log, synced at each commit.
  func prepareForWriting() throws {
    // Two processes that make the same file may collide here, where SQLite does not wait by itself.
    var waited = 0.0
    while true {
      do {
        let mode = try first("PRAGMA journal_mode = WAL") { $0.text(0) }
        guard mode == "wal" else {
          throw StateError.notWritable(
            path: path, reason: "its file system has no write-ahead log (mode \(mode ?? "none"))")
        }
        break
      } catch let error as StateError {
        guard case .busy = error, waited < busySeconds else { throw error }
        usleep(10_000)
        waited += 0.01
      }
    }
    try run("PRAGMA synchronous = FULL")
    try run("PRAGMA foreign_keys = ON")
  }

  /// Makes the tables.
  func createTables() throws {
    for table in StateSchema.tables { try run(table) }
    try run("PRAGMA application_id = \(StateSchema.applicationID)")
    try run("PRAGMA user_version = \(StateSchema.version)")
  }

  private func pragma(_ name: String) throws -> Int {
    try first("PRAGMA \(name)") { $0.integer(0) } ?? 0
  }
}
