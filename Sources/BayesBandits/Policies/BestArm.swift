// The probability of each arm to be the best, by quadrature.

internal import BayesNumerics
internal import Glibc

/// The probability of each of several independent unknown means to be the largest:
///
/// ```
/// Pₐ = ∫ fₐ(x) Π_{b≠a} F_b(x) dx
/// ```
///
/// These are the probabilities with which Thompson sampling chooses. All integrals share one set of
/// points: Gauss–Legendre panels around every arm, halved until each integral is settled to about
/// 1e-12 of itself, so that small probabilities are as good as large ones. Rates of success are
/// integrated over their log odds, means of counts over their logarithm.
///
/// - Parameters:
///   - posteriors: of the arms, independent of each other.
///   - costs: what a play of each arm costs, which counts against its mean; none if empty.
/// - Throws: `PolicyError` for parameters of no distribution or costs that are not finite.
/// - Complexity: some hundreds to thousands of evaluations of each distribution function.
public func probabilitiesOfBest(
  of posteriors: [ArmPosterior], costs: [Double] = []
) throws -> [Double] {
  for posterior in posteriors where !posterior.isValid {
    throw PolicyError.invalid(
      name: "posterior", value: "\(posterior)", expected: "a distribution")
  }
  if let cost = costs.first(where: { !$0.isFinite }) {
    throw PolicyError.invalid(name: "cost", value: "\(cost)", expected: "a finite number")
  }
  precondition(costs.isEmpty || costs.count == posteriors.count, "one cost per arm")
  guard posteriors.count > 1 else { return posteriors.map { _ in 1 } }
  let offsets = costs.isEmpty ? Array(repeating: 0, count: posteriors.count) : costs
  let scale = CommonScale(posteriors, offsets: offsets)
  let marginals = zip(posteriors, offsets).map { Marginal($0, offset: $1, on: scale) }
  let sums = integrateShared(
    Breakpoints.around(marginals), count: posteriors.count,
    integrand: { y, products in bestIntegrand(marginals, at: y, into: &products) })
  let total = sums.reduce(0, +)
  guard abs(total - 1) < 1e-8 else {
    throw NumericsError.notConverged(estimate: total, error: abs(total - 1))
  }
  return sums.map { $0 / total }
}

/// `fₐ Π_{b≠a} F_b` for all arms at one point, by products from both ends.
private func bestIntegrand(_ marginals: [Marginal], at y: Double, into products: inout [Double]) {
  let values = marginals.map { $0.values(at: y) }
  var before = 1.0
  for (arm, value) in values.enumerated() {
    products[arm] = before * value.density
    before *= value.below
  }
  var after = 1.0
  for (arm, value) in values.enumerated().reversed() {
    products[arm] *= after
    after *= value.below
  }
}

/// The variable over which all arms are integrated.
private enum CommonScale {
  case linear, logarithm, logOdds

  init(_ posteriors: [ArmPosterior], offsets: [Double]) {
    let isShifted = Set(offsets).count > 1 || offsets.contains { $0 != 0 }
    func all(_ isKind: (ArmPosterior) -> Bool) -> Bool {
      !isShifted && posteriors.allSatisfy(isKind)
    }
    if all({ if case .beta = $0 { true } else { false } }) {
      self = .logOdds
    } else if all({ if case .gamma = $0 { true } else { false } }) {
      self = .logarithm
    } else {
      self = .linear
    }
  }
}

/// One arm's distribution over the common variable.
private struct Marginal {
  let posterior: ArmPosterior
  let scale: CommonScale
  let offset: Double
  /// Where it lies and how wide it is, roughly.
  let center, width: Double
  /// The logarithm of its normalising constant.
  private let logConstant: Double

  init(_ posterior: ArmPosterior, offset: Double, on scale: CommonScale) {
    self.posterior = posterior
    self.scale = scale
    self.offset = offset
    switch (scale, posterior) {
    case (.logOdds, .beta(let a, let b)):
      center = digamma(a) - digamma(b)
      width = (trigamma(a) + trigamma(b)).squareRoot()
      logConstant = -logBeta(a, b)
    case (.logarithm, .gamma(let shape, let rate)):
      center = digamma(shape) - log(rate)
      width = trigamma(shape).squareRoot()
      logConstant = -logGamma(shape)
    case (_, .beta(let a, let b)):
      center = a / (a + b) - offset
      width = (a * b / (a + b + 1)).squareRoot() / (a + b)
      logConstant = 0
    case (_, .gamma(let shape, let rate)):
      center = shape / rate - offset
      width = shape.squareRoot() / rate
      logConstant = 0
    case (_, .normal(let mean, let deviation)):
      center = mean - offset
      width = deviation
      logConstant = 0
    case (_, .studentT(_, let location, let spread)):
      center = location - offset
      width = spread
      logConstant = 0
    }
  }

  /// Density over the common variable, and distribution function.
  func values(at y: Double) -> (density: Double, below: Double) {
    switch (scale, posterior) {
    case (.logOdds, .beta(let a, let b)):
      let density = exp(logConstant - a * log1pExp(-y) - b * log1pExp(y))
      let (x, rest) = (logistic(y), logistic(-y))
      if x <= 0.5 { return (density, betaCDF(x, a, b)) }
      // Beside 1 it is the complement that has digits, unless the lower tail is what is small.
      let above = betaCDF(rest, b, a)
      return (density, above < 0.5 ? 1 - above : betaCDF(x, a, b))
    case (.logarithm, .gamma(let shape, let rate)):
      let x = exp(y)
      let t = rate * x
      // Around the mean, shape·log t − t − log Γ(shape) is a difference of large numbers.
      return (exp(shape * log(t) - t + logConstant), gammaCDF(x, shape: shape, rate: rate))
    default: return posterior.values(at: y + offset)
    }
  }
}

/// Where panels begin and end.
private enum Breakpoints {
  /// Several widths of each arm around its centre; on the linear scale also where supports end.
  static func around(_ marginals: [Marginal]) -> [Double] {
    var points: Set<Double> = []
    for marginal in marginals {
      points.insert(marginal.center)
      for reach in reaches(marginal) {
        points.insert(marginal.center - reach * marginal.width)
        points.insert(marginal.center + reach * marginal.width)
      }
      if marginal.scale == .linear {
        switch marginal.posterior {
        case .beta: points.formUnion([-marginal.offset, 1 - marginal.offset])
        case .gamma: points.insert(-marginal.offset)
        default: break
        }
      }
    }
    return points.filter(\.isFinite).sorted()
  }

  private static func reaches(_ marginal: Marginal) -> [Double] {
    var reaches = [1.0, 2.5, 5, 10, 20, 40]
    // A tail of x^−ν is followed until it has 1e-18 left.
    if case .studentT(let degrees, _, _) = marginal.posterior, degrees < 40 {
      let last = Swift.min(1e60, pow(10, 18 / degrees) * 10)
      while reaches[reaches.count - 1] < last { reaches.append(reaches[reaches.count - 1] * 4) }
    }
    return reaches
  }
}

/// The integrals of several non-negative functions over the same panels.
///
/// A panel is halved until its halves agree with it to 1e-13 of every integral, all panels
/// in turn, 48 times at most.
private func integrateShared(
  _ points: [Double], count: Int, integrand: (Double, inout [Double]) -> Void
) -> [Double] {
  let rule = GaussLegendre.twelve
  var values = Array(repeating: 0.0, count: count)
  func panel(_ low: Double, _ high: Double) -> Panel {
    var sums = Array(repeating: 0.0, count: count)
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low))
    for (node, weight) in zip(rule.nodes, rule.weights) {
      integrand(middle + half * node, &values)
      for k in 0..<count { sums[k] += half * weight * values[k] }
    }
    return Panel(low: low, high: high, integrals: sums)
  }
  var settled = Array(repeating: 0.0, count: count)
  var open = zip(points, points.dropFirst()).map(panel)
  for _ in 0..<48 where !open.isEmpty {
    let halves = open.map { whole in
      let middle = 0.5 * (whole.low + whole.high)
      return (panel(whole.low, middle), panel(middle, whole.high))
    }
    var totals = settled
    for (left, right) in halves {
      for k in 0..<count { totals[k] += left.integrals[k] + right.integrals[k] }
    }
    var next: [Panel] = []
    for (whole, (left, right)) in zip(open, halves) {
      let isSettled = (0..<count).allSatisfy { k in
        let sum = left.integrals[k] + right.integrals[k]
        return abs(sum - whole.integrals[k]) <= 1e-13 * totals[k]
      }
      if isSettled || !(left.low < left.high && right.low < right.high) {
        for k in 0..<count { settled[k] += left.integrals[k] + right.integrals[k] }
      } else {
        next += [left, right]
      }
    }
    open = next
  }
  for panel in open { for k in 0..<count { settled[k] += panel.integrals[k] } }
  return settled
}

private struct Panel {
  let low, high: Double
  let integrals: [Double]
}

/// Nodes and weights on [−1, 1] that are exact for polynomials of degree 2n − 1.
private struct GaussLegendre {
  let nodes, weights: [Double]

  static let twelve = GaussLegendre(12)

  /// Newton's method on the Legendre polynomial from Tricomi's starting values.
  init(_ n: Int) {
    var nodes: [Double] = []
    var weights: [Double] = []
    for i in 1...n {
      var x = cos(.pi * (Double(i) - 0.25) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<10 {
        var (previous, current) = (1.0, x)
        for k in 2...n {
          let k = Double(k)
          (previous, current) = (current, ((2 * k - 1) * x * current - (k - 1) * previous) / k)
        }
        slope = Double(n) * (x * current - previous) / (x * x - 1)
        x -= current / slope
      }
      nodes.append(x)
      weights.append(2 / ((1 - x * x) * slope * slope))
    }
    self.nodes = nodes
    self.weights = weights
  }
}
