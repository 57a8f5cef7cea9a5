// From values on a support back to unconstrained coordinates.

public import BayesGraph
import BayesNumerics
import Glibc

/// A value outside the support it should lie in.
public struct SupportError: Error, Sendable, CustomStringConvertible {
  /// What is wrong, where (1-based) and what was expected.
  public let description: String

  init(_ element: Int, _ expected: String, of values: [Double], shape: Shape) {
    let found = element < values.count ? numberInWords(values[element]) : "missing"
    description =
      shape.isScalar
      ? "it is \(found); expected \(expected)"
      : "\(placeInWords(element, shape: shape)) is \(found); expected \(expected)"
  }

  init(count: Int, shape: Shape) {
    description = "\(count) values for a \(shape) of \(shape.count)"
  }
}

extension SupportKind {
  /// The unconstrained coordinates of a value (row-major); the inverse of `Support.constrain`.
  ///
  /// `bounds` as `firstViolation` takes them, all known. The support is open here: a value on its edge has
  /// no finite coordinates. Throws `SupportError` outside it.
  public func unconstrain(
    _ x: [Double], shape: Shape, bounds: [[Double]] = []
  ) throws -> [Double] {
    guard x.count == shape.count else { throw SupportError(count: x.count, shape: shape) }
    if let (element, expected) = firstViolation(of: x, shape: shape, bounds: bounds) {
      throw SupportError(element, expected, of: x, shape: shape)
    }
    let parts = parts(of: shape)
    let length = parts.shape.count
    var y: [Double] = []
    for part in 0..<parts.count {
      let start = part * length
      let own = coordinates(Array(x[start..<(start + length)]), size: parts.shape.rows) { k, i in
        bounds[k][bounds[k].count == 1 ? 0 : i]
      }
      if let i = own.firstIndex(where: { !$0.isFinite }) {
        throw SupportError(
          start + (i < length ? edgeElement(i, size: parts.shape.rows) : 0),
          "inside the support, not on its edge", of: x, shape: shape)
      }
      y += own
    }
    return y
  }

  /// The element of the value that coordinate `i` comes from.
  private func edgeElement(_ i: Int, size: Int) -> Int {
    switch self {
    case .correlationCholesky, .covarianceCholesky, .covariance:
      let pairs = triangleElements(size: size, strict: self == .correlationCholesky)
      return pairs[i].row * size + pairs[i].column
    default: return i
    }
  }

  private func coordinates(
    _ x: [Double], size: Int, bound: (Int, Int) -> Double
  ) -> [Double] {
    switch self {
    case .real, .counts, .countsTo, .countsThatSum, .categories: return x
    case .lower: return x.indices.map { log(x[$0] - bound(0, $0)) }
    case .upper: return x.indices.map { log(bound(0, $0) - x[$0]) }
    case .interval:
      return x.indices.map { log(x[$0] - bound(0, $0)) - log(bound(1, $0) - x[$0]) }
    case .ordered, .positiveOrdered:
      return x.indices.map { k in
        k > 0 ? log(x[k] - x[k - 1]) : self == .ordered ? x[0] : log(x[0])
      }
    case .sumToZero: return helmertCoordinates(x)
    case .simplex: return helmertCoordinates(x.map { log($0) })
    case .unitVector: return x
    case .correlationCholesky: return correlationCoordinates(x, size: size)
    case .covarianceCholesky: return factorCoordinates(x, size: size)
    case .covariance:
      guard let factor = cholesky(DenseMatrix(rows: size, columns: size, values: x)) else {
        return [.nan]
      }
      return factorCoordinates(factor.values, size: size)
    }
  }

  /// Hᵀ x: (Σ_{k≤i} x_k − i x_{i+1})/√(i(i+1)).
  private func helmertCoordinates(_ x: [Double]) -> [Double] {
    var sum = 0.0
    return x.indices.dropFirst().map { i in
      sum += x[i - 1]
      return (sum - Double(i) * x[i]) / (Double(i) * Double(i + 1)).squareRoot()
    }
  }

  /// atanh z with z/√(1 − z²) = L_ij / √(Σ_{j'>j} L²_ij'), whose inverse hyperbolic sine keeps the digits
  /// of correlations near ±1.
  private func correlationCoordinates(_ x: [Double], size: Int) -> [Double] {
    var y: [Double] = []
    for row in 1..<max(1, size) {
      var rest = x[row * size + row] * x[row * size + row]
      var reversed: [Double] = []
      for column in (0..<row).reversed() {
        let entry = x[row * size + column]
        reversed.append(asinh(entry / rest.squareRoot()))
        rest += entry * entry
      }
      y += reversed.reversed()
    }
    return y
  }

  private func factorCoordinates(_ x: [Double], size: Int) -> [Double] {
    triangleElements(size: size, strict: false).map { row, column in
      let entry = x[row * size + column]
      return row == column ? log(entry) : entry
    }
  }

  private func triangleElements(size: Int, strict: Bool) -> [(row: Int, column: Int)] {
    (0..<size).flatMap { row in
      (0..<(strict ? row : row + 1)).map { (row, $0) }
    }
  }
}
