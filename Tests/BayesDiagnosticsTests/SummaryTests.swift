// Summaries of whole runs: columns, health, threads.

import BayesCore
import Testing

@testable import BayesDiagnostics

/// Draws with one scalar variable per element of `columns`, each chain × draw.
func draws(
  _ columns: [(String, [[Double]])], statistics: [[DrawStatistics]] = []
) -> Draws {
  let chains = columns[0].1.indices.map { chain in
    columns[0].1[chain].indices.flatMap { draw in columns.map { $0.1[chain][draw] } }
  }
  return Draws(
    variables: columns.map { Variable(name: $0.0) }, chains: chains, statistics: statistics)
}

/// One vector variable from its elements' chains.
func vector(_ name: String, _ elements: [[[Double]]]) -> Draws {
  Draws(
    variables: [Variable(name: name, dimensions: [Dimension(name: "", size: elements.count)])],
    chains: draws(elements.map { ("", $0) }).chains)
}

func statistics(
  _ energies: [Double], treeDepth: Int = 3, divergent: Set<Int> = []
) -> [DrawStatistics] {
  energies.enumerated().map { draw, energy in
    DrawStatistics(
      logDensity: -energy, acceptance: 0.8, stepSize: 0.5, treeDepth: treeDepth, leapfrogs: 7,
      isDivergent: divergent.contains(draw), energy: energy)
  }
}

@Suite("Summary")
struct SummaryTests {
  static let mixed = noise(chains: 4, draws: 500, seed: 21)

  @Test("A row has the moments, quantiles and diagnostics of its column")
  func row() throws {
    let summary = summarise(
      draws([("mu", Self.mixed), ("x", autoregression(0.8, chains: 4, draws: 500, seed: 22))]))
    #expect(summary.quantities.map(\.name) == ["mu", "x"])
    let row = summary.quantities[0]
    let all = Self.mixed.flatMap { $0 }
    let mean = all.reduce(0, +) / 2000
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1999
    #expect(abs(try #require(row.mean) - mean) < 1e-14)
    #expect(abs(try #require(row.sd) - variance.squareRoot()) < 1e-14)
    let sorted = all.sorted()
    #expect(row.median == (sorted[999] + sorted[1000]) / 2)
    #expect(abs(try #require(row.quantile5) - (0.05 * sorted[99] + 0.95 * sorted[100])) < 1e-13)
    #expect(row.mcseMean == Convergence.mcseMean(Self.mixed))
    #expect(row.essBulk == Convergence.essBulk(Self.mixed))
    #expect(row.essTail == Convergence.essTail(Self.mixed))
    #expect(row.rHat == Convergence.rHat(Self.mixed))
    #expect(summary.health.minimumESSBulk?.quantity == "x")
    #expect(summary.health.minimumESSBulk?.value == summary.quantities[1].essBulk.number)
    #expect(summary.health.chains == 4 && summary.health.draws == 500)
  }

  @Test("Blocks and threads never change a summary", arguments: [1, 2, 3, 7])
  func threads(_ threads: Int) {
    let columns = (0..<150).map { column in
      ("x\(column)", noise(chains: 3, draws: 21, seed: UInt64(1000 + column)))
    }
    let summary = summarise(draws(columns), threads: threads)
    #expect(summary.quantities.count == 150)
    for (quantity, (name, chains)) in zip(summary.quantities, columns) {
      #expect(quantity.name == name)
      #expect(quantity.rHat == Convergence.rHat(chains))
      #expect(quantity.essTail == Convergence.essTail(chains))
    }
  }

  @Test("A reused buffer keeps nothing of the column before")
  func reuse() {
    let bad = Self.mixed.map { $0.map { _ in Double.nan } }
    let flat = Self.mixed.map { $0.map { _ in 3.0 } }
    let huge = Self.mixed.map { $0.map { $0 * 1e200 } }
    let summary = summarise(
      draws([
        ("huge", huge), ("bad", bad), ("flat", flat), ("good", Self.mixed), ("flat2", flat),
      ]))
    let alone = summarise(draws([("good", Self.mixed)]))
    #expect(summary.quantities[3] == alone.quantities[0])
    #expect(summary.quantities[0].rHat == alone.quantities[0].rHat)
    #expect(summary.quantities[1].mean == nil && summary.quantities[1].median == nil)
    #expect(summary.quantities[2].mean == 3 && summary.quantities[2].sd == 0)
    #expect(summary.health.nonFinite == ["bad"])
    #expect(summary.health.constant == ["flat", "flat2"])
    #expect(summary.health.stuckChains == [])
  }

  @Test("Statistics give divergences, depth hits and an E-BFMI per chain")
  func statisticsOfChains() {
    let energies = [Self.mixed[0], Self.mixed[1]]
    let run = draws(
      [("mu", [Self.mixed[0], Self.mixed[1]])],
      statistics: [
        statistics(energies[0], treeDepth: 10, divergent: [3, 4]),
        statistics(energies[1], treeDepth: 9, divergent: [0]),
      ])
    let health = summarise(run, maxTreeDepth: 10).health
    #expect(health.hasStatistics && health.divergences == 3 && health.maxDepthHits == 500)
    #expect(health.eBFMI == energies.map(Convergence.eBFMI))
    #expect(summarise(run).health.maxDepthHits == nil)
  }

  @Test("A chain that never moves is named")
  func stuck() {
    var chains = Self.mixed
    chains[2] = chains[2].map { _ in 0.25 }
    let flat = Self.mixed.map { $0.map { _ in 1.0 } }
    let health = summarise(draws([("mu", chains), ("one", flat)])).health
    #expect(health.stuckChains == [2] && health.constant == ["one"])
  }

  @Test("Elements in another order in each chain are label switching; disagreement is not")
  func labelSwitching() {
    let centres = [-4.0, 0, 5]
    let orders = [[0, 1, 2], [2, 0, 1], [1, 0, 2], [0, 1, 2]]
    let element = { (k: Int, centre: (Int) -> Double) in
      noise(chains: 4, draws: 100, seed: UInt64(30 + k)).enumerated().map { chain, values in
        values.map { $0 + centre(chain) }
      }
    }
    let switched = vector("mu", (0..<3).map { k in element(k) { centres[orders[$0][k]] } })
    #expect(summarise(switched).health.permuted == ["mu"])
    let apart = vector("mu", (0..<3).map { k in element(k) { Double(3 * $0 * (k + 1)) } })
    #expect(summarise(apart).health.permuted == [])
    let agreed = vector("mu", (0..<3).map { k in element(k) { _ in centres[k] } })
    #expect(summarise(agreed).health.permuted == [])
  }

  @Test("No columns, no chains and no draws have a summary")
  func empty() {
    let none = summarise(Draws(variables: [], chains: []))
    #expect(none.quantities.isEmpty && none.health.draws == 0)
    let short = summarise(draws([("x", [[], []])]))
    #expect(short.quantities[0].mean == nil && short.health.nonFinite.isEmpty)
    #expect(short.quantities[0].rHat == .undefined(reason: "there are no draws"))
    let single = summarise(draws([("x", [[2.5]])]))
    #expect(single.quantities[0].mean == 2.5 && single.quantities[0].sd == nil)
  }

  static let unsorted: [[Double]] = {
    let crowded = (0..<300).map { (i: Int) -> Double in 1 + Double((i * 7919) % 300) * 1e-15 }
    return [
      [3.0, -1, 2, -0.0, 0, 5, -7], [1 + 1e-15, 1, 1 + 2e-15, 1 - 1e-15, 1e300, -1e300],
      [0x1p-1074, 0, -0x1p-1074, 0x1p-1060], [2, 2, 2], [1], crowded + [-1],
    ]
  }()

  @Test("Draws are sorted with their positions whatever their spread", arguments: unsorted)
  func sorting(_ values: [Double]) {
    let buffer = Buffer(repeating: 0.0, count: values.count)
    for (i, value) in values.enumerated() { buffer[i] = value }
    let sorted = SortedDraws(count: values.count)
    for _ in 0..<2 {
      sorted.sort(buffer, low: values.min() ?? 0, high: values.max() ?? 0)
      let expected = values.enumerated().sorted {
        ($0.element, $0.offset) < ($1.element, $1.offset)
      }
      #expect(sorted.values.indices.map { sorted.values[$0] } == expected.map(\.element))
      #expect(sorted.positions.indices.map { Int(sorted.positions[$0]) } == expected.map(\.offset))
    }
  }

  @Test(
    "Quantiles are of type 7",
    arguments: [(0.0, 1.0), (0.25, 2), (0.3, 2.2), (0.5, 3), (0.95, 9), (1.0, 10)])
  func quantile(_ p: Double, _ expected: Double) {
    let buffer = Buffer(repeating: 0.0, count: 5)
    for (i, value) in [5.0, 10, 1, 3, 2].enumerated() { buffer[i] = value }
    let sorted = SortedDraws(count: 5)
    sorted.sort(buffer, low: 1, high: 10)
    #expect(abs(sorted.quantile(p) - expected) < 1e-14)
  }
}
