// Static tensor shapes of rank 0 to 2.

/// A tensor's rank and extents; matrices are row-major.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  public let rank: Int
  /// The length of a vector, the rows of a matrix, 1 for a scalar.
  public let rows: Int
  /// The columns of a matrix, otherwise 1.
  public let columns: Int

  public static let scalar = Shape(rank: 0, rows: 1, columns: 1)
  public static func vector(_ length: Int) -> Shape { Shape(rank: 1, rows: length, columns: 1) }
  public static func matrix(_ rows: Int, _ columns: Int) -> Shape {
    Shape(rank: 2, rows: rows, columns: columns)
  }

  private init(rank: Int, rows: Int, columns: Int) {
    self.rank = rank
    self.rows = rows
    self.columns = columns
  }

  /// The number of scalars.
  public var count: Int { rows * columns }
  public var isScalar: Bool { rank == 0 }

  /// The shape of an elementwise result: equal shapes, or a scalar beside anything.
  public static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    if a == b { return a }
    if a.isScalar { return b }
    if b.isScalar { return a }
    return nil
  }

  public var description: String {
    switch rank {
    case 0: "scalar"
    case 1: "vector[\(rows)]"
    default: "matrix[\(rows),\(columns)]"
    }
  }
}
