// Checks a kernel against the definition of its graph and against finite differences.

public import BayesGraph

/// How well a kernel agrees with what it was made from; every error is a worst case over elements
/// and points, divided by Σ|terms| of the sum that the element is.
public struct KernelCheck: Sendable {
  /// Points at which the log density is finite, and that were compared.
  public private(set) var points = 0
  /// |kernel − interpreter| of value and gradient, on the graph that was lowered.
  public private(set) var kernelError = 0.0
  /// |kernel − interpreter| of the value, on the graph as it was traced.
  public private(set) var rewriteError = 0.0
  /// |gradient − finite differences of the value|, beside Σ|terms| of value and gradient both, since
  /// the differences carry the value's rounding.
  public private(set) var differenceError = 0.0
  /// Partial derivatives, over all points, for which no step gave a difference: the density has a kink
  /// there, or ends beside the point. They are left out.
  public private(set) var unresolved = 0
  /// The coordinate with the worst of the last.
  public private(set) var worstCoordinate: Int?

  /// What rounding may do to a sum: a few thousand units in the last place of Σ|terms|.
  public static let kernelBound = 1e-12
  /// Sufficient statistics add the rows up in another order, by way of a QR factor.
  public static let rewriteBound = 1e-11
  /// Extrapolated differences are taken until their error is estimated at 1e−11 of Σ|terms|.
  public static let differenceBound = 1e-10

  /// Whether there was a point to compare at and all errors are within their bounds.
  public var isPassed: Bool {
    points > 0 && kernelError <= Self.kernelBound && rewriteError <= Self.rewriteBound
      && differenceError <= Self.differenceBound
  }

  /// Compares at some unconstrained positions; one where the density is not finite is skipped.
  ///
  /// - Parameters:
  ///   - kernel: the kernel.
  ///   - graph: the graph as it was traced, which the kernel was made from.
  ///   - logDensity: the log density in it.
  /// - Complexity: three interpretations and at least six kernel evaluations per dimension, at each
  ///   position.
  public init(
    _ kernel: Kernel, tracedAs graph: Graph, _ logDensity: NodeID, at positions: [[Double]]
  ) throws {
    let plain = Interpreter(graph)
    let lowered = Interpreter(kernel.graph)
    var evaluation = Evaluation(kernel)
    for given in positions {
      // A multiple of 2⁻³⁰, to which the steps of the differences add exactly.
      let position = given.map { ($0 * 0x1p30).rounded() * 0x1p-30 }
      let traced = plain.termSums(of: [logDensity], at: position)[0]
      guard traced.values[0].isFinite else { continue }
      let expected = lowered.termSums(
        of: [kernel.roots.value, kernel.roots.gradient], at: position)
      let value = try evaluation(position)
      let gradient = evaluation.gradient
      points += 1
      kernelError = max(
        kernelError, Self.error(value, expected[0].values[0], expected[0].sums[0]))
      rewriteError = max(
        rewriteError,
        Self.error(value, traced.values[0], max(traced.sums[0], expected[0].sums[0])))
      for i in 0..<kernel.dimension {
        kernelError = max(
          kernelError, Self.error(gradient[i], expected[1].values[i], expected[1].sums[i]))
        let terms = expected[0].sums[0]
        let difference = try evaluation.difference(at: position, coordinate: i, terms: terms)
        guard let difference else {
          unresolved += 1
          continue
        }
        let error = Self.error(gradient[i], difference, terms + expected[1].sums[i])
        if error > differenceError { (differenceError, worstCoordinate) = (error, i) }
      }
    }
  }

  /// |a − b| / terms; infinite where only one is finite.
  private static func error(_ a: Double, _ b: Double, _ terms: Double) -> Double {
    if a == b || (a.isNaN && b.isNaN) { return 0 }
    let error = (a - b).magnitude / terms
    return error.isNaN ? .infinity : error
  }
}

/// A kernel's value as a function that can be differenced.
private struct Evaluation {
  let evaluator: KernelEvaluator
  var gradient: [Double]

  init(_ kernel: Kernel) {
    evaluator = kernel.makeKernelEvaluator()
    gradient = [Double](repeating: 0, count: max(1, kernel.dimension))
  }

  mutating func callAsFunction(_ position: [Double]) throws -> Double {
    // An empty array has no address to point to.
    let position = position.isEmpty ? [0] : position
    return try evaluator.logDensity(at: position, gradient: &gradient)
  }

  /// The derivative along one coordinate from central differences at h, h/2 and h/4, whose errors in
  /// h² and h⁴ cancel (Richardson 1911).
  ///
  /// The estimate of its error is what the last extrapolation changed, for truncation, and one unit in
  /// the last place of the terms over the smallest step, for rounding. Steps get smaller until the
  /// estimate is small, as it is at once unless the density bends within 2⁻⁶; the best one counts. `nil`
  /// if no estimate comes near the bound that the difference is compared by.
  mutating func difference(at position: [Double], coordinate: Int, terms: Double) throws -> Double?
  {
    var best = (value: Double.nan, estimate: Double.infinity)
    for step in [0x1p-6, 0x1p-9, 0x1p-12, 0x1p-15, 0x1p-18] {
      let central = try [step, step / 2, step / 4].map { step -> Double in
        var moved = position
        moved[coordinate] = position[coordinate] + step
        let above = try self(moved)
        moved[coordinate] = position[coordinate] - step
        return (above - (try self(moved))) / (2 * step)
      }
      let first = (4 * central[1] - central[0]) / 3
      let second = (4 * central[2] - central[1]) / 3
      let value = (16 * second - first) / 15
      let estimate = (value - second).magnitude + terms.ulp * 4 / step
      if estimate < best.estimate { best = (value, estimate) }
      if best.estimate < 1e-11 * terms { break }
    }
    return best.estimate <= KernelCheck.differenceBound * terms ? best.value : nil
  }
}
