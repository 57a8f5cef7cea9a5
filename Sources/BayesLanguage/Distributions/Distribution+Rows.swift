// How arguments lie beside a matrix on the left side.

import BayesGraph

extension Distribution {
  /// The arguments beside a left side: where that is a matrix of independent elements, a vector of as many
  /// elements as rows holds one for each row, one of as many as columns one for each column.
  ///
  /// Where rows and columns are as many, which one is meant is not known, and the vector stays one; so do
  /// the weights of a mixture.
  func aligned(_ tensors: [Tensor], to shape: Shape) -> [Tensor] {
    guard event == .real || event == .count, shape.rank == 2, shape.rows != shape.columns else {
      return tensors
    }
    return zip(arguments, tensors).map { argument, tensor in
      guard tensor.shape.rank == 1, argument.requirement != .simplex else { return tensor }
      if tensor.shape.count == shape.rows {
        return tensor.builder.spreadColumns(tensor, columns: shape.columns)
      }
      if tensor.shape.count == shape.columns {
        return tensor.builder.spreadRows(tensor, rows: shape.rows)
      }
      return tensor
    }
  }

  /// The density of each row of a matrix of independent elements, column by column, so that all of it can
  /// be one loop over the rows; `nil` where there are too many columns for that, or it is no such event.
  func rowDensities(_ value: Tensor, _ arguments: [Tensor]) -> Tensor? {
    let (rows, columns) = (value.shape.rows, value.shape.columns)
    guard event == .real || event == .count, value.shape.rank == 2, (1...32).contains(columns)
    else { return nil }
    func column(_ x: Tensor, _ k: Int) -> Tensor {
      x.shape == value.shape ? x.slice(Stride(start: k, count: rows, step: columns)) : x
    }
    let parts = (0..<columns).map { k in
      logDensity(column(value, k), arguments.map { column($0, k) }).filled(.vector(rows))
    }
    return parts.dropFirst().reduce(parts[0], +)
  }
}
