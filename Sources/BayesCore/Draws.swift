// The result of every sampling algorithm and the input of every diagnostic, report and file.

/// Posterior draws: chain × draw × scalar column, with per-draw statistics.
public struct Draws: Sendable {
  /// The recorded quantities, in declaration order; their scalars are the columns.
  public let variables: [Variable]
  /// Per chain, draws × columns, row-major.
  public let chains: [[Double]]
  /// Per chain, one entry per draw; empty where the source recorded none.
  public let statistics: [[DrawStatistics]]

  /// - Precondition: each chain's storage is a whole number of rows, all chains have equally many
  ///   draws, and statistics, where there are any, have one entry per draw.
  public init(variables: [Variable], chains: [[Double]], statistics: [[DrawStatistics]] = []) {
    let width = variables.reduce(0) { $0 + $1.count }
    precondition(chains.allSatisfy { width == 0 ? $0.isEmpty : $0.count % width == 0 })
    precondition(Set(chains.map(\.count)).count <= 1, "chains of equal length")
    self.variables = variables
    self.chains = chains
    self.statistics = statistics
    columnCount = width
  }

  public let columnCount: Int
  public var chainCount: Int { chains.count }
  public var drawCount: Int {
    columnCount == 0 ? (statistics.first?.count ?? 0) : (chains.first?.count ?? 0) / columnCount
  }

  /// Display names of all columns (`theta[Choate]`).
  public var columnNames: [String] { variables.flatMap(\.elementNames) }

  /// Where a variable's columns are, or `nil` if there is no variable of that name.
  public func columns(of name: String) -> Range<Int>? {
    var start = 0
    for variable in variables {
      if variable.name == name { return start..<(start + variable.count) }
      start += variable.count
    }
    return nil
  }

  /// One column as chain × draw.
  public func column(_ index: Int) -> [[Double]] {
    precondition((0..<columnCount).contains(index), "column \(index) of \(columnCount)")
    return chains.map { chain in
      (0..<drawCount).map { chain[$0 * columnCount + index] }
    }
  }

  /// One statistic as chain × draw.
  public func statistic(_ column: DrawStatistics.Column) -> [[Double]] {
    statistics.map { $0.map(column.value) }
  }
}
