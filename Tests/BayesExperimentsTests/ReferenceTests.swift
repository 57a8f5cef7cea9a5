// The published reference values of two-armed and three-armed tests, to the digits given.

import BayesNumerics
import Testing

@testable import BayesExperiments

struct BetaPair: Sendable {
  let a: (Double, Double)
  let b: (Double, Double)
  let probability, lossOfA, lossOfB: Double
}

let betaPairs: [BetaPair] = [
  BetaPair(
    a: (50, 950), b: (60, 940), probability: 0.837698850582014926, lossOfA: 0.01087356169950613,
    lossOfB: 0.0008735616995061257),
  BetaPair(
    a: (50, 950), b: (80, 920), probability: 0.996938771449748438, lossOfA: 0.03001025004578045,
    lossOfB: 1.025004578044825e-5),
  BetaPair(
    a: (100, 900), b: (99, 901), probability: 0.470167844558201157, lossOfA: 0.004848581629907586,
    lossOfB: 0.005848581629907586),
  BetaPair(
    a: (50, 950), b: (40, 960), probability: 0.139054970474184606, lossOfA: 0.0006556964549508869,
    lossOfB: 0.01065569645495089),
  BetaPair(
    a: (200, 800), b: (210, 790), probability: 0.710352334157037068, lossOfA: 0.01327577441896115,
    lossOfB: 0.003275774418961151),
  BetaPair(
    a: (51, 951), b: (61, 941), probability: 0.835611264875459577, lossOfA: 0.01087350556465997,
    lossOfB: 0.0008934656445002883),
  BetaPair(
    a: (51, 951), b: (81, 921), probability: 0.996746426547623202, lossOfA: 0.02995112677443278,
    lossOfB: 1.100701395373619e-5),
  BetaPair(
    a: (101, 901), b: (100, 902), probability: 0.4703038036390379, lossOfA: 0.004863209502015314,
    lossOfB: 0.005861213494031282),
]

@Suite struct ReferenceTests {
  @Test(
    "Two beta posteriors have the probability and the losses of 40-digit sums", arguments: betaPairs
  )
  func pairs(pair: BetaPair) throws {
    let arms = [
      try VariantPosterior.beta(pair.a.0, pair.a.1), try VariantPosterior.beta(pair.b.0, pair.b.1),
    ]
    let best = BestArm(among: arms)
    #expect(agree(best.probabilities[1], pair.probability))
    #expect(agree(best.expectedLosses[0]!, pair.lossOfA))
    #expect(agree(best.expectedLosses[1]!, pair.lossOfB))
  }

  @Test("Three arms with prior (½, ½)")
  func three() throws {
    let arms = try [(80.0, 1500.0), (80, 1200), (50, 1000)].map {
      try VariantPosterior.beta(0.5 + $0.0, 0.5 + $0.1 - $0.0)
    }
    let best = BestArm(among: arms)
    for (found, wanted) in zip(best.probabilities, [0.0654186957, 0.8933483282, 0.0412329762]) {
      #expect(abs(found - wanted) < 0.6e-10)
    }
    for (found, wanted) in zip(best.expectedLosses, [0.0138554162, 0.0004588518, 0.0170367785]) {
      #expect(abs(found! - wanted) < 0.6e-10)
    }
  }

  @Test("Gamma posteriors of Poisson rates")
  func gamma() throws {
    let arms = [
      try VariantPosterior.gamma(shape: 101, rate: 10),
      try VariantPosterior.gamma(shape: 121, rate: 10),
    ]
    #expect(abs(BestArm(among: arms).probabilities[1] - 0.910809214686) < 0.6e-12)
  }

  @Test("The difference and the lift of the first pair")
  func contrast() throws {
    let a = try VariantPosterior.beta(50, 950)
    let b = try VariantPosterior.beta(60, 940)
    let difference = MarginalPosterior.difference(b, minus: a)
    #expect(abs(difference.standardDeviation! - 0.010188042196) < 0.6e-12)
    for (p, wanted) in [
      (0.025, -0.009935393385), (0.5, 0.009977576514), (0.975, 0.030061341315),
    ] {
      #expect(abs(difference.quantile(p) - wanted) < 0.6e-12, "\(p): \(difference.quantile(p))")
    }
    let shortest = difference.highestDensityInterval(0.95)
    #expect(abs(shortest.lowerBound + 0.00998) < 0.6e-5)
    #expect(abs(shortest.upperBound - 0.03002) < 0.6e-5)
    // The table's 0.241696374426 is cut off, not rounded; mpmath with 30 digits goes on with 69.
    #expect(agree(difference.probability(in: -0.005...0.005), 0.2416963744266922, 2e-13))
    let lift = try #require(MarginalPosterior.lift(of: b, over: a))
    #expect(abs(lift.mean! - 0.223265306122) < 0.6e-12)
    #expect(agree(lift.probability(above: 0), 0.837698850582014926))
    #expect(agree(difference.probability(above: 0), 0.837698850582014926))
  }
}
