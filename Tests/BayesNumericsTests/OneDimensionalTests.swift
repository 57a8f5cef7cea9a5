import Glibc
import Testing

@testable import BayesNumerics

@Suite struct OneDimensionalTests {
  /// A function with a root at the value given, over an interval.
  struct RootCase: Sendable {
    let interval: ClosedRange<Double>
    let root: Double
    let function: @Sendable (Double) -> Double
  }

  static let roots = [
    RootCase(interval: 0...2, root: 2.0.squareRoot()) { $0 * $0 - 2 },
    RootCase(interval: -10...10, root: 0.5) { $0 < 0.5 ? -1 : 1 },
    RootCase(interval: -1...4, root: 0) { $0 * $0 * $0 },
    RootCase(interval: 0...1, root: 0) { $0 },
    RootCase(interval: 1e-300...1, root: 1e-200) { log($0 / 1e-200) },
    RootCase(interval: 0...1000, root: 700) { exp($0) - exp(700) },
    RootCase(interval: -5...0, root: -2) { $0 == -5 ? -.infinity : $0 + 2 },
  ]

  @Test("Roots are found to rounding", arguments: roots)
  func root(test: RootCase) throws {
    let root = try findRoot(in: test.interval, test.function)
    #expect(abs(root - test.root) <= 1e-15 * Swift.max(abs(test.root), 1e-5))
  }

  @Test("A root within a tolerance takes fewer evaluations than one to rounding")
  func tolerance() throws {
    var coarse = 0
    var fine = 0
    let root = try findRoot(in: 0...3, tolerance: 1e-3) {
      coarse += 1
      return cos($0)
    }
    _ = try findRoot(in: 0...3) {
      fine += 1
      return cos($0)
    }
    #expect(abs(root - .pi / 2) <= 1e-3)
    #expect(coarse < fine)
  }

  @Test("An interval without a change of sign has no root to find")
  func noSignChange() {
    #expect(throws: NumericsError.noSignChange(atLower: 2, atUpper: 2)) {
      try findRoot(in: -1...1) { $0 * $0 + 1 }
    }
    #expect(throws: NumericsError.self) { try findRoot(in: -1...1) { _ in .nan } }
    #expect(throws: NumericsError.notFinite(at: 0)) {
      try findRoot(in: -1...1) { $0 == 0 ? .nan : $0 }
    }
  }

  @Test("Minima are found inside and at the ends of an interval")
  func minima() throws {
    #expect(abs(try minimise(in: -3...5) { ($0 - 1) * ($0 - 1) }.argument - 1) < 1e-7)
    #expect(abs(try minimise(in: 0...10) { $0 - 3 * log($0) }.argument - 3) < 1e-6)
    #expect(abs(try minimise(in: 0...4, tolerance: 1e-3) { cos($0) }.argument - .pi) < 1e-3)
    #expect(try minimise(in: 2...3) { $0 }.argument < 2 + 1e-6)
    #expect(abs(try minimise(in: -1...1) { abs($0 - 0.25) }.argument - 0.25) < 1e-7)
    #expect(throws: NumericsError.self) { try minimise(in: 0...1) { _ in .nan } }
  }

  @Test("Integrals over finite and infinite intervals have their relative error")
  func integrals() throws {
    func density(_ x: Double) -> Double { exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }
    #expect(abs(try integrate({ $0 * $0 }, from: 0, to: 3) - 9) < 1e-12)
    #expect(abs(try integrate({ $0 * $0 }, from: 3, to: 0) + 9) < 1e-12)
    #expect(abs(try integrate({ 1 / $0.squareRoot() }, from: 0, to: 1) - 2) < 1e-9)
    #expect(abs(try integrate(density, from: -.infinity, to: .infinity) - 1) < 1e-9)
    #expect(abs(try integrate(density, from: 1.5, to: .infinity) - normalCDF(-1.5)) < 1e-11)
    #expect(abs(try integrate(density, from: -.infinity, to: -2) - normalCDF(-2)) < 1e-11)
    #expect(abs(try integrate(sin, from: -1, to: 1, absoluteError: 1e-12)) < 1e-12)
    #expect(try integrate({ _ in .nan }, from: 1, to: 1) == 0)
  }

  @Test("Integrals that diverge or are not numbers say so")
  func noIntegral() {
    #expect(throws: NumericsError.self) { try integrate({ 1 / $0 }, from: 0, to: 1) }
    #expect(throws: NumericsError.self) { try integrate({ _ in .nan }, from: 0, to: 1) }
  }

  @Test("An error says what happened")
  func descriptions() {
    #expect(
      NumericsError.notFinite(at: 0.5).description == "the function is not finite at 0.5")
    #expect(NumericsError.noSignChange(atLower: 1, atUpper: 2).description.contains("1.0 and 2.0"))
    #expect(NumericsError.notConverged(estimate: 3, error: 0.25).description.contains("0.25"))
  }
}
