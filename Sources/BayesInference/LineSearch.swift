// A step length along a direction of descent that meets the strong Wolfe conditions.

/// A search along position + a·direction for a point that is sufficiently lower and sufficiently flat:
///
///     φ(a) ≤ φ(0) + 1e-4·a·φ′(0)  and  |φ′(a)| ≤ 0.9·|φ′(0)|
///
/// An interval is widened until it must hold such a point, and narrowed by cubics through values and slopes at its
/// ends. Near a minimum rounding hides the fall of the value; there the first condition is replaced
/// by one on slopes, which are still known (the approximate Wolfe condition of Hager and Zhang).
/// A point whose value or gradient is not finite is an upper end from which the search turns back.
///
/// Reference: Nocedal, Wright 2006, "Numerical optimization", 2nd edition, algorithms 3.5 and 3.6, equation
/// 3.59; Hager, Zhang 2005, SIAM Journal on Optimization 16(1), equation 2.3,
/// doi 10.1137/030601880.
struct LineSearch {
  /// A point with value and gradient.
  struct Point {
    var position: [Double]
    var value: Double
    var gradient: [Double]
  }

  /// An end of the interval.
  private struct End {
    var length: Double
    var value: Double
    var slope: Double
  }

  private static let decrease = 1e-4
  private static let flatness = 0.9
  private static let mostEvaluations = 60

  private let position: [Double]
  private let direction: [Double]
  private let start: End
  private(set) var evaluations = 0

  /// - Precondition: the slope along the direction is negative.
  init(position: [Double], direction: [Double], value: Double, slope: Double) {
    self.position = position
    self.direction = direction
    start = End(length: 0, value: value, slope: slope)
  }

  /// The point found; `nil` where none is lower than the start. A sufficiently lower one that is not
  /// flat enough is the answer where rounding or the number of evaluations ends the search.
  mutating func run(
    from first: Double, _ objective: LimitedMemoryBFGS.Objective
  ) throws -> Point? {
    var low = start
    var lowest: Point?
    var high: End?
    var length = first
    while evaluations < Self.mostEvaluations {
      let point = try evaluate(length, objective)
      let slope = dot(point.gradient, direction)
      guard point.value.isFinite, slope.isFinite else {
        high = End(length: length, value: .infinity, slope: .nan)
        length = low.length + 0.1 * (length - low.length)
        guard moves(length, from: low.length) else { break }
        continue
      }
      let end = End(length: length, value: point.value, slope: slope)
      if isAcceptable(end) { return point }
      if end.value > start.value + Self.decrease * length * start.slope
        || (lowest != nil && end.value >= low.value)
      {
        high = end
      } else {
        // The minimum lies on the side to which the value falls.
        let toHigh = high.map { $0.length - low.length } ?? 1
        if slope * toHigh >= 0 { high = low }
        low = end
        lowest = point
      }
      if let high {
        length = Self.between(low, high)
        guard moves(length, from: low.length), moves(length, from: high.length) else { break }
      } else {
        length = 3 * low.length
      }
    }
    return lowest
  }

  private func isAcceptable(_ end: End) -> Bool {
    guard abs(end.slope) <= -Self.flatness * start.slope else { return false }
    if end.value <= start.value + Self.decrease * end.length * start.slope { return true }
    let rounding = 4 * max(abs(start.value), 1e-300).ulp
    return end.value <= start.value + rounding
      && end.slope <= (2 * Self.decrease - 1) * start.slope
  }

  private mutating func evaluate(
    _ length: Double, _ objective: LimitedMemoryBFGS.Objective
  ) throws -> Point {
    var point = Point(position: position, value: .nan, gradient: position)
    for i in position.indices { point.position[i] += length * direction[i] }
    point.value = try objective(point.position, &point.gradient)
    evaluations += 1
    return point
  }

  /// Whether two lengths still give different points.
  private func moves(_ a: Double, from b: Double) -> Bool {
    position.indices.contains {
      position[$0] + a * direction[$0] != position[$0] + b * direction[$0]
    }
  }

  /// The minimum of the cubic through both ends, kept a tenth of the interval away from them.
  private static func between(_ low: End, _ high: End) -> Double {
    let width = high.length - low.length
    guard high.value.isFinite else { return low.length + 0.5 * width }
    let d1 = low.slope + high.slope - 3 * (low.value - high.value) / (low.length - high.length)
    let square = d1 * d1 - low.slope * high.slope
    var share = 0.5
    if square >= 0 {
      let d2 = square.squareRoot() * (width > 0 ? 1 : -1)
      let cubic = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2)
      if cubic.isFinite { share = min(max(cubic, 0.1), 0.9) }
    }
    return low.length + share * width
  }
}
