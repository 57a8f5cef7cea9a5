// SQUAREM: a long step from what two EM steps say of the direction.

/// The squared extrapolation of Varadhan and Roland, scheme S3.
///
/// With u₀, u₁ = F(u₀), u₂ = F(u₁) in unconstrained coordinates, r = u₁ − u₀ and v = (u₂ − u₁) − r, the point
///
///     u = u₀ + 2a·r + a²·v,  a = ‖r‖ / ‖v‖
///
/// goes far along the slow part of the error, where u₂ − u₁ is nearly r: were it all of the error, with rate λ,
/// a would be 1 / (1 − λ) and u the fixed point. At a = 1 the point is u₂, a plain step; shorter ones
/// are not taken. The longest a allowed is 1 at first and grows fourfold whenever it is reached, so that
/// the early part of a path, where linear convergence is no guide, is not thrown far off; it shrinks as
/// much when a point at the limit turns out worse.
///
/// An evaluation of the objective comes with its step, so a cycle costs two: the plain point u₁, and u, whose
/// step is the first of the next cycle.
///
/// Reference: Varadhan, Roland 2008, "Simple and globally convergent methods for accelerating the convergence
/// of any EM algorithm", Scandinavian Journal of Statistics 35(2), doi 10.1111/j.1467-9469.2007.00585.x,
/// equation 9 and section 5.
struct EMExtrapolation {
  private static let growth = 4.0
  private var longest = 1.0
  private var isAtLimit = false

  /// The extrapolated coordinates; `nil` where a plain step is as long.
  mutating func propose(_ u0: [Double], _ u1: [Double], _ u2: [Double]) -> [Double]? {
    var r2 = 0.0
    var v2 = 0.0
    for i in u0.indices {
      let r = u1[i] - u0[i]
      let v = u2[i] - u1[i] - r
      r2 += r * r
      v2 += v * v
    }
    let a = min((r2 / v2).squareRoot(), longest)
    guard a.isFinite else { return nil }
    isAtLimit = a == longest
    guard a > 1 else {
      if isAtLimit { longest *= Self.growth }
      return nil
    }
    return u0.indices.map { i in
      let r = u1[i] - u0[i]
      let v = u2[i] - u1[i] - r
      return u0[i] + a * (2 * r + a * v)
    }
  }

  /// Learns whether the proposed point was accepted.
  mutating func note(isAccepted: Bool) {
    guard isAtLimit else { return }
    longest = isAccepted ? longest * Self.growth : max(1, longest / Self.growth)
  }
}
