// A minimiser for smooth functions of many variables: L-BFGS.

/// Minimises a smooth function by the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno.
///
/// The inverse Hessian is known by the last `memory` steps and changes of the gradient (two-loop recursion). Each
/// iteration searches its direction for a point of the strong Wolfe conditions. The state between iterations
/// is kept, so `minimise` may be called again to go on; after a change of the function, make a new one.
/// To maximise a function, minimise its negative.
///
/// Values that are not finite are outside the function's domain: the search turns back from them.
///
/// Reference: Nocedal, Wright 2006, "Numerical optimization", 2nd edition, algorithms 7.4 and 7.5.
public struct LimitedMemoryBFGS: Sendable {
  /// Value at a position; writes the gradient there.
  public typealias Objective = ([Double], inout [Double]) throws -> Double

  /// Why an iteration was the last.
  public enum Ending: Sendable, Equatable {
    /// The gradient is small enough.
    case gradient
    /// Two iterations in a row lowered the value by next to nothing.
    case value
    /// The iterations asked for were made.
    case iterationLimit
    /// No lower point was found along the direction of steepest descent either: mostly a minimum to
    /// within rounding, else a wrong gradient.
    case noProgress
    /// Value or gradient are not finite at the starting position.
    case notFinite
  }

  /// The greatest absolute component of the gradient, relative to max(1, |value|), at a minimum.
  public var gradientTolerance = 1e-8
  /// The fall of the value, relative to max(1, |value|), that counts as nothing.
  public var valueTolerance = 1e-15
  /// The lowest position found.
  public private(set) var position: [Double]
  /// The value at `position`; NaN before the first evaluation.
  public private(set) var value = Double.nan
  /// The gradient at `position`.
  public private(set) var gradient: [Double]
  /// Iterations so far.
  public private(set) var iterations = 0
  /// Evaluations of value and gradient so far.
  public private(set) var evaluations = 0

  private let memory: Int
  /// Steps s and changes of the gradient y, oldest first, with 1 / s·y.
  private var pairs: [(s: [Double], y: [Double], inverse: Double)] = []

  /// A minimiser that starts from a position.
  ///
  /// - Precondition: `memory` is positive.
  public init(position: [Double], memory: Int = 10) {
    precondition(memory > 0, "at least one pair is remembered")
    self.position = position
    self.memory = memory
    gradient = Array(repeating: 0, count: position.count)
  }

  /// Iterates until the minimum is reached, or `maxIterations` more iterations are made.
  ///
  /// - Throws: what the objective throws; the state is then that of the last iteration.
  public mutating func minimise(maxIterations: Int, _ objective: Objective) throws -> Ending {
    if value.isNaN {
      var start = gradient
      let first = try objective(position, &start)
      evaluations += 1
      guard first.isFinite, start.allSatisfy(\.isFinite) else { return .notFinite }
      (value, gradient) = (first, start)
    }
    var flat = 0
    for _ in 0..<maxIterations {
      let size = max(1, abs(value))
      if gradient.allSatisfy({ abs($0) <= gradientTolerance * size }) { return .gradient }
      let before = value
      guard try iterate(objective) else { return .noProgress }
      iterations += 1
      flat = before - value <= valueTolerance * size ? flat + 1 : 0
      if flat == 2 { return .value }
    }
    return .iterationLimit
  }

  /// One iteration; `false` where no lower point was found.
  private mutating func iterate(_ objective: Objective) throws -> Bool {
    while true {
      let direction = direction()
      let slope = dot(direction, gradient)
      // The first step has no scale of its own: at most a length of 1.
      let first = pairs.isEmpty ? min(1, 1 / dot(gradient, gradient).squareRoot()) : 1
      var found: LineSearch.Point?
      if slope < 0 {
        var search = LineSearch(
          position: position, direction: direction, value: value, slope: slope)
        found = try search.run(from: first, objective)
        evaluations += search.evaluations
      }
      if let found {
        remember(found)
        return true
      }
      // A direction from stale pairs may fail where steepest descent does not.
      guard !pairs.isEmpty else { return false }
      pairs.removeAll()
    }
  }

  private mutating func remember(_ point: LineSearch.Point) {
    let s = zip(point.position, position).map { $0 - $1 }
    let y = zip(point.gradient, gradient).map { $0 - $1 }
    let curvature = dot(s, y)
    // Without positive curvature the matrix would not stay positive definite.
    if curvature > 1e-14 * (dot(s, s) * dot(y, y)).squareRoot() {
      if pairs.count == memory { pairs.removeFirst() }
      pairs.append((s, y, 1 / curvature))
    }
    (position, value, gradient) = (point.position, point.value, point.gradient)
  }

  /// −H·gradient by the two-loop recursion, with s·y / y·y of the last pair for the first H.
  private func direction() -> [Double] {
    var q = gradient.map { -$0 }
    var weights = [Double](repeating: 0, count: pairs.count)
    for (i, pair) in pairs.enumerated().reversed() {
      weights[i] = pair.inverse * dot(pair.s, q)
      for j in q.indices { q[j] -= weights[i] * pair.y[j] }
    }
    if let last = pairs.last {
      let scale = 1 / (last.inverse * dot(last.y, last.y))
      for j in q.indices { q[j] *= scale }
    }
    for (i, pair) in pairs.enumerated() {
      let correction = weights[i] - pair.inverse * dot(pair.y, q)
      for j in q.indices { q[j] += correction * pair.s[j] }
    }
    return q
  }
}

/// The inner product of two vectors.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}
