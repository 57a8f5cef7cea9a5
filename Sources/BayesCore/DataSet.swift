// Data values by name, each with where it came from, so that messages can point there.

/// A data value: numbers or text, of rank 0 to 3.
public enum DataValue: Sendable, Equatable {
  /// Row-major numbers; `shape` is empty for a scalar.
  case numbers(shape: [Int], values: [Double])
  /// Row-major text; `shape` is empty for a scalar.
  case text(shape: [Int], values: [String])

  public var shape: [Int] {
    switch self {
    case .numbers(let shape, _), .text(let shape, _): shape
    }
  }

  /// The number of scalars.
  public var count: Int { shape.reduce(1, *) }
}

/// Where a data value was read.
public enum DataOrigin: Sendable, Equatable {
  /// A JSON value: the 1-based line and column of its first character.
  case json(file: String, line: Int, column: Int)
  /// A CSV column: its 1-based position and, for each row, its 1-based line.
  case csv(file: String, column: Int, lines: [Int])
  /// A matrix of columns, each read by itself.
  indirect case columns([DataOrigin])
  /// A value set in Swift source or by a default.
  case code

  /// Where one element is, as a message says it, for example `data.csv:12, column 3`.
  public func description(element: Int? = nil) -> String {
    switch self {
    case .json(let file, let line, _): return "\(file):\(line)"
    case .csv(let file, let column, let lines):
      if let element, lines.indices.contains(element) {
        return "\(file):\(lines[element]), column \(column)"
      }
      return "\(file), column \(column)"
    case .columns(let parts):
      guard let first = parts.first else { return "no columns" }
      if let element {
        return parts[element % parts.count].description(element: element / parts.count)
      }
      return first.description()
        + (parts.count > 1 ? " and \(parts.count - 1) more" : "")
    case .code: return "a value set in code"
    }
  }
}

/// Named data values, in the order of their source.
public struct DataSet: Sendable {
  public struct Entry: Sendable {
    public let name: String
    public let value: DataValue
    public let origin: DataOrigin

    public init(name: String, value: DataValue, origin: DataOrigin) {
      self.name = name
      self.value = value
      self.origin = origin
    }
  }

  public private(set) var entries: [Entry] = []
  private var positions: [String: Int] = [:]

  public init() {}

  /// Adds a value; a later value of the same name replaces the earlier one.
  public mutating func set(_ name: String, _ value: DataValue, origin: DataOrigin) {
    let entry = Entry(name: name, value: value, origin: origin)
    if let position = positions[name] {
      entries[position] = entry
    } else {
      positions[name] = entries.count
      entries.append(entry)
    }
  }

  /// Adds another source's values; they replace earlier ones of the same names.
  public mutating func merge(_ other: DataSet) {
    for entry in other.entries { set(entry.name, entry.value, origin: entry.origin) }
    unreadNames += other.unreadNames
  }

  public subscript(name: String) -> Entry? {
    positions[name].map { entries[$0] }
  }

  public var names: [String] { entries.map(\.name) }

  /// What the source also names, without a value here: nobody needed it, and it is no data.
  public internal(set) var unreadNames: [String] = []
}
