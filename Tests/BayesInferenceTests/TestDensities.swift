// Densities with known moments, written in a few lines each.

import BayesCore
import Glibc

/// A log density given by a closure that adds its gradient to zeroed memory.
struct ClosureDensity: LogDensity {
  typealias Function =
    @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws -> Double

  let dimension: Int
  let function: Function

  init(_ dimension: Int, _ function: @escaping Function) {
    self.dimension = dimension
    self.function = function
  }

  func makeEvaluator() -> any LogDensityEvaluator { Evaluator(self) }

  private final class Evaluator: LogDensityEvaluator {
    let density: ClosureDensity
    init(_ density: ClosureDensity) { self.density = density }

    func logDensity(
      at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
    ) throws -> Double {
      for i in 0..<density.dimension { gradient[i] = 0 }
      return try density.function(position, gradient)
    }
  }
}

/// A known posterior: its density, and the exact mean and sd of each coordinate.
struct KnownPosterior: Sendable, CustomStringConvertible {
  let name: String
  let density: ClosureDensity
  /// Exact mean and sd per coordinate that is tested.
  let moments: [(coordinate: Int, mean: Double, sd: Double)]
  var description: String { name }
}

enum Densities {
  /// Independent standard normals.
  static func normal(_ n: Int) -> ClosureDensity {
    ClosureDensity(n) { q, g in
      var sum = 0.0
      for i in 0..<n {
        sum -= 0.5 * q[i] * q[i]
        g[i] = -q[i]
      }
      return sum
    }
  }

  /// Independent normals with standard deviations growing from 10⁻³ to 10³.
  static func scaledNormal(_ n: Int) -> ClosureDensity {
    let sds = (0..<n).map { pow(10, -3 + 6 * Double($0) / Double(max(1, n - 1))) }
    return ClosureDensity(n) { q, g in
      var sum = 0.0
      for i in 0..<n {
        let z = (q[i] - 1) / sds[i]
        sum -= 0.5 * z * z
        g[i] = -z / sds[i]
      }
      return sum
    }
  }

  /// Normals with equal correlation `rho` between all coordinates and unit variances.
  static func equicorrelated(_ n: Int, _ rho: Double) -> ClosureDensity {
    // (1 − ρ) I + ρ 11ᵀ has the inverse (I − c 11ᵀ)/(1 − ρ), c = ρ/(1 + (n − 1) ρ).
    let c = rho / (1 + Double(n - 1) * rho)
    return ClosureDensity(n) { q, g in
      var total = 0.0
      for i in 0..<n { total += q[i] }
      var sum = 0.0
      for i in 0..<n {
        g[i] = -(q[i] - c * total) / (1 - rho)
        sum += 0.5 * q[i] * g[i]
      }
      return sum
    }
  }

  /// Pairs of unit normals with correlation `rho` within each pair.
  static func pairs(_ count: Int, _ rho: Double) -> ClosureDensity {
    let precision = 1 / (1 - rho * rho)
    return ClosureDensity(2 * count) { q, g in
      var sum = 0.0
      for k in 0..<count {
        let x = q[2 * k]
        let y = q[2 * k + 1]
        g[2 * k] = -precision * (x - rho * y)
        g[2 * k + 1] = -precision * (y - rho * x)
        sum += 0.5 * (x * g[2 * k] + y * g[2 * k + 1])
      }
      return sum
    }
  }

  /// Eight schools, non-centred: μ ~ N(0, 5), log τ of a half-Cauchy(5), η ~ N(0, 1).
  static let eightSchools: ClosureDensity = {
    let y = [28.0, 8, -3, 7, -1, 1, 18, 12]
    let sigma = [15.0, 10, 16, 11, 9, 11, 10, 18]
    return ClosureDensity(10) { q, g in
      let mu = q[0]
      let tau = exp(q[1])
      var sum = -0.5 * mu * mu / 25 - log(1 + tau * tau / 25) + q[1]
      g[0] = -mu / 25
      g[1] = 1 - 2 * tau * tau / (25 + tau * tau)
      for i in 0..<8 {
        let eta = q[2 + i]
        let z = (y[i] - mu - tau * eta) / sigma[i]
        sum -= 0.5 * (eta * eta + z * z)
        g[0] += z / sigma[i]
        g[1] += z / sigma[i] * tau * eta
        g[2 + i] = -eta + z / sigma[i] * tau
      }
      return sum
    }
  }()

  /// Neal's funnel with a mild neck: v ~ N(0, 1), x_i ~ N(0, exp(v/2)).
  static func funnel(_ n: Int) -> ClosureDensity {
    ClosureDensity(n) { q, g in
      let v = q[0]
      let precision = exp(-v)
      var sum = -0.5 * v * v - 0.5 * Double(n - 1) * v
      g[0] = -v - 0.5 * Double(n - 1)
      for i in 1..<n {
        sum -= 0.5 * q[i] * q[i] * precision
        g[0] += 0.5 * q[i] * q[i] * precision
        g[i] = -q[i] * precision
      }
      return sum
    }
  }

  /// Independent Student t with the given degrees of freedom.
  static func studentT(_ n: Int, _ degrees: Double) -> ClosureDensity {
    ClosureDensity(n) { q, g in
      var sum = 0.0
      for i in 0..<n {
        sum -= 0.5 * (degrees + 1) * log(1 + q[i] * q[i] / degrees)
        g[i] = -(degrees + 1) * q[i] / (degrees + q[i] * q[i])
      }
      return sum
    }
  }

  /// Exponential(1) variates through their logarithms: bounded below, with the log Jacobian.
  static func logExponential(_ n: Int) -> ClosureDensity {
    ClosureDensity(n) { q, g in
      var sum = 0.0
      for i in 0..<n {
        sum += q[i] - exp(q[i])
        g[i] = 1 - exp(q[i])
      }
      return sum
    }
  }

  /// A banana: x ~ N(0, 1), y | x ~ N(x²/2, 1).
  static let banana = ClosureDensity(2) { q, g in
    let z = q[1] - 0.5 * q[0] * q[0]
    g[0] = -q[0] + z * q[0]
    g[1] = -z
    return -0.5 * (q[0] * q[0] + z * z)
  }
}
