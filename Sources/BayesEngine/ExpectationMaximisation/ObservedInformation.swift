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
    let (inside, held) = interior(x)
    guard let u = map.unconstrained(inside) else {
      return (nil, "an estimate lies on the edge of its support")
    }
    let free = map.coordinates(leavingOut: held)
    let matrix = try information(at: u, free, settings)
    guard let factor = cholesky(matrix) else {
      return (
        nil,
        "the observed information is not positive definite: the data do not determine all parameters"
      )
    }
    // Var(x) = J I⁻¹ Jᵀ; its diagonal holds the squared lengths of the columns of L⁻¹ Jᵀ.
    var jacobian = DenseMatrix(rows: free.count, columns: x.count)
    for (row, i) in free.enumerated() {
      let step = Self.step(u[i])
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

  /// The values moved off the edge of their supports by next to nothing, and the slots of those on it:
  /// whole simplexes, else single elements.
  private func interior(_ x: [Double]) -> (x: [Double], held: [Range<Int>]) {
    var result = x
    var held: [Range<Int>] = []
    for parameter in complete.parameters {
      if parameter.support == .simplex {
        let size = parameter.shape.rank == 2 ? parameter.shape.columns : parameter.shape.count
        for start in stride(
          from: parameter.slots.lowerBound, to: parameter.slots.upperBound, by: max(1, size))
        {
          let own = start..<(start + size)
          guard size > 1, own.contains(where: { x[$0] < Self.edge }) else { continue }
          held.append(own)
          for slot in own { result[slot] = (1 - 1e-9) * x[slot] + 1e-9 / Double(size) }
        }
      } else if parameter.support == .interval || parameter.support == .lower
        || parameter.support == .upper
      {
        let bounds = parameter.bounds.map { complete.graph.dataValues($0) ?? [] }
        for (k, slot) in parameter.slots.enumerated() {
          for (b, values) in bounds.enumerated() where !values.isEmpty {
            let bound = values[values.count == 1 ? 0 : k]
            guard abs(x[slot] - bound) < Self.edge * max(1, abs(bound)) else { continue }
            held.append(slot..<(slot + 1))
            let isUpper = parameter.support == .upper || b == 1
            result[slot] = bound + (isUpper ? -1e-9 : 1e-9) * max(1, abs(bound))
          }
        }
      }
    }
    return (result, held)
  }

  /// Nearer to a bound than this is on it.
  private static let edge = 1e-8

  private func information(
    at u: [Double], _ free: [Int], _ settings: KernelSettings
  ) throws -> DenseMatrix {
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
    for (row, i) in free.enumerated() {
      let step = Self.step(u[i])
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
    return matrix
  }

  /// The cube root of the rounding unit balances truncation and rounding of central differences.
  private static func step(_ u: Double) -> Double { 6e-6 * max(1, abs(u)) }
}
