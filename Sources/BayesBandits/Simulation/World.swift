// One replicate's world: its truth, its contexts and the noise of its rewards.

internal import BayesNumerics
internal import Glibc

/// A world as one replicate of one policy plays it.
///
/// Truth, contexts, changes and the noise of round t are functions of (seed, replicate, t), the same for every
/// policy: common random numbers, which make differences of policies more precise than each of them.
struct World {
  /// What a stream of a replicate is for.
  private enum Use: Int {
    case truth = 0
    case noise = 1
    case contexts = 2
    case policy = 3
    /// With the round added.
    case counts = 16
  }

  let environment: Environment
  private let seed: UInt64
  private let replicate: Int
  /// Mean reward of each arm in this round.
  private(set) var means: [Double]
  /// How much is lost in this round by playing each arm.
  private(set) var gaps: [Double]
  /// The best arm of this round.
  private(set) var best = 0
  /// The context of this round.
  private(set) var context: [Double]
  private var coefficients: [Double] = []
  /// What a declared bandit's prior gave.
  private var declared: DeclaredWorld?
  /// Where rewards come from: those of a declared bandit's rates and counts follow from the means.
  private enum RewardSource { case rates, measurements, counts, model }
  private let source: RewardSource
  private let deviation: Double
  private let costs: [Double]
  private let isChanging: Bool
  private var noise: [Double]
  private var noiseUsed: Int
  private var noiseStream: RandomStream
  private var changeStream: RandomStream
  private var round = 0

  init(_ environment: Environment, seed: UInt64, replicate: Int) {
    self.environment = environment
    switch environment.rewards {
    case .bernoulli: (source, deviation) = (.rates, 0)
    case .poisson: (source, deviation) = (.counts, 0)
    case .gaussian(let deviation):
      self.deviation = deviation
      if case .declared = environment.truth { source = .model } else { source = .measurements }
    }
    self.seed = seed
    self.replicate = replicate
    func stream(_ use: Use) -> RandomStream {
      RandomStream(
        seed: seed, chain: replicate, purpose: .simulation, iteration: use.rawValue)
    }
    noiseStream = stream(.noise)
    changeStream = stream(.contexts)
    let count = environment.armCount
    var truth = stream(.truth)
    switch environment.truth {
    case .means(let means): self.means = means
    case .drawn(let prior, _): means = (0..<count).map { _ in prior.draw(using: &truth) }
    case .declared(let source):
      declared = source.world(using: &truth)
      means = Array(repeating: 0, count: count)
    case .contextual(let dimension, _):
      means = Array(repeating: 0, count: count)
      let scale = 1 / Double(dimension).squareRoot()
      coefficients = (0..<count * dimension).map { _ in scale * truth.normal() }
    }
    costs = environment.costs.isEmpty ? Array(repeating: 0, count: count) : environment.costs
    context = Array(repeating: 0, count: environment.contextSize)
    isChanging = environment.change != .never || environment.contextSize > 0
    noise = Array(repeating: 0, count: 96)
    noiseUsed = noise.count
    if let declared, environment.contextSize == 0 { means = declared.means([]) }
    gaps = means
    findBest()
  }

  /// The stream of a policy's own randomness.
  var policyStream: RandomStream {
    RandomStream(
      seed: seed, chain: replicate, purpose: .simulation, iteration: Use.policy.rawValue)
  }

  /// What the oracle is told.
  var truth: BanditTask.Truth {
    if environment.change != .never || (declared != nil && !context.isEmpty) { return .shown }
    return coefficients.isEmpty ? .means(means) : .coefficients(coefficients)
  }

  /// Goes on to the next round.
  @inline(__always)
  mutating func advance() {
    if isChanging { change() }
    round &+= 1
    noiseUsed &+= 1
    if noiseUsed >= noise.count { refillNoise() }
  }

  /// The reward of an arm in this round.
  @inline(__always)
  mutating func reward(of arm: Int) -> Double {
    switch source {
    case .rates: noise[noiseUsed] < means[arm] ? 1 : 0
    case .measurements: means[arm] + deviation * noise[noiseUsed]
    case .counts: count(of: arm)
    case .model: declaredReward(of: arm)
    }
  }

  @inline(never)
  private mutating func declaredReward(of arm: Int) -> Double {
    var stream = roundStream
    return declared?.reward(of: arm, context, using: &stream) ?? .nan
  }

  /// One stream for each round, whatever is drawn from it.
  private var roundStream: RandomStream {
    RandomStream(
      seed: seed, chain: replicate, purpose: .simulation, iteration: Use.counts.rawValue &+ round)
  }

  @inline(never)
  private mutating func count(of arm: Int) -> Double {
    var stream = roundStream
    return stream.poisson(mean: means[arm])
  }

  private mutating func refillNoise() {
    noiseUsed = 0
    switch environment.rewards {
    case .bernoulli: noise.withUnsafeMutableBufferPointer { noiseStream.fillUniforms($0) }
    case .gaussian: noise.withUnsafeMutableBufferPointer { noiseStream.fillNormals($0) }
    case .poisson: break
    }
  }

  private mutating func change() {
    if let declared {
      context = declared.context(using: &changeStream)
      means = declared.means(context)
    } else if !coefficients.isEmpty {
      context.withUnsafeMutableBufferPointer { changeStream.fillNormals($0) }
      let dimension = context.count
      let isLogistic = environment.rewards == .bernoulli
      for arm in means.indices {
        var product = 0.0
        for k in 0..<dimension { product += context[k] * coefficients[arm &* dimension &+ k] }
        means[arm] = isLogistic ? logistic(product) : product
      }
    } else if round == 0 {
      return
    } else {
      switch environment.change {
      case .never: return
      case .abrupt(let rounds):
        guard round % rounds == 0 else { return }
        let last = means[means.count - 1]
        for arm in (1..<means.count).reversed() { means[arm] = means[arm - 1] }
        means[0] = last
      case .drift(let deviation):
        for arm in means.indices { drift(arm, by: deviation * changeStream.normal()) }
      }
    }
    findBest()
  }

  private mutating func drift(_ arm: Int, by step: Double) {
    let moved = means[arm] + step
    switch environment.rewards {
    case .gaussian: means[arm] = moved
    case .poisson, .bernoulli:
      // Reflection at 0 and the largest mean is a walk on a circle of twice that length.
      let most = environment.rewards.largestMean
      let place = abs(moved).truncatingRemainder(dividingBy: 2 * most)
      means[arm] = place <= most ? place : 2 * most - place
    }
  }

  private mutating func findBest() {
    best = 0
    for arm in means.indices where means[arm] - costs[arm] > means[best] - costs[best] {
      best = arm
    }
    let value = means[best] - costs[best]
    for arm in means.indices { gaps[arm] = value - (means[arm] - costs[arm]) }
  }
}

extension ArmPosterior {
  /// One draw.
  func draw(using stream: inout RandomStream) -> Double {
    switch self {
    case .beta(let a, let b): stream.beta(a, b)
    case .gamma(let shape, let rate): stream.gamma(shape: shape, rate: rate)
    case .normal(let mean, let deviation): mean + deviation * stream.normal()
    case .studentT(let degrees, let location, let scale):
      location + scale * stream.studentT(degrees: degrees)
    }
  }
}
