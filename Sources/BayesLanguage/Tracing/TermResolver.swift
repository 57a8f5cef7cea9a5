// From the user's terms to nodes of the graph; every shape is checked before it reaches the builder.

import BayesCore
import BayesGraph

/// Builds the nodes of terms, once each; a term with a mistake in it yields `nil` after reporting it.
final class TermResolver {
  let builder = GraphBuilder()
  private let mistakes: Mistakes
  private let names: [Key: String]
  /// The node of a declared quantity; reports its own mistakes.
  var declared: (Key, SourceLocation) -> Tensor? = { _, _ in nil }
  private var known: [ObjectIdentifier: Tensor?] = [:]
  /// The discrete unknowns' values while they are summed out.
  private(set) var assumed: [Key: Tensor] = [:]
  private var location = SourceLocation(path: "model", line: 1)

  init(names: [Key: String], mistakes: Mistakes) {
    self.names = names
    self.mistakes = mistakes
  }

  /// The node of a term that a statement at `location` uses.
  func tensor(_ root: Term, at location: SourceLocation) -> Tensor? {
    let outer = self.location
    self.location = location
    defer { self.location = outer }
    var stack = [root]
    while let term = stack.last {
      if known[ObjectIdentifier(term)] != nil {
        stack.removeLast()
        continue
      }
      let missing = term.parts.filter { known[ObjectIdentifier($0)] == nil }
      if missing.isEmpty {
        known[ObjectIdentifier(term)] = .some(build(term))
        stack.removeLast()
      } else {
        stack += missing
      }
    }
    return known[ObjectIdentifier(root)] ?? nil
  }

  /// Runs `body` with values for the discrete unknowns; the nodes that it builds are forgotten after it,
  /// since with other values the same terms are other nodes.
  func assuming<Result>(_ labels: [Key: Tensor], _ body: () throws -> Result) rethrows -> Result {
    let outer = (known, assumed)
    assumed.merge(labels) { $1 }
    defer { (known, assumed) = outer }
    return try body()
  }

  private func node(_ term: Term) -> Tensor? { known[ObjectIdentifier(term)] ?? nil }

  private func fail(_ message: String) -> Tensor? {
    mistakes.add(location, message)
    return nil
  }

  private func build(_ term: Term) -> Tensor? {
    switch term.form {
    case .constant(let value): return builder.constant(value)
    case .numbers(let values): return builder.data(values, shape: .vector(values.count))
    case .declared(let key): return assumed[key] ?? declared(key, location)
    case .unary(let op, let x): return node(x).map { builder.unary(op, $0) }
    case .binary(let op, let a, let b): return binary(op, a, b)
    case .select(let c, let a, let b): return select(c, a, b)
    case .reduce(let op, let x):
      guard let value = node(x) else { return nil }
      if value.shape.count == 0, op != .sum {
        return fail("`\(describe(x))` is empty, so that it has no such reduction")
      }
      return value.reduced(op)
    case .mean(let x):
      guard let value = node(x) else { return nil }
      if value.shape.count == 0 { return fail("`\(describe(x))` is empty, so that it has no mean") }
      return value.sum / Double(value.shape.count)
    case .logSumExp(let terms): return logSumExp(terms)
    case .cumulativeSum(let x): return node(x)?.cumulativeSum()
    case .concatenate(let terms):
      let parts = terms.compactMap(node)
      if parts.count < terms.count { return nil }
      return parts.isEmpty ? builder.data([], shape: .vector(0)) : builder.concatenate(parts)
    case .stack(let terms): return stack(terms)
    case .gather, .gatherRows, .gatherEntries, .gatherBlocks, .element, .entry, .slice, .row,
      .column, .block, .pick, .pickRow:
      return view(term)
    case .matrixVector, .matrixMatrix, .transpose, .outer, .cholesky, .rowSums, .diagonal,
      .diagonalMatrix:
      return algebra(term)
    }
  }

  // MARK: Elementwise

  private func binary(_ op: BinaryOp, _ a: Term, _ b: Term) -> Tensor? {
    guard let x = node(a), let y = node(b) else { return nil }
    guard Shape.broadcast(x.shape, y.shape) != nil else {
      return fail(
        "\(sized(a, x)) and \(sized(b, y)): an elementwise operation expects the same size on both "
          + "sides; declare both over one axis, or pick the rows with an index column")
    }
    return builder.binary(op, x, y)
  }

  private func select(_ c: Term, _ a: Term, _ b: Term) -> Tensor? {
    guard let condition = node(c), let x = node(a), let y = node(b) else { return nil }
    guard let inner = Shape.broadcast(x.shape, y.shape),
      Shape.broadcast(condition.shape, inner) != nil
    else {
      return fail(
        "\(sized(c, condition)), \(sized(a, x)) and \(sized(b, y)): select expects the same size of "
          + "all three")
    }
    return builder.select(condition, x, y)
  }

  private func logSumExp(_ terms: [Term]) -> Tensor? {
    let values = terms.compactMap(node)
    if values.count < terms.count { return nil }
    if values.isEmpty { return fail("logSumExp of no numbers; expected at least one") }
    var shape = Shape.scalar
    for (term, value) in zip(terms, values) {
      guard let both = Shape.broadcast(shape, value.shape) else {
        return fail(
          "\(sized(term, value)) stands beside a \(shape); logSumExp expects the same size of all")
      }
      shape = both
    }
    return builder.logSumExpOf(values)
  }

  // MARK: Views

  private func view(_ term: Term) -> Tensor? {
    switch term.form {
    case .gather(let x, let indices):
      guard let value = node(x), let places = positions(indices, in: x, value.shape.count) else {
        return nil
      }
      return value.gathered(places)
    case .gatherRows(let x, let indices):
      guard let value = node(x), let places = positions(indices, in: x, value.shape.rows) else {
        return nil
      }
      let columns = value.shape.columns
      // One row for all, as under an assumed label, is that row repeated.
      if let first = places.first, places.allSatisfy({ $0 == first }) {
        let row = value.slice(Stride(start: first * columns, count: columns))
        return builder.spreadRows(row, rows: places.count)
      }
      return value.gathered(
        places.flatMap { row in (0..<columns).map { row * columns + $0 } },
        shape: .matrix(places.count, columns))
    case .gatherEntries(let x, let rows, let columns): return entries(x, rows, columns)
    case .gatherBlocks(let x, let indices): return block(of: x, indices)
    case .pick(let x, let choice):
      guard let value = node(x), let place = positions(choice, in: x, value.shape.count)?.first
      else { return nil }
      return value.element(place)
    case .pickRow(let x, let choice):
      guard let value = node(x), let place = positions(choice, in: x, value.shape.rows)?.first
      else { return nil }
      let columns = value.shape.columns
      return value.slice(Stride(start: place * columns, count: columns))
    case .block(let x, let position):
      guard let value = node(x) else { return nil }
      let count = value.shape.rows / max(1, value.shape.columns)
      if !(0..<count).contains(position) { return outside(x, position, count, "matrix") }
      return block(of: value, position)
    case .element(let x, let position):
      guard let value = node(x) else { return nil }
      if (0..<value.shape.count).contains(position) { return value.element(position) }
      return outside(x, position, value.shape.count, "element")
    case .entry(let x, let row, let column):
      guard let value = node(x) else { return nil }
      if !(0..<value.shape.rows).contains(row) { return outside(x, row, value.shape.rows, "row") }
      if !(0..<value.shape.columns).contains(column) {
        return outside(x, column, value.shape.columns, "column")
      }
      return value.element(row * value.shape.columns + column)
    case .slice(let x, let start, let end):
      guard let value = node(x) else { return nil }
      let count = value.shape.count
      let last = end ?? count
      if start < 0 || last > count || start > last {
        return fail(
          "`\(describe(x))` has \(counted(count, "element", "elements")), so that "
            + "\(start)..<\(last) (counted from 0) is out of range; expected a part of 0..<\(count)"
        )
      }
      return value.slice(start..<last)
    case .row(let x, let row):
      guard let value = node(x) else { return nil }
      if !(0..<value.shape.rows).contains(row) { return outside(x, row, value.shape.rows, "row") }
      return value.slice(Stride(start: row * value.shape.columns, count: value.shape.columns))
    case .column(let x, let column):
      guard let value = node(x) else { return nil }
      let (rows, columns) = (value.shape.rows, value.shape.columns)
      if !(0..<columns).contains(column) { return outside(x, column, columns, "column") }
      return value.slice(Stride(start: column, count: rows, step: columns))
    default: return nil
    }
  }

  /// One of the square matrices below each other.
  private func block(of value: Tensor, _ position: Int) -> Tensor {
    let size = value.shape.columns
    return value.slice(
      Stride(start: position * size * size, count: size * size), shape: .matrix(size, size))
  }

  /// The matrix that all rows of an index column name.
  private func block(of x: Term, _ indices: Term) -> Tensor? {
    guard let value = node(x) else { return nil }
    let count = value.shape.rows / max(1, value.shape.columns)
    guard let places = positions(indices, in: x, count) else { return nil }
    guard let first = places.first ?? (count > 0 ? 0 : nil) else {
      return outside(x, 0, count, "matrix")
    }
    if let row = places.firstIndex(where: { $0 != first }) {
      return fail(
        "`\(describe(x))[\(describe(indices))]` names matrix \(first + 1) in row 1 and matrix "
          + "\(places[row] + 1) in row \(row + 1) (counted from 1), but a distribution has one matrix for all "
          + "rows; write a statement for each group of rows, or use unknown labels (@Latent), which are "
          + "summed out one by one")
    }
    return block(of: value, first)
  }

  /// The 0-based positions that an index column holds, if all are on the quantity it picks from.
  private func positions(_ indices: Term, in x: Term, _ count: Int) -> [Int]? {
    guard let value = node(indices) else { return nil }
    guard let numbers = value.knownValues else {
      _ = fail(
        "`\(describe(indices))` is observed and picks elements of `\(describe(x))`: what depends on a "
          + "simulated index column cannot be simulated")
      return nil
    }
    let places = numbers.map { Int($0) }
    if let row = places.firstIndex(where: { !(0..<count).contains($0) }) {
      // Numbers are the positions of a loop.
      if case .numbers = indices.form {
        _ = outside(x, places[row], count, "element")
        return nil
      }
      _ = fail(
        "`\(describe(indices))` names position \(places[row] + 1) (counted from 1) in row \(row + 1), but "
          + "`\(describe(x))` has \(counted(count, "element", "elements")); declare `\(describe(x))` over "
          + "the axis that `\(describe(indices))` is declared `in:`")
      return nil
    }
    return places
  }

  private func entries(_ x: Term, _ rows: Term, _ columns: Term) -> Tensor? {
    guard let value = node(x), let first = positions(rows, in: x, value.shape.rows),
      let second = positions(columns, in: x, value.shape.columns)
    else { return nil }
    guard first.count == second.count else {
      return fail(
        "`\(describe(rows))` has \(first.count) and `\(describe(columns))` has \(second.count) rows; "
          + "expected as many, one entry of `\(describe(x))` for each row")
    }
    let width = value.shape.columns
    return value.gathered(zip(first, second).map { $0 * width + $1 })
  }

  private func outside(_ x: Term, _ position: Int, _ count: Int, _ what: String) -> Tensor? {
    fail(
      "`\(describe(x))` has \(counted(count, what, what == "matrix" ? "matrices" : what + "s")), so that there is no \(what) "
        + "\(position) (counted from 0); expected 0 to \(count - 1)")
  }

  // MARK: Linear algebra

  private func algebra(_ term: Term) -> Tensor? {
    switch term.form {
    case .matrixVector(let a, let x):
      guard let matrix = node(a), let vector = node(x) else { return nil }
      if matrix.shape.columns != vector.shape.count { return product(a, matrix, x, vector) }
      return matrix.times(vector: vector)
    case .matrixMatrix(let a, let b):
      guard let left = node(a), let right = node(b) else { return nil }
      if left.shape.columns != right.shape.rows { return product(a, left, b, right) }
      return left.times(matrix: right)
    case .transpose(let x): return node(x)?.transposed
    case .outer(let a, let b):
      guard let x = node(a), let y = node(b) else { return nil }
      return x.outer(y)
    case .cholesky(let x):
      guard let value = node(x) else { return nil }
      return isSquare(x, value) ? value.choleskyFactor : nil
    case .rowSums(let x): return node(x)?.rowTotals
    case .diagonal(let x):
      guard let value = node(x) else { return nil }
      return isSquare(x, value) ? value.diagonal : nil
    case .diagonalMatrix(let x):
      guard let value = node(x) else { return nil }
      let count = value.shape.count
      return builder.assemble(
        [(Stride(start: 0, count: count, step: count + 1), value)], shape: .matrix(count, count))
    default: return nil
    }
  }

  private func stack(_ terms: [Term]) -> Tensor? {
    let rows = terms.compactMap(node)
    if rows.count < terms.count { return nil }
    guard let first = rows.first else { return fail("a matrix of no rows; expected at least one") }
    for (term, row) in zip(terms, rows) where row.shape != first.shape {
      return fail(
        "\(sized(term, row)) and \(sized(terms[0], first)): the rows of a matrix expect the same size"
      )
    }
    return builder.stack(rows: rows)
  }

  private func product(_ a: Term, _ x: Tensor, _ b: Term, _ y: Tensor) -> Tensor? {
    fail(
      "\(sized(a, x)) and \(sized(b, y)): a product expects as many rows on the right as there are "
        + "columns on the left")
  }

  private func isSquare(_ term: Term, _ value: Tensor) -> Bool {
    if value.shape.rows == value.shape.columns { return true }
    _ = fail("\(sized(term, value)); expected a square matrix")
    return false
  }

  // MARK: Words

  /// "`y` is a vector of 8".
  func sized(_ term: Term, _ value: Tensor) -> String {
    "`\(describe(term))` is \(value.shape.inWords)"
  }

  /// A term as the user wrote it, shortened.
  func describe(_ term: Term) -> String { term.words(names, depth: 3) }
}

extension Shape {
  /// For messages: "a vector of 8".
  var inWords: String {
    switch rank {
    case 0: "a number"
    case 1: "a vector of \(rows)"
    default: "a matrix of \(rows) rows and \(columns) columns"
    }
  }
}
