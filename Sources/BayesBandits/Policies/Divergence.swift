// Kullback–Leibler divergences between rewards of two means, and their inverses.

internal import Glibc

/// The family of rewards whose divergence measures how far one mean is from another.
public enum Divergence: Sendable, Equatable {
  /// Rewards of 0 and 1, or in [0, 1]: `p ln(p/q) + (1−p) ln((1−p)/(1−q))`.
  case bernoulli
  /// Rewards of known variance: `(p − q)²/(2σ²)`.
  case gaussian(variance: Double)
  /// Counts: `p ln(p/q) − p + q`.
  case poisson

  /// The divergence of mean `p` from mean `q`; +∞ where q is no mean of such rewards, or makes
  /// those of mean p impossible.
  public func value(_ p: Double, _ q: Double) -> Double {
    switch self {
    case .bernoulli:
      q >= 0 && q <= 1 ? Swift.max(0, term(p, q) + term(1 - p, 1 - q)) : p == q ? 0 : .infinity
    case .gaussian(let variance): (p - q) * (p - q) / (2 * variance)
    case .poisson: q >= 0 ? Swift.max(0, term(p, q) - p + q) : p == q ? 0 : .infinity
    }
  }

  /// The largest mean there can be.
  public var largestMean: Double { if case .bernoulli = self { 1 } else { .infinity } }

  /// The largest `q` of divergence at most `level` from `p`; `level` is not negative.
  ///
  /// The divergence is convex in q and steepest far from p, so that Newton's method from any point
  /// above the root comes down to it without overshooting. It starts at an upper bound.
  public func upperMean(_ p: Double, level: Double) -> Double {
    guard level < .infinity else { return largestMean }
    return switch self {
    case .bernoulli: upperProbability(p, level)
    case .gaussian(let variance): p + (2 * variance * level).squareRoot()
    case .poisson: upperRate(p, level)
    }
  }

  /// An upper bound of `upperMean` that costs a root, or nothing.
  @inline(__always)
  func looseUpperMean(_ p: Double, level: Double) -> Double {
    switch self {
    // Pinsker's inequality: the divergence is at least 2(p − q)².
    case .bernoulli: p + (0.5 * level).squareRoot()
    case .gaussian(let variance): p + (2 * variance * level).squareRoot()
    // The divergence is at least (√p − √q)²: the squared Hellinger distance.
    case .poisson:
      Swift.max(0, p) + level + 2 * (Swift.max(0, p) * level).squareRoot()
    }
  }
}

/// `p ln(p/q)`.
@inline(__always)
private func term(_ p: Double, _ q: Double) -> Double {
  p <= 0 ? 0 : q <= 0 ? .infinity : p * log(p / q)
}

private func upperProbability(_ p: Double, _ level: Double) -> Double {
  if p >= 1 { return 1 }
  if p <= 0 { return -expm1(-level) }
  if level <= 0 { return p }
  let rest = 1 - p
  // f(q) = constant − p ln q − (1−p) ln(1−q), the divergence less the level.
  let constant = p * log(p) + rest * log(rest) - level
  // Two upper bounds: Pinsker's, and the one without the term p ln(1/q) ≥ 0.
  var q = Swift.min(p + (0.5 * level).squareRoot(), -expm1(constant / rest))
  for _ in 0..<60 {
    let complement = 1 - q
    guard complement > 0 else { return q }
    let excess = constant - p * log(q) - rest * log(complement)
    guard excess > 0 else { break }
    let step = excess * q * complement / (q - p)
    q -= step
    if step <= 1e-15 * q || q <= p { break }
  }
  return Swift.max(p, Swift.min(1, q))
}

private func upperRate(_ p: Double, _ level: Double) -> Double {
  if p <= 0 { return level }
  if level <= 0 { return p }
  let constant = p * log(p) - p - level
  // The divergence is at least the squared difference of the roots.
  var q = p + level + 2 * (p * level).squareRoot()
  for _ in 0..<60 {
    let excess = constant - p * log(q) + q
    guard excess > 0 else { break }
    let step = excess * q / (q - p)
    q -= step
    if step <= 1e-15 * q || q <= p { break }
  }
  return Swift.max(p, q)
}
