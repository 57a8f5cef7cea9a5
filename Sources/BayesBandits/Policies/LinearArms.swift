// Bayesian linear regression of each arm's rewards on contexts.

internal import BayesNumerics
internal import Glibc

/// Ridge regressions of the arms, each with the inverse of `ridge·I + Σ x xᵀ` kept up to date.
///
/// Memory is one block: for each arm the d × d inverse and then the d coefficients.
struct LinearArms: Sendable {
  let armCount: Int
  let dimension: Int
  private var memory: [Double]
  private var product: [Double]
  private var block: Int { dimension * (dimension + 1) }

  init(armCount: Int, dimension: Int, ridge: Double) {
    precondition(armCount > 0 && dimension > 0, "at least one arm and one coefficient")
    precondition(ridge > 0, "a positive ridge")
    self.armCount = armCount
    self.dimension = dimension
    memory = Array(repeating: 0, count: armCount * dimension * (dimension + 1))
    product = Array(repeating: 0, count: dimension)
    for arm in 0..<armCount {
      for k in 0..<dimension { memory[arm * block + k * (dimension + 1)] = 1 / ridge }
    }
  }

  /// The coefficients of an arm.
  func coefficients(of arm: Int) -> [Double] {
    let start = arm * block + dimension * dimension
    return Array(memory[start..<start + dimension])
  }

  /// The inverse of an arm, row by row.
  func inverse(of arm: Int) -> [Double] {
    Array(memory[arm * block..<arm * block + dimension * dimension])
  }

  /// `x·θ` and `xᵀ V x`.
  func prediction(_ arm: Int, _ context: Span<Double>) -> (mean: Double, variance: Double) {
    precondition(context.count == dimension, "a context of the policy's size")
    let d = dimension
    return memory.withUnsafeBufferPointer { memory in
      context.withUnsafeBufferPointer { x in
        let inverse = memory.baseAddress! + arm * block
        let coefficients = inverse + d * d
        var mean = 0.0
        var variance = 0.0
        for i in 0..<d {
          let row = inverse + i * d
          // The matrix is symmetric: its lower triangle will do.
          var sum = 0.5 * row[i] * x[i]
          for j in 0..<i { sum += row[j] * x[j] }
          variance += sum * x[i]
          mean += coefficients[i] * x[i]
        }
        return (mean, max(0, 2 * variance))
      }
    }
  }

  /// Learns an observation whose residual is `residual(x·θ, xᵀVx)` and that counts `weight` times:
  /// V ← V − w V x xᵀ V/(1 + w xᵀVx), θ ← θ + V x·`step`.
  ///
  /// Reference: Sherman, Morrison 1950, Annals of Mathematical Statistics 21(1), doi
  /// 10.1214/aoms/1177729893.
  mutating func learn(
    _ arm: Int, _ context: Span<Double>,
    _ rule: (_ mean: Double, _ variance: Double) -> (weight: Double, step: Double)
  ) {
    precondition(context.count == dimension, "a context of the policy's size")
    let d = dimension
    let block = block
    memory.withUnsafeMutableBufferPointer { memory in
      product.withUnsafeMutableBufferPointer { product in
        context.withUnsafeBufferPointer { x in
          let inverse = memory.baseAddress! + arm * block
          let coefficients = inverse + d * d
          let u = product.baseAddress!
          var mean = 0.0
          var variance = 0.0
          for i in 0..<d {
            let row = inverse + i * d
            var sum = 0.0
            for j in 0..<d { sum += row[j] * x[j] }
            u[i] = sum
            variance += sum * x[i]
            mean += coefficients[i] * x[i]
          }
          let (weight, step) = rule(mean, variance)
          let factor = weight / (1 + weight * variance)
          for i in 0..<d {
            let row = inverse + i * d
            let scaled = factor * u[i]
            // Both triangles by the same product, so that the matrix stays symmetric to the last bit.
            for j in 0...i {
              row[j] -= scaled * u[j]
              inverse[j * d + i] = row[j]
            }
            coefficients[i] += step * u[i]
          }
        }
      }
    }
  }
}
