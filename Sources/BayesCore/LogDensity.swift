// The waist of the engine: what every sampler needs to know of a model.

/// An unnormalised log density on ℝⁿ with its gradient.
///
/// Immutable and shared between chains; each chain makes its own evaluator.
public protocol LogDensity: Sendable {
  /// The number of unconstrained coordinates.
  var dimension: Int { get }

  /// A fresh evaluator with scratch memory of its own, to be used by one thread at a time.
  func makeEvaluator() throws -> any LogDensityEvaluator
}

/// Evaluates a log density; owns mutable scratch, hence one per chain and deliberately not `Sendable`.
public protocol LogDensityEvaluator: AnyObject {
  /// The log density in nats at `position`; writes its gradient.
  ///
  /// A value that is not finite is *recoverable*: samplers record it as a divergence (the gradient's
  /// content is then unspecified). Throwing is *fatal* and ends the run. Allocates nothing.
  ///
  /// - Parameters:
  ///   - position: `dimension` unconstrained coordinates.
  ///   - gradient: room for `dimension` partial derivatives; must not overlap `position`.
  func logDensity(
    at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
  ) throws -> Double
}
