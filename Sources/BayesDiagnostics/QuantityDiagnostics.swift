// All diagnostics of one scalar quantity, on buffers that the next quantity reuses.

import BayesNumerics

/// Fill `draws` (chain after chain), call `prepare()`, then ask.
///
/// Everything that compares chains reads the **split** series: the halves of each chain, without
/// the middle draw where the number is odd. Quantiles, means and the median that folds the draws
/// are those of all draws.
///
/// Reference: Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, "Rank-normalization, folding, and
/// localization: an improved R-hat", Bayesian Analysis 16(2), doi 10.1214/20-BA1221.
struct QuantityDiagnostics: ~Copyable {
  let chainCount: Int
  let drawCount: Int
  /// Chain-major; `prepare()` may rescale it.
  let draws: Buffer<Double>
  /// Why the diagnostics have no value, if they have none.
  private(set) var problem: String?
  /// Whether there is any draw and each one is a finite number; else nothing below exists.
  private(set) var isFinite = true
  /// Whether each chain by itself is constant.
  private(set) var isConstantInChain: [Bool]

  private let sorted: SortedDraws
  private var split: SplitChains
  /// The power of two that was multiplied in.
  private var scale = 1.0
  /// The mean is `origin + meanShift`; kept apart, so that a large offset takes no digits.
  private var origin = 0.0
  private var meanShift = 0.0
  /// About the mean, divided by the number of draws.
  private var secondMoment = 0.0

  init(chainCount: Int, drawCount: Int, scores: NormalScores? = nil) {
    self.chainCount = chainCount
    self.drawCount = drawCount
    let total = chainCount * drawCount
    draws = Buffer(repeating: 0, count: total)
    isConstantInChain = Array(repeating: false, count: chainCount)
    sorted = SortedDraws(count: total)
    split = SplitChains(
      chainCount: chainCount, drawCount: drawCount,
      scores: scores ?? Self.scores(chainCount: chainCount, drawCount: drawCount))
  }

  /// The scores of the ranks among the split draws; worth sharing between instances.
  static func scores(chainCount: Int, drawCount: Int) -> NormalScores {
    NormalScores(count: 2 * chainCount * (drawCount / 2))
  }

  // MARK: Preparation

  /// Checks and sorts the draws.
  mutating func prepare() {
    var low = Double.infinity
    var high = -Double.infinity
    var unusable = 0
    for chain in 0..<chainCount {
      var chainLow = Double.infinity
      var chainHigh = -Double.infinity
      for i in chain * drawCount..<(chain + 1) * drawCount {
        let x = draws[i]
        if !x.isFinite { unusable += 1 }
        chainLow = x < chainLow ? x : chainLow
        chainHigh = x > chainHigh ? x : chainHigh
      }
      isConstantInChain[chain] = chainLow == chainHigh
      low = min(low, chainLow)
      high = max(high, chainHigh)
    }
    isFinite = unusable == 0 && draws.count > 0
    guard isFinite else {
      problem =
        draws.count == 0
        ? "there are no draws" : "\(unusable) of \(draws.count) draws are NaN or infinite"
      return
    }
    rescale(largest: max(abs(low), abs(high)))
    sorted.sort(draws, low: low * scale, high: high * scale)
    let least = sorted.values[0]
    let shift = draws.elements.reduce(0) { $0 + ($1 - least) } / Double(draws.count)
    (origin, meanShift) = (least, shift)
    secondMoment =
      draws.elements.reduce(0) { $0 + square(($1 - least) - shift) } / Double(draws.count)
    problem = nil
    if drawCount < 4 {
      problem = "fewer than 4 draws a chain"
    } else if isConstantUpToRounding {
      problem = Reason.constant
    }
  }

  /// Whether all draws agree to a few units in the last place: a sum that is one by construction
  /// differs from one by rounding, and its "variation" means nothing.
  private var isConstantUpToRounding: Bool {
    let low = sorted.values[0]
    let high = sorted.values[draws.count - 1]
    return high - low <= 4 * max(abs(low), abs(high)).ulp
  }

  /// Draws so large or small that fourth powers would overflow are scaled by a power of two,
  /// which changes no digit; every diagnostic but the MCSEs is free of scale.
  private mutating func rescale(largest: Double) {
    scale = 1
    guard largest > 0, !(1e-60...1e60).contains(largest) else { return }
    // Not 2^-exponent in one step: for subnormal draws that overflows.
    scale = Double(sign: .plus, exponent: -max(-1000, min(1000, largest.exponent)), significand: 1)
    for i in draws.indices { draws[i] *= scale }
  }

  // MARK: Moments and quantiles

  private var scaledDeviation: Double {
    (secondMoment * Double(draws.count) / Double(draws.count - 1)).squareRoot()
  }

  /// The mean of all draws, `nil` where `isFinite` is false.
  var mean: Double? { unscaled(origin + meanShift) }
  /// The sample standard deviation, `nil` also for a single draw.
  var deviation: Double? { draws.count > 1 ? unscaled(scaledDeviation) : nil }
  /// The type-7 quantile of all draws.
  func quantile(_ p: Double) -> Double? { isFinite ? unscaled(sorted.quantile(p)) : nil }

  private func unscaled(_ x: Double) -> Double? {
    let value = x / scale
    return isFinite && value.isFinite ? value : nil
  }

  // MARK: Diagnostics

  /// Runs `body` unless the quantity has no diagnostics.
  private mutating func unlessUndefined(
    _ body: (inout QuantityDiagnostics) -> DiagnosticValue
  ) -> DiagnosticValue {
    problem.map { .undefined(reason: $0) } ?? body(&self)
  }

  mutating func bulk() -> (rHat: DiagnosticValue, ess: DiagnosticValue) {
    if let problem { return (.undefined(reason: problem), .undefined(reason: problem)) }
    split.fillScores(of: sorted)
    return (split.series.rHat, split.series.effectiveSampleSize())
  }

  /// R-hat of the rank-normalised distances from the median: sensitive to scale and tails.
  mutating func foldedRHat() -> DiagnosticValue {
    unlessUndefined {
      $0.split.fillScoresOfDistances(in: $0.sorted)
      return $0.split.series.rHat
    }
  }

  mutating func splitRHat() -> DiagnosticValue {
    unlessUndefined {
      $0.split.fill($0.draws) { $0 }
      return $0.split.series.rHat
    }
  }

  mutating func essMean() -> DiagnosticValue {
    unlessUndefined {
      $0.split.fill($0.draws) { $0 }
      return $0.split.series.effectiveSampleSize()
    }
  }

  mutating func essDeviation() -> DiagnosticValue {
    unlessUndefined {
      let (origin, shift) = ($0.origin, $0.meanShift)
      $0.split.fill($0.draws) { square(($0 - origin) - shift) }
      return $0.split.series.effectiveSampleSize()
    }
  }

  mutating func essQuantile(_ p: Double) -> DiagnosticValue {
    unlessUndefined {
      let bound = $0.sorted.quantile(p)
      guard bound < $0.sorted.values[$0.draws.count - 1] else {
        return .undefined(reason: "no draw lies above the quantile")
      }
      $0.split.fill($0.draws) { $0 <= bound ? 1 : 0 }
      return $0.split.series.effectiveSampleSize()
    }
  }

  /// The smaller ESS of the 5 % and 95 % quantiles; of one alone where a discrete quantity has no
  /// draw beyond the other.
  mutating func essTail() -> DiagnosticValue {
    let lower = essQuantile(0.05)
    let upper = essQuantile(0.95)
    switch (lower.number, upper.number) {
    case (let low?, let high?): return .value(min(low, high))
    case (nil, _?): return upper
    default: return lower
    }
  }

  mutating func mcseMean() -> DiagnosticValue {
    let deviation = problem == nil ? scaledDeviation : 0
    let scale = scale
    return essMean().mapFinite { deviation / $0.squareRoot() / scale }
  }

  mutating func mcseDeviation() -> DiagnosticValue {
    let ess = essDeviation()
    let (origin, shift, scale) = (origin, meanShift, scale)
    let second = problem == nil ? secondMoment : 1
    let fourth =
      draws.elements.reduce(0) { $0 + square(square(($1 - origin) - shift)) } / Double(draws.count)
    return ess.mapFinite {
      let varianceOfSecond = max(fourth - second * second, 0) / $0
      return (varianceOfSecond / second / 4).squareRoot() / scale
    }
  }

  mutating func mcseQuantile(_ p: Double) -> DiagnosticValue {
    let ess = essQuantile(p)
    let (sorted, scale) = (sorted.values.elements, scale)
    let total = Double(sorted.count)
    return ess.mapFinite {
      let (a, b) = ($0 * p + 1, $0 * (1 - p) + 1)
      // Φ(∓1): the ends of a central interval of plus and minus one standard error.
      let lower = betaQuantile(0.158655253931457051, a, b)
      let upper = betaQuantile(0.841344746068542949, a, b)
      let first = Int(max((lower * total).rounded(.down), 1))
      let last = Int(min((upper * total).rounded(.up), total))
      return (sorted[last - 1] - sorted[first - 1]) / 2 / scale
    }
  }

  /// R-hat and ESS of the chains as they are: neither split nor rank-normalised.
  func raw() -> (rHat: DiagnosticValue, ess: DiagnosticValue) {
    if let problem { return (.undefined(reason: problem), .undefined(reason: problem)) }
    var series = ChainSeries(count: chainCount, length: drawCount)
    for chain in 0..<chainCount {
      for draw in 0..<drawCount {
        series.storage[chain * series.stride + draw] = draws[chain * drawCount + draw]
      }
    }
    series.centre()
    return (series.rHat, series.effectiveSampleSize())
  }
}
