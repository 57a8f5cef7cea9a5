// Where a statement stands in the user's model.

/// A file and a 1-based line of the user's source.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let line: Int

  /// - Parameter fileID: `#fileID` or a path; only the last component is kept.
  public init(fileID: String, line: Int) {
    file = fileID.split(separator: "/").last.map(String.init) ?? fileID
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}
