// Beliefs that stay in closed form.

import BayesLanguage
public import BayesNumerics

/// A belief whose posterior has a closed form: learning a reward takes a time that does not grow with the rounds.
public struct ConjugateBelief: ArmBelief {
  public let armCount: Int
  public let contextSize: Int
  public private(set) var observationCount = 0
  public let explanation: String
  private(set) var components: [any ConjugateComponent]
  let rules: [ObservationRule]
  let cells: RoundCells
  private let parameterCount: Int

  /// - Throws: `ConjugateReader.Refusal` where the model has no closed form.
  init(_ rounds: [TracedRound], cells: RoundCells) throws {
    let result = try ConjugateReader.read(rounds)
    components = result.components
    rules = result.rules
    self.cells = cells
    armCount = cells.arms
    contextSize = rounds[0].contexts.count
    parameterCount = rounds[0].parameters.count
    explanation = Self.explanation(result, rounds[0])
  }

  /// `rate: Beta, learnt in closed form from Bernoulli rewards`.
  private static func explanation(_ result: ConjugateReader.Result, _ round: TracedRound) -> String
  {
    func names(_ slots: [Int]) -> [String] {
      round.values.filter { value in slots.contains { value.slots.contains($0) } }
        .map(\.variable.name)
    }
    var lines: [(names: [String], family: String, observed: [String])] = []
    for (k, component) in result.components.enumerated() {
      let observed = Set(result.rules.filter { $0.component == k }.map(\.family)).sorted()
      let own = names(component.slots)
      if let place = lines.firstIndex(where: { $0.names == own && $0.family == component.family }) {
        lines[place].observed = Set(lines[place].observed + observed).sorted()
      } else {
        lines.append((own, component.family, observed))
      }
    }
    return lines.map { line in
      "\(line.names.joined(separator: ", ")): \(line.family), "
        + (line.observed.isEmpty
          ? "which no reward reads"
          : "learnt in closed form from \(line.observed.joined(separator: " and ")) rewards")
    }.joined(separator: "; ")
  }

  public mutating func observe(arm: Int, reward: Double, context: [Double]) throws {
    try check(arm: arm, context: context)
    let rule = rules[try cells.cell(arm: arm, context: context)]
    if let expected = rule.refusal(of: context) {
      throw BeliefError.impossibleContext(expected: expected)
    }
    if let expected = rule.refusal(of: reward, context: context) {
      throw BeliefError.impossibleReward(reward, expected: expected)
    }
    rule.learn(reward, context: context, into: &components)
    observationCount += 1
  }

  /// The mean reward of each arm for some values of the parameters.
  private func rewards(_ values: [Double], _ context: [Double]) throws -> [Double] {
    try (0..<armCount).map { arm in
      rules[try cells.cell(arm: arm, context: context)].reward.value(values, context: context)
    }
  }

  public func drawMeans(
    context: [Double], using stream: inout RandomStream
  ) throws -> [Double] {
    try check(context: context)
    return try rewards(drawn(using: &stream), context)
  }

  /// One draw of all parameters.
  func drawn(using stream: inout RandomStream) -> [Double] {
    var values = [Double](repeating: 0, count: parameterCount)
    for component in components { component.draw(into: &values, using: &stream) }
    return values
  }

  /// Exact where the mean reward is affine in the parameters, otherwise the mean of 4 096 draws.
  public func means(context: [Double]) throws -> [Double] {
    try check(context: context)
    let own = try (0..<armCount).map { rules[try cells.cell(arm: $0, context: context)] }
    if own.allSatisfy({ $0.reward.affine != nil }) {
      var values = [Double](repeating: 0, count: parameterCount)
      for component in components { component.means(into: &values) }
      return try rewards(values, context)
    }
    var sums = [Double](repeating: 0, count: armCount)
    var stream = summaryStream
    for _ in 0..<Self.draws {
      for (arm, value) in try drawMeans(context: context, using: &stream).enumerated() {
        sums[arm] += value / Double(Self.draws)
      }
    }
    return sums
  }

  private static let draws = 4096

  /// The stream of summaries by draws: the same for the same state.
  private var summaryStream: RandomStream {
    RandomStream(
      seed: 0x6265_6c69_6566, chain: observationCount, purpose: .simulation, iteration: 0)
  }

  public func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double] {
    try check(context: context)
    for arm in arms { try check(arm: arm, context: context) }
    if let marginals = try marginals(context: context, arms, costs: costs) {
      do {
        return try BayesBandits.probabilitiesOfBest(
          of: marginals.posteriors, costs: marginals.costs)
      } catch is NumericsError {
        // Posteriors too far apart in scale for quadrature: by draws, like those without a name.
      }
    }
    var stream = summaryStream
    return try shareOfBest(of: arms, costs: costs, draws: Self.draws) {
      try drawMeans(context: context, using: &stream)
    }
  }

  /// The posteriors of the arms' mean rewards, where they are independent and have names; an intercept counts
  /// as a negative cost.
  private func marginals(
    context: [Double], _ arms: [Int], costs: [Double]
  ) throws -> (posteriors: [ArmPosterior], costs: [Double])? {
    let own = try arms.map { rules[try cells.cell(arm: $0, context: context)] }
    guard Set(own.map(\.component)).count == arms.count else { return nil }
    var posteriors: [ArmPosterior] = []
    var offsets: [Double] = []
    var scales: [Double] = []
    for (arm, rule) in zip(arms, own) {
      guard let reward = rule.reward.affine else { return nil }
      let (intercept, slopes) = reward.values(context)
      offsets.append((costs.isEmpty ? 0 : costs[arm]) - intercept)
      switch components[rule.component] {
      case let beta as BetaComponent where reward.slots == [beta.slot]:
        posteriors.append(.beta(beta.a, beta.b))
        scales.append(slopes.first!)
      case let gamma as GammaComponent where reward.slots == [gamma.slot] && slopes.first! > 0:
        posteriors.append(.gamma(shape: gamma.shape, rate: gamma.rate / slopes.first!))
        scales.append(1)
      case let gaussian as GaussianComponent
      where Set(reward.slots).isSubset(of: gaussian.coefficients):
        var features = [Double](repeating: 0, count: gaussian.coefficients.count)
        for (slot, slope) in zip(reward.slots, slopes) {
          features[gaussian.coefficients.firstIndex(of: slot)!] = slope
        }
        let (mean, deviation) = gaussian.marginal(features)
        if deviation == 0 { return nil }
        posteriors.append(
          gaussian.variance == nil
            ? .normal(mean: mean, deviation: deviation)
            : .studentT(
              degrees: 2 * gaussian.a, location: mean,
              scale: deviation * (gaussian.b / gaussian.a).squareRoot()))
        scales.append(1)
      default: return nil
      }
    }
    // Proportions of one scale: that of the costs.
    guard let scale = scales.first, scale > 0, scales.allSatisfy({ $0 == scale }) else {
      return nil
    }
    return (posteriors, offsets.map { $0 / scale })
  }

  public var state: [Double] {
    [Double(observationCount)] + components.flatMap(\.state)
  }

  public mutating func restore(_ state: [Double]) throws {
    let sizes = components.map(\.state.count)
    guard state.count == 1 + sizes.reduce(0, +), state.allSatisfy(\.isFinite),
      let count = Int(exactly: state[0]), count >= 0
    else { throw BeliefError.foreignState }
    observationCount = count
    var place = 1
    for (k, size) in sizes.enumerated() {
      components[k].state = Array(state[place..<(place + size)])
      place += size
    }
  }

  /// The log density of parameters, up to a constant.
  func logDensity(_ values: [Double]) -> Double {
    components.reduce(0) { $0 + $1.logDensity(values) }
  }
}

/// How often each of some arms is the best one in draws, no share being 0.
///
/// Half a draw is added to each arm, so that every one keeps a propensity.
func shareOfBest(
  of arms: [Int], costs: [Double], draws: Int, _ draw: () throws -> [Double]
) rethrows -> [Double] {
  var counts = [Double](repeating: 0.5, count: arms.count)
  for _ in 0..<draws {
    let means = try draw()
    var best = 0
    var highest = -Double.infinity
    for (place, arm) in arms.enumerated() {
      let worth = means[arm] - (costs.isEmpty ? 0 : costs[arm])
      if worth > highest { (best, highest) = (place, worth) }
    }
    counts[best] += 1
  }
  let total = Double(draws) + 0.5 * Double(arms.count)
  return counts.map { $0 / total }
}
