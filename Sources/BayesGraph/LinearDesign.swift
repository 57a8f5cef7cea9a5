// A vector's dependence on scalars, where it is linear: what least squares needs.

/// A vector of n rows as constant + Σ_k coefficient_k · column_k, the columns being data.
public struct LinearDesign: Sendable {
  public struct Column: Sendable {
    /// A scalar node.
    public let coefficient: NodeID
    public let values: [Double]
  }

  public let constant: [Double]
  public let columns: [Column]

  /// The design of a tensor read over `rows` rows; `nil` if it is not linear with data as its
  /// coefficients, or has more than `limit` columns.
  public init?(_ x: Tensor, rows: Int, limit: Int) {
    guard let form = LinearForm(x, rows: rows) else { return nil }
    constant = form.constant
    let lookupCount = form.lookups.reduce(0) { $0 + $1.source.shape.count }
    let blockCount = form.blocks.reduce(0) { $0 + $1.columns.count }
    guard form.terms.count + blockCount + lookupCount <= limit else { return nil }
    var columns = form.terms.map { Column(coefficient: $0.coefficient.id, values: $0.column) }
    for block in form.blocks {
      for (k, values) in block.columns.enumerated() {
        columns.append(Column(coefficient: block.vector.element(k).id, values: values))
      }
    }
    for lookup in form.lookups {
      let places = x.builder.graph.indexArrays[lookup.index]
      for k in 0..<lookup.source.shape.count {
        let values = places.indices.map { Int(places[$0]) == k ? lookup.multiplier?[$0] ?? 1 : 0 }
        columns.append(Column(coefficient: lookup.source.element(k).id, values: values))
      }
    }
    // One coefficient may come both by name and by position.
    var merged: [Column] = []
    for column in columns where column.values.contains(where: { $0 != 0 }) {
      if let k = merged.firstIndex(where: { $0.coefficient == column.coefficient }) {
        merged[k] = Column(
          coefficient: column.coefficient,
          values: zip(merged[k].values, column.values).map { $0 + $1 })
      } else {
        merged.append(column)
      }
    }
    self.columns = merged
  }
}
