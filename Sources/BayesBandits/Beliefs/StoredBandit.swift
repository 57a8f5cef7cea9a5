// Declared bandits in production: who a model is, and how its belief is kept.

import BayesCompiler
public import BayesCore
import BayesGraph
public import BayesLanguage

/// A belief of a declared bandit in a state's file.
public struct KeptBelief: StoredBelief {
  var belief: any ArmBelief

  /// Learns a reward.
  ///
  /// - Throws: as ``ArmBelief/observe(arm:reward:context:)``.
  public mutating func observe(arm: Int, reward: Double, context: [Double]) throws {
    try belief.observe(arm: arm, reward: reward, context: context)
  }

  /// The posterior mean of each arm's mean reward.
  public func means(context: [Double]) throws -> [Double] { try belief.means(context: context) }

  /// The probability of each of some arms to be the best of them, without costs.
  public func probabilitiesOfBest(context: [Double], among arms: [Int]) throws -> [Double] {
    try belief.probabilitiesOfBest(context: context, among: arms, costs: [])
  }

  /// The probability of each of some arms to be the best of them, its cost paid.
  public func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double] {
    try belief.probabilitiesOfBest(context: context, among: arms, costs: costs)
  }

  /// Everything learnt.
  public var state: [Double] { belief.state }

  /// How the model learns, why so, and what went wrong with it.
  public var explanation: String? { belief.explanation }
}

extension StoredModel where Belief == KeptBelief {
  /// A declared bandit as a state uses it.
  ///
  /// The arms that model and data name are those of a new state. Afterwards the state's count: arms can be added
  /// unless something else, such as `@Given` data over the arms' axis, says how many there are.
  ///
  /// - Throws: `ModelError` for mistakes of the model; `BeliefError` where its belief cannot be had.
  public init<M: Bandit & Sendable>(_ model: M, data: DataSet = DataSet(), options: BeliefOptions)
    throws
  {
    let bandit = try BanditModel(model, data: data)
    let declaration = bandit.declaration
    let labels = declaration.arms.labels ?? (1...max(1, declaration.arms.size)).map(String.init)
    @Sendable func bound(_ arms: [String]) throws -> BanditModel {
      try BanditModel(model, data: data, armCount: arms.count)
    }
    // One more arm tells whether there may be another number of them.
    let isFixed = (try? bound(labels + [""])) == nil
    let identity = isFixed ? bandit : try bound(["1", "2"])
    self.init(
      identity: ModelIdentity(
        name: declaration.model,
        fingerprint: identity.fingerprint(labels: isFixed ? labels : [], options)),
      arms: labels, context: declaration.contexts.flatMap(\.columns),
      contextAxes: declaration.contexts.flatMap { context in
        context.columns.map { _ in context.target }
      },
      rewards: bandit.rewardSupport, armsAreFixed: isFixed,
      make: { KeptBelief(belief: try (isFixed ? bandit : bound($0)).belief(options)) },
      restore: { arms, state in
        let bandit = isFixed ? bandit : try bound(arms)
        return KeptBelief(belief: try bandit.belief(options, restoring: state))
      })
  }
}

extension BanditModel {
  /// Which rewards every kind of round can have, so that one recorded without the model is none that it cannot
  /// learn.
  fileprivate var rewardSupport: RewardSupport {
    let round = rounds[0]
    guard let density = round.terms.first?.density else { return .real }
    let builder = GraphBuilder(round.graph)
    let support = density.distribution.support(
      density.arguments.map { Tensor(builder: builder, id: $0) })
    let bounds = support.bounds.map { $0.dataValues?.first }
    switch support.kind {
    case .counts: return .count
    case .countsTo: return RewardSupport(lower: 0, upper: bounds[0], isWhole: true)
    case .categories(let count):
      return RewardSupport(lower: 0, upper: Double(count - 1), isWhole: true)
    case .lower where density.distribution.name == "LogNormal":
      return RewardSupport(lower: .leastNonzeroMagnitude)
    case .lower: return RewardSupport(lower: bounds[0])
    case .upper: return RewardSupport(upper: bounds[0])
    case .interval: return RewardSupport(lower: bounds[0], upper: bounds[1])
    default: return .real
    }
  }

  /// The method, under one name where two names come to the same: `automatic` where it is what `automatic`
  /// would take.
  private func canonicalMethod(_ options: BeliefOptions) -> BeliefOptions.Method {
    guard options.method == .exact || options.method == .nuts else { return options.method }
    let hasClosedForm =
      (try? ConjugateBelief(rounds, cells: cells)).map {
        (try? $0.check(against: rounds)) != nil
      } ?? false
    let automatic = hasClosedForm ? BeliefOptions.Method.exact : .nuts
    return options.method == automatic ? .automatic : options.method
  }

  /// A hash of everything that learning depends on: statements, priors, contexts, the kind of belief.
  fileprivate func fingerprint(labels: [String], _ options: BeliefOptions) -> String {
    var hash = ContentHash()
    hash.add(declaration.model)
    for label in labels { hash.add(label) }
    for column in declaration.contexts.flatMap(\.columns) { hash.add(column) }
    hash.add(canonicalMethod(options).rawValue)
    for round in rounds {
      let roots = (round.priors + round.terms).map { ($0.summary, $0.total) }
      hash.add(describe(round.graph, roots: roots + [("reward", round.reward)]))
      for array in round.graph.arrays {
        array.withUnsafeBytes { hash.add($0) }
      }
    }
    return hash.hex
  }
}
