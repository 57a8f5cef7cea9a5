// A support without its bounds, and which values lie in it.

public import BayesGraph
import BayesNumerics

/// What a support is, its bounds aside: a Sendable key for checks and inverse transforms, which take the
/// bounds as numbers.
public enum SupportKind: Sendable, Hashable {
  case real, lower, upper, interval
  case ordered, positiveOrdered, sumToZero, simplex, unitVector
  case correlationCholesky, covarianceCholesky, covariance
  case counts, countsTo, countsThatSum
  case categories(Int)
}

extension SupportKind {
  /// The parts of a value that lie in the support each by itself, one after another: the rows of a matrix
  /// of vectors, the blocks of square matrices that stand below each other, otherwise the whole.
  func parts(of shape: Shape) -> (count: Int, shape: Shape) {
    switch self {
    case .ordered, .positiveOrdered, .sumToZero, .simplex, .unitVector, .countsThatSum:
      return shape.rank == 2 ? (shape.rows, .vector(shape.columns)) : (1, shape)
    case .correlationCholesky, .covarianceCholesky, .covariance:
      guard shape.rank == 2, shape.columns > 0, shape.rows % shape.columns == 0 else {
        return (1, shape)
      }
      return (shape.rows / shape.columns, .matrix(shape.columns, shape.columns))
    case .real, .lower, .upper, .interval, .counts, .countsTo, .categories: return (1, shape)
    }
  }

  /// The first element (a 0-based place in the flattened value) outside the support, with what was
  /// expected; `nil` when all are inside.
  ///
  /// Intervals are closed here: a density may be finite at the edge. Sums, lengths and symmetry are
  /// checked within 1e−8. `bounds`, one list per bound, hold one number for all elements or one each;
  /// an empty list is a bound that is not known and not checked.
  public func firstViolation(
    of values: [Double], shape: Shape, bounds: [[Double]]
  ) -> (element: Int, expected: String)? {
    func bound(_ k: Int, _ i: Int) -> Double? {
      k < bounds.count && !bounds[k].isEmpty ? bounds[k][bounds[k].count == 1 ? 0 : i] : nil
    }
    func first(_ expected: (Int) -> String?) -> (element: Int, expected: String)? {
      for i in values.indices {
        if let expected = expected(i) { return (i, expected) }
      }
      return nil
    }
    if let i = values.firstIndex(where: { !$0.isFinite }) { return (i, "a finite number") }
    switch self {
    case .real: return nil
    case .lower:
      return first { i in bound(0, i).flatMap { values[i] >= $0 ? nil : atLeast($0) } }
    case .upper:
      return first { i in
        bound(0, i).flatMap { values[i] <= $0 ? nil : "at most \(numberInWords($0))" }
      }
    case .interval:
      return first { i in
        let (a, b) = (bound(0, i), bound(1, i))
        if values[i] >= a ?? -.infinity && values[i] <= b ?? .infinity { return nil }
        return "between \(text(a, "the lower bound")) and \(text(b, "the upper bound"))"
      }
    case .counts: return first { isCount(values[$0]) ? nil : "a whole number from 0" }
    case .countsTo:
      return first { i in
        let most = bound(0, i)
        if isCount(values[i]) && values[i] <= most ?? .infinity { return nil }
        return "a whole number from 0" + (most.map { " to \(numberInWords($0))" } ?? "")
      }
    case .countsThatSum:
      if let other = first({ isCount(values[$0]) ? nil : "a whole number from 0" }) { return other }
      let (rows, row) = parts(of: shape)
      for k in 0..<rows {
        let sum = values[(k * row.count)..<((k + 1) * row.count)].reduce(0, +)
        guard let total = bound(0, k), sum != total else { continue }
        let place = rows > 1 ? " in its row" : ""
        return (
          k * row.count,
          "counts\(place) that sum to the \(numberInWords(total)) trials, not to \(numberInWords(sum))"
        )
      }
      return nil
    case .categories(let count):
      return first {
        isCount(values[$0]) && values[$0] < Double(count)
          ? nil : "a category from 0 to \(count - 1)"
      }
    default:
      let parts = parts(of: shape)
      let length = parts.shape.count
      for part in 0..<parts.count {
        let own = Array(values[(part * length)..<((part + 1) * length)])
        guard let (element, expected) = structureViolation(of: own, shape: parts.shape) else {
          continue
        }
        let place = parts.count > 1 && parts.shape.rank == 2 ? " (matrix \(part + 1))" : ""
        return (part * length + element, expected + place)
      }
      return nil
    }
  }

  private func atLeast(_ bound: Double) -> String {
    bound == 0 ? "not negative" : "at least \(numberInWords(bound))"
  }

  private func text(_ bound: Double?, _ unknown: String) -> String {
    bound.map(numberInWords) ?? unknown
  }

  private func isCount(_ x: Double) -> Bool { x >= 0 && x == x.rounded(.towardZero) }

  /// The supports in which elements depend on each other.
  private func structureViolation(
    of values: [Double], shape: Shape
  ) -> (element: Int, expected: String)? {
    switch self {
    case .ordered, .positiveOrdered:
      if self == .positiveOrdered, let x = values.first, x < 0 { return (0, "not negative") }
      return values.indices.dropFirst().first { values[$0] < values[$0 - 1] }
        .map { ($0, "not below the element before it (ordered)") }
    case .sumToZero:
      let size = values.reduce(0) { $0 + abs($1) }
      let sum = values.reduce(0, +)
      if abs(sum) <= 1e-8 * max(1, size) { return nil }
      return (0, "elements that sum to 0, not to \(numberInWords(sum))")
    case .simplex:
      if values.isEmpty { return (0, "at least one element") }
      if let i = values.firstIndex(where: { $0 < 0 || $0 > 1 + 1e-8 }) {
        return (i, "between 0 and 1 (simplex)")
      }
      let sum = values.reduce(0, +)
      if abs(sum - 1) <= 1e-8 { return nil }
      return (0, "elements that sum to 1, not to \(numberInWords(sum))")
    case .unitVector:
      let square = values.reduce(0) { $0 + $1 * $1 }
      if abs(square - 1) <= 1e-8 { return nil }
      return (0, "a vector of length 1, not \(numberInWords(square.squareRoot()))")
    case .correlationCholesky, .covarianceCholesky:
      return factorViolation(of: values, size: shape.rows)
    case .covariance:
      return covarianceViolation(of: values, size: shape.rows)
    default: return nil
    }
  }

  private func factorViolation(
    of values: [Double], size: Int
  ) -> (element: Int, expected: String)? {
    for row in 0..<size {
      for column in row..<size {
        let place = row * size + column
        if column > row && values[place] != 0 { return (place, "0 above the diagonal") }
        if column == row && values[place] <= 0 { return (place, "positive on the diagonal") }
      }
      if self == .correlationCholesky {
        let square = values[row * size..<(row + 1) * size].reduce(0) { $0 + $1 * $1 }
        if abs(square - 1) > 1e-8 { return (row * size, "rows of length 1") }
      }
    }
    return nil
  }

  private func covarianceViolation(
    of values: [Double], size: Int
  ) -> (element: Int, expected: String)? {
    for row in 0..<size {
      for column in 0..<row {
        let (x, y) = (values[row * size + column], values[column * size + row])
        if abs(x - y) > 1e-8 * max(abs(x), abs(y)) {
          return (row * size + column, "a symmetric matrix")
        }
      }
    }
    if cholesky(DenseMatrix(rows: size, columns: size, values: values)) == nil {
      return (0, "a positive definite matrix")
    }
    return nil
  }
}
