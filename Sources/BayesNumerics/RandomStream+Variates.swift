// Draws from continuous distributions, each exact in law and driven by one random stream.

import Glibc

/// Every variate returns NaN for parameters outside its domain, so that a predictive draw at an
/// extreme position is data and not a crash.
extension RandomStream {
  /// A gamma draw with density proportional to `x^(shape−1) exp(−rate·x)`.
  ///
  /// A draw of a shape below about 1e-3 is often smaller than any `Double` and comes out as 0; take
  /// `logGamma(shape:)` where the logarithm will do.
  public mutating func gamma(shape: Double, rate: Double) -> Double {
    guard rate > 0 else { return .nan }
    return (shape >= 1 ? gammaOfLargeShape(shape) : exp(logGamma(shape: shape))) / rate
  }

  /// The logarithm of a gamma draw of rate 1, finite for every positive shape.
  ///
  /// Below shape 1 the draw is that of shape + 1 times `u^(1/shape)`, in logarithms: `log u` is minus
  /// an exponential draw, so that nothing underflows.
  public mutating func logGamma(shape: Double) -> Double {
    guard shape > 0, shape.isFinite else { return .nan }
    if shape >= 1 { return log(gammaOfLargeShape(shape)) }
    return log(gammaOfLargeShape(shape + 1)) - exponential() / shape
  }

  /// A gamma draw of rate 1 for a shape of at least 1.
  ///
  /// GSL has the same algorithm, over normals of 24 bits; ours have 52.
  ///
  /// Reference: Marsaglia, Tsang 2000, "A simple method for generating gamma variables", ACM TOMS
  /// 26(3), doi 10.1145/358407.358414.
  private mutating func gammaOfLargeShape(_ shape: Double) -> Double {
    guard shape >= 1, shape.isFinite else { return .nan }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = uniform()
      let x2 = x * x
      if u < 1 - 0.0331 * x2 * x2 || log(u) < 0.5 * x2 + d * (1 - v + log(v)) { return d * v }
    }
  }

  /// An inverse-gamma draw with density proportional to `x^(−shape−1) exp(−scale/x)`.
  public mutating func inverseGamma(shape: Double, scale: Double) -> Double {
    guard scale > 0 else { return .nan }
    return exp(log(scale) - logGamma(shape: shape))
  }

  /// A beta draw with density proportional to `x^(a−1) (1−x)^(b−1)`.
  ///
  /// The ratio of two gamma draws, formed from their logarithms; shapes far below 1 give the
  /// draws near 0 and 1 that they should.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let logX = logGamma(shape: a)
    let logY = logGamma(shape: b)
    return BayesNumerics.logistic(logX - logY)
  }

  /// A chi-squared draw.
  public mutating func chiSquared(degrees: Double) -> Double {
    2 * gamma(shape: 0.5 * degrees, rate: 1)
  }

  /// A standard Student t draw; infinite `degrees` give a normal draw.
  public mutating func studentT(degrees: Double) -> Double {
    guard degrees > 0 else { return .nan }
    let z = normal()
    if degrees == .infinity { return z }
    // exp of half a logarithm: the gamma draw itself underflows for degrees far below 1.
    return z * exp(0.5 * (log(0.5 * degrees) - logGamma(shape: 0.5 * degrees)))
  }

  /// A Cauchy draw.
  public mutating func cauchy(location: Double = 0, scale: Double = 1) -> Double {
    guard scale > 0 else { return .nan }
    return location + scale * tan(.pi * (uniform() - 0.5))
  }

  /// A Laplace (double exponential) draw of standard deviation √2·scale.
  public mutating func laplace(location: Double = 0, scale: Double = 1) -> Double {
    guard scale > 0 else { return .nan }
    let magnitude = exponential()
    return location + scale * (next() >> 63 == 0 ? magnitude : -magnitude)
  }

  /// A logistic draw of standard deviation π·scale/√3.
  ///
  /// With `u = exp(−e)` for an exponential draw e, `logit u = −log(exp e − 1)`: both tails reach as
  /// far as the exponential's, not only to the logarithm of the grid of `uniform()`.
  public mutating func logistic(location: Double = 0, scale: Double = 1) -> Double {
    guard scale > 0 else { return .nan }
    return location - scale * log(expm1(exponential()))
  }

  /// A log-normal draw: the exponential of a normal one.
  public mutating func logNormal(location: Double = 0, scale: Double = 1) -> Double {
    guard scale > 0 else { return .nan }
    return exp(location + scale * normal())
  }

  /// A Dirichlet draw: proportions that sum to 1, one per concentration.
  ///
  /// Gamma draws normalised in logarithms, so that at least one proportion is not 0 however small
  /// the concentrations are. All are NaN when a concentration is not positive and finite.
  public mutating func dirichlet(_ concentrations: [Double]) -> [Double] {
    let logs = concentrations.map { logGamma(shape: $0) }
    let total = logSumExp(logs)
    return logs.map { exp($0 - total) }
  }
}
