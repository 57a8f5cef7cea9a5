// What a simulation found, with its Monte Carlo errors.

internal import BayesNumerics

/// An average over replicates with its standard error.
public struct Estimate: Sendable, Equatable {
  /// The mean.
  public let mean: Double
  /// The standard deviation over the root of the number of replicates; `nil` for a single replicate.
  public let standardError: Double?

  /// An average of values that are sums of numbers of some size: what is less than a millionth of a millionth of them is
  /// their rounding, and counts as 0.
  init(_ values: [Double], size: Double = 0) {
    let count = Double(values.count)
    let mean = values.isEmpty ? 0 : values.reduce(0, +) / count
    let rounding = 1e-12 * max(abs(mean), size)
    self.mean = abs(mean) < rounding ? 0 : mean
    guard values.count > 1 else {
      standardError = nil
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / (count - 1) / count).squareRoot()
    standardError = error < rounding ? 0 : error
  }
}

/// One policy at one round.
public struct RegretPoint: Sendable, Equatable {
  /// The round, counted from 1.
  public let round: Int
  /// The cumulative pseudo-regret: what the best arm of each round would have brought more on average.
  public let regret: Estimate
  /// Quantiles of the regret over replicates, at `SimulationResult.quantileLevels`.
  public let quantiles: [Double]
  /// The share of rounds, since the point before, in which the best arm was played.
  public let bestArmShare: Estimate
  /// How often the arm with the largest mean reward so far, its cost paid, is the best one of this round; `nil` with
  /// contexts, where no arm is the best in all rounds.
  public let identified: Estimate?
}

/// All of one policy.
public struct PolicyResult: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// At each reported round.
  public let points: [RegretPoint]
  /// Plays of each arm at the end.
  public let pulls: [Estimate]
  /// Final regret less that of the first policy, replicate by replicate.
  public let excess: Estimate
  /// Replicates in which what the policy believes could not be brought up to date: their choices are by
  /// what was believed before.
  public let failedReplicates: Int
  /// What went wrong in the first of them.
  public let failure: String?
}

/// What a simulation found.
public struct SimulationResult: Sendable {
  /// What was simulated.
  public let simulation: BanditSimulation
  /// Each policy.
  public let policies: [PolicyResult]
  /// Replicates that were played to the end: fewer than asked for after an interruption.
  public let replicates: Int
  /// The levels of `RegretPoint.quantiles`.
  public static let quantileLevels = [0.05, 0.25, 0.5, 0.75, 0.95]
  /// The slope of the smallest possible regret over ln t; `nil` where there is none.
  public let laiRobbins: Double?

  init(simulation: BanditSimulation, names: [String], checkpoints: [Int], traces: [[Trace]]) {
    self.simulation = simulation
    replicates = traces.count
    laiRobbins = simulation.environment.laiRobbinsConstant
    let last = checkpoints.count - 1
    let hasContexts = simulation.environment.contextSize > 0
    policies =
      traces.isEmpty
      ? []
      : names.indices.map { policy in
        func values(_ part: (Trace) -> Double) -> [Double] { traces.map { part($0[policy]) } }
        let points = checkpoints.indices.map { k in
          let regrets = values { $0.regret[k] }
          let sorted = regrets.sorted()
          return RegretPoint(
            round: checkpoints[k], regret: Estimate(regrets),
            quantiles: Self.quantileLevels.map { quantile($0, of: sorted) },
            bestArmShare: Estimate(values { $0.bestShare[k] }),
            identified: hasContexts ? nil : Estimate(values { $0.isIdentified[k] }))
        }
        let arms = traces[0][policy].pulls.indices
        let failures = traces.compactMap { $0[policy].failure }
        return PolicyResult(
          name: names[policy], points: points,
          pulls: arms.map { arm in Estimate(values { Double($0.pulls[arm]) }) },
          excess: Estimate(
            traces.map { $0[policy].regret[last] - $0[0].regret[last] },
            size: points[last].regret.mean),
          failedReplicates: failures.count, failure: failures.first)
      }
  }
}

/// A quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
private func quantile(_ level: Double, of sorted: [Double]) -> Double {
  let place = level * Double(sorted.count - 1)
  let below = Int(place)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
}
