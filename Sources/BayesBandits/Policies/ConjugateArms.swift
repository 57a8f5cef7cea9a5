// Beliefs about the arms' means that are functions of a few sums of rewards.

public import BayesNumerics
internal import Glibc

/// What is believed about the means of several independent arms, from the sums of their rewards.
public protocol ConjugateArms: Sendable {
  /// Makes the belief about one arm that of its record.
  mutating func believe(_ record: ArmRecord, of arm: Int)

  /// Writes numbers that are in the order of one joint draw of all means: the means themselves, or
  /// something that grows with them and costs less.
  mutating func drawRanks(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream)

  /// Writes one joint draw of all means.
  mutating func drawMeans(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream)

  /// The posterior of an arm's mean.
  func posterior(of arm: Int) -> ArmPosterior
}

extension ConjugateArms {
  /// The means.
  public mutating func drawRanks(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    drawMeans(into: target, using: &stream)
  }
}

/// Rates of success: Beta(a, b) before the first reward, Beta(a + successes, b + failures) after.
///
/// Rewards lie in [0, 1]; those between the ends count as successes in part.
public struct BetaArms: ConjugateArms {
  private let a, b: Double
  private var shapes: [GammaShape]
  private var scratch: [Double]

  /// The same prior for each arm.
  public init(a: Double = 1, b: Double = 1, armCount: Int) {
    precondition(a > 0 && b > 0, "positive shapes")
    self.a = a
    self.b = b
    shapes = (0..<armCount).flatMap { _ in [GammaShape(a), GammaShape(b)] }
    scratch = Array(repeating: 0, count: 2 * armCount)
  }

  /// Adds successes and failures to the prior's.
  public mutating func believe(_ record: ArmRecord, of arm: Int) {
    let shapeA = a + record.sum
    let shapeB = b + Swift.max(0, record.pulls - record.sum)
    // A success leaves one of them as it was, a failure the other.
    if shapes[2 * arm].shape != shapeA { shapes[2 * arm] = GammaShape(shapeA) }
    if shapes[2 * arm + 1].shape != shapeB { shapes[2 * arm + 1] = GammaShape(shapeB) }
  }

  /// Odds.
  public mutating func drawRanks(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    shapes.withUnsafeBufferPointer { shapes in
      scratch.withUnsafeMutableBufferPointer {
        stream.fillBetaOdds(shapes, into: target, scratch: $0)
      }
    }
  }

  /// Rates.
  public mutating func drawMeans(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    drawRanks(into: target, using: &stream)
    for arm in 0..<target.count { target[arm] = 1 / (1 + 1 / target[arm]) }
  }

  /// A beta distribution.
  public func posterior(of arm: Int) -> ArmPosterior {
    .beta(shapes[2 * arm].shape, shapes[2 * arm + 1].shape)
  }
}

/// Means of measurements of known variance σ²: a normal prior N(m₀, σ²/κ₀) is worth κ₀ measurements.
///
/// After n rewards with sum S the mean is `(κ₀ m₀ + S)/(κ₀ + n)` and the variance `σ²/(κ₀ + n)`.
public struct GaussianArms: ConjugateArms {
  private let deviation, priorMean, priorWeight: Double
  private var means, deviations: [Double]

  /// The same prior for each arm.
  ///
  /// - Parameters:
  ///   - deviation: σ of the rewards.
  ///   - mean: m₀.
  ///   - weight: κ₀, the measurements that the prior is worth.
  public init(deviation: Double = 1, mean: Double = 0, weight: Double = 1, armCount: Int) {
    precondition(deviation > 0 && weight > 0, "positive deviation and weight")
    self.deviation = deviation
    priorMean = mean
    priorWeight = weight
    means = Array(repeating: mean, count: armCount)
    deviations = Array(repeating: deviation / weight.squareRoot(), count: armCount)
  }

  /// Adds the rewards to the prior's.
  public mutating func believe(_ record: ArmRecord, of arm: Int) {
    let weight = priorWeight + record.pulls
    means[arm] = (priorWeight * priorMean + record.sum) / weight
    deviations[arm] = deviation / weight.squareRoot()
  }

  /// Normal draws.
  public mutating func drawMeans(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    stream.fillNormals(target)
    for arm in 0..<target.count { target[arm] = means[arm] + deviations[arm] * target[arm] }
  }

  /// A normal distribution.
  public func posterior(of arm: Int) -> ArmPosterior {
    .normal(mean: means[arm], deviation: deviations[arm])
  }
}

/// Means of measurements of unknown variance, with the normal–inverse-gamma prior
/// σ² ~ InverseGamma(α₀, β₀), μ | σ² ~ N(μ₀, σ²/κ₀).
///
/// Reference: Gelman et al. 2013, "Bayesian data analysis", 3rd edition, section 3.3.
public struct NormalInverseGammaArms: ConjugateArms {
  private struct Belief: Sendable {
    var mean, weight: Double
    var shape: GammaShape
    var beta: Double
  }
  private let prior: Belief
  private var beliefs: [Belief]
  private var shapes: [GammaShape]
  private var scratch: [Double]

  /// The same prior for each arm.
  ///
  /// - Parameters:
  ///   - mean: μ₀.
  ///   - weight: κ₀, the measurements that μ₀ is worth.
  ///   - alpha: the shape of the variance's prior.
  ///   - beta: its scale.
  public init(
    mean: Double = 0, weight: Double = 1, alpha: Double = 1, beta: Double = 1, armCount: Int
  ) {
    precondition(weight > 0 && alpha > 0 && beta > 0, "positive weight, alpha and beta")
    prior = Belief(mean: mean, weight: weight, shape: GammaShape(alpha), beta: beta)
    beliefs = Array(repeating: prior, count: armCount)
    shapes = Array(repeating: prior.shape, count: armCount)
    scratch = Array(repeating: 0, count: armCount)
  }

  /// Adds the rewards to the prior's.
  public mutating func believe(_ record: ArmRecord, of arm: Int) {
    let weight = prior.weight + record.pulls
    let distance = record.mean - prior.mean
    beliefs[arm] = Belief(
      mean: (prior.weight * prior.mean + record.sum) / weight, weight: weight,
      shape: GammaShape(prior.shape.shape + 0.5 * record.pulls),
      beta: prior.beta + 0.5 * record.squares
        + 0.5 * prior.weight * record.pulls / weight * distance * distance)
    shapes[arm] = beliefs[arm].shape
  }

  /// Normal draws with drawn variances.
  public mutating func drawMeans(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    stream.fillNormals(target)
    shapes.withUnsafeBufferPointer { shapes in
      scratch.withUnsafeMutableBufferPointer { stream.fillGammas(shapes, into: $0) }
    }
    for arm in 0..<target.count {
      let belief = beliefs[arm]
      target[arm] =
        belief.mean + target[arm] * (belief.beta / (belief.weight * scratch[arm])).squareRoot()
    }
  }

  /// A Student t distribution of 2α degrees.
  public func posterior(of arm: Int) -> ArmPosterior {
    let belief = beliefs[arm]
    return .studentT(
      degrees: 2 * belief.shape.shape, location: belief.mean,
      scale: (belief.beta / (belief.weight * belief.shape.shape)).squareRoot())
  }
}

/// Means of counts: Gamma(shape, rate) before, Gamma(shape + Σ counts, rate + n) after n Poisson rewards.
public struct GammaArms: ConjugateArms {
  private let shape, rate: Double
  private var shapes: [GammaShape]
  private var rates: [Double]

  /// The same prior for each arm.
  public init(shape: Double = 1, rate: Double = 1, armCount: Int) {
    precondition(shape > 0 && rate > 0, "positive shape and rate")
    self.shape = shape
    self.rate = rate
    shapes = Array(repeating: GammaShape(shape), count: armCount)
    rates = Array(repeating: rate, count: armCount)
  }

  /// Adds the counts to the prior's.
  public mutating func believe(_ record: ArmRecord, of arm: Int) {
    shapes[arm] = GammaShape(shape + Swift.max(0, record.sum))
    rates[arm] = rate + record.pulls
  }

  /// Gamma draws.
  public mutating func drawMeans(
    into target: UnsafeMutableBufferPointer<Double>, using stream: inout RandomStream
  ) {
    shapes.withUnsafeBufferPointer { stream.fillGammas($0, into: target) }
    for arm in 0..<target.count { target[arm] /= rates[arm] }
  }

  /// A gamma distribution.
  public func posterior(of arm: Int) -> ArmPosterior {
    .gamma(shape: shapes[arm].shape, rate: rates[arm])
  }
}
