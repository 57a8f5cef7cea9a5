import Testing

@testable import BayesNumerics

/// |value − expected| in units of the expected value's last place; 0 for equal infinities, infinite
/// when one of the two is not a number.
func unitsInLastPlace(_ value: Double, _ expected: Double) -> Double {
  if value == expected { return 0 }
  guard value.isFinite, expected.isFinite else { return .infinity }
  return abs(value - expected) / expected.ulp
}

/// One function with its table and the error allowed, in units in the last place.
struct FunctionCase: Sendable, CustomTestStringConvertible {
  let name: String
  let bound: Double
  let rows: [(arguments: [Double], expected: Double)]
  let function: @Sendable ([Double]) -> Double
  var testDescription: String { name }

  init(
    _ name: String, _ bound: Double, _ table: [(Double, Double)],
    _ function: @escaping @Sendable (Double) -> Double
  ) {
    (self.name, self.bound) = (name, bound)
    rows = table.map { ([$0.0], $0.1) }
    self.function = { function($0[0]) }
  }

  init(
    _ name: String, _ bound: Double, _ table: [(Double, Double, Double)],
    _ function: @escaping @Sendable (Double, Double) -> Double
  ) {
    (self.name, self.bound) = (name, bound)
    rows = table.map { ([$0.0, $0.1], $0.2) }
    self.function = { function($0[0], $0[1]) }
  }

  init(
    _ name: String, _ bound: Double, _ table: [(Double, Double, Double, Double)],
    _ function: @escaping @Sendable (Double, Double, Double) -> Double
  ) {
    (self.name, self.bound) = (name, bound)
    rows = table.map { ([$0.0, $0.1, $0.2], $0.3) }
    self.function = { function($0[0], $0[1], $0[2]) }
  }
}

@Suite struct SpecialFunctionTests {
  private typealias Table = SpecialFunctionTable

  static let cases = [
    FunctionCase("logGamma", 4, Table.logGamma) { logGamma($0) },
    FunctionCase("digamma", 32, Table.digamma) { digamma($0) },
    FunctionCase("trigamma", 4, Table.trigamma) { trigamma($0) },
    FunctionCase("logBeta", 8, Table.logBeta) { logBeta($0, $1) },
    FunctionCase("normalCDF", 4, Table.normalCDF) { normalCDF($0) },
    FunctionCase("logNormalCDF", 4, Table.logNormalCDF) { logNormalCDF($0) },
    FunctionCase("normalQuantile", 4, Table.normalQuantile) { normalQuantile($0) },
    FunctionCase("betaCDF", 64, Table.betaCDF) { betaCDF($0, $1, $2) },
    FunctionCase("betaQuantile", 2048, Table.betaQuantile) { betaQuantile($0, $1, $2) },
    FunctionCase("gammaCDF", 256, Table.gammaCDF) { gammaCDF($0, shape: $1, rate: 1) },
    FunctionCase("log1pExp", 4, Table.log1pExp) { log1pExp($0) },
    FunctionCase("log(oneMinusExp:)", 4, Table.logOneMinusExp) { log(oneMinusExp: $0) },
    FunctionCase("logistic", 4, Table.logistic) { logistic($0) },
    FunctionCase("logit", 4, Table.logit) { logit($0) },
  ]

  @Test(
    "Special functions agree with mpmath within their stated units in the last place",
    arguments: cases)
  func agreesWithTable(test: FunctionCase) {
    #expect(!test.rows.isEmpty)
    for row in test.rows {
      let value = test.function(row.arguments)
      #expect(
        unitsInLastPlace(value, row.expected) <= test.bound,
        "\(test.name)\(row.arguments) is \(value), not \(row.expected)")
    }
  }

  @Test("A NaN argument gives NaN", arguments: cases)
  func propagatesNaN(test: FunctionCase) throws {
    let arguments = try #require(test.rows.first?.arguments)
    for position in arguments.indices {
      var changed = arguments
      changed[position] = .nan
      #expect(test.function(changed).isNaN, "\(test.name)\(changed)")
    }
  }

  @Test("Arguments outside a function's domain give NaN")
  func outsideDomain() {
    #expect(logit(-0.1).isNaN && logit(1.1).isNaN)
    #expect(log(oneMinusExp: 0.1).isNaN)
    #expect(digamma(0).isNaN && digamma(-3).isNaN && digamma(-.infinity).isNaN)
    #expect(trigamma(-3) == .infinity && trigamma(0) == .infinity)
    #expect(logBeta(-1, 2).isNaN)
    #expect(betaCDF(0.5, 0, 1).isNaN && betaCDF(0.5, 1, .infinity).isNaN)
    #expect(gammaCDF(0.5, shape: 0, rate: 1).isNaN && gammaCDF(1, shape: 1, rate: -1).isNaN)
  }

  @Test("Distribution functions are 0 below and 1 above their support")
  func outsideSupport() {
    #expect(betaCDF(-1, 2, 3) == 0 && betaCDF(0, 2, 3) == 0)
    #expect(betaCDF(1, 2, 3) == 1 && betaCDF(2, 2, 3) == 1)
    #expect(gammaCDF(-1, shape: 2, rate: 3) == 0 && gammaCDF(0, shape: 2, rate: 3) == 0)
    #expect(gammaCDF(.infinity, shape: 2, rate: 3) == 1)
  }

  @Test("Sums of exponentials keep their scale, their infinities and NaN")
  func sumsOfExponentials() {
    #expect(logSumExp([]) == -.infinity)
    #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
    #expect(logSumExp([1, .infinity]) == .infinity)
    #expect(logSumExp([.infinity, .nan]).isNaN)
    #expect(logSumExp([-1000, -1000]) == -1000 + 0.693_147_180_559_945_3)
    #expect(logSumExp([1000, -.infinity]) == 1000)
    #expect(logAddExp(-.infinity, -.infinity) == -.infinity)
    #expect(logAddExp(-.infinity, 3) == 3)
    #expect(logAddExp(.infinity, 3) == .infinity)
    #expect(logAddExp(700, 700) == 700 + 0.693_147_180_559_945_3)
    #expect(logAddExp(.nan, .infinity).isNaN)
  }
}
