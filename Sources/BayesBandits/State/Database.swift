// A thin typed wrapper of SQLite: statements, transactions, errors with their path.

import CSQLite
import Glibc

/// A value of a row.
enum SQLValue {
  case null
  case integer(Int)
  case real(Double)
  case text(String)
  case blob([UInt8])

  /// The value, or null for `nil`.
  static func optional(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
  static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
}

/// A row of a query, to be read before the next one.
struct SQLRow {
  fileprivate let statement: OpaquePointer

  func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
  }
  func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(column))) }
  func real(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }
  func optionalReal(_ column: Int) -> Double? { isNull(column) ? nil : real(column) }
  func text(_ column: Int) -> String {
    guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
  func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
  func blob(_ column: Int) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, Int32(column)) else { return [] }
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
  }
}

/// A connection to a database file, used by one thread at a time.
///
/// Statements are prepared once, reset after each use, and finalised with the connection.
final class Database {
  let path: String
  let busySeconds: Double
  private var handle: OpaquePointer?
  private var statements: [String: OpaquePointer] = [:]

  /// Opens the file.
  ///
  /// - Parameters:
  ///   - creates: whether to make it where it is missing.
  ///   - busySeconds: how long to wait for others that write.
  /// - Throws: `StateError`.
  init(path: String, creates: Bool, busySeconds: Double) throws {
    self.path = path
    self.busySeconds = busySeconds
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw StateError.notWritable(path: path, reason: "it is a directory")
      }
    } else if !creates {
      throw errno == ENOENT || errno == ENOTDIR
        ? StateError.missing(path: path)
        : StateError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    // A relative path must not look like one of SQLite's special names.
    let name = path.hasPrefix("/") ? path : "./" + path
    let flags = SQLITE_OPEN_READWRITE | (creates ? SQLITE_OPEN_CREATE : 0)
    let code = sqlite3_open_v2(name, &handle, flags, nil)
    if code != SQLITE_OK { throw failure(code) }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, Int32(clamping: Int(busySeconds * 1000)))
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs a statement that gives no rows.
  func run(_ sql: String, _ values: SQLValue...) throws {
    try each(sql, values) { _ in false }
  }

  /// The first row of a query as `body` reads it, or `nil` where there is none.
  func first<Result>(
    _ sql: String, _ values: SQLValue..., body: (SQLRow) throws -> Result
  ) throws -> Result? {
    var result: Result?
    try each(sql, values) {
      result = try body($0)
      return false
    }
    return result
  }

  /// Calls `body` for each row of a query.
  func forEach(
    _ sql: String, _ values: SQLValue..., body: (SQLRow) throws -> Void
  ) throws {
    try each(sql, values) {
      try body($0)
      return true
    }
  }

  /// The id of the row inserted last.
  var lastInsertedID: Int { Int(sqlite3_last_insert_rowid(handle)) }

  /// Runs `body` as one transaction of writing: all of it is on disk when this returns, or nothing.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try inTransaction("BEGIN IMMEDIATE", body)
  }

  /// Runs `body` on one state of the database, whatever others write meanwhile.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    try inTransaction("BEGIN", body)
  }

  private func inTransaction<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result
  {
    try run(begin)
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // SQLite may have rolled back by itself.
      if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  private func each(
    _ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Bool
  ) throws {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (i, value) in values.enumerated() { try bind(value, Int32(i + 1), statement) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        if try !body(SQLRow(statement: statement)) { return }
      case SQLITE_DONE: return
      case let code: throw failure(code)
      }
    }
  }

  private func prepared(_ sql: String) throws -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code) }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: SQLValue, _ index: Int32, _ statement: OpaquePointer) throws {
    // SQLite copies text and bytes before the call returns.
    let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, index)
      case .integer(let value): sqlite3_bind_int64(statement, index, Int64(value))
      case .real(let value): sqlite3_bind_double(statement, index, value)
      case .text(let text): sqlite3_bind_text(statement, index, text, -1, copying)
      case .blob(let bytes):
        bytes.withUnsafeBytes {
          sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), copying)
        }
      }
    if code != SQLITE_OK { throw failure(code) }
  }

  /// The error of a call that gave `code`.
  private func failure(_ code: Int32) -> StateError {
    let reason = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    if code == SQLITE_IOERR | 2 << 8 {
      return .damaged(path: path, reason: "the file ends too early")
    }
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path, seconds: busySeconds)
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
      return .notWritable(path: path, reason: reason)
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_CONSTRAINT:
      // All statements fit the schema, so that an error in one is a schema that is not ours.
      return .damaged(path: path, reason: reason)
    default: return .failed(path: path, reason: reason)
    }
  }
}
