// Where a statement stands in the user's model.

import Glibc

/// A file and a 1-based line of the user's source.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The path as the compiler was given it: relative where `bayes sample models/m.swift` was typed.
  public let path: String
  public let line: Int

  /// - Parameter path: `#filePath`.
  public init(path: String, line: Int) {
    self.path = path
    self.line = line
  }

  /// `models/m.swift:12`; a path below the current folder is written from there.
  public var description: String { "\(relativePath):\(line)" }

  /// SwiftPM compiles with absolute paths, which say nothing that the current folder does not.
  private var relativePath: String {
    guard path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    let prefix = String(cString: folder) + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
