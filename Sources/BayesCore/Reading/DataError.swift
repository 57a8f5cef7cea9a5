// What can be wrong with an input file, where, and what to do about it.

/// A mistake in an input file, or the lack of one.
public enum DataError: Error, Equatable, Sendable {
  /// The file does not exist.
  case missing(path: String)
  /// The file exists but cannot be read: permissions, a directory, a device error.
  case unreadable(path: String, reason: String)
  /// The content is not what it should be.
  case invalid(DataPlace, message: String, hint: String?)

  /// Whether there was nothing to read, rather than something wrong in what was read.
  public var isMissingInput: Bool {
    switch self {
    case .missing, .unreadable: true
    case .invalid: false
    }
  }
}

/// A place in an input file; line and column are 1-based, and absent where they mean nothing.
///
/// A column counts characters as Unicode scalars, not bytes.
public struct DataPlace: Equatable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  public let path: String
  /// The line, from 1.
  public let line: Int?
  /// The character within the line, from 1.
  public let column: Int?

  /// A place of a file, or the whole file.
  public init(path: String, line: Int? = nil, column: Int? = nil) {
    self.path = path
    self.line = line
    self.column = column
  }

  /// `path:line:column`, as compilers write it.
  public var description: String {
    var text = path
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    return text
  }
}

extension DataError: CustomStringConvertible {
  /// `path:line:column: error: what`, and on a second line what to do.
  public var description: String {
    switch self {
    case .missing(let path):
      return "\(path): error: there is no such file"
    case .unreadable(let path, let reason):
      return "\(path): error: the file cannot be read: \(reason)"
    case .invalid(let place, let message, let hint):
      let head = "\(place): error: \(message)"
      return hint.map { "\(head)\n  hint: \($0)" } ?? head
    }
  }
}
