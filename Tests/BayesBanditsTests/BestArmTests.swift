// The probability to be best, against mpmath.

import BayesBandits
import BayesCore
import BayesNumerics
import Testing

private let fixture =
  #filePath.prefix(through: #filePath.lastIndex(of: "/")!)
  + "Fixtures/best_arm.json"

private struct BestCase: Sendable, CustomTestStringConvertible {
  let arms: [ArmPosterior]
  let costs: [Double]
  let best: [Double]
  var testDescription: String { "\(arms)" }

  static let all: [BestCase] = {
    guard let json = try? parseJSON(path: String(fixture)) else { return [] }
    return (json["cases"]?.array ?? []).map { entry in
      BestCase(
        arms: (entry["arms"]?.array ?? []).map { posterior($0.array ?? []) },
        costs: (entry["costs"]?.array ?? []).compactMap(\.number),
        best: (entry["best"]?.array ?? []).compactMap(\.number))
    }
  }()

  private static func posterior(_ values: [JSONValue]) -> ArmPosterior {
    let p = values.dropFirst().compactMap(\.number)
    return switch values[0].string {
    case "beta": .beta(p[0], p[1])
    case "gamma": .gamma(shape: p[0], rate: p[1])
    case "normal": .normal(mean: p[0], deviation: p[1])
    default: .studentT(degrees: p[0], location: p[1], scale: p[2])
    }
  }
}

@Suite("Probability to be best")
struct BestArmTests {
  @Test("The fixture is there")
  func fixtureIsThere() { #expect(BestCase.all.count == 9) }

  @Test("Quadrature agrees with mpmath to 1e-10 of each probability", arguments: BestCase.all)
  fileprivate func reference(_ test: BestCase) throws {
    let found = try probabilitiesOfBest(of: test.arms, costs: test.costs)
    for (a, b) in zip(found, test.best) {
      #expect(abs(a - b) <= 1e-10 * b, "\(a) is not \(b)")
    }
  }

  @Test("Shapes far below 1, where nearly all mass is at the ends, still sum to 1")
  func smallShapes() throws {
    let found = try probabilitiesOfBest(of: [.beta(0.01, 0.3), .beta(0.5, 0.5), .beta(40, 4)])
    #expect(abs(found.reduce(0, +) - 1) < 1e-12)
    // Symmetry: two arms that mirror each other's failures.
    let mirrored = try probabilitiesOfBest(of: [.beta(0.2, 0.2), .beta(0.2, 0.2)])
    #expect(abs(mirrored[0] - 0.5) < 1e-9)
  }

  @Test(
    "Student t posteriors of next to no degrees, with mass beyond all numbers, have probabilities",
    arguments: [0.02, 0.3, 0.99])
  func fewDegrees(degrees: Double) throws {
    let prior = ArmPosterior.studentT(degrees: degrees, location: 0, scale: 1)
    let alike = try probabilitiesOfBest(of: [prior, prior, prior])
    for share in alike { #expect(abs(share - 1.0 / 3) < 1e-10) }
    // Beside an arm that is known to pay 2, an arm is best when it is above 2.
    let known = ArmPosterior.normal(mean: 2, deviation: 1e-4)
    let above = 0.5 - 0.5 * shareWithin(2, degrees)
    let found = try probabilitiesOfBest(of: [prior, known])
    #expect(abs(found[0] - above) < 1e-8)
    let mixed = try probabilitiesOfBest(
      of: [prior, .studentT(degrees: 12, location: 3, scale: 0.1), .beta(3, 4)], costs: [0, 1, 0.5])
    #expect(abs(mixed.reduce(0, +) - 1) < 1e-12 && mixed.allSatisfy { $0 >= 0 })
  }

  /// The probability of a Student t variable between −t and t.
  private func shareWithin(_ t: Double, _ degrees: Double) -> Double {
    betaCDF(t * t / (degrees + t * t), 0.5, 0.5 * degrees)
  }

  @Test("An impossible posterior and a cost that is no number are refused")
  func refusals() {
    #expect(throws: PolicyError.self) { try probabilitiesOfBest(of: [.beta(0, 1), .beta(1, 1)]) }
    #expect(throws: PolicyError.self) {
      try probabilitiesOfBest(of: [.beta(1, 1), .beta(1, 1)], costs: [0, .nan])
    }
  }
}
