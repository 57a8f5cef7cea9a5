// What is believed about one arm's mean reward, as a distribution with a name.

internal import BayesNumerics
internal import Glibc

/// The posterior of one arm's mean reward, where it has a closed form.
public enum ArmPosterior: Sendable, Equatable, Hashable {
  /// Density proportional to `x^(a−1) (1−x)^(b−1)`: rates of success.
  case beta(_ a: Double, _ b: Double)
  /// Density proportional to `x^(shape−1) exp(−rate·x)`: means of counts.
  case gamma(shape: Double, rate: Double)
  /// Means of measurements with known variance.
  case normal(mean: Double, deviation: Double)
  /// Means of measurements with unknown variance.
  case studentT(degrees: Double, location: Double, scale: Double)

  /// Whether its parameters are those of a distribution.
  public var isValid: Bool {
    func positive(_ x: Double) -> Bool { x > 0 && x.isFinite }
    return switch self {
    case .beta(let a, let b): positive(a) && positive(b)
    case .gamma(let shape, let rate): positive(shape) && positive(rate)
    case .normal(let mean, let deviation): mean.isFinite && positive(deviation)
    case .studentT(let degrees, let location, let scale):
      degrees > 0 && location.isFinite && positive(scale)
    }
  }

  /// The mean; the location where a Student t has none.
  public var mean: Double {
    switch self {
    case .beta(let a, let b): a / (a + b)
    case .gamma(let shape, let rate): shape / rate
    case .normal(let mean, _): mean
    case .studentT(_, let location, _): location
    }
  }

  /// Density and distribution function at `x`.
  func values(at x: Double) -> (density: Double, below: Double) {
    switch self {
    case .beta(let a, let b):
      guard x > 0, x < 1 else { return (0, x <= 0 ? 0 : 1) }
      let log = (a - 1) * Glibc.log(x) + (b - 1) * log1p(-x) - logBeta(a, b)
      return (exp(log), betaCDF(x, a, b))
    case .gamma(let shape, let rate):
      guard x > 0 else { return (0, 0) }
      let log = shape * Glibc.log(rate) + (shape - 1) * Glibc.log(x) - rate * x - logGamma(shape)
      return (exp(log), gammaCDF(x, shape: shape, rate: rate))
    case .normal(let mean, let deviation):
      let z = (x - mean) / deviation
      return (normalDensity(z) / deviation, normalCDF(z))
    case .studentT(let degrees, let location, let scale):
      let z = (x - location) / scale
      return (studentDensity(z, degrees) / scale, studentCDF(z, degrees))
    }
  }
}

private func normalDensity(_ z: Double) -> Double {
  exp(-0.5 * z * z) * 0.398_942_280_401_432_7
}

private func studentDensity(_ z: Double, _ degrees: Double) -> Double {
  guard degrees.isFinite else { return normalDensity(z) }
  // Γ((ν+1)/2)/(√(νπ) Γ(ν/2)) = 1/(√ν B(½, ν/2)).
  return exp(
    -0.5 * (degrees + 1) * log1p(z * z / degrees) - logBeta(0.5, 0.5 * degrees)
      - 0.5 * log(degrees))
}

/// Through the beta distribution function, with full relative accuracy in the lower tail.
///
/// Reference: Abramowitz, Stegun 1964, 26.7.1.
private func studentCDF(_ z: Double, _ degrees: Double) -> Double {
  guard degrees.isFinite else { return normalCDF(z) }
  let square = z * z
  // Beside 0 the tail is nearly one half and its complement is what has digits.
  let tail =
    square < degrees
    ? 0.5 * (1 - betaCDF(square / (degrees + square), 0.5, 0.5 * degrees))
    : 0.5 * betaCDF(degrees / (degrees + square), 0.5 * degrees, 0.5)
  return z < 0 ? tail : 1 - tail
}
