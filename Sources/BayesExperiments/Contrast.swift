// The posterior of the difference between two variants, and of their ratio, by one-dimensional convolution.

import BayesNumerics
import Glibc

extension MarginalPosterior {
  /// The posterior of `b − a` for independent `a` and `b`.
  ///
  /// ```
  /// P(b − a ≤ d) = ∫ f_a(x) F_b(x + d) dx
  /// ```
  static func difference(_ b: VariantPosterior, minus a: VariantPosterior) -> MarginalPosterior {
    let (pa, pb) = (a.marginal, b.marginal)
    let (sa, sb) = (bulkWidth(pa), bulkWidth(pb))
    let width = hypot(sa, sb)
    let mean = a.mean.flatMap { own in b.mean.map { $0 - own } }
    let deviation = pa.standardDeviation.flatMap { x in pb.standardDeviation.map { hypot(x, $0) } }
    let isUnit = if case .unit = pa.scale { true } else { false }
    return MarginalPosterior(
      scale: .real, mean: mean, standardDeviation: deviation, center: pb.median - pa.median,
      width: width, floor: 1e-12, tolerance: 1e-13, noise: max(pa.rounding, pb.rounding),
      kinks: [0] + (isUnit ? [-1, 1] : [])
    ) { d in
      if isUnit, d >= 1 { return DistributionTails(lower: 1, upper: 0) }
      if isUnit, d <= -1 { return DistributionTails(lower: 0, upper: 1) }
      return mixedTails(
        of: pb, over: pa, bulk: pb.bulkBreaks.map { pb.scale.coordinate($0, movedBy: -d) },
        ends: pb.scale.ends(movedBy: -d)
      ) {
        pa.scale.coordinate($0, movedBy: d)
      }
    }
  }

  /// The posterior of the lift `b/a − 1` for independent positive `a` and `b`.
  ///
  /// ```
  /// P(b/a ≤ r) = ∫ f_a(x) F_b(r x) dx
  /// ```
  ///
  /// `nil` where `a` is not clearly positive (a probability above 1e-4 of being negative): a ratio to something about 0
  /// has no meaning. The mean is E[b] E[1/a] − 1.
  static func lift(of b: VariantPosterior, over a: VariantPosterior) -> MarginalPosterior? {
    let (pa, pb) = (a.marginal, b.marginal)
    let mean = b.mean.flatMap { own in a.meanInverse.map { own * $0 - 1 } }
    if case .real = pa.scale {
      guard pa.probability(below: 0) < 1e-4 else { return nil }
      let (ma, mb) = (pa.median, pb.median)
      let width = hypot(bulkWidth(pb), mb * bulkWidth(pa) / ma) / ma
      return MarginalPosterior(
        scale: .real, offset: -1, mean: nil, standardDeviation: nil, center: mb / ma, width: width,
        floor: 1e-12, tolerance: 1e-13, noise: max(pa.rounding, pb.rounding)
      ) { r in
        mixedTails(
          of: pb, over: pa, bulk: r == 0 ? [] : pb.bulkBreaks.map { $0 / r }, ends: [0],
          isReversed: { $0 < 0 }
        ) { r * $0 }
      }
    }
    let center = log(pb.median / pa.median)
    let width = hypot(bulkLogWidth(pa), bulkLogWidth(pb))
    return MarginalPosterior(
      scale: .positive, offset: -1, mean: mean, standardDeviation: nil, center: center,
      width: width, floor: 1e-12, tolerance: 1e-13, noise: max(pa.rounding, pb.rounding)
    ) { logRatio in
      let ratio = exp(logRatio)
      let bulk = pb.bulkBreaks.map { pb.scale.coordinate(pb.scale.value($0) / ratio) }
      let ends: [Double] =
        if case .unit = pb.scale { [pb.scale.coordinate(1 / ratio)] } else { [] }
      return mixedTails(of: pb, over: pa, bulk: bulk, ends: ends) {
        pa.scale.coordinate($0, timesExp: logRatio)
      }
    }
  }

  /// Coordinates around the bulk.
  fileprivate var bulkBreaks: [Double] {
    [-8, -4, -2, 0, 2, 4, 8].map { center + $0 * width }
  }
}

extension PosteriorScale {
  /// The coordinates of the ends of the range, moved by a difference.
  fileprivate func ends(movedBy difference: Double) -> [Double] {
    switch self {
    case .unit: [coordinate(difference), coordinate(1 + difference)]
    case .positive: [coordinate(difference)]
    case .real: []
    }
  }
}

/// Tails of a quantity that is `b` moved by something that depends on `a`, averaged over `a`.
///
/// - Parameters:
///   - bulk: where the bulk of `b` comes to lie, as coordinates of `a`.
///   - ends: where the range of `b` ends, as coordinates of `a`; infinite ones do not count.
private func mixedTails(
  of b: MarginalPosterior, over a: MarginalPosterior, bulk: [Double], ends: [Double],
  isReversed: (Double) -> Bool = { _ in false }, _ coordinate: (Double) -> Double
) -> DistributionTails {
  let range = a.tableRange
  // Where `b` is much narrower than `a`, its bulk is a step that panels must not miss.
  let known = bulk.filter(\.isFinite)
  let isNarrow = (known.max() ?? 0) - (known.min() ?? 0) < 6 * a.width
  let extra = (ends + (isNarrow ? known : [])).filter { $0 > range.lower && $0 < range.upper }
  let breaks = Array(Set(panelBreaks([a]) + extra)).sorted()
  let tolerance = max(1e-11, 4 * max(a.rounding, b.rounding))
  let sums = integrate(2, over: breaks, relativeError: tolerance) { c, out in
    let density = a.density(atCoordinate: c)
    guard density > 0 else {
      (out[0], out[1]) = (0, 0)
      return
    }
    let moved = coordinate(c)
    let tails =
      moved == -.infinity
      ? DistributionTails(lower: 0, upper: 1)
      : moved == .infinity ? DistributionTails(lower: 1, upper: 0) : b.tails(atCoordinate: moved)
    (out[0], out[1]) = (density * tails.lower, density * tails.upper)
    if isReversed(c) { (out[0], out[1]) = (out[1], out[0]) }
  }
  return DistributionTails(lower: sums[0], upper: sums[1])
}

/// Half the width of the central 68 % of the quantity.
private func bulkWidth(_ posterior: MarginalPosterior) -> Double {
  0.5 * (posterior.quantile(0.84) - posterior.quantile(0.16))
}

/// Half the width of the central 68 % of the quantity's logarithm.
private func bulkLogWidth(_ posterior: MarginalPosterior) -> Double {
  0.5 * log(posterior.quantile(0.84) / posterior.quantile(0.16))
}
