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

  /// log Σ exp, shifted by the largest term, whose 1 is kept apart so that small rests count;
  /// −∞ for no mass, NaN if any term is.
  static func logSumExp(_ terms: [Double]) -> Double { logSumExp(terms[...]) }

  /// The same of a part of an array.
  static func logSumExp(_ terms: ArraySlice<Double>) -> Double {
    let largest = terms.reduce(-Double.infinity) { maximum($0, $1) }
    guard largest.isFinite, let place = terms.firstIndex(of: largest) else { return largest }
    var rest = 0.0
    for i in terms.indices where i != place { rest += exp(terms[i] - largest) }
    return largest + log1p(rest)
  }

  /// log Γ(a + b) − log Γ(a) for a > 0, a + b > 0.
  ///
  /// Both terms grow like a log a, so for b small beside a their difference loses digits. From
  /// Stirling's formula, log Γ(a) = (a − ½) log a − a + ½ log 2π + r(a), the difference is
  /// (a − ½) log1p(b/a) + b log(a + b) − b + r(a + b) − r(a), whose terms are all of the
  /// result's size; r(a + b) − r(a) is a divided difference, so that it too is proportional to b.
  /// The series holds above 15; the recurrence Γ(a + 1) = a Γ(a) leads there.
  static func logRising(_ a: Double, _ b: Double) -> Double {
    let c = a + b
    guard c.isFinite, a > 0, c > 0, min(a, c) > 15 || abs(b) < a / 4 else {
      return BayesNumerics.logGamma(c) - BayesNumerics.logGamma(a)
    }
    var (low, high) = (a, c)
    var shift = 0.0
    while min(low, high) <= 15 {
      shift += log1p(b / low)
      low += 1
      high += 1
    }
    let (u, v) = (1 / high, 1 / low)
    let (value, slope) = dividedDifference(stirling, u * u, v * v)
    // u p(u²) − v p(v²) = (u − v) (p(u²) + v (u + v) p[u², v²]), u − v = −b u v.
    let tails = -b * u * v * (value + v * (u + v) * slope)
    return (low - 0.5) * log1p(b / low) + b * (log(high) - 1) + tails - shift
  }

  /// ψ(a + b) − ψ(a) for a > 0, a + b > 0; the same argument as `logRising`, with every term of
  /// the result's sign.
  static func digammaRising(_ a: Double, _ b: Double) -> Double {
    let c = a + b
    guard c.isFinite, a > 0, c > 0 else { return digamma(c) - digamma(a) }
    var (low, high) = (a, c)
    var shift = 0.0
    while min(low, high) <= 15 {
      shift += b / low / high
      low += 1
      high += 1
    }
    let (u, v) = (1 / high, 1 / low)
    let (value, slope) = dividedDifference(digammaSeries, u * u, v * v)
    // u² q(u²) − v² q(v²) = (u² − v²) (q(u²) + v² q[u², v²]).
    let tails = b * u * v * (u + v) * (value + v * v * slope)
    return log1p(b / low) + 0.5 * b * u * v + tails + shift
  }

  /// p(x) and (p(x) − p(y)) / (x − y) of the polynomial Σ c_k x^k, without dividing.
  private static func dividedDifference(
    _ coefficients: [Double], _ x: Double, _ y: Double
  ) -> (value: Double, slope: Double) {
    var (atX, atY, slope) = (0.0, 0.0, 0.0)
    for c in coefficients.reversed() {
      slope = slope * x + atY
      atX = atX * x + c
      atY = atY * y + c
    }
    return (atX, slope)
  }

  /// B₂ₖ / (2k (2k − 1)), k = 1…8: log Γ's tail is Σ c_k / a^(2k−1).
  private static let stirling: [Double] = [
    1 / 12.0, -1 / 360.0, 1 / 1260.0, -1 / 1680.0, 1 / 1188.0, -691 / 360_360.0, 1 / 156.0,
    -3617 / 122_400.0,
  ]

  /// B₂ₖ / 2k, k = 1…8: ψ's tail is −Σ c_k / a^2k.
  private static let digammaSeries: [Double] = [
    1 / 12.0, -1 / 120.0, 1 / 252.0, -1 / 240.0, 1 / 132.0, -691 / 32_760.0, 1 / 12.0,
    -3617 / 8160.0,
  ]

  /// ψ⁽ⁿ⁾(x) for n ≥ 1, by the recurrence up to x > 20 + n and the asymptotic series there; below 0
  /// by reflection. At the poles +∞ for odd n, NaN for even n, whose sign changes there.
  ///
  /// Reference: Abramowitz & Stegun 1964, 6.4.6, 6.4.7 and 6.4.11.
  static func polygamma(_ n: Int, _ x: Double) -> Double {
    if x.isNaN || x == -.infinity { return .nan }
    if x <= 0, x == x.rounded() { return n % 2 == 0 ? .nan : .infinity }
    let order = Double(n)
    let sign: Double = n % 2 == 0 ? -1 : 1
    if x < 0 {
      // The cotangent has period 1; the reduced argument is exact.
      let cotangent = 1 / tan(.pi * (x - x.rounded()))
      let reflected = pow(.pi, order + 1) * cotangentDerivative(n, cotangent)
      return -sign * polygamma(n, 1 - x) - reflected
    }
    let factorial = tgamma(order + 1)
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

  /// The n-th derivative of cot as a polynomial in cot: P₀(c) = c, Pₙ₊₁ = −(1 + c²) Pₙ′.
  private static func cotangentDerivative(_ n: Int, _ c: Double) -> Double {
    var coefficients = [0.0, 1.0]
    for _ in 0..<n {
      var next = [Double](repeating: 0, count: coefficients.count + 1)
      for (power, value) in coefficients.enumerated().dropFirst() {
        next[power - 1] -= Double(power) * value
        next[power + 1] -= Double(power) * value
      }
      coefficients = next
    }
    return coefficients.reversed().reduce(0) { $0 * c + $1 }
  }
}
