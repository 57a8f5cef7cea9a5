// A log density with its mode and curvature.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesLanguage
import BayesNumerics

/// A log density of few unconstrained coordinates, to be looked at by one thread.
struct DensitySurface {
  private let evaluator: any LogDensityEvaluator
  private let dimension: Int
  /// What knows the value without the gradient; `nil` for native code.
  private let interpreter: Interpreter?
  private let root: NodeID

  /// The unconstrained log density of a model.
  init(_ compiled: CompiledModel) {
    evaluator = compiled.kernel.makeKernelEvaluator()
    dimension = compiled.traced.dimension
    root = compiled.kernel.roots.value
    if case .native = compiled.kernel.backend {
      interpreter = nil
    } else {
      interpreter = Interpreter(compiled.kernel.graph)
    }
  }

  /// The largest value and the curvature there.
  struct Mode {
    let position: [Double]
    let value: Double
    /// Minus the matrix of second derivatives.
    let precision: DenseMatrix

    /// A matrix S with S Sᵀ the inverse of the precision; `nil` where that is not positive definite.
    var inverseRoot: DenseMatrix? {
      guard let lower = cholesky(precision) else { return nil }
      var result = precision
      for j in position.indices {
        let unit = position.indices.map { $0 == j ? 1.0 : 0 }
        let column = solveTriangular(lower: lower, unit, transposed: true)
        for i in position.indices { result[i, j] = column[i] }
      }
      return result
    }
  }

  func value(_ position: [Double]) throws -> Double {
    if let interpreter { return interpreter.values(of: [root], at: position)[0][0] }
    return try valueAndGradient(position).value
  }

  private func valueAndGradient(
    _ position: [Double]
  ) throws -> (value: Double, gradient: [Double]) {
    var gradient = [Double](repeating: 0, count: dimension)
    let value = try position.withUnsafeBufferPointer { position in
      try gradient.withUnsafeMutableBufferPointer {
        try evaluator.logDensity(at: position.baseAddress!, gradient: $0.baseAddress!)
      }
    }
    return (value, gradient)
  }

  /// Minus the second derivatives, by central differences of the gradient.
  private func precision(_ position: [Double]) throws -> DenseMatrix {
    var result = DenseMatrix(rows: dimension, columns: dimension)
    let step = 1e-4
    for j in 0..<dimension {
      var (above, below) = (position, position)
      above[j] += step
      below[j] -= step
      let (up, down) = (try valueAndGradient(above).gradient, try valueAndGradient(below).gradient)
      for i in 0..<dimension { result[i, j] = (down[i] - up[i]) / (2 * step) }
    }
    for i in 0..<dimension {
      for j in 0..<i {
        let mean = 0.5 * (result[i, j] + result[j, i])
        (result[i, j], result[j, i]) = (mean, mean)
      }
    }
    return result
  }

  /// The mode by Newton's method, from 0, with ever more of the identity where the density is not concave or a step fails;
  /// `nil` where the density is not finite.
  ///
  /// Quadrature needs the mode to a small part of the posterior's width, no better.
  func mode() throws -> Mode? {
    var position = [Double](repeating: 0, count: dimension)
    var (value, gradient) = try valueAndGradient(position)
    var damping = 0.0
    for _ in 0..<200 {
      guard value.isFinite, gradient.allSatisfy(\.isFinite) else { return nil }
      let curvature = try precision(position)
      guard curvature.values.allSatisfy(\.isFinite) else { return nil }
      // The squared length of Newton's step in units of the posterior's width.
      if let lower = cholesky(curvature),
        solveTriangular(lower: lower, gradient).reduce(0, { $0 + $1 * $1 }) < 1e-6
      {
        return Mode(position: position, value: value, precision: curvature)
      }
      while true {
        var damped = curvature
        for i in 0..<dimension { damped[i, i] += damping }
        if let lower = cholesky(damped) {
          let half = solveTriangular(lower: lower, gradient)
          let step = solveTriangular(lower: lower, half, transposed: true)
          let next = zip(position, step).map { $0 + $1 }
          let found = try valueAndGradient(next)
          if found.value > value {
            (position, value, gradient) = (next, found.value, found.gradient)
            damping = damping < 1e-3 ? 0 : damping / 10
            break
          }
        }
        damping = Swift.max(1e-3, damping * 10)
        if damping > 1e12 { return nil }
      }
    }
    return nil
  }
}
