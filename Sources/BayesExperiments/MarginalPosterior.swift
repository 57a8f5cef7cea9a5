// The posterior of one quantity: probabilities, quantiles, intervals, all from a table of both tails.

public import BayesNumerics
import Glibc

/// The posterior distribution of one number: an arm's rate, a difference, a lift.
///
/// Both tails are computed once at a few hundred points, by closed form or by quadrature, and kept as
/// polynomials of their logarithms, good to about 1e-13 relative down to 1e-290. Everything
/// here is read from that table; nothing is drawn at random.
public struct MarginalPosterior: Sendable {
  /// The posterior mean, or `nil` where it is infinite or does not exist.
  public let mean: Double?
  /// The posterior standard deviation, or `nil` where it is infinite or not known in closed form.
  public let standardDeviation: Double?

  let scale: PosteriorScale
  /// What is added to the scale's quantity: −1 makes a ratio a lift.
  let offset: Double
  /// Where the bulk is, as a coordinate, and how wide.
  let center: Double
  let width: Double
  /// The relative error of the tails that rounding of the coordinate makes, or that their ingredients have:
  /// what no further halving of panels brings down.
  let rounding: Double
  private let lowerTable: PiecewiseChebyshev
  private let upperTable: PiecewiseChebyshev
  private let exact: @Sendable (Double) -> DistributionTails

  /// A posterior from its tails.
  ///
  /// - Parameters:
  ///   - center: a coordinate in the bulk.
  ///   - width: about a standard deviation of the coordinate.
  ///   - floor: the tail probability at which the table may end.
  ///   - endsAtFloor: whether tails below the floor count as 0, where computing them is dear.
  ///   - tolerance: the error of the logarithms of the tails.
  ///   - noise: the relative error of the tails that is theirs alone.
  ///   - kinks: coordinates where the tails need not be smooth.
  ///   - tails: the tails at a coordinate.
  init(
    scale: PosteriorScale, offset: Double = 0, mean: Double?, standardDeviation: Double?,
    center: Double, width: Double, floor: Double = 1e-290, endsAtFloor: Bool = false,
    tolerance: Double = 1e-14, noise: Double = 0, kinks: [Double] = [],
    tails: @escaping @Sendable (Double) -> DistributionTails
  ) {
    self.scale = scale
    self.offset = offset
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.center = center
    self.width = width
    rounding = Swift.max(noise, 4 * abs(center).ulp / width)
    let tolerance = Swift.max(tolerance, rounding)
    let isBelow: @Sendable (Double) -> DistributionTails = { c in
      c < center ? DistributionTails(lower: 0, upper: 1) : DistributionTails(lower: 1, upper: 0)
    }
    exact = endsAtFloor ? isBelow : tails
    let low = Self.breaks(from: center, step: -width, floor: floor) { tails($0).lower }
    let high = Self.breaks(from: center, step: width, floor: floor) { tails($0).upper }
    func merged(_ breaks: [Double]) -> [Double] {
      let inside = kinks.filter { $0 > breaks.min()! && $0 < breaks.max()! }
      return Array(Set(breaks + inside)).sorted()
    }
    lowerTable = PiecewiseChebyshev(breaks: merged(low), tolerance: tolerance) {
      log(tails($0).lower)
    }
    upperTable = PiecewiseChebyshev(breaks: merged(high), tolerance: tolerance) {
      log(tails($0).upper)
    }
  }

  /// Ends of panels from the centre outwards, finer within the bulk, until the tail is at the floor.
  private static func breaks(
    from center: Double, step: Double, floor: Double, tail: (Double) -> Double
  ) -> [Double] {
    var breaks = [center]
    var distance = 1.0
    for index in 0..<400 {
      let next = center + step * distance
      guard next.isFinite, next != breaks[index], tail(next) > floor else {
        // The tail ends within this panel: halve the way until it does not.
        var (inside, outside) = (breaks[index], center + step * distance)
        guard outside.isFinite else { break }
        // Where the tail falls within a hundredth of a width, as that of a logarithm far below its end, on to the end.
        var last = tail(inside)
        for _ in 0..<40 {
          let middle = 0.5 * (inside + outside)
          let value = tail(middle)
          if value > floor { (inside, last) = (middle, value) } else { outside = middle }
          if abs(outside - inside) < 0.01 * abs(step), log(last) < 0.8 * log(floor) { break }
        }
        if inside != breaks[index] { breaks.append(inside) }
        break
      }
      breaks.append(next)
      distance += Swift.max(1, distance / 2)
    }
    if breaks.count == 1 { breaks.append(center + step * 1e-3) }
    return breaks
  }

  /// The tails at a coordinate.
  func tails(atCoordinate c: Double) -> DistributionTails {
    if c < center {
      if c < lowerTable.range.lowerBound { return exact(c) }
      let lower = Swift.min(1, exp(lowerTable(c)))
      return DistributionTails(lower: lower, upper: 1 - lower)
    }
    if c > upperTable.range.upperBound { return exact(c) }
    let upper = Swift.min(1, exp(upperTable(c)))
    return DistributionTails(lower: 1 - upper, upper: upper)
  }

  /// The density with respect to the coordinate; 0 beyond the table.
  func density(atCoordinate c: Double) -> Double {
    if c < center {
      guard c >= lowerTable.range.lowerBound else { return 0 }
      let (value, slope) = lowerTable.valueAndSlope(c)
      return Swift.max(0, exp(value) * slope)
    }
    guard c <= upperTable.range.upperBound else { return 0 }
    let (value, slope) = upperTable.valueAndSlope(c)
    return Swift.max(0, -exp(value) * slope)
  }

  /// The part of the line that the table covers.
  var tableRange: (lower: Double, upper: Double) {
    (lowerTable.range.lowerBound, upperTable.range.upperBound)
  }

  /// The probability below and above a value.
  public func tails(at value: Double) -> DistributionTails {
    let c = scale.coordinate(value - offset)
    if c == -.infinity { return DistributionTails(lower: 0, upper: 1) }
    if c == .infinity { return DistributionTails(lower: 1, upper: 0) }
    return tails(atCoordinate: c)
  }

  /// The probability of a value below `value`.
  public func probability(below value: Double) -> Double { tails(at: value).lower }

  /// The probability of a value above `value`.
  public func probability(above value: Double) -> Double { tails(at: value).upper }

  /// The probability of a value between two; tiny ones keep their accuracy.
  public func probability(in range: ClosedRange<Double>) -> Double {
    let (a, b) = (tails(at: range.lowerBound), tails(at: range.upperBound))
    let below = b.lower - a.lower
    let above = a.upper - b.upper
    return Swift.max(0, a.lower < 0.5 ? (b.lower < 0.5 ? below : 1 - a.lower - b.upper) : above)
  }

  /// The value that has probability `p` below it; the ends of the range at 0 and 1.
  ///
  /// - Precondition: `p` lies in [0, 1].
  public func quantile(_ p: Double) -> Double { scale.value(coordinate(quantile: p)) + offset }

  /// The median.
  public var median: Double { quantile(0.5) }

  func coordinate(quantile p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "a probability")
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    func gap(_ c: Double) -> Double {
      let tails = tails(atCoordinate: c)
      return p < 0.5 ? log(tails.lower / p) : log((1 - p) / tails.upper)
    }
    var (low, high) = (center - width, center + width)
    for _ in 0..<200 where gap(low) > 0 { low -= 2 * (center - low) }
    for _ in 0..<200 where gap(high) < 0 { high += 2 * (high - center) }
    return (try? findRoot(in: low...high, gap)) ?? center
  }

  /// The interval that leaves the same probability on either side.
  ///
  /// - Precondition: `mass` lies in (0, 1).
  public func equalTailedInterval(_ mass: Double) -> ClosedRange<Double> {
    quantile(0.5 * (1 - mass))...quantile(1 - 0.5 * (1 - mass))
  }

  /// The shortest interval with a probability: where the density at both ends is the same, or from an
  /// end of the range where the density has its peak there.
  ///
  /// - Precondition: `mass` lies in (0, 1), and the density has one peak.
  public func highestDensityInterval(_ mass: Double) -> ClosedRange<Double> {
    func density(_ c: Double) -> Double {
      let slope = scale.slope(c)
      return slope > 0 ? self.density(atCoordinate: c) / slope : 0
    }
    // Positive while the interval that starts at the quantile p should start further right.
    func gap(_ p: Double) -> Double {
      density(coordinate(quantile: p + mass)) - density(coordinate(quantile: p))
    }
    let rest = 1 - mass
    let (first, last) = (rest * 1e-9, rest * (1 - 1e-9))
    if gap(first) <= 0 { return quantile(0)...quantile(mass) }
    if gap(last) >= 0 { return quantile(rest)...quantile(1) }
    let p = (try? findRoot(in: first...last, tolerance: 1e-13, gap)) ?? 0.5 * rest
    return quantile(p)...quantile(p + mass)
  }
}
