// Row-wise linear forms: vectors that depend on parameters only through fixed, data-only designs.

/// A vector of n rows: constant + Σ_k coefficient_k · column_k + Σ design · β + Σ source[index].
///
/// The columns, designs, indices and multipliers are data; the coefficients, β and sources are
/// parameters. Sums and sums of squares of such a form need only fixed-size statistics of the data.
struct LinearForm {
  /// A scalar parameter expression times a data column.
  struct Term {
    var coefficient: Tensor
    var column: [Double]
  }

  /// A data matrix (its columns) times a parameter vector.
  struct Block {
    var columns: [[Double]]
    var vector: Tensor
  }

  /// A parameter vector looked up by row, times a data multiplier.
  struct Lookup {
    var source: Tensor
    let index: Int
    /// `nil` for all ones.
    var multiplier: [Double]?
  }

  let rows: Int
  var constant: [Double]
  var terms: [Term] = []
  var blocks: [Block] = []
  var lookups: [Lookup] = []

  /// Whether there is nothing but data and scalars.
  var isEmpty: Bool { terms.isEmpty && blocks.isEmpty && lookups.isEmpty }

  private init(rows: Int) {
    self.rows = rows
    constant = [Double](repeating: 0, count: rows)
  }

  /// The form of a tensor read over `rows` rows, or `nil` if it is not linear in this sense, or not
  /// worth the while: a shared expression is visited once per use, and the visits are limited.
  init?(_ x: Tensor, rows: Int) {
    var visits = 400
    self.init(x, rows: rows, visits: &visits)
  }

  private init?(_ x: Tensor, rows: Int, visits: inout Int) {
    self.init(rows: rows)
    visits -= 1
    if visits < 0 { return nil }
    if x.shape.isScalar {
      if let value = x.constantValue {
        constant = [Double](repeating: value, count: rows)
      } else {
        terms = [Term(coefficient: x, column: [Double](repeating: 1, count: rows))]
      }
      return
    }
    let node = x.node
    switch node.op {
    case .data(let array): constant = x.builder.graph.arrays[array]
    case .fill:
      guard let form = LinearForm(x.input(0), rows: rows, visits: &visits) else { return nil }
      self = form
    case .reshape:
      guard let form = LinearForm(x.input(0), rows: rows, visits: &visits) else { return nil }
      self = form
    case .unary(.negate):
      guard let form = LinearForm(x.input(0), rows: rows, visits: &visits) else { return nil }
      self = form.scaled(by: x.builder.constant(-1))
    case .binary(.add), .binary(.subtract):
      guard let a = LinearForm(x.input(0), rows: rows, visits: &visits),
        let b = LinearForm(x.input(1), rows: rows, visits: &visits)
      else { return nil }
      self = a.adding(node.op == .binary(.add) ? b : b.scaled(by: x.builder.constant(-1)))
    case .binary(.multiply):
      guard let product = Self.product(x.input(0), x.input(1), rows: rows, visits: &visits) else {
        return nil
      }
      self = product
    case .binary(.divide):
      let divisor = x.input(1)
      guard divisor.shape.isScalar || divisor.dataValues != nil,
        let product = Self.product(
          divisor.reciprocal, x.input(0), rows: rows, visits: &visits)
      else { return nil }
      self = product
    case .matrixVector(let transposed):
      guard let values = x.input(0).dataValues else { return nil }
      let shape = x.input(0).shape
      let columnCount = transposed ? shape.rows : shape.columns
      blocks = [
        Block(
          columns: (0..<columnCount).map { k in
            (0..<rows).map { i in
              transposed ? values[k * shape.columns + i] : values[i * shape.columns + k]
            }
          }, vector: x.input(1))
      ]
    case .gather(let index):
      lookups = [Lookup(source: x.input(0), index: index, multiplier: nil)]
    default: return nil
    }
  }

  /// The product of two tensors, one of which is a scalar or data.
  private static func product(
    _ a: Tensor, _ b: Tensor, rows: Int, visits: inout Int
  ) -> LinearForm? {
    for (factor, other) in [(a, b), (b, a)] {
      if factor.shape.isScalar {
        return LinearForm(other, rows: rows, visits: &visits)?.scaled(by: factor)
      }
      if let values = factor.dataValues {
        return LinearForm(other, rows: rows, visits: &visits)?.weighted(by: values)
      }
    }
    return nil
  }

  /// Every coefficient times a scalar expression.
  func scaled(by factor: Tensor) -> LinearForm {
    var result = self
    if let value = factor.constantValue {
      result.constant = constant.map { $0 * value }
      result.terms = terms.map {
        Term(coefficient: $0.coefficient, column: $0.column.map { $0 * value })
      }
      result.blocks = blocks.map {
        Block(columns: $0.columns.map { $0.map { $0 * value } }, vector: $0.vector)
      }
      result.lookups = lookups.map {
        Lookup(source: value * $0.source, index: $0.index, multiplier: $0.multiplier)
      }
      return result
    }
    result.terms = terms.map { Term(coefficient: factor * $0.coefficient, column: $0.column) }
    if constant.contains(where: { $0 != 0 }) {
      result.terms.append(Term(coefficient: factor, column: constant))
    }
    result.constant = [Double](repeating: 0, count: rows)
    result.blocks = blocks.map { Block(columns: $0.columns, vector: factor * $0.vector) }
    result.lookups = lookups.map {
      Lookup(source: factor * $0.source, index: $0.index, multiplier: $0.multiplier)
    }
    return result
  }

  /// Every row times a number.
  func weighted(by weights: [Double]) -> LinearForm {
    // A weight of 0 leaves a row out, whatever stands in it.
    func times(_ column: [Double]) -> [Double] {
      zip(column, weights).map { $1 == 0 ? 0 : $0 * $1 }
    }
    var result = self
    result.constant = times(constant)
    result.terms = terms.map { Term(coefficient: $0.coefficient, column: times($0.column)) }
    result.blocks = blocks.map { Block(columns: $0.columns.map(times), vector: $0.vector) }
    result.lookups = lookups.map {
      Lookup(
        source: $0.source, index: $0.index, multiplier: $0.multiplier.map(times) ?? weights)
    }
    return result
  }

  func adding(_ other: LinearForm) -> LinearForm {
    var result = self
    result.constant = zip(constant, other.constant).map { $0 + $1 }
    for term in other.terms {
      if let k = result.terms.firstIndex(where: { $0.coefficient.id == term.coefficient.id }) {
        result.terms[k].column = zip(result.terms[k].column, term.column).map { $0 + $1 }
      } else {
        result.terms.append(term)
      }
    }
    for block in other.blocks {
      if let k = result.blocks.firstIndex(where: { $0.vector.id == block.vector.id }) {
        result.blocks[k].columns = zip(result.blocks[k].columns, block.columns).map { a, b in
          zip(a, b).map { $0 + $1 }
        }
      } else {
        result.blocks.append(block)
      }
    }
    result.lookups += other.lookups
    return result
  }

  /// weights · source over the elements with a weight: one without may be infinite, and 0 · ∞ must
  /// not enter the sum.
  private static func weightedSum(
    _ weights: [Double], _ source: Tensor, _ builder: GraphBuilder
  ) -> Tensor {
    let used = weights.indices.filter { weights[$0] != 0 }
    if used.isEmpty { return builder.constant(0) }
    let part =
      used.count == weights.count
      ? source.reshaped(.vector(weights.count)) : source.gathered(used)
    return builder.data(used.map { weights[$0] }, shape: .vector(used.count)).dot(part)
  }

  /// Σ of all rows: fixed sums of the data times the parameters.
  func sum(_ builder: GraphBuilder) -> Tensor {
    var total = builder.constant(constant.reduce(0, +))
    for term in terms { total = total + term.column.reduce(0, +) * term.coefficient }
    for block in blocks {
      let sums = block.columns.map { $0.reduce(0, +) }
      total = total + builder.data(sums, shape: block.vector.shape).dot(block.vector)
    }
    for lookup in lookups {
      var weights = [Double](repeating: 0, count: lookup.source.shape.count)
      for (i, place) in builder.graph.indexArrays[lookup.index].enumerated() {
        weights[Int(place)] += lookup.multiplier?[i] ?? 1
      }
      total = total + Self.weightedSum(weights, lookup.source, builder)
    }
    return total
  }
}
