// Which warnings a run gets, and what they say.

import BayesCore
import BayesDiagnostics
import Testing

@Suite("Advice")
struct AdviceTests {
  static let good = noise(chains: 4, draws: 500, seed: 41)

  static func codes(_ draws: Draws, maxTreeDepth: Int? = nil) -> [Advice.Code] {
    advice(for: summarise(draws, maxTreeDepth: maxTreeDepth)).map(\.code)
  }

  @Test("A run without problems gets none")
  func clean() {
    let energies = noise(chains: 4, draws: 500, seed: 42)
    let run = draws([("mu", Self.good)], statistics: energies.map { statistics($0) })
    #expect(Self.codes(run, maxTreeDepth: 10) == [])
  }

  @Test("Each problem is found by its rule")
  func rules() {
    let shifted = Self.good.enumerated().map { chain, x in x.map { $0 + Double(chain) } }
    #expect(Self.codes(draws([("mu", shifted)])).contains(.rHat))
    let slow = autoregression(0.98, chains: 4, draws: 500, seed: 43)
    #expect(Set(Self.codes(draws([("mu", slow)]))).isSuperset(of: [.essBulk, .essTail]))
    #expect(Self.codes(draws([("mu", [Self.good[0]])])).contains(.singleChain))
    #expect(Self.codes(draws([("mu", Self.good.map { Array($0[..<3]) })])) == [.fewDraws])
    #expect(Self.codes(draws([("mu", [[], []])])) == [.noDraws])
    #expect(
      Self.codes(draws([("mu", Self.good), ("one", Self.good.map { $0.map { _ in 1 } })])) == [
        .constant
      ])
    #expect(
      Self.codes(draws([("mu", Self.good), ("bad", Self.good.map { $0.map { 1 / ($0 - $0) } })]))
        == [.nonFinite])
    var stuck = Self.good
    stuck[1] = stuck[1].map { _ in 0 }
    #expect(Self.codes(draws([("mu", stuck)])).first == .stuckChain)
    #expect(Self.codes(draws([("mu", Self.good.map { $0.map { _ in 0 } })])).first == .stuckChain)
  }

  @Test("The sampler's problems are found in its statistics")
  func sampler() {
    let slow = autoregression(0.95, chains: 4, draws: 500, seed: 44)
    let fine = noise(chains: 4, draws: 500, seed: 45)
    let run = { (energies: [[Double]], depth: Int, divergent: Set<Int>) in
      draws(
        [("mu", Self.good)],
        statistics: energies.map { statistics($0, treeDepth: depth, divergent: divergent) })
    }
    #expect(Self.codes(run(slow, 3, []), maxTreeDepth: 10) == [.lowEnergy])
    #expect(Self.codes(run(fine, 10, []), maxTreeDepth: 10) == [.maxDepth])
    #expect(Self.codes(run(fine, 3, [7]), maxTreeDepth: 10) == [.divergences])
  }

  @Test("A warning says what was found, what it means and what to try")
  func words() throws {
    let health = SamplerHealth(
      chains: 4, draws: 1000, hasStatistics: true, divergences: 52, maxDepthHits: 8,
      eBFMI: [
        .value(0.8), .value(0.21), .undefined(reason: "the energy is constant"), .value(0.25),
      ])
    let found = advice(
      for: Summary(quantities: [], health: health), maxTreeDepth: 10, targetAcceptance: 0.8)
    #expect(found.map(\.code) == [.divergences, .maxDepth, .lowEnergy])
    #expect(found.allSatisfy { $0.severity == .warning })
    #expect(
      found[0].message == """
        52 of 4000 draws diverged (1.3 %). There the posterior curves more sharply than the step \
        size can follow, and the draws leave that region out: estimates may be biased.
        """)
    #expect(found[0].suggestion.hasPrefix("Raise the target acceptance from 0.80 to 0.95."))
    #expect(found[0].suggestion.contains("non-centred"))
    #expect(found[1].message.hasPrefix("8 of 4000 draws (0.2 %) hit the tree depth limit of 10:"))
    #expect(found[1].suggestion.contains("a dense metric"))
    let dense = advice(
      for: Summary(quantities: [], health: health), maxTreeDepth: 10, isMetricDense: true)
    #expect(!dense.contains { $0.suggestion.contains("dense") })
    #expect(found[2].message.hasPrefix("E-BFMI is below 0.3 in chains 2 and 4 (lowest: 0.21)."))
  }

  @Test("Label switching is advised beside R-hat, and many names are cut short")
  func labels() throws {
    let row = { (name: String, rHat: Double) in
      QuantitySummary(
        name: name, mean: 0, sd: 1, quantile5: -1, median: 0, quantile95: 1,
        mcseMean: .value(0.1), essBulk: .value(900), essTail: .value(900), rHat: .value(rHat))
    }
    let summary = Summary(
      quantities: (1...6).map { row("mu[\($0)]", 1.5) } + [row("tau", .infinity)],
      health: SamplerHealth(
        chains: 4, draws: 1000, worstRHat: .init(quantity: "tau", value: .infinity),
        minimumESSBulk: .init(quantity: "tau", value: 900),
        minimumESSTail: .init(quantity: "tau", value: 900), permuted: ["mu"]))
    let found = advice(for: summary)
    #expect(found.map(\.code) == [.rHat, .labelSwitching])
    #expect(
      found[0].message.hasPrefix(
        "R-hat is above 1.01 for mu[1], mu[2], mu[3], mu[4] and 3 more (worst: tau, infinite)."))
    #expect(found[1].suggestion.contains("ordered"))
    let relabelled = advice(for: summary, relabelled: ["component"])
    #expect(relabelled.map(\.code) == [.rHat, .labelSwitching, .relabelled])
    #expect(relabelled[2].severity == .note)
    #expect(relabelled[2].message.hasPrefix("The components of component changed places"))
  }

  @Test("Failures come before warnings, warnings before notes")
  func order() {
    var health = SamplerHealth(chains: 1, draws: 1000, hasStatistics: true, divergences: 1)
    health.constant = ["one"]
    health.nonFinite = ["bad"]
    let found = advice(for: Summary(quantities: [], health: health))
    #expect(found.map(\.severity) == [.failure, .warning, .warning, .note])
  }
}
