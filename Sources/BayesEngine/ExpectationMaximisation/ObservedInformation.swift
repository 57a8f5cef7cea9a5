// Standard errors of estimates, from the curvature of the objective.

import BayesCompiler
import BayesGraph
import BayesLanguage
import BayesNumerics
import Glibc

/// The observed information: minus the Hessian of the objective at its maximum, in unconstrained
/// coordinates, by central differences of the exact gradient; errors of constrained values by the delta
/// method.
///
/// Reference: Efron & Hinkley (1978), "Assessing the accuracy of the maximum likelihood estimator: observed
/// versus expected Fisher information", doi 10.1093/biomet/65.3.457.
struct ObservedInformation {
  let complete: TracedCompleteData
  let map: ParameterMap
  let usesPriors: Bool

  /// The standard error of every slot, or why there is none.
  func standardErrors(
    at x: [Double], settings: KernelSettings
  ) throws -> (values: [Double?]?, note: String?) {
    guard let u = map.unconstrained(x) else {
      return (
        nil, "an estimate lies on the edge of its support, where the curvature is no measure of error"
      )
    }
    let information = try information(at: u, settings)
    let size = u.count
    guard let factor = cholesky(information) else {
      return (
        nil,
        "the observed information is not positive definite: the data do not determine all parameters"
      )
    }
    // Var(x) = J I⁻¹ Jᵀ; its diagonal holds the squared lengths of the columns of L⁻¹ Jᵀ.
    var jacobian = DenseMatrix(rows: size, columns: x.count)
    for i in 0..<size {
      let step = Self.step(u[i])
      var (ahead, behind) = (u, u)
      ahead[i] += step
      behind[i] -= step
      let (above, below) = (map.constrained(ahead), map.constrained(behind))
      for slot in x.indices { jacobian[i, slot] = (above[slot] - below[slot]) / (2 * step) }
    }
    let root = solveTriangular(lower: factor, jacobian)
    let errors = x.indices.map { slot -> Double? in
      let square = (0..<size).reduce(0) { $0 + root[$1, slot] * root[$1, slot] }
      // Elements that are constants of the support (the zeros of a factor) have none.
      return square > 0 && square.isFinite ? square.squareRoot() : nil
    }
    return (errors, nil)
  }

  private func information(at u: [Double], _ settings: KernelSettings) throws -> DenseMatrix {
    let kernel = try Kernel(
      graph: complete.graph, dimension: complete.slotCount,
      logDensity: usesPriors ? complete.logPosterior : complete.logLikelihood, outputs: [],
      settings: settings)
    let evaluator = kernel.makeKernelEvaluator()
    func gradient(_ u: [Double]) throws -> [Double] {
      var own = [Double](repeating: 0, count: max(1, complete.slotCount))
      _ = try withPointer(map.constrained(u)) { try evaluator.logDensity(at: $0, gradient: &own) }
      return map.pulledBack(Array(own.prefix(complete.slotCount)), at: u)
    }
    let size = u.count
    var matrix = DenseMatrix(rows: size, columns: size)
    for i in 0..<size {
      let step = Self.step(u[i])
      var (ahead, behind) = (u, u)
      ahead[i] += step
      behind[i] -= step
      let (above, below) = (try gradient(ahead), try gradient(behind))
      for j in 0..<size { matrix[i, j] = -(above[j] - below[j]) / (2 * step) }
    }
    for i in 0..<size {
      for j in 0..<i {
        let mean = (matrix[i, j] + matrix[j, i]) / 2
        matrix[i, j] = mean
        matrix[j, i] = mean
      }
    }
    return matrix
  }

  /// The cube root of the rounding unit balances truncation and rounding of central differences.
  private static func step(_ u: Double) -> Double { 6e-6 * max(1, abs(u)) }
}
