// Beliefs whose posterior is sampled: hierarchical arms, logistic rewards, anything.

import BayesCompiler
import BayesCore
import BayesEngine
import BayesGraph
import BayesInference
import BayesLanguage
public import BayesNumerics

/// How beliefs are kept.
public struct BeliefOptions: Sendable {
  /// Ways to find a posterior.
  public enum Method: String, Sendable, CaseIterable {
    /// Closed form where the model has one, else NUTS.
    case automatic = "auto"
    /// Closed form, or an error that says why there is none.
    case exact
    /// Samples of the posterior.
    case nuts
    /// The normal approximation around the mode.
    case laplace
  }

  /// How the posterior is found.
  public var method = Method.automatic
  /// After how many rewards the posterior is found again; without, after a tenth more than last time.
  public var refreshEvery: Int?
  /// Draws that represent the posterior.
  public var draws = 1000
  /// Warmup iterations of a first run; later ones start where the last one ended and take half.
  public var warmup = 400
  /// The key of the random numbers of sampling.
  public var seed: UInt64

  /// The defaults.
  public init(seed: UInt64) { self.seed = seed }
}

/// A belief that holds draws from the posterior, found anew on a schedule.
public struct SampledBelief: ArmBelief {
  public let armCount: Int
  public let contextSize: Int
  public var observationCount: Int { log.count }
  public var explanation: String { method + (failure.map { "; \($0)" } ?? "") }
  /// How the posterior is found, in words.
  private let method: String
  /// Why the last attempt to find it anew failed; its draws are then those of before.
  private(set) var failure: String?
  private var options: BeliefOptions
  private let cells: RoundCells
  /// On unconstrained coordinates, for the density.
  private let coordinates: [TracedRound]
  /// Of each cell.
  private let rewards: [RewardMean]
  private let supports: [RewardCheck]
  /// The elements of all parameters, constrained.
  private let parameterCount: Int
  private var log: RoundLog
  /// Draws of all parameters, constrained.
  private var draws: [[Double]] = []
  /// The ends of the last run's chains.
  private var ends: [[Double]] = []
  /// How many rewards the draws know of.
  private var drawnAt = -1

  init(
    values: [TracedRound], coordinates: [TracedRound], cells: RoundCells, options: BeliefOptions,
    reason: String, restoring state: [Double]?
  ) throws {
    self.options = options
    self.cells = cells
    parameterCount = values[0].parameters.count
    self.coordinates = coordinates
    armCount = cells.arms
    contextSize = values[0].contexts.count
    log = RoundLog(contextSize: contextSize)
    rewards = values.map(RewardMean.init)
    supports = values.map(RewardCheck.init)
    let how = options.method == .laplace ? "Laplace's normal approximation" : "NUTS"
    let schedule =
      options.refreshEvery.map { "every \($0) \($0 == 1 ? "reward" : "rewards")" }
      ?? "whenever rewards have grown by a tenth"
    method = "\(how), \(options.draws) draws, renewed \(schedule)\(reason)"
    if let state { try restore(state) } else { try refresh() }
  }

  public mutating func observe(arm: Int, reward: Double, context: [Double]) throws {
    try check(arm: arm, context: context)
    let cell = try cells.cell(arm: arm, context: context)
    try check(reward, of: cell, context: context)
    log.append(cell: cell, reward: reward, context: context)
    let due = options.refreshEvery ?? max(1, drawnAt / 10)
    guard log.count - drawnAt >= due else { return }
    do {
      try refresh()
      failure = nil
    } catch {
      // The reward is learnt with the next attempt; choices go on by the posterior of before.
      failure = "\(error)"
    }
  }

  /// Takes another key for all random numbers to come.
  mutating func reseed(_ seed: UInt64) { options.seed = seed }

  /// Whether the observed number lies in the support of its distribution.
  private func check(_ reward: Double, of cell: Int, context: [Double]) throws {
    if let expected = supports[cell].refusal(of: reward, context: context) {
      throw BeliefError.impossibleReward(reward, expected: expected)
    }
  }

  /// Finds the posterior of all rounds seen so far.
  ///
  /// - Throws: `BeliefError.noPosterior` where the sampler finds no place to start.
  public mutating func refresh() throws {
    if drawnAt == log.count { return }
    do {
      var settings = KernelSettings()
      // A mode takes a hundred evaluations: to compile them pays where there are many rounds.
      settings.isNative = options.method != .laplace || log.count > 10_000
      let compiled = try CompiledModel(try log.model(coordinates), settings: settings)
      if options.method == .laplace {
        var stream = RandomStream(
          seed: options.seed, chain: log.count, purpose: .simulation, iteration: 0)
        let start = ends.first ?? [Double](repeating: 0, count: compiled.traced.dimension)
        let (drawn, mode) = try compiled.laplaceDraws(options.draws, start: start, using: &stream)
        (draws, ends) = (drawn, [mode])
      } else {
        try sample(compiled)
      }
      drawnAt = log.count
    } catch let error as BeliefError {
      throw error
    } catch {
      throw BeliefError.noPosterior(
        "the posterior of \(log.count) rewards cannot be sampled: \(error)")
    }
  }

  private mutating func sample(_ compiled: CompiledModel) throws {
    var settings = SamplerSettings(seed: options.seed &+ UInt64(log.count))
    settings.chains = 2
    settings.warmup = ends.isEmpty ? options.warmup : max(50, options.warmup / 2)
    settings.draws = max(1, (options.draws + 1) / 2)
    settings.gradientCost = compiled.kernel.estimatedCost
    let run = try BayesInference.sample(
      compiled.kernel, settings: settings,
      initialPositions: ends.count == settings.chains ? ends : nil)
    let dimension = compiled.traced.dimension
    ends = run.chains.map { Array($0.positions.suffix(dimension)) }
    let evaluator = compiled.kernel.makeKernelEvaluator()
    var outputs = [Double](repeating: 0, count: compiled.kernel.outputCount)
    var drawn: [[Double]] = []
    for chain in run.chains {
      for start in stride(from: 0, to: chain.positions.count, by: dimension) {
        chain.positions.withUnsafeBufferPointer { positions in
          outputs.withUnsafeMutableBufferPointer {
            evaluator.outputs(at: positions.baseAddress! + start, into: $0.baseAddress!)
          }
        }
        drawn.append(outputs)
      }
    }
    draws = drawn
  }

  public func drawMeans(
    context: [Double], using stream: inout RandomStream
  ) throws -> [Double] {
    try check(context: context)
    return try means(of: draws[Int(stream.uniform() * Double(draws.count))], context)
  }

  private func means(of values: [Double], _ context: [Double]) throws -> [Double] {
    try (0..<armCount).map { arm in
      rewards[try cells.cell(arm: arm, context: context)].value(values, context: context)
    }
  }

  public func means(context: [Double]) throws -> [Double] {
    try check(context: context)
    var sums = [Double](repeating: 0, count: armCount)
    for values in draws {
      for (arm, value) in try means(of: values, context).enumerated() { sums[arm] += value }
    }
    return sums.map { $0 / Double(draws.count) }
  }

  public func probabilitiesOfBest(
    context: [Double], among arms: [Int], costs: [Double]
  ) throws -> [Double] {
    try check(context: context)
    for arm in arms { try check(arm: arm, context: context) }
    var next = 0
    return try shareOfBest(of: arms, costs: costs, draws: draws.count) {
      defer { next += 1 }
      return try means(of: draws[next], context)
    }
  }

  /// Draws, the ends of chains and the rounds, after the numbers of each.
  public var state: [Double] {
    [Double(drawnAt), Double(draws.count), Double(ends.count), Double(ends.first?.count ?? 0)]
      + draws.flatMap { $0 } + ends.flatMap { $0 } + log.state
  }

  /// Takes over rounds and draws; the posterior is found again when that is due.
  public mutating func restore(_ state: [Double]) throws {
    guard state.count >= 4, state.allSatisfy(\.isFinite) else { throw BeliefError.foreignState }
    let sizes = state[..<4].map { Int(exactly: $0) ?? -1 }
    let (known, drawCount, endCount, dimension) = (sizes[0], sizes[1], sizes[2], sizes[3])
    guard sizes.allSatisfy({ (0...(1 << 40)).contains($0) }), drawCount > 0,
      dimension == coordinates[0].parameters.count,
      drawCount <= state.count, endCount <= state.count
    else { throw BeliefError.foreignState }
    let drawEnd = 4 + drawCount * parameterCount
    let start = drawEnd + endCount * dimension
    let width = 2 + contextSize
    guard start <= state.count, (state.count - start) % width == 0,
      known <= (state.count - start) / width
    else { throw BeliefError.foreignState }
    var restored = RoundLog(contextSize: contextSize)
    for row in stride(from: start, to: state.count, by: width) {
      let context = Array(state[(row + 2)..<(row + width)])
      guard let cell = Int(exactly: state[row]), supports.indices.contains(cell),
        (try? check(context: context)) != nil,
        (try? check(state[row + 1], of: cell, context: context)) != nil
      else { throw BeliefError.foreignState }
      restored.append(cell: cell, reward: state[row + 1], context: context)
    }
    func parts(_ range: Range<Int>, _ size: Int) -> [[Double]] {
      stride(from: range.lowerBound, to: range.upperBound, by: max(1, size)).map {
        Array(state[$0..<($0 + size)])
      }
    }
    draws = parts(4..<drawEnd, parameterCount)
    ends = parts(drawEnd..<start, dimension)
    (log, drawnAt) = (restored, known)
  }
}
