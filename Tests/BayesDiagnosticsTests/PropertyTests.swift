// What diagnostics must not depend on, and chains whose effective sample size is known.

import BayesDiagnostics
import BayesNumerics
import Glibc
import Testing

/// Independent standard normal draws.
func noise(chains: Int, draws: Int, seed: UInt64) -> [[Double]] {
  (0..<chains).map { chain in
    var stream = RandomStream(seed: seed, chain: chain, purpose: .test, iteration: 0)
    return (0..<draws).map { _ in normalQuantile((Double(stream.next() >> 12) + 0.5) * 0x1p-52) }
  }
}

/// Stationary first-order autoregressions with unit innovations.
func autoregression(_ phi: Double, chains: Int, draws: Int, seed: UInt64) -> [[Double]] {
  noise(chains: chains, draws: draws, seed: seed).map { innovations in
    var x = 0.0
    return innovations.enumerated().map { draw, innovation in
      x = draw == 0 ? innovation / (1 - phi * phi).squareRoot() : phi * x + innovation
      return x
    }
  }
}

@Suite("Properties")
struct PropertyTests {
  static let chains = autoregression(0.6, chains: 4, draws: 300, seed: 11)

  @Test("The order of the chains does not matter")
  func permutation() throws {
    let shuffled = [2, 0, 3, 1].map { Self.chains[$0] }
    for (name, diagnostic) in ReferenceTests.diagnostics {
      expectClose(
        diagnostic(shuffled), try #require(diagnostic(Self.chains).number), 1e-11, name)
    }
  }

  @Test(
    "An affine map changes only the unit of the standard errors",
    arguments: [(3.0, 7.0), (-0.5, 100)])
  func affine(_ factor: Double, _ offset: Double) throws {
    let mapped = Self.chains.map { $0.map { factor * $0 + offset } }
    for (name, diagnostic) in ReferenceTests.diagnostics {
      // A reflection turns one quantile into another, and steps over one draw at the median.
      if factor < 0, name.contains("quantile") || name == "mcse_median" { continue }
      let value = try #require(diagnostic(Self.chains).number)
      let unit = name.hasPrefix("mcse") ? abs(factor) : 1
      expectClose(diagnostic(mapped), value * unit, 1e-9, name)
    }
  }

  @Test("An increasing map changes no bulk R-hat and no bulk ESS")
  func monotone() {
    let mapped = Self.chains.map { $0.map { exp($0 / 2) } }
    #expect(Convergence.bulkRHat(mapped) == Convergence.bulkRHat(Self.chains))
    #expect(Convergence.essBulk(mapped) == Convergence.essBulk(Self.chains))
  }

  @Test("Bulk R-hat sees locations, folded R-hat sees scales")
  func shiftAndScale() throws {
    var shifted = noise(chains: 4, draws: 500, seed: 12)
    var widened = shifted
    shifted[0] = shifted[0].map { $0 + 2 }
    widened[0] = widened[0].map { $0 * 4 }
    #expect(try #require(Convergence.bulkRHat(shifted).number) > 1.1)
    #expect(try #require(Convergence.bulkRHat(widened).number) < 1.02)
    #expect(try #require(Convergence.foldedRHat(widened).number) > 1.1)
    #expect(Convergence.rHat(widened) == Convergence.foldedRHat(widened))
  }

  /// The ESS of the mean of an autoregression is S(1 − φ)/(1 + φ). The relative error of the
  /// estimate has a standard deviation of about √(2 (2T + 1)/S), T the summed lags; twice that.
  @Test(
    "The ESS of an autoregression is known",
    arguments: [(-0.3, 0.1), (0, 0.1), (0.5, 0.12), (0.9, 0.25), (0.97, 0.35)])
  func autoregressive(_ phi: Double, _ tolerance: Double) throws {
    let chains = autoregression(phi, chains: 4, draws: 5000, seed: 13)
    let expected = 20000 * (1 - phi) / (1 + phi)
    expectClose(Convergence.essMean(chains), expected, tolerance, "φ = \(phi)")
    expectClose(Convergence.essBulk(chains), expected, tolerance, "φ = \(phi)")
  }

  @Test("Antithetic chains have more effective draws than draws, up to S log10 S")
  func antithetic() throws {
    let mild = autoregression(-0.5, chains: 4, draws: 1000, seed: 14)
    #expect(try #require(Convergence.essMean(mild).number) > 4000)
    let extreme = autoregression(-0.99, chains: 4, draws: 1000, seed: 15)
    expectClose(Convergence.essMean(extreme), 4000 * log10(4000), 1e-12, "cap")
  }

  @Test(
    "Dot products and Fourier transforms give the same lagged products", arguments: [1, 2, 5, 8])
  func transform(_ count: Int) {
    let series = noise(chains: count, draws: 77, seed: 16)
    let storage = series.flatMap { $0 + [1e9, 1e9, 1e9] }
    let sums = storage.withUnsafeBufferPointer {
      LaggedProducts(seriesLength: 77).sums(of: $0, count: count, stride: 80)
    }
    #expect(sums.count == 77)
    for (lag, sum) in sums.enumerated() {
      let expected = series.reduce(0) { total, x in
        total + zip(x, x.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(abs(sum - expected) < 1e-12 * sums[0], "lag \(lag)")
    }
  }
}
