// Stated supports: what narrows the one that a prior brings.

public import BayesGraph

/// A support that a parameter or a distribution is narrowed to: `@Parameter(.positive)`,
/// `Normal(0, 1).bounded(0, 1 - alpha)`.
public enum SupportNarrowing: Sendable {
  case positive, negative
  /// Above a bound; write `.lower(a)`.
  case lowerBound(Term)
  /// Below a bound; write `.upper(b)`.
  case upperBound(Term)
  /// Between two bounds; write `.bounded(a, b)`.
  case between(Term, Term)
  case ordered, simplex, unitVector, sumToZero
  case correlationCholesky, covarianceCholesky, covariance

  /// Above a bound, which may depend on parameters declared earlier.
  public static func lower(_ bound: some Symbolic) -> Self { .lowerBound(bound.term) }
  /// Below a bound, which may depend on parameters declared earlier.
  public static func upper(_ bound: some Symbolic) -> Self { .upperBound(bound.term) }
  /// Between two bounds, which may depend on parameters declared earlier.
  public static func bounded(_ lower: some Symbolic, _ upper: some Symbolic) -> Self {
    .between(lower.term, upper.term)
  }

  /// The bounds' terms, in the order in which `narrowed` takes their values.
  public var bounds: [Term] {
    switch self {
    case .positive, .negative: [Term(.constant(0))]
    case .lowerBound(let bound), .upperBound(let bound): [bound]
    case .between(let lower, let upper): [lower, upper]
    default: []
    }
  }

  /// In words: `positive`, `ordered`.
  public var description: String {
    switch self {
    case .positive: "positive"
    case .negative: "negative"
    case .lowerBound: "above a bound"
    case .upperBound: "below a bound"
    case .between: "between two bounds"
    case .ordered: "ordered"
    case .simplex: "simplex"
    case .unitVector: "unit vector"
    case .sumToZero: "sum to zero"
    case .correlationCholesky: "Cholesky factor of a correlation matrix"
    case .covarianceCholesky: "Cholesky factor of a covariance matrix"
    case .covariance: "covariance matrix"
    }
  }

  /// What one draw on the narrowed support is, for a base of real elements.
  var event: Event {
    switch self {
    case .positive, .negative, .lowerBound, .upperBound, .between: .real
    case .ordered, .simplex, .unitVector, .sumToZero: .vector
    case .correlationCholesky, .covarianceCholesky, .covariance: .matrix
    }
  }

  /// Whether the narrowed support can have positive probability under a density of real elements.
  var hasVolume: Bool {
    switch self {
    case .positive, .negative, .lowerBound, .upperBound, .between, .ordered: true
    default: false
    }
  }

  /// Whether a draw lies inside; `bounds` as `narrowed` takes them, in numbers.
  func contains(_ draw: [Double], bounds: [[Double]]) -> Bool {
    func all(_ isInside: (Double, Int) -> Bool) -> Bool {
      draw.indices.allSatisfy { isInside(draw[$0], $0) }
    }
    func bound(_ k: Int, _ i: Int) -> Double { bounds[k][bounds[k].count == 1 ? 0 : i] }
    switch self {
    case .positive: return all { x, _ in x > 0 }
    case .negative: return all { x, _ in x < 0 }
    case .lowerBound: return all { x, i in x > bound(0, i) }
    case .upperBound: return all { x, i in x < bound(0, i) }
    case .between: return all { x, i in x > bound(0, i) && x < bound(1, i) }
    case .ordered: return zip(draw, draw.dropFirst()).allSatisfy { $0 < $1 }
    case .simplex: return kindContains(.simplex, draw)
    case .unitVector: return kindContains(.unitVector, draw)
    case .sumToZero: return kindContains(.sumToZero, draw)
    case .correlationCholesky: return kindContains(.correlationCholesky, draw)
    case .covarianceCholesky: return kindContains(.covarianceCholesky, draw)
    case .covariance: return kindContains(.covariance, draw)
    }
  }

  private func kindContains(_ kind: SupportKind, _ draw: [Double]) -> Bool {
    let side = Int(Double(draw.count).squareRoot().rounded())
    let shape: Shape = event == .matrix ? .matrix(side, side) : .vector(draw.count)
    return shape.count == draw.count
      && kind.firstViolation(of: draw, shape: shape, bounds: []) == nil
  }

  /// The intersection with a support.
  ///
  /// Throws `ImpossibleNarrowing` where there is no such intersection, or none that has a transform.
  public func narrowed(_ support: Support, bounds: [Tensor]) throws -> Support {
    switch self {
    case .positive, .lowerBound: return try clipped(support, lower: bounds[0], upper: nil)
    case .negative, .upperBound: return try clipped(support, lower: nil, upper: bounds[0])
    case .between: return try clipped(support, lower: bounds[0], upper: bounds[1])
    case .ordered:
      switch support {
      case .real, .ordered: return .ordered
      case .lower(let bound) where bound.isConstant(0): return .positiveOrdered
      case .positiveOrdered: return support
      default: throw impossible(support)
      }
    case .simplex:
      switch support {
      case .real, .simplex: return .simplex
      case .lower(let bound) where bound.isConstant(0): return .simplex
      case .interval(let a, let b) where a.isConstant(0) && b.isConstant(1): return .simplex
      default: throw impossible(support)
      }
    case .unitVector: return try same(support, .unitVector)
    case .sumToZero: return try same(support, .sumToZero)
    case .correlationCholesky: return try same(support, .correlationCholesky)
    case .covarianceCholesky: return try same(support, .covarianceCholesky)
    case .covariance: return try same(support, .covariance)
    }
  }

  private func same(_ support: Support, _ wanted: Support) throws -> Support {
    if case .real = support { return wanted }
    guard support.kind == wanted.kind else { throw impossible(support) }
    return wanted
  }

  private func impossible(_ support: Support) -> ImpossibleNarrowing {
    ImpossibleNarrowing(support: support.description, narrowing: description)
  }

  /// The support between further bounds; of two bounds on one side the tighter one holds.
  private func clipped(
    _ support: Support, lower: Tensor?, upper: Tensor?
  ) throws -> Support {
    if let lower, upper == nil, lower.isConstant(0) {
      switch support {
      case .ordered, .positiveOrdered: return .positiveOrdered
      case .simplex: return .simplex
      default: break
      }
    }
    let own: (lower: Tensor?, upper: Tensor?)
    switch support {
    case .real: own = (nil, nil)
    case .lower(let a): own = (a, nil)
    case .upper(let b): own = (nil, b)
    case .interval(let a, let b): own = (a, b)
    default: throw impossible(support)
    }
    let from = Support.tighter(own.lower, lower, .maximum)
    let to = Support.tighter(own.upper, upper, .minimum)
    switch (from, to) {
    case (nil, nil): return .real
    case (let a?, nil): return .lower(a)
    case (nil, let b?): return .upper(b)
    case (let a?, let b?):
      if let conflict = boundsConflict(a, b) { throw EmptySupport(conflict: conflict) }
      return .interval(a, b)
    }
  }
}

/// Bounds that leave nothing between them.
public struct EmptySupport: Error, CustomStringConvertible {
  let conflict: String
  public var description: String { "nothing lies between the bounds: \(conflict)" }
}

/// A stated support that does not fit the one a distribution has.
public struct ImpossibleNarrowing: Error, CustomStringConvertible {
  let support: String
  let narrowing: String
  public var description: String {
    "the support is \(support), which cannot be narrowed to \(narrowing)"
  }
}
