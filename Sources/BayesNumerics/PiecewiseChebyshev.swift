// A smooth function kept as polynomials on panels: dear to compute once, cheap ever after.

import Glibc

/// A function on an interval, interpolated by Chebyshev polynomials on panels that are halved until the
/// last coefficients are dust, or the function's own rounding.
///
/// Reference: Trefethen 2013, "Approximation Theory and Approximation Practice", chapters 3 and 8.
public struct PiecewiseChebyshev: Sendable {
  /// Ends of the panels, increasing.
  public private(set) var breaks: [Double] = []
  private var coefficients: [Double] = []
  private static let size = 16

  /// The function on panels between the given breaks.
  ///
  /// - Parameters:
  ///   - breaks: at least two, increasing.
  ///   - tolerance: the error allowed beside the largest of 1 and the function's size on the panel.
  ///   - depth: how often a panel may be halved.
  public init(
    breaks given: [Double], tolerance: Double = 1e-14, depth: Int = 8,
    _ function: (Double) -> Double
  ) {
    precondition(given.count >= 2, "a panel")
    breaks = [given[0]]
    for (a, b) in zip(given, given.dropFirst()) where b > a {
      add(a, b, tolerance: tolerance, depth: depth, parent: .infinity, function)
    }
  }

  /// - Parameter parent: the last coefficients of the panel that was halved.
  private mutating func add(
    _ a: Double, _ b: Double, tolerance: Double, depth: Int, parent: Double,
    _ function: (Double) -> Double
  ) {
    let size = Self.size
    let (middle, half) = (0.5 * (a + b), 0.5 * (b - a))
    let (nodes, cosines) = (chebyshevNodes, chebyshevCosines)
    let values = (0..<size).map { function(middle + half * nodes[$0]) }
    let own = (0..<size).map { k -> Double in
      var sum = 0.0
      for j in 0..<size { sum += values[j] * cosines[k * size + j] }
      return sum * (k == 0 ? 1 : 2) / Double(size)
    }
    let dust = tolerance * Swift.max(1, abs(own[0]))
    let tail = Swift.max(abs(own[size - 1]), abs(own[size - 2]))
    // Half the panel leaves a smooth function 2⁻¹⁵ of its last coefficient, and rounding all of it.
    let isRounding = tail < 1e-10 * Swift.max(1, abs(own[0])) && tail > 0.1 * parent
    if depth > 0, tail > dust, !isRounding, middle > a, middle < b {
      add(a, middle, tolerance: tolerance, depth: depth - 1, parent: tail, function)
      add(middle, b, tolerance: tolerance, depth: depth - 1, parent: tail, function)
    } else {
      breaks.append(b)
      coefficients += own
    }
  }

  /// The interval.
  public var range: ClosedRange<Double> { breaks[0]...breaks[breaks.count - 1] }

  /// The function at a point of the interval; beyond it the outermost polynomial goes on.
  public func callAsFunction(_ x: Double) -> Double {
    coefficients.withUnsafeBufferPointer { all in
      let (panel, t, _) = locate(x)
      let base = panel * Self.size
      // Clenshaw's recurrence.
      var (y1, y2) = (0.0, 0.0)
      var k = Self.size - 1
      while k > 0 {
        let next = 2 * t * y1 - y2 + all[base + k]
        y2 = y1
        y1 = next
        k -= 1
      }
      return t * y1 - y2 + all[base]
    }
  }

  /// The function and its derivative at a point.
  public func valueAndSlope(_ x: Double) -> (value: Double, slope: Double) {
    coefficients.withUnsafeBufferPointer { all in
      let (panel, t, rate) = locate(x)
      let base = panel * Self.size
      // Clenshaw's recurrence, and its derivative with respect to t.
      var (y1, y2) = (0.0, 0.0)
      var (d1, d2) = (0.0, 0.0)
      var k = Self.size - 1
      while k > 0 {
        let slope = 2 * t * d1 - d2 + 2 * y1
        d2 = d1
        d1 = slope
        let next = 2 * t * y1 - y2 + all[base + k]
        y2 = y1
        y1 = next
        k -= 1
      }
      return (t * y1 - y2 + all[base], (t * d1 - d2 + y1) * rate)
    }
  }

  /// The panel of a point, its place there from −1 to 1, and the derivative of that.
  private func locate(_ x: Double) -> (panel: Int, place: Double, rate: Double) {
    breaks.withUnsafeBufferPointer { breaks in
      var (low, high) = (0, breaks.count - 2)
      while low < high {
        let middle = (low + high + 1) / 2
        if breaks[middle] <= x { low = middle } else { high = middle - 1 }
      }
      let (a, b) = (breaks[low], breaks[low + 1])
      return (low, (2 * x - a - b) / (b - a), 2 / (b - a))
    }
  }
}

/// cos(π(j + ½)/16), j = 0…15.
private let chebyshevNodes: [Double] = (0..<16).map { cos(.pi * (Double($0) + 0.5) / 16) }

/// cos(πk(j + ½)/16), row k.
private let chebyshevCosines: [Double] = (0..<16).flatMap { k in
  (0..<16).map { cos(.pi * Double(k) * (Double($0) + 0.5) / 16) }
}
