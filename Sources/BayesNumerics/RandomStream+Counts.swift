// Draws of counts and of categories; the counts are GSL's, driven by the stream.

import CGSL
import Glibc

extension RandomStream {
  /// The largest mean or number of trials that is given to GSL, whose counts are 32-bit.
  private static var largestDirect: Double { 0x1p30 }

  /// A Poisson draw, a whole number.
  ///
  /// Above 2³⁰ the mean is first reduced: the time of the `m`-th event, with `m` 7/8 of the mean,
  /// is a gamma draw, and what remains is a Poisson or a binomial count of the rest.
  /// A mean that is negative, infinite or above 2⁵³, where counts are no longer whole `Double`s,
  /// gives NaN.
  ///
  /// Reference: Ahrens, Dieter 1974, "Computer methods for sampling from gamma, beta, Poisson and
  /// binomial distributions", Computing 12, doi 10.1007/BF02293108.
  public mutating func poisson(mean: Double) -> Double {
    guard mean >= 0, mean <= 0x1p53 else { return .nan }
    if mean <= Self.largestDirect {
      return withGenerator { Double(gsl_ran_poisson($0, mean)) }
    }
    let events = (mean * 7 / 8).rounded(.down)
    let time = gamma(shape: events, rate: 1)
    if time <= mean { return events + poisson(mean: mean - time) }
    return binomial(trials: events - 1, probability: mean / time)
  }

  /// A binomial draw, a whole number.
  ///
  /// Above 2³⁰ trials the median of that many uniforms, a beta draw, tells how many of them fall on
  /// one side of `probability` and leaves half of the trials to be drawn.
  ///
  /// `trials` is a whole number up to 2⁵³; other values, or a probability outside [0, 1], give NaN.
  ///
  /// Reference: Relles 1972, "A simple algorithm for generating binomial random variables when N is
  /// large", JASA 67(339), doi 10.1080/01621459.1972.10481259.
  public mutating func binomial(trials: Double, probability: Double) -> Double {
    guard trials >= 0, trials <= 0x1p53, trials == trials.rounded(), probability >= 0,
      probability <= 1
    else { return .nan }
    if trials <= Self.largestDirect {
      return withGenerator { Double(gsl_ran_binomial($0, probability, UInt32(trials))) }
    }
    let rank = ((trials + 1) / 2).rounded(.down)
    let middle = beta(rank, trials + 1 - rank)
    if middle <= probability {
      let rest = Swift.min(1, (probability - middle) / (1 - middle))
      return rank + binomial(trials: trials - rank, probability: rest)
    }
    return binomial(trials: rank - 1, probability: probability / middle)
  }

  /// A binomial draw for an integer number of trials.
  public mutating func binomial(trials: Int, probability: Double) -> Double {
    binomial(trials: Double(trials), probability: probability)
  }

  /// A negative binomial draw of the given mean and of variance `mean + mean²/dispersion`.
  ///
  /// A Poisson draw whose mean is a gamma draw; infinite `dispersion` gives a Poisson draw.
  public mutating func negativeBinomial(mean: Double, dispersion: Double) -> Double {
    guard mean >= 0, dispersion > 0 else { return .nan }
    if dispersion == .infinity || mean == 0 { return poisson(mean: mean) }
    return poisson(mean: mean * (gamma(shape: dispersion, rate: 1) / dispersion))
  }

  /// A position drawn with probability proportional to its weight.
  ///
  /// `nil` when a weight is negative or not finite, or when none is positive. A position of weight 0
  /// is never drawn.
  public mutating func categorical(_ weights: [Double]) -> Int? {
    var total = 0.0
    for weight in weights {
      guard weight >= 0, weight.isFinite else { return nil }
      total += weight
    }
    guard total > 0, total.isFinite else { return nil }
    let target = uniform() * total
    var sum = 0.0
    var last: Int?
    for (position, weight) in weights.enumerated() where weight > 0 {
      sum += weight
      last = position
      if target < sum { return position }
    }
    // Only rounding of the product above brings us here.
    return last
  }

  /// Calls `body` with a GSL generator whose every bit comes from this stream.
  private mutating func withGenerator<Result>(
    _ body: (UnsafePointer<gsl_rng>) -> Result
  ) -> Result {
    disableGSLErrorHandler()
    return withUnsafeMutablePointer(to: &self) { stream in
      withUnsafePointer(to: streamGeneratorType) { type in
        var generator = gsl_rng(type: type, state: UnsafeMutableRawPointer(stream))
        return withUnsafePointer(to: &generator, body)
      }
    }
  }
}

/// The type of a GSL generator whose state is a `RandomStream`; a name and seeding it needs none.
private var streamGeneratorType: gsl_rng_type {
  gsl_rng_type(
    name: nil, max: .max, min: 0, size: MemoryLayout<RandomStream>.size, set: nil,
    get: { $0!.assumingMemoryBound(to: RandomStream.self).pointee.next() },
    get_double: { $0!.assumingMemoryBound(to: RandomStream.self).pointee.uniform() })
}
