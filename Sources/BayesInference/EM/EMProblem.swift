// What expectation maximisation needs to know of a problem: a step, a start, safe coordinates.

/// A maximum-likelihood (or maximum a posteriori) problem with a step that never lowers its objective.
///
/// The problem is shared by threads; all that changes is in the workers it makes.
public protocol EMProblem: Sendable {
  /// A worker for the thread that calls this.
  func makeWorker() throws -> any EMWorker
}

/// One thread's means of taking steps; it serves one restart after another.
///
/// `step` and `start` must be functions of their arguments alone, however many restarts the worker served
/// before: what a run returns does not depend on the number of threads only if this holds.
public protocol EMWorker: AnyObject {
  /// The point from which a restart sets out.
  ///
  /// - Throws: what makes the whole run impossible; a poor start is no error.
  func start(restart: Int) throws -> [Double]

  /// One expectation step and one maximisation step: the objective at `x`, and the next point.
  ///
  /// - Throws: what makes the whole run impossible. A bad point is described by the result instead.
  func step(_ x: [Double]) throws -> EMStep

  /// Why a point at which a restart has converged is no proper maximum; `nil` if it is one. A path may pass
  /// nearby on its way, so that `step` does not end there.
  func degeneracy(ofConverged x: [Double]) -> String?

  /// Coordinates of `x` whose straight lines stay inside the space (logarithms of scales, Cholesky factors);
  /// `nil` where `x` lies on an edge of the space and has none.
  func unconstrained(_ x: [Double]) -> [Double]?

  /// The point with the given coordinates, the inverse of `unconstrained`.
  func constrained(_ coordinates: [Double]) -> [Double]
}

extension EMWorker {
  public func degeneracy(ofConverged x: [Double]) -> String? { nil }
}

/// What one step tells.
public struct EMStep: Sendable {
  /// The log-likelihood, or log posterior density, at the point the step was taken from, in nats.
  public var objective: Double
  /// The point where the expected complete-data objective is highest; of the same length.
  public var next: [Double]
  /// Why the point that the step was taken from is degenerate (a variance near 0, a component without
  /// rows); `nil` if it is not.
  public var degeneracy: String?

  /// What one step tells.
  public init(objective: Double, next: [Double], degeneracy: String? = nil) {
    self.objective = objective
    self.next = next
    self.degeneracy = degeneracy
  }
}
