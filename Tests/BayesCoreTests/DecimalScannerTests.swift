// Decimal reading against the standard library's.

import Testing

@testable import BayesCore

@Suite("Decimal numbers from bytes")
struct DecimalScannerTests {
  @Test(
    "A number is rounded as the standard library rounds it",
    arguments: [
      "0", "-0", "1", "0.1", "-2.5e-3", "9007199254740993", "9007199254740992.5",
      "0.30000000000000004", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308",
      "18446744073709551615", "18446744073709551616", "0.000000000000000000000000001",
      "1e22", "1e23", "123456789012345678901234567890", "4.35", "0.1e-26", "9.5367431640625e-7",
      "1e400", "1e-400", "00012.50", "+3.25", ".5", "5.", "1E5", "1e+05",
    ])
  func roundsCorrectly(text: String) {
    #expect(number(fromText: text)?.bitPattern == Double(text)?.bitPattern)
  }

  @Test("Twenty thousand random decimals of 1 to 19 digits are rounded correctly")
  func roundsRandomDecimals() {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    var wrong: [String] = []
    for _ in 0..<20_000 {
      let digits = next() >> (next() % 60)
      let text = "\(digits)e-\(next() % 30)"
      if number(fromText: text) != Double(text) { wrong.append(text) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Halfway cases go to even, and a tail beyond the halfway point counts")
  func roundsTies() {
    // Between 1 and 1 + 2⁻⁵² lies 1 + 2⁻⁵³ = 1.00000000000000011102230246251565404…
    #expect(number(fromText: "1.000000000000000111") == 1)
    #expect(number(fromText: "1.000000000000000112") == 1.0.nextUp)
    // 2⁵³ + 1 and 2⁵⁴ + 6, exactly halfway.
    #expect(number(fromText: "9007199254740993.0") == 9_007_199_254_740_992)
    #expect(number(fromText: "18014398509481990.0") == 18_014_398_509_481_992)
  }

  @Test(
    "Stan's words for infinity and NaN are numbers",
    arguments: [
      ("inf", Double.infinity), ("+Inf", .infinity), ("-INFINITY", -.infinity),
      ("Infinity", .infinity),
    ] as [(String, Double)])
  func infinities(text: String, value: Double) {
    #expect(number(fromText: text) == value)
    #expect(number(fromText: "NaN")?.isNaN == true)
  }

  @Test(
    "Anything else is no number",
    arguments: [
      "", "-", ".", "e5", "1e", "1.2.3", "0x10", "1 2", "infinite", "nano", "--1", "1_000",
    ])
  func refuses(text: String) {
    #expect(number(fromText: text) == nil)
  }
}
