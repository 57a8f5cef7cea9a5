// Determinism, cancellation, progress, errors and edge cases of a run.

import BayesCore
import Glibc
import Synchronization
import Testing

@testable import BayesInference

private func bits(_ run: SamplerRun) -> [[UInt64]] {
  run.chains.map { $0.positions.map(\.bitPattern) }
}

private func settings(_ change: (inout SamplerSettings) -> Void = { _ in }) -> SamplerSettings {
  var settings = SamplerSettings(seed: 77)
  settings.warmup = 120
  settings.draws = 50
  change(&settings)
  return settings
}

@Suite("A sampling run")
struct RunTests {
  @Test("The same seed gives the same bits on 1, 2 and 4 threads, another seed others")
  func determinism() throws {
    let density = Densities.eightSchools
    let one = try sample(density, settings: settings { $0.threads = 1 })
    for threads in [2, 4] {
      #expect(bits(try sample(density, settings: settings { $0.threads = threads })) == bits(one))
    }
    let other = try sample(density, settings: settings { $0.seed = 78 })
    #expect(bits(other) != bits(one))
    #expect(Set(one.chains.map(\.positions)).count == 4)
  }

  @Test("Chain k does not depend on the number of chains, nor on progress")
  func chainsAreIndependent() throws {
    let density = Densities.equicorrelated(5, 0.9)
    let many = try sample(density, settings: settings { $0.chains = 3 })
    let progress = SamplerProgress(chains: 2)
    let few = try sample(density, settings: settings { $0.chains = 2 }, progress: progress)
    #expect(bits(few) == Array(bits(many)[..<2]))
    for (chain, state) in zip(few.chains, progress.snapshot()) {
      #expect(state.iterations == 170)
      #expect(!state.isWarmup)
      #expect(
        state.divergences == chain.statistics.count { $0.isDivergent })
      let sampled = chain.statistics.reduce(0) { $0 + $1.leapfrogs }
      #expect(sampled == chain.samplingGradientEvaluations)
      #expect(state.leapfrogs > sampled)
    }
  }

  @Test("More draws do not change the first ones")
  func drawsAreAPrefix() throws {
    let short = try sample(Densities.normal(3), settings: settings { $0.draws = 10 })
    let long = try sample(Densities.normal(3), settings: settings { $0.draws = 20 })
    #expect(bits(short) == bits(long).map { Array($0.prefix(30)) })
  }

  @Test(
    "0 warmup iterations, 0 draws, 1 chain and dimension 0 work",
    arguments: [
      (0, 10, 2, 3), (30, 0, 2, 3), (0, 0, 1, 3), (1, 1, 1, 1), (40, 10, 1, 0), (25, 5, 2, 1),
    ])
  func edges(_ warmup: Int, _ draws: Int, _ chains: Int, _ dimension: Int) throws {
    for algorithm in [SamplerAlgorithm.nuts, .hmc(leapfrogs: 3)] {
      for metric in MetricChoice.allCases {
        let run = try sample(
          Densities.normal(dimension),
          settings: settings {
            $0.warmup = warmup
            $0.draws = draws
            $0.chains = chains
            $0.algorithm = algorithm
            $0.metric = metric
          })
        #expect(run.chains.count == chains)
        #expect(run.drawCount == draws)
        #expect(!run.isInterrupted)
        #expect(run.chains.allSatisfy { $0.positions.count == draws * dimension })
      }
    }
  }

  @Test("Statistics agree with the draws")
  func statistics() throws {
    let run = try sample(
      Densities.normal(3), settings: settings { $0.maxTreeDepth = 3 }, record: .warmup)
    for chain in run.chains {
      #expect(chain.warmupStatistics.count == 120)
      #expect(chain.warmupPositions.count == 360)
      for (k, draw) in chain.statistics.enumerated() {
        let q = chain.positions[3 * k..<3 * k + 3]
        #expect(abs(draw.logDensity + 0.5 * q.reduce(0) { $0 + $1 * $1 }) < 1e-12)
        #expect(draw.energy >= -draw.logDensity)
        #expect((0...1).contains(draw.acceptance))
        #expect(draw.treeDepth <= 3 && draw.leapfrogs <= 7 && draw.leapfrogs >= 1)
        #expect(draw.stepSize == chain.stepSize)
      }
    }
  }

  @Test("Settings outside their range are refused by name", arguments: [0, 1, 2, 3, 4, 5])
  func invalidSettings(_ which: Int) throws {
    let bad = settings {
      switch which {
      case 0: $0.chains = 0
      case 1: $0.warmup = -1
      case 2: $0.targetAcceptance = 1
      case 3: $0.targetAcceptance = .nan
      case 4: $0.algorithm = .hmc(leapfrogs: 0)
      default: $0.maxTreeDepth = 40
      }
    }
    let names = [
      "chains", "warmup", "target-acceptance", "target-acceptance", "leapfrogs", "max-depth",
    ]
    do {
      _ = try sample(Densities.normal(1), settings: bad)
      Issue.record("accepted")
    } catch let error as SamplingError {
      #expect("\(error)".hasPrefix(names[which]))
    }
  }

  @Test("The defaults lie in their ranges and the table knows them")
  func optionTable() throws {
    try SamplerSettings(seed: 1).validate()
    for option in SamplerSettings.options {
      #expect(option.defaultValue.map(option.range.contains) ?? true)
      #expect(!option.help.isEmpty && !option.expected.isEmpty)
    }
  }

  @Test("An impossible density names the last position, its value and the reason")
  func noInitialPoint() throws {
    let impossible = ClosureDensity(2) { _, _ in -.infinity }
    do {
      _ = try sample(
        impossible, settings: settings(), explain: { "sigma is negative at \($0.count) numbers" })
      Issue.record("accepted")
    } catch SamplingError.noInitialPoint(let chain, let attempts, let position, let value, let why)
    {
      #expect(chain == 0 && attempts == 100)
      #expect(position.count == 2 && position.allSatisfy { abs($0) < 2 })
      #expect(value == -.infinity)
      #expect(why == "sigma is negative at 2 numbers")
    }
  }

  @Test("Initial positions are used, and refused where their number or length is wrong")
  func initialPositions() throws {
    let start = [[3.0, 4], [5, 6]]
    let two = settings {
      $0.chains = 2
      $0.warmup = 0
      $0.draws = 0
    }
    let seen = Mutex<[Double]>([])
    let density = ClosureDensity(2) { q, _ in
      seen.withLock { $0.append(q[0]) }
      return 0
    }
    _ = try sample(density, settings: two, initialPositions: start)
    #expect(Set(seen.withLock { $0 }).isSuperset(of: [3, 5]))
    #expect(throws: SamplingError.self) {
      try sample(density, settings: two, initialPositions: [[1, 2]])
    }
    #expect(throws: SamplingError.self) {
      try sample(density, settings: two, initialPositions: [[1, 2], [1]])
    }
  }

  @Test("A fatal error of an evaluator ends the run")
  func fatal() {
    struct Broken: Error {}
    let density = ClosureDensity(1) { q, g in
      if q[0] > 2.5 { throw Broken() }
      g[0] = 1
      return q[0]
    }
    #expect(throws: Broken.self) { try sample(density, settings: settings()) }
  }

  @Test("Walls of −∞ and of NaN are divergences with positions, and nothing crosses them")
  func divergences() throws {
    for wall in [-Double.infinity, .nan] {
      let density = ClosureDensity(2) { q, g in
        g[0] = -q[0]
        g[1] = -q[1]
        return q[0] < 0 ? wall : -0.5 * (q[0] * q[0] + q[1] * q[1])
      }
      let run = try sample(density, settings: settings { $0.draws = 400 })
      for chain in run.chains {
        let count = chain.statistics.count { $0.isDivergent }
        #expect(count > 0)
        #expect(chain.divergences.count == min(100, count))
        #expect(chain.divergences.allSatisfy { $0.position[0] < 0 && $0.energyError == .infinity })
        #expect(
          stride(from: 0, to: chain.positions.count, by: 2).allSatisfy {
            chain.positions[$0] >= 0
          })
      }
    }
  }

  @Test("After a cancellation all chains have equally many of the same draws")
  func cancellation() throws {
    let density = Densities.normal(2)
    let polls = Atomic<Int>(0)
    let run = try sample(
      density, settings: settings { $0.threads = 2 },
      isCancelled: { polls.add(1, ordering: .relaxed).oldValue > 2 * 150 })
    #expect(run.isInterrupted)
    #expect(run.drawCount > 0 && run.chains.count * run.drawCount < 200)
    let whole = bits(try sample(density, settings: settings()))
    for chain in run.chains {
      #expect(chain.statistics.count == run.drawCount)
      #expect(
        chain.positions.map(\.bitPattern)[...] == whole[chain.chain].prefix(2 * run.drawCount))
    }
    let early = try sample(density, settings: settings(), isCancelled: { true })
    #expect(early.isInterrupted && early.drawCount == 0)
  }

  @Test("A start in a deep tail finds the typical set", arguments: [1e3, 1e6])
  func deepTail(_ distance: Double) throws {
    let run = try sample(
      Densities.scaledNormal(4), settings: settings { $0.warmup = 400 },
      initialPositions: Array(repeating: Array(repeating: distance, count: 4), count: 4))
    for chain in run.chains {
      #expect(chain.statistics.allSatisfy { $0.logDensity > -30 })
      #expect(chain.statistics.reduce(0) { $0 + $1.leapfrogs } < 50 * 63)
    }
  }
}
