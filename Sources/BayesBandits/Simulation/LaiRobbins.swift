// The asymptotic lower bound of regret.

/// The Lai–Robbins constant: no policy that is good on every problem can have, in the limit, a regret
/// below this times ln t.
///
/// ```
/// Σ (v* − vₐ)/kl(mₐ, v* + cₐ),   vₐ = mₐ − cₐ,  v* = max vₐ
/// ```
///
/// over the arms that are not best; an arm whose cost no possible mean could pay for adds nothing. It is a slope to compare curves
/// with, not a bound at any finite round: good policies are well below it for a long time.
///
/// Reference: Lai, Robbins 1985, "Asymptotically efficient adaptive allocation rules", Advances in Applied
/// Mathematics 6, doi 10.1016/0196-8858(85)90002-8.
public func laiRobbinsConstant(
  means: [Double], divergence: Divergence, costs: [Double] = []
) -> Double {
  precondition(costs.isEmpty || costs.count == means.count, "one cost per arm")
  let costs = costs.isEmpty ? means.map { _ in 0 } : costs
  let best = zip(means, costs).map { $0 - $1 }.max() ?? 0
  var sum = 0.0
  for (mean, cost) in zip(means, costs) {
    let gap = best - (mean - cost)
    guard gap > 0, best + cost < divergence.largestMean else { continue }
    sum += gap / divergence.value(mean, best + cost)
  }
  return sum
}

extension Environment {
  /// The Lai–Robbins constant, for means that are given and stay.
  public var laiRobbinsConstant: Double? {
    guard case .means(let means) = truth, change == .never else { return nil }
    return BayesBandits.laiRobbinsConstant(
      means: means, divergence: task(horizon: nil).divergence, costs: costs)
  }
}
