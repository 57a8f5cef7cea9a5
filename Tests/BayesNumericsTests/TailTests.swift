// Tails of distributions, integrals over panels and interpolation by pieces.

import Glibc
import Testing

@testable import BayesNumerics

@Suite struct TailTests {
  private func expect(_ found: DistributionTails, _ row: [Double], _ tolerance: Double) {
    let (lower, upper) = (row[row.count - 2], row[row.count - 1])
    #expect(abs(found.lower - lower) <= tolerance * lower, "below at \(row): \(found.lower)")
    #expect(abs(found.upper - upper) <= tolerance * upper, "above at \(row): \(found.upper)")
  }

  // The larger shapes' powers lose digits in proportion to the size of the exponent.
  @Test("Tails of the beta distribution are mpmath's", arguments: TailTable.beta)
  func beta(row: [Double]) {
    expect(betaTails(logOdds: row[0], row[1], row[2]), row, 2e-12)
  }

  @Test("Tails of the gamma distribution are mpmath's", arguments: TailTable.gamma)
  func gamma(row: [Double]) {
    expect(gammaTails(logValue: row[0], shape: row[1]), row, 2e-11)
  }

  @Test("Tails of Student's t are mpmath's", arguments: TailTable.student)
  func student(row: [Double]) {
    expect(studentTails(row[0], degrees: row[1]), row, 2e-12)
  }

  @Test("Temme's expansion continues the series where it takes over")
  func largeShapes() {
    // ∂P/∂a is −x^a e^(−x)/Γ(a+1) summed over steps: P(a, x) − P(a + 1, x) = x^a e^(−x)/Γ(a + 1).
    for (shape, offset) in [(1.5e6, 0.3), (1e8, -1.2), (4e9, 2.0)] {
      let x = shape + offset * shape.squareRoot()
      let here = gammaTails(logValue: log(x), shape: shape)
      let next = gammaTails(logValue: log(x), shape: shape + 1)
      let u = (x - shape) / shape
      let step =
        exp(-shape * (u - log1p(u))) / (2 * .pi * shape).squareRoot()
      #expect(abs((here.lower - next.lower) - step) <= 1e-3 * step)
      #expect(abs(here.lower + here.upper - 1) <= 1e-15)
    }
  }

  @Test("Integrals over the whole line reach their relative error, each its own")
  func panels() {
    let found = integrate(3, over: [-1, 0, 1]) { x, values in
      values[0] = exp(-x * x)
      values[1] = 1e-200 * exp(-x * x) * x * x
      values[2] = 1 / (1 + x * x * x * x)
    }
    let root = Double.pi.squareRoot()
    #expect(abs(found[0] - root) <= 1e-11 * root)
    #expect(abs(found[1] - 0.5e-200 * root) <= 1e-11 * 0.5e-200 * root)
    let quartic = Double.pi / 2.0.squareRoot()
    #expect(abs(found[2] - quartic) <= 1e-10 * quartic)
  }

  @Test("A tail of a tail is as accurate as the whole")
  func tailIntegral() {
    // ∫ from 30 of exp(−x²/2) is √(π/2) erfc(30/√2).
    let found = integrate(over: [30, 30.1], limits: (30, .infinity)) { exp(-0.5 * $0 * $0) }
    let exact = (Double.pi / 2).squareRoot() * erfc(30 / 2.0.squareRoot())
    #expect(abs(found - exact) <= 1e-11 * exact)
  }

  @Test("An integrand with a kink is integrated by halving")
  func kink() {
    let found = integrate(over: [-1, 1], limits: (-1, 1)) { abs($0 - 0.3) }
    #expect(abs(found - (0.5 * (1.3 * 1.3 + 0.7 * 0.7))) <= 1e-11)
  }

  @Test("Chebyshev pieces follow a function and its slope")
  func chebyshev() {
    let pieces = PiecewiseChebyshev(breaks: [-30, 0, 30], tolerance: 1e-12) { log1p(exp($0)) }
    #expect(pieces.range == -30...30)
    for x in stride(from: -29.9, through: 29.9, by: 0.37) {
      let (value, slope) = pieces.valueAndSlope(x)
      #expect(abs(value - log1p(exp(x))) <= 1e-11 * Swift.max(1, x))
      #expect(value == pieces(x))
      #expect(abs(slope - 1 / (1 + exp(-x))) <= 1e-8)
    }
  }
}
