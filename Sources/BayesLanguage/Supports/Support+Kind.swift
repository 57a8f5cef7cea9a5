// What a support says about itself: kind, bounds, words, and how it meets others.

public import BayesGraph
import BayesNumerics

extension Support: CustomStringConvertible {
  /// The support without its bounds.
  public var kind: SupportKind {
    switch self {
    case .real: .real
    case .lower: .lower
    case .upper: .upper
    case .interval: .interval
    case .ordered: .ordered
    case .positiveOrdered: .positiveOrdered
    case .sumToZero: .sumToZero
    case .simplex: .simplex
    case .unitVector: .unitVector
    case .correlationCholesky: .correlationCholesky
    case .covarianceCholesky: .covarianceCholesky
    case .covariance: .covariance
    case .counts: .counts
    case .countsTo: .countsTo
    case .countsThatSum: .countsThatSum
    case .categories(let count): .categories(count)
    }
  }

  /// The bounds, lower first.
  public var bounds: [Tensor] {
    switch self {
    case .lower(let bound), .upper(let bound), .countsTo(let bound), .countsThatSum(let bound):
      [bound]
    case .interval(let lower, let upper): [lower, upper]
    default: []
    }
  }

  /// In words, for messages: `positive`, `between 0 and 1`, `simplex`.
  public var description: String {
    switch self {
    case .real: "real"
    case .lower(let a): a.isConstant(0) ? "positive" : "above \(a.inWords)"
    case .upper(let b): b.isConstant(0) ? "negative" : "below \(b.inWords)"
    case .interval(let a, let b): "between \(a.inWords) and \(b.inWords)"
    case .ordered: "ordered"
    case .positiveOrdered: "positive and ordered"
    case .sumToZero: "sum to zero"
    case .simplex: "simplex"
    case .unitVector: "unit vector"
    case .correlationCholesky: "Cholesky factor of a correlation matrix"
    case .covarianceCholesky: "Cholesky factor of a covariance matrix"
    case .covariance: "covariance matrix"
    case .counts: "whole numbers from 0"
    case .countsTo(let bound): "whole numbers from 0 to \(bound.inWords)"
    case .countsThatSum(let total): "whole numbers from 0 that sum to \(total.inWords)"
    case .categories(let count): "categories from 0 to \(count - 1)"
    }
  }

  /// Whether values are whole numbers: such a quantity has no transform.
  public var isDiscrete: Bool {
    switch self {
    case .counts, .countsTo, .countsThatSum, .categories: true
    default: false
    }
  }

  /// The first element (a 0-based place in the flattened value) outside, with what was expected.
  /// Bounds that depend on parameters are not checked.
  public func firstViolation(
    of values: [Double], shape: Shape
  ) -> (element: Int, expected: String)? {
    kind.firstViolation(of: values, shape: shape, bounds: bounds.map { $0.dataValues ?? [] })
  }

  /// Whether both are one set, bounds being the same nodes.
  func isSame(as other: Support) -> Bool {
    kind == other.kind && bounds.map(\.id) == other.bounds.map(\.id)
  }

  /// A support that holds both: the same one, their common interval, or all reals (all counts).
  func hull(_ other: Support) -> Support {
    if isSame(as: other) { return self }
    switch (self, other) {
    case (.lower(let a), .lower(let b)):
      return Support.outer(a, b, .minimum).map { .lower($0) } ?? .real
    case (.upper(let a), .upper(let b)):
      return Support.outer(a, b, .maximum).map { .upper($0) } ?? .real
    case (.lower(let a), .interval(let b, _)), (.interval(let b, _), .lower(let a)):
      return Support.outer(a, b, .minimum).map { .lower($0) } ?? .real
    case (.upper(let a), .interval(_, let b)), (.interval(_, let b), .upper(let a)):
      return Support.outer(a, b, .maximum).map { .upper($0) } ?? .real
    case (.interval(let a, let b), .interval(let c, let d)):
      if let low = Support.outer(a, c, .minimum), let high = Support.outer(b, d, .maximum) {
        return .interval(low, high)
      }
      return .real
    case (.categories(let m), .categories(let n)): return .categories(max(m, n))
    default: return isDiscrete && other.isDiscrete ? .counts : .real
    }
  }

  /// The further out of two bounds.
  private static func outer(_ a: Tensor, _ b: Tensor, _ op: BinaryOp) -> Tensor? {
    Shape.broadcast(a.shape, b.shape) == nil ? nil : bound(a, b, op)
  }

  /// The tighter of two bounds, either of which may be missing or infinite.
  static func tighter(_ a: Tensor?, _ b: Tensor?, _ op: BinaryOp) -> Tensor? {
    let absent = op == .maximum ? -Double.infinity : .infinity
    let given = [a, b].compactMap { $0 }.filter { !$0.isConstant(absent) }
    return given.count == 2 ? bound(given[0], given[1], op) : given.first
  }

  private static func bound(_ a: Tensor, _ b: Tensor, _ op: BinaryOp) -> Tensor {
    if a.id == b.id { return a }
    if a.shape.isScalar, b.shape.isScalar, let x = a.dataValues?[0], let y = b.dataValues?[0] {
      return (op == .maximum) == (x >= y) ? a : b
    }
    return a(op, b)
  }

  /// `density` inside, −∞ outside; scalar supports only, others are returned as they are.
  func guarded(_ density: Tensor, at value: Tensor) -> Tensor {
    let builder = value.builder
    let outside = builder.constant(-.infinity)
    switch self {
    case .lower(let a): return builder.select(a(.lessOrEqual, value), density, outside)
    case .upper(let b), .countsTo(let b):
      return builder.select(value(.lessOrEqual, b), density, outside)
    case .interval(let a, let b):
      let above = builder.select(a(.lessOrEqual, value), density, outside)
      return builder.select(value(.lessOrEqual, b), above, outside)
    case .categories(let count):
      return builder.select(value(.less, builder.constant(Double(count))), density, outside)
    default: return density
    }
  }
}

extension Tensor {
  /// Whether this is a number, or data, equal to `number` everywhere.
  func isConstant(_ number: Double) -> Bool {
    dataValues?.allSatisfy { $0 == number } ?? false
  }

  /// The number, or what stands for one.
  var inWords: String {
    guard let values = dataValues else { return "a bound that depends on parameters" }
    return values.count == 1 ? numberInWords(values[0]) : "its bounds"
  }
}

/// A number as a message shows it: `1`, `0.25`, `-inf`.
func numberInWords(_ x: Double) -> String {
  let text = shortestDescription(x)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
