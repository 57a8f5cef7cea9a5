// Which group every row belongs to.

/// Names of groups and the group of every row.
public struct Grouping: Sendable, Equatable {
  /// The names, in the order of their first rows.
  public let names: [String]
  /// The rows of each group, increasing.
  public let rows: [[Int]]

  /// The number of rows of all groups.
  public var count: Int { rows.reduce(0) { $0 + $1.count } }

  /// Groups given by a name per row.
  public init(_ labels: [String]) {
    var places: [String: Int] = [:]
    var names: [String] = []
    var rows: [[Int]] = []
    for (row, label) in labels.enumerated() {
      if let place = places[label] {
        rows[place].append(row)
      } else {
        places[label] = names.count
        names.append(label)
        rows.append([row])
      }
    }
    self.names = names
    self.rows = rows
  }

  /// Throws unless there is one group for each of so many rows.
  func require(_ count: Int) throws {
    guard self.count == count else {
      throw CalibrationError.invalidSetting("there are \(count) rows but groups of \(self.count)")
    }
  }
}
