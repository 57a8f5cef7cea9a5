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

  /// The standard error of every slot, `nil` for those on the edge of their support, or why there is none.
  ///
  /// Where a parameter lies on the edge (a probability of 0), the curvature is no measure of its error: it
  /// is held, and the errors of the others are those given it.
  func standardErrors(
    at x: [Double], settings: KernelSettings
  ) throws -> (values: [Double?]?, note: String?) {
    let (inside, held) = SupportEdge.interior(
      x, complete.parameters, bounds: SupportEdge.bounds(of: complete))
    guard let u = map.unconstrained(inside) else {
      return (nil, "an estimate lies on the edge of its support")
    }
    let free = map.coordinates(leavingOut: held)
    let (matrix, steps) = try information(at: u, free, settings)
    guard let factor = cholesky(matrix) else {
      return (
        nil,
        "the observed information is not positive definite: the data do not determine all parameters"
      )
    }
    // Var(x) = J I⁻¹ Jᵀ; its diagonal holds the squared lengths of the columns of L⁻¹ Jᵀ.
    var jacobian = DenseMatrix(rows: free.count, columns: x.count)
    for (row, i) in free.enumerated() {
      let step = steps[row]
      let (above, below) = (map.constrained(moved(u, i, step)), map.constrained(moved(u, i, -step)))
      for slot in x.indices { jacobian[row, slot] = (above[slot] - below[slot]) / (2 * step) }
    }
    let root = solveTriangular(lower: factor, jacobian)
    let errors = x.indices.map { slot -> Double? in
      if held.contains(where: { $0.contains(slot) }) { return nil }
      let square = free.indices.reduce(0) { $0 + root[$1, slot] * root[$1, slot] }
      // Elements that are constants of the support (the zeros of a factor) have none.
      return square > 0 && square.isFinite ? square.squareRoot() : nil
    }
    return (errors, nil)
  }

  private func moved(_ u: [Double], _ i: Int, _ step: Double) -> [Double] {
    var result = u
    result[i] += step
    return result
  }

  private func information(
    at u: [Double], _ free: [Int], _ settings: KernelSettings
  ) throws -> (matrix: DenseMatrix, steps: [Double]) {
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
    let size = free.count
    var matrix = DenseMatrix(rows: size, columns: size)
    var steps: [Double] = []
    for (row, i) in free.enumerated() {
      let step = try step(at: u, i, gradient)
      steps.append(step)
      let (above, below) = (try gradient(moved(u, i, step)), try gradient(moved(u, i, -step)))
      for (column, j) in free.enumerated() {
        matrix[row, column] = -(above[j] - below[j]) / (2 * step)
      }
    }
    for i in 0..<size {
      for j in 0..<i {
        let mean = (matrix[i, j] + matrix[j, i]) / 2
        matrix[i, j] = mean
        matrix[j, i] = mean
      }
    }
    return (matrix, steps)
  }

  /// A thousandth of the coordinate's conditional standard error, whatever its unit: so small that the
  /// curvature hardly changes along it, and so large that rounding does not count.
  private func step(
    at u: [Double], _ i: Int, _ gradient: ([Double]) throws -> [Double]
  ) throws -> Double {
    var step = 1e-5 * max(1e-3, abs(u[i]))
    for _ in 0..<12 {
      let slope = try gradient(moved(u, i, step))[i] - gradient(moved(u, i, -step))[i]
      let wanted = 1e-3 / (-slope / (2 * step)).squareRoot()
      // Where the objective curves upwards the step has left the maximum's neighbourhood.
      guard wanted.isFinite, wanted > 0 else {
        step /= 10
        continue
      }
      let isNear = wanted > step / 2 && wanted < step * 2
      step = wanted
      if isNear { break }
    }
    return step
  }
}
