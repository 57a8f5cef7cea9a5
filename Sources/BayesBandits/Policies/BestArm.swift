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
/// integrated over their log odds, means of counts over their logarithm, Student t distributions of less than
/// one degree over y with `x = centre + unit·sinh(y)`: of 0.02 degrees one draw in a million is beyond 1e300.
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
  let count = marginals.count
  // Where an arm's width is next to nothing beside its place, rounding is what halving panels would chase.
  let rounding = marginals.map { scale.rounding(at: $0.center) / $0.width }.max()!
  guard rounding < 1e-7 else { throw NumericsError.notConverged(estimate: 0, error: rounding) }
  let sums = integrate(
    count, over: Breakpoints.around(marginals), relativeError: max(1e-12, 16 * rounding)
  ) {
    y, products in
    // fₐ Π_{b≠a} F_b for all arms, by products from both ends.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { below in
      var before = 1.0
      for arm in 0..<count {
        let value = marginals[arm].values(at: y)
        below[arm] = value.below
        products[arm] = before * value.density
        before *= value.below
      }
      var after = 1.0
      for arm in (0..<count).reversed() {
        products[arm] *= after
        after *= below[arm]
      }
    }
  }
  let total = sums.reduce(0, +)
  guard abs(total - 1) < 1e-8 else {
    throw NumericsError.notConverged(estimate: total, error: abs(total - 1))
  }
  return sums.map { $0 / total }
}

/// The variable over which all arms are integrated.
private enum CommonScale: Equatable {
  case linear, logarithm, logOdds
  /// `x = center + unit·sinh(y)`.
  case stretched(center: Double, unit: Double)

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
      for (posterior, offset) in zip(posteriors, offsets) {
        if case .studentT(let degrees, let location, let spread) = posterior, degrees < 1 {
          self = .stretched(center: location - offset, unit: spread)
        }
      }
    }
  }

  /// The variable's value at a mean reward less cost, on the two scales that hold any.
  func place(_ x: Double) -> Double {
    if case .stretched(let center, let unit) = self { asinh((x - center) / unit) } else { x }
  }
}

extension CommonScale {
  /// By how much rounding moves a place: of the mean reward on the scales that hold any, else of the variable.
  fileprivate func rounding(at x: Double) -> Double {
    guard case .stretched(let center, let unit) = self else { return abs(x).ulp }
    return max(abs(x).ulp, abs(place(x)).ulp * hypot(x - center, unit))
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

  /// Whether the common variable stands for any number, not only those that all arms can have.
  var holdsAny: Bool { scale != .logarithm && scale != .logOdds }

  /// Density over the common variable, and distribution function.
  func values(at y: Double) -> (density: Double, below: Double) {
    switch (scale, posterior) {
    case (.logOdds, .beta(let a, let b)):
      let density = exp(logConstant - a * log1pExp(-y) - b * log1pExp(y))
      return (density, betaTails(logOdds: y, a, b).lower)
    case (.logarithm, .gamma(let shape, let rate)):
      let t = rate * exp(y)
      // Around the mean, shape·log t − t − log Γ(shape) is a difference of large numbers.
      return (
        exp(shape * log(t) - t + logConstant),
        gammaTails(logValue: y + log(rate), shape: shape).lower
      )
    case (.stretched(let center, let unit), _):
      if abs(y) < 200 {
        let value = posterior.values(at: center + unit * sinh(y) + offset)
        return (value.density * unit * cosh(y), value.below)
      }
      guard case .studentT(let degrees, _, let spread) = posterior else {
        return (0, y < 0 ? 0 : 1)
      }
      let tail = studentTail(logDistance: abs(y) + log(0.5 * unit / spread), degrees)
      return (tail.slope, y < 0 ? tail.beyond : 1 - tail.beyond)
    default: return posterior.values(at: y + offset)
    }
  }
}

/// The probability of a Student t variable above a huge number, and minus its derivative, by the
/// number's logarithm.
private func studentTail(
  logDistance: Double, _ degrees: Double
) -> (beyond: Double, slope: Double) {
  let logOdds = log(degrees) - 2 * logDistance
  // z²/ν + 1 is z²/ν here.
  return (
    0.5 * betaTails(logOdds: logOdds, 0.5 * degrees, 0.5).lower,
    exp(0.5 * degrees * logOdds - logBeta(0.5, 0.5 * degrees))
  )
}

/// Where panels begin and end.
private enum Breakpoints {
  /// Several widths of each arm around its centre; on scales that hold any number also where supports end.
  static func around(_ marginals: [Marginal]) -> [Double] {
    var points: Set<Double> = []
    for marginal in marginals {
      let place = marginal.scale.place
      points.insert(place(marginal.center))
      for reach in reaches(marginal) {
        points.insert(place(marginal.center - reach * marginal.width))
        points.insert(place(marginal.center + reach * marginal.width))
      }
      if marginal.holdsAny {
        switch marginal.posterior {
        case .beta: points.formUnion([-marginal.offset, 1 - marginal.offset].map(place))
        case .gamma: points.insert(place(-marginal.offset))
        default: break
        }
      }
      if case .stretched = marginal.scale,
        case .studentT(let degrees, _, _) = marginal.posterior
      {
        // A tail of exp(−ν|y|), also to 1e-18.
        var reach = 4.0
        while reach < 50 / degrees {
          points.formUnion([-reach, reach])
          reach *= 1.5
        }
      }
    }
    return points.filter(\.isFinite).sorted()
  }

  private static func reaches(_ marginal: Marginal) -> [Double] {
    var reaches = [1.0, 2.5, 5, 10, 20, 40]
    // A tail of x^−ν is followed until it has 1e-18 left.
    if case .studentT(let degrees, _, _) = marginal.posterior, degrees < 40,
      marginal.scale == .linear
    {
      let last = Swift.min(1e60, pow(10, 18 / degrees) * 10)
      while reaches[reaches.count - 1] < last { reaches.append(reaches[reaches.count - 1] * 4) }
    }
    return reaches
  }
}
