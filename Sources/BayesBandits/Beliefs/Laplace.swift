// The normal approximation of a posterior around its mode.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesInference
import BayesNumerics

extension CompiledModel {
  /// Draws of all parameters, constrained, from the normal distribution around the mode of the unconstrained
  /// density that has its curvature there.
  ///
  /// The curvature is that of central differences of the gradient. Reference: Gelman et al. 2013, "Bayesian
  /// Data Analysis", 4.1.
  ///
  /// - Throws: `BeliefError.noPosterior` where no mode is found or the density is flat around it.
  func laplaceDraws(
    _ count: Int, start: [Double], using stream: inout RandomStream
  ) throws -> (draws: [[Double]], mode: [Double]) {
    let evaluator = kernel.makeKernelEvaluator()
    let dimension = traced.dimension
    func gradient(at x: [Double], _ gradient: inout [Double]) throws -> Double {
      try x.withUnsafeBufferPointer { x in
        try gradient.withUnsafeMutableBufferPointer {
          try evaluator.logDensity(at: x.baseAddress!, gradient: $0.baseAddress!)
        }
      }
    }
    var minimiser = LimitedMemoryBFGS(position: start)
    _ = try minimiser.minimise(maxIterations: 1000) { x, slope in
      let value = try gradient(at: x, &slope)
      for i in slope.indices { slope[i] = -slope[i] }
      return -value
    }
    let mode = minimiser.position
    // A scale of a hierarchy has no mode: the density grows without bound as groups collapse on their centre.
    guard minimiser.value.isFinite,
      minimiser.gradient.allSatisfy({ abs($0) < 1e-4 * max(1, abs(minimiser.value)) })
    else {
      throw BeliefError.noPosterior(
        "the posterior has no mode, as happens with the scale of a hierarchy; sample it by NUTS (--belief nuts)"
      )
    }
    var precision = DenseMatrix(rows: dimension, columns: dimension)
    var (ahead, behind) = (
      [Double](repeating: 0, count: dimension), [Double](repeating: 0, count: dimension)
    )
    for i in 0..<dimension {
      let step = 1e-4 * max(1, abs(mode[i]))
      var x = mode
      x[i] = mode[i] + step
      _ = try gradient(at: x, &ahead)
      x[i] = mode[i] - step
      _ = try gradient(at: x, &behind)
      for j in 0..<dimension {
        let slope = (behind[j] - ahead[j]) / (4 * step)
        precision[i, j] += slope
        precision[j, i] += slope
      }
    }
    guard let factor = cholesky(precision) else {
      throw BeliefError.noPosterior(
        "the posterior has no normal approximation: it is not peaked at its mode; sample it by NUTS"
      )
    }
    var outputs = [Double](repeating: 0, count: kernel.outputCount)
    var draws: [[Double]] = []
    for _ in 0..<count {
      var z = (0..<dimension).map { _ in stream.normal() }
      for i in (0..<dimension).reversed() {
        for k in (i + 1)..<max(dimension, i + 1) { z[i] -= factor[k, i] * z[k] }
        z[i] /= factor[i, i]
      }
      for i in 0..<dimension { z[i] += mode[i] }
      z.withUnsafeBufferPointer { z in
        outputs.withUnsafeMutableBufferPointer {
          evaluator.outputs(at: z.baseAddress!, into: $0.baseAddress!)
        }
      }
      draws.append(outputs)
    }
    return (draws, mode)
  }
}
