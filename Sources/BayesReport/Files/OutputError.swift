// What can go wrong when a result is written.

/// A result file that could not be created or written.
public enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or its folder cannot be created: permissions, a read-only file system, a bad path.
  case cannotCreate(path: String, reason: String)
  /// Writing failed after the file was created: a full disk, a device error. Whole rows are kept.
  case writeFailed(path: String, reason: String)

  /// `path: error: what`, with what to do.
  public var description: String {
    switch self {
    case .cannotCreate(let path, let reason):
      "\(path): error: the output cannot be created: \(reason)\n"
        + "  hint: name another folder, or check its permissions"
    case .writeFailed(let path, let reason):
      "\(path): error: writing failed: \(reason)\n"
        + "  hint: the rows written so far are whole and can be read"
    }
  }
}
