// Worlds that are draws from a declared bandit's prior.

import BayesEngine
import BayesGraph
import BayesLanguage
import BayesNumerics

/// A world whose parameters are drawn from a declared bandit's priors, anew for every replicate.
///
/// Numbers of a context are independent standard normals, its positions uniform.
public struct DeclaredTruth: Sendable, Equatable {
  /// The model.
  public let model: BanditModel
  /// Rewards of a kind that policies of the catalogue know, or measurements of the same spread.
  public let rewards: BanditTask.Rewards
  private let simulator: PriorSimulator

  /// Worlds from a model's priors.
  ///
  /// - Throws: `EngineError.cannotSimulate` for improper priors and factors.
  public init(_ model: BanditModel) throws {
    self.model = model
    let simulator = try PriorSimulator(model.rounds[0].priorSimulation!)
    self.simulator = simulator
    rewards = try Self.rewards(model, simulator)
  }

  /// Whether both are of one model with the same arms.
  public static func == (a: DeclaredTruth, b: DeclaredTruth) -> Bool {
    a.model.declaration.model == b.model.declaration.model
      && a.model.declaration.arms.labels == b.model.declaration.arms.labels
  }

  var armCount: Int { model.cells.arms }
  var contextSize: Int { model.declaration.contextSize }

  private static func rewards(
    _ model: BanditModel, _ simulator: PriorSimulator
  ) throws -> BanditTask.Rewards {
    let round = model.rounds[0]
    if round.isRewardObserved, let density = round.terms[0].density {
      switch density.distribution.name {
      case "Bernoulli": return .bernoulli
      case "Poisson": return .poisson
      default: break
      }
    }
    var stream = RandomStream(seed: 7, chain: 0, purpose: .simulation, iteration: 0)
    var sample = OnlineMoments(dimension: 1)
    for k in 0..<500 {
      let world = try DeclaredWorld(model, simulator, using: &stream)
      let context = world.context(using: &stream)
      sample.add([world.reward(of: k % model.cells.arms, context, using: &stream)])
    }
    let deviation = sample.variance(0).squareRoot()
    return .gaussian(deviation: deviation > 0 && deviation.isFinite ? deviation : 1)
  }

  /// A world for one replicate; a model that was checked when this was made fails no more.
  func world(using stream: inout RandomStream) -> DeclaredWorld? {
    try? DeclaredWorld(model, simulator, using: &stream)
  }
}

/// One draw of a declared bandit's parameters.
struct DeclaredWorld: Sendable {
  private let model: BanditModel
  private let parameters: [Double]

  init(
    _ model: BanditModel, _ simulator: PriorSimulator, using stream: inout RandomStream
  ) throws {
    self.model = model
    parameters = try simulator.simulate(using: &stream).quantities
  }

  func context(using stream: inout RandomStream) -> [Double] {
    model.declaration.contexts.flatMap { item -> [Double] in
      if let target = item.target {
        return [(stream.uniform() * Double(target.size)).rounded(.down)]
      }
      return (0..<item.count).map { _ in stream.normal() }
    }
  }

  private func round(_ arm: Int, _ context: [Double]) -> TracedRound {
    // Contexts are those of this world.
    model.rounds[(try? model.cells.cell(arm: arm, context: context)) ?? 0]
  }

  /// The mean reward of each arm.
  func means(_ context: [Double]) -> [Double] {
    (0..<model.cells.arms).map { arm in
      let round = round(arm, context)
      return Interpreter(round.graph).values(
        of: [round.reward], at: parameters + context + [.nan])[0][0]
    }
  }

  /// What is observed after an arm.
  func reward(of arm: Int, _ context: [Double], using stream: inout RandomStream) -> Double {
    let round = round(arm, context)
    guard let density = round.terms[0].density else { return .nan }
    let arguments = Interpreter(round.graph).values(
      of: density.arguments, at: parameters + context + [.nan])
    return density.distribution.draw(arguments, size: 1, using: &stream)?.first ?? .nan
  }
}
