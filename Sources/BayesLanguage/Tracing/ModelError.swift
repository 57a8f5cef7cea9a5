// All mistakes of a model and its data, collected.

public import BayesCore

/// The mistakes found in a model and its data, all of them, each with its place in the source.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One mistake.
  public struct Item: Sendable, Hashable, CustomStringConvertible {
    public let location: SourceLocation
    /// What was found, what was expected, and what to do.
    public let message: String

    public init(location: SourceLocation, message: String) {
      self.location = location
      self.message = message
    }

    /// `model.swift:12: error: …`, as compilers write it.
    public var description: String { "\(location): error: \(message)" }
  }

  public let items: [Item]

  public init(_ items: [Item]) { self.items = items }

  /// One line for each mistake.
  public var description: String { items.map(\.description).joined(separator: "\n") }
}

/// Something in a model that is probably not meant, with its place in the source.
public struct ModelWarning: Sendable, Hashable, CustomStringConvertible {
  public let location: SourceLocation
  /// What was found, and what to write instead.
  public let message: String

  public init(location: SourceLocation, message: String) {
    self.location = location
    self.message = message
  }

  /// `model.swift:12: warning: …`, as compilers write it.
  public var description: String { "\(location): warning: \(message)" }
}

/// Collects mistakes while a model is traced; the same mistake is kept once, and three of one place, so
/// that a loop does not say a hundred times what is wrong with its statement.
final class Mistakes {
  private(set) var items: [ModelError.Item] = []
  private var seen: [SourceLocation: Set<String>] = [:]

  func add(_ location: SourceLocation, _ message: String) {
    guard seen[location, default: []].count < 3,
      seen[location, default: []].insert(message).inserted
    else { return }
    items.append(ModelError.Item(location: location, message: message))
  }

  var isEmpty: Bool { items.isEmpty }

  func throwIfAny() throws {
    if isEmpty { return }
    throw ModelError(items)
  }
}
