// Quantities without a value, ties, short and stuck chains, extreme scales.

import BayesDiagnostics
import Testing

@Suite("Edge cases")
struct EdgeCaseTests {
  typealias Diagnostic = @Sendable ([[Double]]) -> DiagnosticValue
  static let all = ReferenceTests.diagnostics.map(\.1)

  struct Undefined: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let chains: [[Double]]
    let reason: String
  }

  @Test(
    "What has no value says why",
    arguments: [
      Undefined(testDescription: "no chains", chains: [], reason: "there are no draws"),
      Undefined(testDescription: "no draws", chains: [[], []], reason: "there are no draws"),
      Undefined(
        testDescription: "three draws", chains: [[1, 2, 3], [2, 1, 4]],
        reason: "fewer than 4 draws a chain"),
      Undefined(
        testDescription: "constant", chains: [[2, 2, 2, 2, 2], [2, 2, 2, 2, 2]],
        reason: "the quantity is constant"),
      Undefined(
        testDescription: "one up to rounding",
        chains: [[1, 1 - 1e-16, 1, 1], [1 + 2.3e-16, 1, 1, 1]], reason: "the quantity is constant"),
      Undefined(
        testDescription: "NaN", chains: [[1, 2, .nan, 4], [1, 3, 2, 4]],
        reason: "1 of 8 draws are NaN or infinite"),
      Undefined(
        testDescription: "infinite", chains: [[1, 2, .infinity, 4], [1, -.infinity, 2, 4]],
        reason: "2 of 8 draws are NaN or infinite"),
      Undefined(
        testDescription: "unequal lengths", chains: [[1, 2, 3, 4], [1, 2, 3, 4, 5]],
        reason: "the chains have unequal lengths"),
    ])
  func undefined(_ row: Undefined) {
    for diagnostic in Self.all { #expect(diagnostic(row.chains) == .undefined(reason: row.reason)) }
  }

  @Test("Chains that are each constant at different values have an infinite R-hat")
  func stuckApart() throws {
    let chains = (0..<4).map { Array(repeating: 0.1 * Double($0 * $0), count: 100) }
    #expect(Convergence.rHat(chains) == .value(.infinity))
    #expect(Convergence.rawRHat(chains) == .value(.infinity))
    // As many effective draws as there are places, about.
    let ess = try #require(Convergence.essBulk(chains).number)
    #expect(ess > 1 && ess < 8)
  }

  @Test("The 5 % and 95 % indicators of a binary quantity leave one side for the tail ESS")
  func binary() throws {
    let chains = noise(chains: 4, draws: 200, seed: 3).map { $0.map { $0 > 0 ? 1.0 : 0 } }
    let tail = try #require(Convergence.essTail(chains).number)
    expectClose(Convergence.essQuantile(chains, 0.05), tail, 0, "tail")
    #expect(
      Convergence.essQuantile(chains, 0.95) == .undefined(reason: "no draw lies above the quantile")
    )
    #expect(Convergence.rHat(chains).number != nil)
  }

  @Test("A fold that leaves a constant leaves the bulk R-hat")
  func constantFold() {
    let chains = [[1.0, -1, 1, -1, -1, 1], [-1, 1, 1, -1, 1, -1]]
    #expect(Convergence.foldedRHat(chains) == .undefined(reason: "the quantity is constant"))
    #expect(Convergence.rHat(chains) == Convergence.bulkRHat(chains))
    #expect(Convergence.rHat(chains).number != nil)
  }

  @Test("One chain has every diagnostic but the unsplit R-hat")
  func oneChain() {
    let chain = noise(chains: 1, draws: 100, seed: 4)
    #expect(Convergence.rawRHat(chain) == .undefined(reason: "one chain only"))
    for (name, diagnostic) in ReferenceTests.diagnostics where name != "rhat_raw" {
      #expect(diagnostic(chain).number != nil, "\(name)")
    }
  }

  @Test("Four draws a chain are enough for a value", arguments: [4, 5, 6, 7, 9])
  func shortest(_ draws: Int) {
    let chains = noise(chains: 4, draws: draws, seed: 5)
    for diagnostic in Self.all { #expect(diagnostic(chains).number?.isFinite == true) }
  }

  @Test("An odd number of draws drops the middle one of each chain")
  func oddLength() {
    let odd = noise(chains: 3, draws: 101, seed: 6)
    let even = odd.map { Array($0[..<50] + $0[51...]) }
    #expect(Convergence.bulkRHat(odd) == Convergence.bulkRHat(even))
    #expect(Convergence.essBulk(odd) == Convergence.essBulk(even))
    #expect(Convergence.essMean(odd) == Convergence.essMean(even))
  }

  @Test("Ties get average ranks: scores of a rounded quantity are symmetric")
  func ties() throws {
    let chains = noise(chains: 4, draws: 250, seed: 7).map { $0.map { ($0 * 2).rounded() } }
    let mirrored = chains.map { $0.map { -$0 } }
    let (value, mirror) = (
      try #require(Convergence.rHat(chains).number), Convergence.rHat(mirrored)
    )
    expectClose(mirror, value, 1e-13, "R-hat")
    expectClose(
      Convergence.essBulk(mirrored), try #require(Convergence.essBulk(chains).number), 1e-10, "ESS")
  }

  @Test("Zero and negative zero are the same value")
  func negativeZero() {
    let chains = noise(chains: 2, draws: 100, seed: 8).map { $0.map { max($0, 0) } }
    let signed = chains.map { $0.enumerated().map { $1 == 0 && $0 % 2 == 0 ? -0.0 : $1 } }
    for diagnostic in Self.all { #expect(diagnostic(chains) == diagnostic(signed)) }
  }

  @Test(
    "Extreme scales lose nothing",
    arguments: [0x1p-1060, 0x1p-1000, 0x1p-300, 0x1p300, 0x1p700, 0x1p1020])
  func scales(_ scale: Double) throws {
    // Integers keep their digits even where the scaled ones are subnormal.
    let chains = noise(chains: 4, draws: 100, seed: 9).map { $0.map { ($0 * 8).rounded() / 4 } }
    let scaled = chains.map { $0.map { $0 * scale } }
    for (name, diagnostic) in ReferenceTests.diagnostics {
      let value = try #require(diagnostic(chains).number)
      let isError = name.hasPrefix("mcse")
      // A subnormal standard error is rounded to the spacing of subnormals.
      let tolerance = isError && scale < 0x1p-1000 ? 1e-3 : 1e-12
      expectClose(diagnostic(scaled), isError ? value * scale : value, tolerance, name)
    }
  }

  @Test("A large common offset costs only the digits that the draws lost")
  func offset() throws {
    let chains = noise(chains: 4, draws: 100, seed: 10).map { $0.map { ($0 * 1024).rounded() } }
    let moved = chains.map { $0.map { $0 + 0x1p50 } }
    for diagnostic in Self.all {
      expectClose(diagnostic(moved), try #require(diagnostic(chains).number), 1e-12, "offset")
    }
  }

  @Test(
    "E-BFMI has a value for energies that vary",
    arguments: [
      ([1.0, 2, 4, 7], DiagnosticValue.value(14 / 21)),
      ([3], .undefined(reason: "fewer than 2 draws")),
      ([2, 2, 2], .undefined(reason: "the energy is constant")),
      ([2, .nan, 2], .undefined(reason: "an energy is NaN or infinite")),
    ])
  func energies(_ energies: [Double], _ expected: DiagnosticValue) {
    #expect(Convergence.eBFMI(energies) == expected)
  }
}
