// Several integrals at once, each to a relative error of its own, over panels that are halved where needed.

import Glibc

/// The integrals of several functions that share their costly parts, over the whole line or a part.
///
/// Each panel is integrated by Gauss's rule and again by halves; panels whose halves disagree by more than
/// `relativeError` of the integral are halved further. The integrands are meant to be of one
/// sign: then tiny integrals, tails of tails, are as accurate as large ones. The breaks should stand
/// where the integrands change their scale. Beyond the outermost breaks panels of doubling
/// width follow, up to the limits, until they no longer count.
///
/// - Parameters:
///   - count: how many functions there are.
///   - breaks: at least two ends of panels, increasing.
///   - limits: where the integrals end.
///   - integrand: writes the values of all functions at a point.
/// - Returns: the integrals, best effort: halving ends at panels of 2⁻⁴⁰ of their first width.
public func integrate(
  _ count: Int, over breaks: [Double],
  limits: (lower: Double, upper: Double) = (-Double.infinity, .infinity),
  relativeError: Double = 1e-11,
  _ integrand: (Double, UnsafeMutablePointer<Double>) -> Void
) -> [Double] {
  precondition(breaks.count >= 2 && count > 0, "a panel and a function")
  return withoutActuallyEscaping(integrand) {
    var work = PanelWork(count: count, integrand: $0)
    return work.integrals(breaks, limits, relativeError)
  }
}

/// One integral; see the function of the same name for several.
public func integrate(
  over breaks: [Double], limits: (lower: Double, upper: Double) = (-Double.infinity, .infinity),
  relativeError: Double = 1e-11, _ integrand: (Double) -> Double
) -> Double {
  integrate(1, over: breaks, limits: limits, relativeError: relativeError) {
    $1.pointee = integrand($0)
  }[0]
}
/// A panel with its integrals by one application of Gauss's rule, and by two.
private struct Panel {
  let a, b: Double
  let level: Int
  let whole: [Double]
  var left: [Double]
  var right: [Double]

  func value(_ k: Int) -> Double { left[k] + right[k] }
  func gap(_ k: Int) -> Double { abs(left[k] + right[k] - whole[k]) }
}

private struct PanelWork {
  let count: Int
  let integrand: (Double, UnsafeMutablePointer<Double>) -> Void
  var panels: [Panel] = []

  var totals: [Double] {
    (0..<count).map { k in panels.reduce(0) { $0 + $1.value(k) } }
  }

  /// The integrals over all panels, and over further ones outwards until these no longer count.
  mutating func integrals(
    _ breaks: [Double], _ limits: (lower: Double, upper: Double), _ tolerance: Double
  ) -> [Double] {
    for (a, b) in zip(breaks, breaks.dropFirst()) where b > a { addPanel(a, b) }
    refine(tolerance)
    let span = breaks[breaks.count - 1] - breaks[0]
    for isUpward in [false, true] {
      var edge = isUpward ? breaks[breaks.count - 1] : breaks[0]
      var width = span / Double(breaks.count - 1)
      let limit = isUpward ? limits.upper : limits.lower
      for _ in 0..<1100 where edge != limit {
        let next =
          isUpward ? Swift.min(edge + width, limit) : Swift.max(edge - width, limit)
        guard next.isFinite, next != edge else { break }
        let added = addPanel(Swift.min(edge, next), Swift.max(edge, next))
        edge = next
        width *= 2
        let totals = totals
        if zip(added, totals).allSatisfy({ abs($0) <= 1e-18 * abs($1) }) { break }
      }
    }
    refine(tolerance)
    return totals
  }

  @discardableResult
  private mutating func addPanel(_ a: Double, _ b: Double) -> [Double] {
    let panel = panel(a, b, level: 0, whole: gauss(a, b))
    panels.append(panel)
    return (0..<count).map { panel.value($0) }
  }

  private func panel(_ a: Double, _ b: Double, level: Int, whole: [Double]) -> Panel {
    let middle = a + 0.5 * (b - a)
    return Panel(
      a: a, b: b, level: level, whole: whole, left: gauss(a, middle), right: gauss(middle, b))
  }

  /// Halves panels until each one's error is small beside its own integral or the whole one.
  private mutating func refine(_ tolerance: Double) {
    for _ in 0..<60 {
      let totals = totals
      var next: [Panel] = []
      next.reserveCapacity(panels.count)
      var isDone = true
      for panel in panels {
        let isFine = (0..<count).allSatisfy { k in
          let gap = panel.gap(k)
          // Halving does not mend an integrand that is not finite.
          return !gap.isFinite || gap <= 0.1 * tolerance * abs(totals[k])
            || gap <= tolerance * abs(panel.value(k))
        }
        if isFine || panel.level >= 40 {
          next.append(panel)
        } else {
          isDone = false
          let middle = panel.a + 0.5 * (panel.b - panel.a)
          next.append(
            self.panel(panel.a, middle, level: panel.level + 1, whole: panel.left))
          next.append(
            self.panel(middle, panel.b, level: panel.level + 1, whole: panel.right))
        }
      }
      panels = next
      if isDone { return }
    }
  }

  private func gauss(_ a: Double, _ b: Double) -> [Double] {
    let (middle, half) = (0.5 * (a + b), 0.5 * (b - a))
    return [Double](unsafeUninitializedCapacity: count) { sums, initialized in
      sums.initialize(repeating: 0)
      initialized = count
      gaussRule.withUnsafeBufferPointer { rule in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { values in
          var i = 0
          while i < rule.count {
            integrand(middle + half * rule[i].node, values.baseAddress!)
            let weight = rule[i].weight * half
            var k = 0
            while k < count {
              sums[k] += weight * values[k]
              k += 1
            }
            i += 1
          }
        }
      }
    }
  }
}

/// Nodes and weights of Gauss's rule with 12 points on (−1, 1): zeros of the Legendre polynomial by Newton's
/// method.
private let gaussRule: [(node: Double, weight: Double)] = {
  let n = 12
  return (1...n).map { i in
    var x = -cos(.pi * (Double(i) - 0.25) / (Double(n) + 0.5))
    var slope = 1.0
    for _ in 0..<20 {
      var (p, previous) = (1.0, 0.0)
      for k in 1...n {
        let degree = Double(k)
        (p, previous) = (((2 * degree - 1) * x * p - (degree - 1) * previous) / degree, p)
      }
      slope = Double(n) * (x * p - previous) / (x * x - 1)
      let step = p / slope
      x -= step
      if abs(step) < 1e-16 { break }
    }
    return (x, 2 / ((1 - x * x) * slope * slope))
  }
}()
