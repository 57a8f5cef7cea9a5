// Revenue for each unit: how probable an amount is, times the mean amount of those who give one.

import BayesNumerics
import Glibc

/// The posterior of the mean of positive amounts that follow a gamma distribution of unknown shape.
///
/// Why gamma: its likelihood estimates the mean by the mean of the amounts whatever their law is, and the posterior mean
/// is finite. With log-normal amounts of unknown variance the mean, exp(μ + σ²/2), has no finite posterior expectation
/// under the conjugate prior (Fabrizi, Trivisano 2012, doi 10.1214/12-BA733), and no expected loss.
///
/// ```
/// amount | k, m ~ Gamma(shape k, mean m);   log k ~ Normal(0, 1.5²)
/// m | k ~ InverseGamma(w k + 1, w k m₀)     worth w amounts of m₀ each
/// m | k, data ~ InverseGamma((w + n) k + 1, k (w m₀ + Σ amounts))
/// E[m | data] = (w m₀ + Σ amounts)/(w + n)  for every k
/// ```
///
/// The shape k is integrated out by the trapezoid rule in log k.
struct AmountPosterior: Sendable {
  /// Shapes with their posterior weights, which add up to 1.
  let shapes: [(shape: Double, weight: Double)]
  /// w + n.
  let total: Double
  /// w m₀ + Σ amounts.
  let sum: Double

  /// The posterior of the mean amount.
  var mean: Double { sum / total }

  /// - Precondition: `priorAmount` and `priorWeight` are positive.
  init(_ data: AmountStatistics, priorAmount: Double, priorWeight: Double) {
    let total = priorWeight + data.count
    let sum = priorWeight * priorAmount + data.sum
    // How far the amounts, the prior's among them, are from all being the same. They count as spread by 1e-4
    // of themselves at least: the shape of equal ones has no likeliest value.
    let spread = max(
      total * log(sum / total) - priorWeight * log(priorAmount) - data.sumOfLogs,
      5e-9 * data.count)
    // Stirling's main terms cancel by hand: what is left has no difference of large numbers. R is his remainder.
    func logDensity(_ logShape: Double) -> Double {
      let k = exp(logShape)
      return 0.5 * data.count * logShape - logShape * logShape / 4.5 - k * spread
        - data.count * stirlingRemainder(k) - stirlingRemainder(priorWeight * k)
        + stirlingRemainder(total * k)
    }
    // The peak by a coarse search, then by golden sections; the width from where the density falls. Beyond the
    // grid no amounts that have a spread lie.
    let grid = stride(from: -12.0, through: 20, by: 0.5).map { ($0, logDensity($0)) }
    let top = grid.max { $0.1 < $1.1 }!.0
    let peak = (try? minimise(in: top - 0.6...top + 0.6) { -logDensity($0) }.argument) ?? top
    let height = logDensity(peak)
    func reach(_ direction: Double) -> Double {
      var step = 1e-9
      while step < 40, logDensity(peak + direction * step) > height - 36 { step *= 1.3 }
      return peak + direction * step
    }
    let (low, high) = (reach(-1), reach(1))
    let count = 28
    let logs = (0...count).map { low + (high - low) * Double($0) / Double(count) }
    let values = logs.map { exp(logDensity($0) - height) }
    let whole = values.reduce(0, +)
    shapes = zip(logs, values).filter { $1 > 1e-16 }.map { (exp($0), $1 / whole) }
    self.total = total
    self.sum = sum
  }

  /// Both tails of the mean amount at a logarithm: a mixture over the shapes.
  func tails(logMean: Double) -> DistributionTails {
    var (lower, upper) = (0.0, 0.0)
    for (k, weight) in shapes {
      // m below x is the gamma variable k·sum/m above k·sum/x.
      let own = gammaTails(logValue: log(k * sum) - logMean, shape: total * k + 1)
      lower += weight * own.upper
      upper += weight * own.lower
    }
    return DistributionTails(lower: lower, upper: upper)
  }

  /// E[m²], infinite where a shape gives an inverse gamma without variance.
  var meanSquare: Double {
    shapes.reduce(0) { sum, node in
      let shape = total * node.shape + 1
      guard shape > 2 else { return .infinity }
      let scale = node.shape * self.sum
      return sum + node.weight * scale * scale / ((shape - 1) * (shape - 2))
    }
  }

  /// E[1/m].
  var meanInverse: Double {
    shapes.reduce(0) { $0 + $1.weight * (total * $1.shape + 1) / ($1.shape * sum) }
  }
}

extension VariantPosterior {
  /// Revenue for each unit: a beta conversion rate times a mean amount.
  ///
  /// ```
  /// P(rate · m > x) = ∫ f_rate(p) P(m > x/p) dp
  /// ```
  static func revenue(
    conversion: (a: Double, b: Double), amounts: AmountPosterior
  ) throws -> VariantPosterior {
    let rate = try VariantPosterior.beta(conversion.a, conversion.b)
    let centers = amounts.shapes.map { node in
      (node.weight, log(node.shape * amounts.sum) - digamma(amounts.total * node.shape + 1))
    }
    let center = centers.reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(amounts.shapes, centers).reduce(0.0) { sum, pair in
      let distance = pair.1.1 - center
      return sum + pair.0.weight
        * (trigamma(amounts.total * pair.0.shape + 1) + distance * distance)
    }
    let amount = MarginalPosterior(
      scale: .positive, mean: amounts.mean, standardDeviation: nil, center: center,
      width: variance.squareRoot(), floor: 1e-120, endsAtFloor: true
    ) { amounts.tails(logMean: $0) }
    let mean = rate.mean! * amounts.mean
    let rateSquare =
      rate.mean! * (conversion.a + 1) / (conversion.a + conversion.b + 1)
    let square = rateSquare * amounts.meanSquare
    let rateWidth = rate.marginal.width / (1 + exp(rate.marginal.center))
    let noise = max(rate.marginal.rounding, amount.rounding)
    let posterior = MarginalPosterior(
      scale: .positive, mean: mean,
      standardDeviation: square.isFinite ? max(0, square - mean * mean).squareRoot() : nil,
      center: center + log(logistic(rate.marginal.center)),
      width: hypot(variance.squareRoot(), rateWidth), floor: 1e-60, endsAtFloor: true, noise: noise
    ) { c in
      let own = rate.marginal
      let near = [-4.0, 0, 4].compactMap { k -> Double? in
        let odds = logit(exp(c - amount.center + k * amount.width))
        return odds.isFinite ? odds : nil
      }
      let range = own.tableRange
      let breaks = Set(
        panelBreaks([own]) + near.filter { $0 > range.lower && $0 < range.upper })
      let sums = integrate(2, over: breaks.sorted(), relativeError: max(1e-11, 4 * noise)) {
        u, out in
        let density = own.density(atCoordinate: u)
        guard density > 0 else {
          (out[0], out[1]) = (0, 0)
          return
        }
        let tails = amount.tails(atCoordinate: c + log1pExp(-u))
        (out[0], out[1]) = (density * tails.lower, density * tails.upper)
      }
      return DistributionTails(lower: sums[0], upper: sums[1])
    }
    let meanInverse = rate.meanInverse.map { $0 * amounts.meanInverse }
    return VariantPosterior(
      name: "\(rate.name) conversion, mean amount \(short(amounts.mean))", marginal: posterior,
      meanInverse: meanInverse)
  }
}

extension AmountStatistics {
  /// The variance of the amounts over the one that a gamma distribution with their mean and mean logarithm
  /// has; `nil` where it cannot be told. Far above 1 the gamma model is too narrow.
  public var excessDispersion: Double? {
    guard let sumOfSquares, count >= 10 else { return nil }
    let mean = sum / count
    let variance = (sumOfSquares - count * mean * mean) / (count - 1)
    let gap = log(mean) - sumOfLogs / count
    // log k − ψ(k) = gap gives the shape of greatest likelihood.
    guard gap > 1e-10,
      let logShape = try? findRoot(in: -12.0...25, { $0 - digamma(exp($0)) - gap })
    else { return nil }
    return variance / (mean * mean / exp(logShape))
  }
}
