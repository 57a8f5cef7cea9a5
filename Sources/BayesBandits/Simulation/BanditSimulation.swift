// Policies against each other in many replicates of a world.

internal import BayesCore
internal import Synchronization

/// A simulation of policies in many replicates of an environment.
///
/// Replicates run in parallel; their randomness is a function of (seed, replicate) only, so that the result
/// does not depend on the number of threads, nor a policy's on which others take part.
public struct BanditSimulation: Sendable {
  /// The world.
  public var environment: Environment
  /// Rounds of each replicate.
  public var rounds: Int
  /// Replicates of each policy.
  public var replicates: Int
  /// The key of all random numbers.
  public var seed: UInt64
  /// How rewards come back.
  public var feedback = Feedback()
  /// How many replicates run at the same time.
  public var threads: Int
  /// The rounds to report, ascending; without, some at equal distances on a logarithmic scale.
  public var checkpoints: [Int]?

  /// A simulation.
  ///
  /// - Throws: `PolicyError` for no rounds or no replicates.
  public init(
    _ environment: Environment, rounds: Int, replicates: Int, seed: UInt64,
    threads: Int? = nil
  ) throws {
    guard (1...1_000_000_000).contains(rounds) else {
      throw PolicyError.invalid(name: "rounds", value: "\(rounds)", expected: "from 1 to 1e9")
    }
    guard (1...1_000_000).contains(replicates) else {
      throw PolicyError.invalid(
        name: "replicates", value: "\(replicates)", expected: "from 1 to 1e6")
    }
    self.environment = environment
    self.rounds = rounds
    self.replicates = replicates
    self.seed = seed
    self.threads = threads ?? availableProcessors()
  }

  /// Ten rounds in each power of ten, and the last.
  public static func logarithmicCheckpoints(rounds: Int) -> [Int] {
    var result: [Int] = []
    var step = 0
    while true {
      // Whole powers of ten exactly.
      let power = (0..<step / 10).reduce(1) { product, _ in product * 10 }
      let round = Int((Double(power) * Self.tenths[step % 10]).rounded())
      if round >= rounds { break }
      if round > (result.last ?? 0) { result.append(round) }
      step += 1
    }
    return result + [rounds]
  }

  /// 10^(k/10).
  private static let tenths = [
    1, 1.258925411794167, 1.584893192461113, 1.995262314968880, 2.511886431509580,
    3.162277660168379, 3.981071705534972, 5.011872336272722, 6.309573444801932, 7.943282347242815,
  ]

  /// Plays all replicates of all policies.
  ///
  /// - Parameters:
  ///   - progress: is told of each replicate that ends.
  ///   - isCancelled: asked before each replicate; once it says yes, those that have ended are the result.
  public func run(
    _ contenders: [Contender], progress: SimulationProgress? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> SimulationResult {
    let checkpoints = checkpoints ?? Self.logarithmicCheckpoints(rounds: rounds)
    precondition(
      checkpoints.first.map { $0 >= 1 } ?? false
        && zip(checkpoints, checkpoints.dropFirst()).allSatisfy { $0 < $1 }
        && checkpoints.last == rounds, "ascending checkpoints that end with the last round")
    let task = environment.task(horizon: rounds)
    let simulation = self
    let traces = try parallelMap(count: replicates, threads: threads) { replicate -> [Trace]? in
      if isCancelled() { return nil }
      let start = World(simulation.environment, seed: simulation.seed, replicate: replicate)
      var known = task
      known.truth = start.truth
      var traces: [Trace] = []
      for contender in contenders {
        if isCancelled() { return nil }
        var world = start
        traces.append(
          contender.playReplicate(known, &world, simulation.feedback, checkpoints))
      }
      progress?.finishReplicate()
      return traces
    }
    return SimulationResult(
      simulation: self, names: contenders.map(\.name), checkpoints: checkpoints,
      traces: traces.compactMap { $0 })
  }
}

/// How far a simulation is; safe to read while it runs.
public final class SimulationProgress: Sendable {
  private let count = Atomic<Int>(0)

  /// Nothing done yet.
  public init() {}

  /// Replicates that have ended.
  public var finished: Int { count.load(ordering: .relaxed) }

  func finishReplicate() { count.add(1, ordering: .relaxed) }
}
