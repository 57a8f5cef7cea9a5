// The elementwise functions in plain Swift, edge cases stated.

internal import BayesNumerics
internal import Glibc

extension UnaryOp {
  /// What the op does to one number.
  public var function: @Sendable (Double) -> Double {
    switch self {
    case .negate: { -$0 }
    case .reciprocal: { 1 / $0 }
    case .square: { $0 * $0 }
    case .sqrt: { $0.squareRoot() }
    case .abs: { $0.magnitude }
    case .sign: { $0 > 0 ? 1 : ($0 < 0 ? -1 : $0) }
    case .exp: { ScalarFunction.exp($0) }
    case .expMinusOne: { expm1($0) }
    case .log: { Glibc.log($0) }
    case .logOnePlus: { log1p($0) }
    case .log1pExp: { BayesNumerics.log1pExp($0) }
    case .log1mExp: { BayesNumerics.log(oneMinusExp: $0) }
    case .logistic: { BayesNumerics.logistic($0) }
    case .tanh: { Glibc.tanh($0) }
    case .sin: { Glibc.sin($0) }
    case .cos: { Glibc.cos($0) }
    case .atan: { Glibc.atan($0) }
    case .logGamma: { BayesNumerics.logGamma($0) }
    case .polygamma(0): { digamma($0) }
    case .polygamma(1): { trigamma($0) }
    case .polygamma(let n): { ScalarFunction.polygamma(n, $0) }
    case .normalCDF: { BayesNumerics.normalCDF($0) }
    case .logNormalCDF: { BayesNumerics.logNormalCDF($0) }
    }
  }
}

extension BinaryOp {
  /// What the op does to two numbers.
  public var function: @Sendable (Double, Double) -> Double {
    switch self {
    case .add: { $0 + $1 }
    case .subtract: { $0 - $1 }
    case .multiply: { $0 * $1 }
    case .divide: { $0 / $1 }
    case .power: { pow($0, $1) }
    case .maximum: { ScalarFunction.maximum($0, $1) }
    case .minimum: { -ScalarFunction.maximum(-$0, -$1) }
    case .logAddExp: { ScalarFunction.logSumExp([$0, $1]) }
    case .less: { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: { $0 <= $1 ? 1 : 0 }
    case .equal: { $0 == $1 ? 1 : 0 }
    case .logRising: { ScalarFunction.logRising($0, $1) }
    case .digammaRising: { ScalarFunction.digammaRising($0, $1) }
    }
  }
}

/// Numbers in, number out; what the ops need beyond `BayesNumerics`.
enum ScalarFunction {
  static func exp(_ x: Double) -> Double { Glibc.exp(x) }

  /// The larger of two numbers, NaN if either is.
  static func maximum(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : (a > b ? a : b)
  }

  /// log Σ exp, shifted by the largest term; −∞ for no mass, NaN if any term is.
  static func logSumExp(_ terms: [Double]) -> Double {
    let largest = terms.reduce(-Double.infinity) { maximum($0, $1) }
    guard largest.isFinite else { return largest }
    return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
  }

  /// log Γ(a + b) − log Γ(a) for a > 0, a + b > 0.
  ///
  /// Both terms grow like a log a, so for large a their difference loses digits. From
  /// Stirling's formula, log Γ(a) = (a − ½) log a − a + ½ log 2π + r(a), the difference is
  /// (a − ½) log1p(b/a) + b log(a + b) − b + r(a + b) − r(a), whose terms are all of the
  /// result's size; r is the tail of Stirling's series, used for both arguments above 15.
  static func logRising(_ a: Double, _ b: Double) -> Double {
    let c = a + b
    guard a > 15, c > 15, c.isFinite else { return BayesNumerics.logGamma(c) - BayesNumerics.logGamma(a) }
    return (a - 0.5) * log1p(b / a) + b * (log(c) - 1) + stirlingTail(c) - stirlingTail(a)
  }

  /// Σ_k B_2k / (2k (2k−1) a^(2k−1)), the tail of Stirling's series, for a > 15.
  private static func stirlingTail(_ a: Double) -> Double {
    let w = 1 / (a * a)
    return
      (1 / 12.0 + w * (-1 / 360.0 + w * (1 / 1260.0 + w * (-1 / 1680.0 + w * (1 / 1188.0)))))
      / a
  }

  /// ψ(a + b) − ψ(a) for a > 0, a + b > 0; the same argument as `logRising`.
  static func digammaRising(_ a: Double, _ b: Double) -> Double {
    let c = a + b
    guard a > 15, c > 15, c.isFinite else { return digamma(c) - digamma(a) }
    return log1p(b / a) + b / (2 * a * c) + digammaTail(c) - digammaTail(a)
  }

  /// −Σ_k B_2k / (2k a^2k), what ψ(a) − log a + 1/(2a) is for a > 15.
  private static func digammaTail(_ a: Double) -> Double {
    let w = 1 / (a * a)
    return
      -w * (1 / 12.0 + w * (-1 / 120.0 + w * (1 / 252.0 + w * (-1 / 240.0 + w * (1 / 132.0)))))
  }

  /// ψ⁽ⁿ⁾(x) for n ≥ 1, by the recurrence up to x > 20 + n and the asymptotic series there.
  ///
  /// Reference: Abramowitz & Stegun 1964, 6.4.6 and 6.4.11. NaN for x ≤ 0 that is not needed by
  /// any density of the engine.
  static func polygamma(_ n: Int, _ x: Double) -> Double {
    guard x > 0 else { return .nan }
    let order = Double(n)
    let factorial = tgamma(order + 1)
    let sign: Double = n % 2 == 0 ? -1 : 1
    var shifted = x
    var sum = 0.0
    while shifted < 20 + order {
      sum += factorial / pow(shifted, order + 1)
      shifted += 1
    }
    let bernoulli: [Double] = [
      1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0, -691 / 2730.0, 7 / 6.0, -3617 / 510.0,
    ]
    var tail = tgamma(order) / pow(shifted, order) + factorial / (2 * pow(shifted, order + 1))
    var ratio = factorial * (order + 1) / 2 / pow(shifted, order + 2)  // (n+1)! / 2! / x^(n+2)
    for (k, b) in bernoulli.enumerated() {
      tail += b * ratio
      let m = Double(2 * (k + 1))
      ratio *= (order + m) * (order + m + 1) / ((m + 1) * (m + 2) * shifted * shifted)
    }
    return sign * (sum + tail)
  }
}
