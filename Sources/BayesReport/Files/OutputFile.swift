// A file that grows by whole records: a failure never leaves half a row behind.

internal import Glibc

/// A file being written. What one `commit` adds is there wholly or not at all.
///
/// Text is gathered in memory and written when there is 64 KiB of it, or on `commit(flushing: true)`.
/// When a write fails (full disk), the file is cut back to the last record that is whole. Used by one
/// thread at a time.
public final class OutputFile {
  /// The path as it was given.
  public let path: String
  private var descriptor: Int32
  private var pending: [UInt8] = []
  /// Bytes of `pending` that belong to whole records.
  private var committed = 0
  private static let capacity = 65_536

  /// Creates the file, or empties the one that is there.
  ///
  /// - Throws: `OutputError.cannotCreate`.
  public init(creating path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw OutputError.cannotCreate(path: path, reason: systemReason())
    }
    pending.reserveCapacity(Self.capacity + 4096)
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Adds text to the record being made.
  public func append(_ text: String) { pending.append(contentsOf: text.utf8) }

  /// Ends a record.
  ///
  /// - Throws: `OutputError.writeFailed`; the file then ends with the last whole record on disk.
  public func commit(flushing: Bool = false) throws {
    committed = pending.count
    if flushing || committed >= Self.capacity { try flush() }
  }

  /// Writes what is committed, and closes the file.
  ///
  /// - Throws: `OutputError.writeFailed`, for what the system reports only now, too.
  public func close() throws {
    guard descriptor >= 0 else { return }
    try flush()
    let status = Glibc.close(descriptor)
    descriptor = -1
    if status != 0 { throw OutputError.writeFailed(path: path, reason: systemReason()) }
  }

  private func flush() throws {
    var written = 0
    while written < committed {
      let count = pending.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + written, committed - written)
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        let reason = systemReason()
        cutBack(written: written)
        throw OutputError.writeFailed(path: path, reason: reason)
      }
    }
    pending.removeFirst(written)
    committed = 0
  }

  /// Ends the file with its last whole line, after `written` bytes of `pending` reached it.
  private func cutBack(written: Int) {
    let lineEnd = pending[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let position = lseek(descriptor, 0, SEEK_END)
    if position >= 0 { ftruncate(descriptor, position - off_t(written - lineEnd)) }
    pending.removeAll()
    committed = 0
  }
}

/// Creates a folder and those above it; one that is there already is fine.
///
/// - Throws: `OutputError.cannotCreate`.
public func createFolder(_ path: String) throws {
  var built = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    built += built.isEmpty || built == "/" ? String(part) : "/" + part
    if mkdir(built, 0o777) != 0, errno != EEXIST {
      throw OutputError.cannotCreate(path: built, reason: systemReason())
    }
  }
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw OutputError.cannotCreate(path: path, reason: "a file of that name is in the way")
  }
}

/// Finds out whether ``writeFile(_:to:)`` could write a file, leaving nothing behind; for before long work.
///
/// - Throws: `OutputError.cannotCreate`.
public func checkWritable(_ path: String) throws {
  var status = stat()
  if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
    throw OutputError.cannotCreate(path: path, reason: "it is a directory")
  }
  let temporary = "\(path).\(getpid()).partial"
  defer { unlink(temporary) }
  do {
    try OutputFile(creating: temporary).close()
  } catch OutputError.cannotCreate(_, let reason) {
    throw OutputError.cannotCreate(path: path, reason: reason)
  }
}

/// Writes a file at once: under a temporary name beside it, then renamed, so that readers see the
/// old content or the new one.
///
/// - Throws: `OutputError`.
public func writeFile(_ text: String, to path: String) throws {
  let temporary = "\(path).\(getpid()).partial"
  do {
    let file = try OutputFile(creating: temporary)
    file.append(text)
    try file.commit(flushing: true)
    try file.close()
  } catch {
    unlink(temporary)
    switch error {
    case OutputError.cannotCreate(_, let reason):
      throw OutputError.cannotCreate(path: path, reason: reason)
    case OutputError.writeFailed(_, let reason):
      throw OutputError.writeFailed(path: path, reason: reason)
    default: throw error
    }
  }
  guard rename(temporary, path) == 0 else {
    let reason = systemReason()
    unlink(temporary)
    throw OutputError.cannotCreate(path: path, reason: reason)
  }
}

/// What the system says of the call that has just failed.
private func systemReason() -> String {
  let text = String(cString: strerror(errno))
  return text.prefix(1).lowercased() + text.dropFirst()
}
