// Named quantities of a model and the labelled dimensions they run over.

/// One dimension of a variable: its size and, if the data gave any, its labels.
public struct Dimension: Sendable, Equatable {
  /// The axis's name in the model (`school`), empty for an anonymous dimension.
  public let name: String
  public let size: Int
  /// As many labels as the size, or `nil` where positions are plain numbers.
  public let labels: [String]?

  public init(name: String, size: Int, labels: [String]? = nil) {
    precondition(labels == nil || labels?.count == size, "one label per position")
    self.name = name
    self.size = size
    self.labels = labels
  }

  /// The label of a position, or its 1-based number.
  public func label(_ position: Int) -> String {
    labels?[position] ?? String(position + 1)
  }
}

/// A recorded quantity: a parameter, a derived value, or a column read from a file.
public struct Variable: Sendable, Equatable {
  public enum Role: String, Sendable {
    case parameter, derived
  }

  public let name: String
  public let role: Role
  /// No dimension for a scalar, one for a vector, two for a matrix (row-major).
  public let dimensions: [Dimension]

  public init(name: String, role: Role = .parameter, dimensions: [Dimension] = []) {
    self.name = name
    self.role = role
    self.dimensions = dimensions
  }

  /// The number of scalar columns.
  public var count: Int { dimensions.reduce(1) { $0 * $1.size } }

  /// What people read: `mu`, `theta[Choate]`, `L[2,1]`; positions are 1-based.
  public var elementNames: [String] {
    indexed { dimension, i in
      dimension.label(i)
    } join: {
      "\(name)[\($0.joined(separator: ","))]"
    }
  }

  /// CmdStan's column names: `mu`, `theta.1`, `L.2.1`.
  public var stanColumnNames: [String] {
    indexed { _, i in
      String(i + 1)
    } join: {
      "\(name).\($0.joined(separator: "."))"
    }
  }

  private func indexed(
    label: (Dimension, Int) -> String, join: ([String]) -> String
  ) -> [String] {
    guard !dimensions.isEmpty else { return [name] }
    var prefixes: [[String]] = [[]]
    for dimension in dimensions {
      prefixes = prefixes.flatMap { prefix in
        (0..<dimension.size).map { prefix + [label(dimension, $0)] }
      }
    }
    return prefixes.map(join)
  }
}
