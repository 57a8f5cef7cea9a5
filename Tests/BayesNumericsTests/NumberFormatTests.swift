import Glibc
import Testing

@testable import BayesNumerics

@Suite struct NumberFormatTests {
  @Test(
    "Significant digits drop trailing zeros and take an exponent where it is shorter",
    arguments: [
      (0.0, 3, "0"), (1.0 / 3, 3, "0.333"), (1234.5678, 3, "1.23e+03"), (1234.5678, 6, "1234.57"),
      (1e-7, 2, "1e-07"), (2.5, 17, "2.5"), (-1e300, 1, "-1e+300"), (.infinity, 3, "inf"),
      (-.infinity, 3, "-inf"), (-.nan, 3, "nan"),
    ])
  func significant(x: Double, digits: Int, expected: String) {
    #expect(formatted(x, significant: digits) == expected)
  }

  @Test(
    "Fixed decimals never have an exponent nor a negative zero",
    arguments: [
      (0.0, 2, "0.00"), (-0.001, 2, "0.00"), (-0.5, 0, "0"), (2.675, 1, "2.7"), (1e6, 0, "1000000"),
      (-1.25, 1, "-1.2"), (.nan, 1, "nan"), (-.infinity, 1, "-inf"),
    ])
  func decimals(x: Double, decimals: Int, expected: String) {
    #expect(fixed(x, decimals: decimals) == expected)
  }

  @Test("The longest number fits")
  func longest() {
    let text = fixed(-Double.greatestFiniteMagnitude, decimals: 17)
    #expect(text.utf8.count == 1 + 309 + 1 + 17)
  }

  @Test("The shortest text reads back as the same number")
  func roundTrip() {
    var stream = RandomStream(seed: 3, chain: 0, purpose: .test, iteration: 0)
    for _ in 0..<1000 {
      let x = Double(bitPattern: stream.next())
      guard x.isFinite else { continue }
      #expect(Double(shortestDescription(x)) == x)
    }
    #expect(shortestDescription(0.1) == "0.1")
  }
}
